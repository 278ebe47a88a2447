import { looseOf } from '../anchor/signing-config.ts'
import { type ObjectShape, Shape } from '../shape.ts'
import type { DigestSet } from '../statement.ts'
import type { Reader } from './document.ts'
import { digestSetOf, MAX_ITEMS } from './reading.ts'

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
        ? { version, vulnerabilities: vulnerabilities.length, ...statesOf(vulnerabilities) }
        : { version, components, vulnerabilities: vulnerabilities.length },
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
    const analysis = one.has('analysis') ? looseOf(one.get('analysis'), []) : null
    const state =
      analysis?.has('state') === true
        ? analysis.exactly('state', ...(Object.keys(STATES) as (keyof typeof STATES)[]))
        : null
    const name = state === null ? 'unjudged' : STATES[state]
    counts[name] = counts[name]! + 1
  }
  return counts
}
