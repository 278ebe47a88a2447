import { GRADES, type Grade } from '@countersign/formats/identity'
import type { Effect } from './change.ts'
import { type IdentityPattern, matchesText, type TextPattern } from './identity-pattern.ts'
import type { AuthorityRule, Contract, SignerRule } from './model.ts'

/** Who may sign, with the authorities that may vouch for it as they are, whatever they are called. */
export interface ResolvedSigner {
  readonly name: string
  readonly rule: SignerRule
  readonly grade: Grade
  /** Ids of the authorities, each with the time from which it is believed no more. */
  readonly vouching: ReadonlyMap<string, string | null>
}

export function resolveSigners(
  { authorities }: Pick<Contract, 'authorities'>,
  named: readonly (readonly [string, SignerRule])[],
  minimumGrade: Grade | null,
): readonly ResolvedSigner[] {
  return named.map(([name, rule]) => {
    const own = rule.kind === 'identity' ? rule.grade : null
    const grade = GRADES[Math.min(...[own, minimumGrade].map((one) => GRADES.indexOf(one ?? 'D')))]!
    const vouching = new Map<string, string | null>()
    for (const authority of rule.kind === 'identity' ? rule.authorities : []) {
      const one = authorities.get(authority)
      if (one !== undefined) vouching.set(authorityOf(one), one.revokedAt)
    }
    return { name, rule, grade, vouching }
  })
}

/** An authority with the logs that prove what it issues: under another log it is another. */
function authorityOf(rule: AuthorityRule): string {
  if (rule.kind === 'sigstore') return `sigstore ${rule.id}`
  return ['countersign', rule.id, ...rule.logs.map((log) => log.publicKey.keyId).toSorted()].join(' ')
}

/** Whom the one list means and the other does not. */
export function compareSigners(
  from: readonly ResolvedSigner[],
  to: readonly ResolvedSigner[],
): readonly (readonly [Effect, string])[] {
  const changes: [Effect, string][] = []
  const gone = from.filter((one) => !to.some((other) => covers(other, one)))
  const added = to.filter((one) => !from.some((other) => covers(other, one)))
  const named = (list: readonly ResolvedSigner[], { name }: ResolvedSigner) => list.some((one) => one.name === name)
  for (const one of gone) {
    if (to.some((other) => covers(one, other))) changes.push(['tightened', `${one.name} is told more closely`])
    else if (named(added, one)) changes.push(['changed', `${one.name} is somebody else`])
    else changes.push(['tightened', `without ${one.name}`])
  }
  for (const one of added) {
    if (from.some((other) => covers(one, other))) changes.push(['loosened', `${one.name} is told less closely`])
    else if (!named(gone, one)) changes.push(['loosened', `with ${one.name}`])
  }
  return changes
}

/** Whether two mean the same party, or may: one of them is told more closely, or has the name of the other. */
export function isSameParty(a: ResolvedSigner, b: ResolvedSigner): boolean {
  return a.name === b.name || covers(a, b) || covers(b, a)
}

/** Whether whoever `narrow` means is certain to be meant by `wide`. */
function covers(wide: ResolvedSigner, narrow: ResolvedSigner): boolean {
  if (GRADES.indexOf(wide.grade) < GRADES.indexOf(narrow.grade)) return false
  const [a, b] = [wide.rule, narrow.rule]
  if (a.kind === 'key' || b.kind === 'key') {
    return a.kind === 'key' && b.kind === 'key' && a.key.keyId === b.key.keyId
  }
  for (const [id, revokedAt] of narrow.vouching) {
    const own = wide.vouching.get(id)
    if (own === undefined || isSooner(own, revokedAt)) return false
  }
  return !isSooner(a.revokedAt, b.revokedAt) && coversPattern(a.pattern, b.pattern)
}

/** Of times from which somebody is believed no more; null for never. */
function isSooner(a: string | null, b: string | null): boolean {
  return a !== null && (b === null || a < b)
}

function coversPattern(wide: IdentityPattern, narrow: IdentityPattern): boolean {
  if (wide.issuer !== narrow.issuer) return false
  if (wide.subject !== null) {
    const { subject } = narrow
    if (subject === null || subject.kind !== wide.subject.kind || subject.value !== wide.subject.value) return false
  }
  for (const [fact, text] of wide.facts) {
    const own = narrow.facts.get(fact)
    if (own === undefined || !coversText(text, own)) return false
  }
  return true
}

function coversText(wide: TextPattern, narrow: TextPattern): boolean {
  if ('exact' in narrow) return matchesText(wide, narrow.exact)
  // A longer beginning of the same text: what it leaves open comes after what the other asks for.
  if ('prefix' in narrow) return 'prefix' in wide && matchesText(wide, narrow.prefix)
  return 'glob' in wide && wide.glob.pattern === narrow.glob.pattern
}

/** Whether two values of a model are the same; maps and sets are compared by what they hold. */
export function sameValue(a: unknown, b: unknown): boolean {
  return textOf(a) === textOf(b)
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (one instanceof Map) return [...one].map(([key, held]) => [String(key), held])
    if (one instanceof Set) return [...one]
    if (one instanceof Uint8Array) return [...one]
    return typeof one === 'function' || typeof one === 'bigint' ? String(one) : one
  })
}
