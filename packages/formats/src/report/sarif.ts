import { looseOf } from '../anchor/signing-config.ts'
import { type ObjectShape, Shape } from '../shape.ts'
import type { Reader } from './document.ts'
import { factText, MAX_ITEMS } from './reading.ts'
import { type Found, foundFacts, severityOf } from './vulnerabilities.ts'

/**
 * SARIF 2.1.0 (OASIS): what tools of static analysis found. A run that says nothing of results, or that it failed, found
 * nothing because it did not look: `complete` is false then.
 */
export const sarif: Reader = {
  name: 'SARIF',
  is: (given) => Object.hasOwn(given, 'runs'),
  read(given) {
    const it = looseOf(new Shape('report-invalid', given, 'sarif'), ['version', 'runs'])
    it.exactly('version', '2.1.0')
    const runs = it
      .get('runs')
      .array(10_000)
      .map((run) => looseOf(run, ['tool']))
    if (runs.length === 0) it.get('runs').fail('is empty')
    const counts = { results: 0, errors: 0, warnings: 0, notes: 0, suppressed: 0 }
    const found: Found[] = []
    for (const run of runs) count(run, counts, found)
    const driver = looseOf(looseOf(runs[0]!.get('tool'), ['driver']).get('driver'), ['name'])
    const tool = factText(driver.text('name'))
    return {
      type: 'sarif',
      mediaType: 'application/sarif+json',
      about: [],
      facts: {
        ...(tool === null ? {} : { tool }),
        runs: runs.length,
        complete: runs.every(isComplete),
        ...counts,
        ...foundFacts(found),
      },
      attestation: null,
    }
  },
}

type Counts = Record<'results' | 'errors' | 'warnings' | 'notes' | 'suppressed', number>

const LEVELS = { error: 'errors', warning: 'warnings', note: 'notes' } as const

function count(run: ObjectShape, counts: Counts, found: Found[]): void {
  // They would be there without being counted.
  const elsewhere = run.has('externalPropertyFileReferences')
  if (elsewhere && looseOf(run.get('externalPropertyFileReferences'), []).has('results')) {
    run.get('externalPropertyFileReferences').fail('keeps results in another file')
  }
  if (!run.has('results') || run.isNull('results')) return
  const rules = rulesOf(run)
  for (const one of run.get('results').array(MAX_ITEMS)) {
    const result = looseOf(one, ['message'])
    counts.results++
    const rule = ruleOf(result, rules)
    const level = levelOf(result, rule)
    // Whoever writes the code writes its suppressions too: what they hide is still found, and VEX alone excuses it.
    if (level !== 'none') {
      found.push({ id: rule.id, severity: severityOf(securityOf(result) ?? rule.severity ?? '') })
    }
    if (result.has('suppressions') && isSuppressed(result)) counts.suppressed++
    else if (level !== 'none') counts[LEVELS[level]]++
  }
}

/** Accepted ones alone: one that is under review, or was rejected, suppresses nothing (§3.27.23). */
function isSuppressed(result: ObjectShape): boolean {
  const all = result.get('suppressions').array(1000)
  const accepted = (one: Shape) => {
    const it = looseOf(one, ['kind'])
    return !it.has('status') || it.text('status') === 'accepted'
  }
  return all.length > 0 && all.every(accepted)
}

type Level = keyof typeof LEVELS | 'none'
const EVERY_LEVEL = ['error', 'warning', 'note', 'none'] as const satisfies readonly Level[]

/** What a rule says of its results; nothing where it is not there. */
interface Rule {
  readonly id: string | null
  readonly level: Level | null
  /** `security-severity`, as scanners write it and GitHub reads it: a CVSS score. */
  readonly severity: string | null
}

/** §3.27.10: what is no failure has no level, and a failure its own, else its rule's, else that of a warning. */
function levelOf(result: ObjectShape, rule: Rule): Level {
  if (result.has('level')) return result.exactly('level', ...EVERY_LEVEL)
  if (result.has('kind') && result.text('kind') !== 'fail') return 'none'
  return rule.level ?? 'warning'
}

function ruleOf(result: ObjectShape, rules: ReadonlyMap<string, Rule>): Rule {
  const id = result.has('ruleId') ? result.text('ruleId') : null
  return (id === null ? undefined : rules.get(id)) ?? { id, level: null, severity: null }
}

function rulesOf(run: ObjectShape): ReadonlyMap<string, Rule> {
  const driver = looseOf(looseOf(run.get('tool'), ['driver']).get('driver'), [])
  const rules = new Map<string, Rule>()
  for (const one of driver.has('rules') ? driver.get('rules').array(MAX_ITEMS) : []) {
    const rule = looseOf(one, ['id'])
    const configuration = rule.has('defaultConfiguration') ? looseOf(rule.get('defaultConfiguration'), []) : null
    const level = configuration?.has('level') === true ? configuration.exactly('level', ...EVERY_LEVEL) : null
    rules.set(rule.text('id'), { id: rule.text('id'), level, severity: securityOf(rule) })
  }
  return rules
}

function securityOf(it: ObjectShape): string | null {
  if (!it.has('properties')) return null
  const value = it.get('properties').members()['security-severity']
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null
}

function isComplete(run: ObjectShape): boolean {
  if (!run.has('results') || run.isNull('results')) return false
  const invocations = run.has('invocations') ? run.get('invocations').array(1000) : []
  return invocations.every((one) => {
    const invocation = looseOf(one, [])
    return !invocation.has('executionSuccessful') || invocation.get('executionSuccessful').boolean()
  })
}
