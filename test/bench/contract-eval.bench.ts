import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { fromUtf8, utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import type { Facts, ReportRef } from '@countersign/formats'
import { judge, readChain, trustOf } from '@countersign/verify'
import { at, file, newChainId, party, received, sha256, type Signed, signStep } from '../pipeline.ts'
import { type Bench, middle } from './row.ts'

const STEPS = 1_000
const WARM_UP = 5
const ROUNDS = 21

/**
 * A contract of 1,000 steps that asks each for order, hand-overs, tests, a scan, two conditions, names and its age, judged
 * over a chain whose signatures are verified; beside the bare reading of the same statements, which holds every fact once.
 */
export default {
  name: 'contract-eval',
  run() {
    const by = party('bench', 'ed25519')
    const rule = [
      'products: ["*.tgz"]',
      'disallow: ["**/.env"]',
      'fresh: 7d',
      'evidence: { tests: passed, vulnerabilities: { below: high } }',
      'conditions: [step.attempt == 1, "products.all(p, p.name.endsWith(\'.tgz\'))"]',
    ].join(', ')
    const names = Array.from({ length: STEPS }, (_, i) => `s${i}`)
    const contract = parseContract(
      utf8(
        [
          'contract: v1',
          'pipeline: bench',
          'revision: 1',
          `signers: { bench: ${Buffer.from(by.publicKey.spki).toString('base64')} }`,
          'steps:',
          ...names.map(
            (name, i) => `  ${name}: { signers: [bench], ${i === 0 ? '' : `after: [${names[i - 1]}], `}${rule} }`,
          ),
          `final: ${names.at(-1)}`,
          '',
        ].join('\n'),
      ),
    )
    const chain = { id: newChainId(), pipeline: 'bench', contract: contract.digest }
    const evidence = [
      reportOf('junit', { tests: 12, failures: 0, errors: 0, skipped: 0 }),
      reportOf('sarif', {
        tool: 'Trivy',
        complete: true,
        critical: 0,
        high: 0,
        medium: 1,
        mediumIds: 'CVE-1',
        low: 0,
        unrated: 0,
      }),
    ]
    const steps: Signed[] = []
    for (const [i, name] of names.entries()) {
      const before = steps.at(-1)
      const subject = ['a', 'b', 'c'].map((part) => file(`${part}.tgz`, `${part} of ${name}`))
      const more =
        before === undefined
          ? {}
          : {
              previous: [{ link: before.link, step: names[i - 1]! }],
              materials: before.statement.subject.map((resource) => received(resource, before.link)),
            }
      steps.push(signStep(by, { chain, name, subject, evidence, minute: i / 100, ...more }))
    }
    const read = readChain(
      steps.map(({ bundle }) => bundle),
      trustOf(contract),
      nodeCrypto,
    )
    const artifact = steps.at(-1)!.statement.subject[0]!.digest.sha256
    const whole = () => {
      const begun = performance.now()
      const { verdict, findings } = judge({ artifact, chain: read, contract, now: at(600) })
      if (verdict !== 'pass') throw new Error(JSON.stringify(findings[0]))
      return performance.now() - begun
    }
    const payloads = steps.map(({ bundle }) => bundle.envelope.payload)
    const bare = () => {
      const begun = performance.now()
      for (const payload of payloads) JSON.parse(fromUtf8(payload))
      return performance.now() - begun
    }
    const rounds = Array.from({ length: WARM_UP + ROUNDS }, () => ({ bare: bare(), whole: whole() })).slice(WARM_UP)
    const limit = middle(rounds.map((round) => round.bare))
    const value = middle(rounds.map((round) => round.whole))
    const target = `≤ 5 × reading what it judges (${(value / limit).toFixed(2)} ×)`
    const row = {
      name: 'contract-eval',
      value,
      unit: 'ms',
      limit,
      ratio: limit / value,
      target,
      held: value <= 5 * limit,
    }
    return Promise.resolve(row)
  },
} satisfies Bench

function reportOf(type: string, facts: Facts): ReportRef {
  return {
    name: type,
    digest: { sha256: sha256(type) },
    mediaType: 'application/json',
    annotations: { about: [], facts, signer: null, size: 1000, type },
  }
}
