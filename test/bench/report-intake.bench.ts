import { createHash } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { hex } from '@countersign/core'
import { parseReport } from '@countersign/formats/report'
import { type Bench, middle } from './row.ts'

const ROUNDS = 7
const text = (value: unknown) => Buffer.from(JSON.stringify(value))
const sha256 = (i: number) => createHash('sha256').update(String(i)).digest('hex')

/** Reports as tools write them of something large: an SBOM of 10,000 packages, as many findings, as many tests. */
const REPORTS: readonly Buffer[] = [
  text({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: Array.from({ length: 10_000 }, (_, i) => ({
      type: 'library',
      name: `package-${i}`,
      version: `1.${i}.0`,
      purl: `pkg:npm/package-${i}@1.${i}.0`,
      hashes: [{ alg: 'SHA-256', content: sha256(i) }],
      licenses: [{ license: { id: 'MIT' } }],
    })),
  }),
  text({
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [
      {
        tool: { driver: { name: 'linter', rules: [] } },
        results: Array.from({ length: 10_000 }, (_, i) => ({
          ruleId: `rule-${i % 50}`,
          level: 'warning',
          message: { text: `What is found in line ${i} of this file, in a sentence of some length.` },
          locations: [
            { physicalLocation: { artifactLocation: { uri: `src/file-${i % 99}.ts` }, region: { startLine: i + 1 } } },
          ],
        })),
      },
    ],
  }),
  Buffer.from(
    `<?xml version="1.0"?><testsuite name="all" tests="10000">${Array.from(
      { length: 10_000 },
      (_, i) => `<testcase classname="suite-${i % 40}" name="does what it says, number ${i}" time="0.0${i % 9}"/>`,
    ).join('')}</testsuite>`,
  ),
]
const BYTES = REPORTS.reduce((sum, { length }) => sum + length, 0)

/** What `--evidence` makes of reports: strict reading, type, facts and digest, beside their bare SHA-256. */
export default {
  name: 'report-intake',
  async run() {
    const rate = (work: (report: Buffer) => unknown) => {
      const begun = performance.now()
      for (const report of REPORTS) work(report)
      return BYTES / 1e6 / ((performance.now() - begun) / 1000)
    }
    const bare = () => rate((report) => createHash('sha256').update(report).digest('hex'))
    const whole = () => rate((report) => [parseReport(report), hex(nodeCrypto.sha256(report))])
    whole()
    const rounds = Array.from({ length: ROUNDS }, () => ({ bare: bare(), whole: whole() }))
    const limit = middle(rounds.map((round) => round.bare))
    const value = middle(rounds.map((round) => round.whole))
    const ratio = value / limit
    const target = '≥ 3 % of bare SHA-256: the largest report, 32 MB, in about a second'
    return { name: 'report-intake', value, unit: 'MB/s', limit, ratio, target, held: ratio >= 0.03 }
  },
} satisfies Bench
