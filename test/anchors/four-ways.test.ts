import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Evidence, parseEvidence, trustRootOf, writeEvidence } from '@countersign/evidence'
import { examine } from '@countersign/evidence-page'
import { NO_ANCHOR_ROOTS, parseAnchor, statementOfAnchor, writeAnchor } from '@countersign/formats/anchor'
import { logKeys, namedKeys, readChain } from '@countersign/verify'
import { anchorTrustOf, verifyAnchors } from '@countersign/verify/anchors'
import { beforeAll, describe, expect, test } from 'vitest'
import { idOf, StatedLog } from '../anchored.ts'
import { at, file, logKeyOf, newChainId, party, received, type Signed, signStep } from '../pipeline.ts'
import { anchorFourWays, type FourWays } from './four-ways.ts'

const STEPS = 10
const NOON = Date.parse(at(60))
const [ci, server] = [party('ci'), party('log.example/a', 'ed25519')]

/** A chain of ten steps, in a log of a million entries as far as the length of its proofs goes. */
function chainOf(): Signed[] {
  const chain = { id: newChainId(), pipeline: 'shop/web', contract: null }
  const steps: Signed[] = []
  for (let i = 0; i < STEPS; i++) {
    const before = steps.at(-1)
    const more =
      before === undefined
        ? {}
        : {
            previous: [{ link: before.link, step: `step-${i - 1}` }],
            materials: before.statement.subject.map((one) => received(one, before.link)),
          }
    steps.push(signStep(ci, { chain, name: `step-${i}`, subject: [file('app.tgz', `app ${i}`)], minute: i, ...more }))
  }
  return steps
}

let evidence: Evidence
let ways: FourWays
beforeAll(async () => {
  const steps = chainOf()
  const log = new StatedLog(server, 1000)
  for (const [i, step] of steps.entries()) log.append(step, at(i + 1))
  const statement = log.state(at(30))
  ways = await anchorFourWays(statement, NOON)
  evidence = {
    subject: {
      artifact: steps.at(-1)!.statement.subject[0]!.digest.sha256,
      chains: [steps[0]!.statement.predicate.chain.id],
    },
    createdAt: at(60),
    lines: steps.flatMap((step) => [step.bundle, log.receipt(step)]),
    contracts: [],
    trust: {
      signers: namedKeys(new Map([[ci.name, ci.publicKey]])),
      logs: logKeys([logKeyOf(server)]),
      witnesses: [],
      authorities: [],
      anchors: ways.roots,
    },
    statements: [statement],
    coverage: steps.map((step) => log.cover(step, statement)),
    anchors: ways.anchors,
  }
})

describe('evidence with four anchors', () => {
  test('is read as it was written, and proves every step from all four', async () => {
    const bytes = writeEvidence(evidence)
    const { verdict, anchored } = await examine(bytes, { crypto: nodeCrypto, now: at(120) })
    expect(verdict.findings).toEqual([])
    expect(anchored!.refused).toEqual([])
    expect(anchored!.statements.map(({ proved }) => proved.map(({ kind }) => kind))).toEqual([
      ['ethereum', 'opentimestamps', 'rekor', 'rfc3161'],
    ])
    expect(anchored!.entries.size).toBe(STEPS)
    expect(writeEvidence(parseEvidence(bytes))).toEqual(bytes)
  })

  test('is smaller than 100 kB, a million entries in the log', () => {
    // A path in the log has 20 hashes then, where it has 10 here.
    const wider = (hashes: readonly Uint8Array[]) =>
      Array.from({ length: 20 }, (_, i) => hashes[i] ?? new Uint8Array(32).fill(i))
    const lines = evidence.lines.map((line) =>
      'opening' in line ? { ...line, proof: { ...line.proof, hashes: wider(line.proof.hashes) } } : line,
    )
    const coverage = evidence.coverage.map((one) => ({
      ...one,
      sha256: wider(one.sha256),
      sha3_256: wider(one.sha3_256),
    }))
    const bytes = writeEvidence({ ...evidence, lines, coverage })
    console.log(
      `evidence ${bytes.length} bytes; anchors ${ways.anchors.map((one) => `${one.kind} ${writeAnchor(one).length}`).join(', ')}`,
    )
    expect(bytes.length).toBeLessThan(100_000)
  })

  test('has another trust root for each party and block that is believed', () => {
    const root = (anchors: Partial<typeof ways.roots>) =>
      trustRootOf({ ...evidence, trust: { ...evidence.trust, anchors: { ...ways.roots, ...anchors } } })
    const roots = [
      root({}),
      root({ rekor: [] }),
      root({ rfc3161: [] }),
      root({ ethereum: [] }),
      root({ opentimestamps: null }),
      root(NO_ANCHOR_ROOTS),
    ]
    expect(new Set(roots).size).toBe(roots.length)
  })
})

describe('an anchor of each kind', () => {
  test('has one spelling', () => {
    for (const anchor of ways.anchors) {
      const bytes = writeAnchor(anchor)
      expect(writeAnchor(parseAnchor(bytes))).toEqual(bytes)
      expect(statementOfAnchor(anchor)).toBe(idOf(evidence.statements[0]!))
    }
  })

  test('counts for nothing where nobody is believed, nor for another statement', () => {
    const { trust } = evidence
    const believed = { signers: trust.signers, countersigners: trust.logs }
    const chain = readChain(evidence.lines, believed, nodeCrypto)
    const nobody = { ...believed, anchors: anchorTrustOf(NO_ANCHOR_ROOTS, nodeCrypto) }
    const codes = verifyAnchors(chain, evidence, nobody, nodeCrypto).refused.map(({ report }) => report.code)
    expect(codes).toEqual(ways.anchors.map(() => 'anchor-untrusted'))
  })
})
