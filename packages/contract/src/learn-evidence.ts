import { SEVERITIES } from '@countersign/formats/report'
import { checkEvidence, type ReportFacts } from './evidence.ts'
import type { EvidenceRule, VulnerabilitiesRule } from './evidence-rule.ts'
import type { SeenStep } from './learn.ts'
import { list } from './learn-yaml.ts'

const NOTHING: EvidenceRule = { tests: null, sbom: null, vulnerabilities: null, reports: [] }
/** What `tests`, `sbom` and `vulnerabilities` speak for. */
const SPOKEN = ['junit', 'test-result', 'spdx', 'cyclonedx', 'sarif', 'vulns']

/** What can be asked of the reports of a step, in YAML, one line each, as strictly as every one of them meets it. */
export function learnEvidence(seen: readonly SeenStep[]): readonly string[] {
  const meet = (asked: Partial<EvidenceRule>) => seen.every((one) => meets({ ...NOTHING, ...asked }, one))
  const common = (of: (notes: { readonly type: string; readonly facts: object }) => readonly unknown[]) => {
    const [first = new Set<unknown>(), ...others] = seen.map(
      ({ reports }) =>
        new Set((reports ?? []).flatMap(({ annotations }) => (annotations == null ? [] : of(annotations)))),
    )
    return [...first]
      .filter((one) => others.every((other) => other.has(one)))
      .map(String)
      .toSorted()
  }
  const sbom = [true, false].find((products) => meet({ sbom: { products } }))
  const scanned = (products: boolean, tools: readonly string[]) =>
    SEVERITIES.toReversed().map((below): VulnerabilitiesRule => ({ below, tools, vex: [], unexcused: false, products }))
  const tools = common(({ facts }) => ('tool' in facts && typeof facts.tool === 'string' ? [facts.tool] : []))
  const scan = [...scanned(true, tools), ...scanned(false, tools), ...scanned(false, [])].find((vulnerabilities) =>
    meet({ vulnerabilities }),
  )
  const others = common(({ type }) => (SPOKEN.includes(type) ? [] : [type])).filter((type) => meet({ reports: [type] }))
  return [
    ...(meet({ tests: { atLeast: 1, skipped: null } }) ? ['tests: passed'] : []),
    ...(sbom === undefined ? [] : [`sbom: ${sbom ? 'products' : 'present'}`]),
    ...(scan === undefined ? [] : [`vulnerabilities: ${textOf(scan)}`]),
    ...(others.length === 0 ? [] : [`reports: ${list(others)}`]),
  ]
}

function meets(rule: EvidenceRule, { step, materials, subject, reports }: SeenStep): boolean {
  let met = true
  const facts: ReportFacts = { name: step.name, materials, subject, reports }
  checkEvidence(
    rule,
    facts,
    () => [],
    () => (met = false),
  )
  return met
}

function textOf({ below, tools, products }: VulnerabilitiesRule): string {
  const parts = [
    `below: ${below}`,
    ...(tools.length === 0 ? [] : [`tools: ${list(tools)}`]),
    ...(products ? ['of: products'] : []),
  ]
  return `{ ${parts.join(', ')} }`
}
