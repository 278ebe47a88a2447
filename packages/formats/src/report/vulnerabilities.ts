import { type Fact, type Facts, MAX_FACT_TEXT } from '../report-ref.ts'

/** How bad a vulnerability is, worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof SEVERITIES)[number]

/** One that a scan found. */
export interface Found {
  /** What it is known by, like `CVE-2026-0001`; null where it has no plain name. */
  readonly id: string | null
  /** `unrated` where nobody says how bad it is; `none` where somebody says that it is no vulnerability. */
  readonly severity: Severity | 'unrated' | 'none'
}

const RANK = ['none', 'low', 'medium', 'high', 'critical', 'unrated'] as const
const COUNTED = [...SEVERITIES, 'unrated'] as const
/** In how many facts names are told, beside how many there are. */
const MAX_FOUND_FACTS = 3
const MAX_EXCUSED_FACTS = 8
const ID = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,79}$/

/**
 * How many vulnerabilities of each severity, and the names of those that have one, as far as they fit. One that is found
 * twice is one, as bad as it is at its worst; where nobody rates it, it may be of any severity.
 */
export function foundFacts(found: Iterable<Found>): Facts {
  const worst = new Map<string, Found['severity']>()
  const nameless: Found['severity'][] = []
  for (const { id, severity } of found) {
    if (id === null || !ID.test(id)) nameless.push(severity)
    else if (RANK.indexOf(severity) >= RANK.indexOf(worst.get(id) ?? 'none')) worst.set(id, severity)
  }
  const facts: Record<string, Fact> = {}
  for (const severity of COUNTED) {
    const ids = [...worst].filter(([, one]) => one === severity).map(([id]) => id)
    facts[severity] = ids.length + nameless.filter((one) => one === severity).length
    Object.assign(facts, nameFacts(`${severity}Ids`, ids, MAX_FOUND_FACTS))
  }
  return facts
}

/** The names of vulnerabilities that a VEX document excuses, as far as they fit. */
export function excusedFacts(ids: Iterable<string>): Facts {
  return nameFacts('excused', [...ids], MAX_EXCUSED_FACTS)
}

/** How many a scan found that are at least so bad and not among the excused; null where the facts are not those of a scan. */
export function unexcused(facts: Facts, least: Severity, excused: ReadonlySet<string>): number | null {
  let count = 0
  for (const severity of [...SEVERITIES.slice(0, SEVERITIES.indexOf(least) + 1), 'unrated']) {
    const all = facts[severity]
    if (typeof all !== 'number') return null
    const ids = namesIn(facts, `${severity}Ids`, MAX_FOUND_FACTS)
    // What has no name, or none that is told, nobody excuses.
    count += Math.max(0, all - [...ids].filter((id) => excused.has(id)).length)
  }
  return count
}

/** The names that a VEX document excuses. */
export function excusedBy(facts: Facts): ReadonlySet<string> {
  return namesIn(facts, 'excused', MAX_EXCUSED_FACTS)
}

/** `name`, `name2`, …: whole words alone, and no more than fit. */
function nameFacts(name: string, ids: readonly string[], most: number): Facts {
  const told = [...new Set(ids)].filter((id) => ID.test(id)).toSorted()
  const facts: Record<string, string> = {}
  let at = 0
  for (let part = 1; part <= most && at < told.length; part++) {
    let text = told[at++]!
    while (at < told.length && text.length + 1 + told[at]!.length <= MAX_FACT_TEXT) text += ` ${told[at++]!}`
    facts[part === 1 ? name : `${name}${part}`] = text
  }
  return facts
}

function namesIn(facts: Facts, name: string, most: number): ReadonlySet<string> {
  const names = new Set<string>()
  for (let part = 1; part <= most; part++) {
    const text = facts[part === 1 ? name : `${name}${part}`]
    if (typeof text !== 'string') break
    for (const id of text.split(' ')) names.add(id)
  }
  return names
}

/** A CVSS score, 0 to 10 (FIRST, qualitative severity rating scale). */
export function severityOfScore(score: number): Found['severity'] {
  if (!(score >= 0 && score <= 10)) return 'unrated'
  if (score === 0) return 'none'
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low'
}

/** A severity as a tool writes it: a word or a score. */
export function severityOf(text: string): Found['severity'] {
  const word = text.trim().toLowerCase()
  if (/^\d{1,2}(?:\.\d{1,4})?$/.test(word)) return severityOfScore(Number(word))
  if (word === 'moderate') return 'medium'
  if (['none', 'info', 'informational', 'negligible'].includes(word)) return 'none'
  return SEVERITIES.find((one) => one === word) ?? 'unrated'
}

/** The worst of several that are rated; `unrated` where none is. */
export function worstOf(all: readonly Found['severity'][]): Found['severity'] {
  const rated = all.filter((one) => one !== 'unrated')
  if (rated.length === 0) return 'unrated'
  return rated.reduce((worst, one) => (RANK.indexOf(one) > RANK.indexOf(worst) ? one : worst))
}
