import { looseOf } from '../anchor/signing-config.ts'
import { type ObjectShape, Shape } from '../shape.ts'
import type { DigestSet } from '../statement.ts'
import type { Reader } from './document.ts'
import { digestSetOf, MAX_ITEMS } from './reading.ts'
import { excusedFacts, type Found, foundFacts, severityOf, worstOf } from './vulnerabilities.ts'

/** States of a vulnerability's analysis (CycloneDX 1.4 to 1.6). */
const STATES = {
  exploitable: 'exploitable',
  in_triage: 'inTriage',
  resolved: 'resolved',
  resolved_with_pedigree: 'resolved',
  false_positive: 'falsePositive',
  not_affected: 'notAffected',
} as const

/** CycloneDX 1.4 to 1.6 in JSON (ECMA-424): a bill of materials, or, with vulnerabilities and no components, VEX. */
export const cyclonedx: Reader = {
  name: 'CycloneDX',
  is: (given) => Object.hasOwn(given, 'bomFormat'),
  read(given) {
    const it = looseOf(new Shape('report-invalid', given, 'bom'), ['bomFormat', 'specVersion'])
    it.exactly('bomFormat', 'CycloneDX')
    const version = it.exactly('specVersion', '1.4', '1.5', '1.6')
    const list = (key: string) => (it.has(key) ? it.get(key).array(MAX_ITEMS) : [])
    const components = list('components').length
    const vulnerabilities = list('vulnerabilities').map((one) => looseOf(one, []))
    const vex = vulnerabilities.length > 0 && components === 0
    return {
      type: vex ? 'cyclonedx-vex' : 'cyclonedx',
      mediaType: 'application/vnd.cyclonedx+json',
      about: aboutOf(it),
      facts: vex
        ? {
            version,
            vulnerabilities: vulnerabilities.length,
            ...statesOf(vulnerabilities),
            ...excusedFacts(excusedIn(vulnerabilities)),
          }
        : {
            version,
            components,
            vulnerabilities: vulnerabilities.length,
            // One that does not speak of vulnerabilities at all did not look for them.
            ...(it.has('vulnerabilities') ? foundFacts(vulnerabilities.map(foundOf)) : {}),
          },
      attestation: null,
    }
  },
}

function aboutOf(it: ObjectShape): DigestSet[] {
  if (!it.has('metadata')) return []
  const metadata = looseOf(it.get('metadata'), [])
  if (!metadata.has('component')) return []
  const component = looseOf(metadata.get('component'), [])
  if (!component.has('hashes')) return []
  const hashes = component
    .get('hashes')
    .array(32)
    .map((one) => {
      const hash = looseOf(one, ['alg', 'content'])
      return [hash.text('alg'), hash.text('content')] as const
    })
  return digestSetOf(hashes)
}

/** How many are in which state; one without an analysis is not judged. */
function statesOf(vulnerabilities: readonly ObjectShape[]): Record<string, number> {
  const counts: Record<string, number> = {
    exploitable: 0,
    inTriage: 0,
    resolved: 0,
    falsePositive: 0,
    notAffected: 0,
    unjudged: 0,
  }
  for (const one of vulnerabilities) {
    const name = stateOf(one)
    counts[name] = counts[name]! + 1
  }
  return counts
}

function stateOf(vulnerability: ObjectShape): (typeof STATES)[keyof typeof STATES] | 'unjudged' {
  if (!vulnerability.has('analysis')) return 'unjudged'
  const analysis = looseOf(vulnerability.get('analysis'), [])
  if (!analysis.has('state')) return 'unjudged'
  return STATES[analysis.exactly('state', ...(Object.keys(STATES) as (keyof typeof STATES)[]))]
}

const EXCUSED: readonly string[] = ['resolved', 'falsePositive', 'notAffected']

/** As the tool rates it; where the document itself excuses it, it is none. */
function foundOf(vulnerability: ObjectShape): Found {
  const id = vulnerability.has('id') ? vulnerability.text('id') : null
  if (EXCUSED.includes(stateOf(vulnerability))) return { id: null, severity: 'none' }
  const ratings = vulnerability.has('ratings') ? vulnerability.get('ratings').array(1000) : []
  const rated = ratings.map((one) => {
    const rating = looseOf(one, [])
    return rating.has('severity') ? severityOf(rating.text('severity')) : 'unrated'
  })
  return { id, severity: worstOf(rated) }
}

/** What every entry about it excuses. */
function excusedIn(vulnerabilities: readonly ObjectShape[]): Set<string> {
  const excused = new Set<string>()
  const open = new Set<string>()
  for (const one of vulnerabilities) {
    if (one.has('id')) (EXCUSED.includes(stateOf(one)) ? excused : open).add(one.text('id'))
  }
  return new Set([...excused].filter((id) => !open.has(id)))
}
