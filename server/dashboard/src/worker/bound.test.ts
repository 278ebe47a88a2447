import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { publicKeyPem } from '@countersign/core'
import { writeEvidence } from '@countersign/evidence'
import { examine } from '@countersign/evidence-page'
import { writeChainLine } from '@countersign/formats'
import { NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, honestRun, keyText, newChainId, party, sha256, signStep } from '../../../../test/pipeline.ts'
import { openTestServer, type TestServer } from '../../../../test/server.ts'
import { assemble } from './assemble.ts'
import { unlessUnruled } from './bound.ts'
import type { Material, Subject } from './messages.ts'
import { seenOf } from './seen.ts'
import { underText } from './under.ts'

/** Nothing here is anchored. */
const NOBODY = { named: null, pins: [] }
const BELIEF = { parties: [], believed: NO_ANCHOR_ROOTS, named: NO_ANCHOR_ROOTS }

let server: TestServer
const run = honestRun()
const [first] = run.steps
const chain = first!.statement.predicate.chain.id
const artifact = run.steps.at(-1)!.statement.subject[0]!.digest.sha256

beforeAll(async () => {
  server = await openTestServer()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
})
afterAll(() => server.close())

const bytesOf = async (path: string) => new Uint8Array(await (await server.request('GET', path)).arrayBuffer())

/** What the page gathers; `hidden`: the contract, which the server's database has lost or somebody has taken out of it. */
async function examined(subject: Subject, hidden: boolean) {
  const digest = first!.statement.predicate.chain.contract!
  const material: Material = {
    subject,
    chains: [await bytesOf(`/v1/chains/${chain}`)],
    contracts: hidden ? [] : [{ digest, bytes: await bytesOf(`/v1/contracts/by-digest/${digest}`) }],
    server: await bytesOf('/v1/server'),
    keys: await bytesOf('/v1/keys'),
    authorities: null,
    coverage: [],
    anchors: [],
    trust: NOBODY,
  }
  const evidence = writeEvidence(assemble(material, BELIEF, nodeCrypto, at(60))!)
  return { evidence, examination: await examine(evidence, { crypto: nodeCrypto, now: at(60) }) }
}

test('an artifact that several runs made is told of as the run that proves it, under its own contract', async () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  // Somebody else's pipeline lets its own key vouch for what shop/web made and never tested.
  const mallory = party('mallory')
  const weak = bytes(
    ['contract: v1', 'pipeline: evil/x', 'revision: 1', 'signers:', `  mallory: ${keyText(mallory)}`, 'steps:']
      .concat(['  take:', '    signers: [mallory]', '    products: ["dist/app.tgz"]', 'final: take', ''])
      .join('\n'),
  )
  const honest = honestRun()
  const own = { id: newChainId(), pipeline: 'evil/x', contract: sha256(new TextDecoder().decode(weak)) }
  const taken = signStep(mallory, { chain: own, name: 'take', subject: [honest.app], minute: 8 })
  const digest = honest.app.digest.sha256
  const evidence = writeEvidence(
    assemble(
      {
        subject: { artifact: digest },
        chains: [honest.source, honest.build, taken].map(({ bundle }) => writeChainLine(bundle)),
        contracts: [
          { digest: honest.contract.digest, bytes: honest.contractBytes },
          { digest: own.contract, bytes: weak },
        ],
        server: await bytesOf('/v1/server'),
        keys: bytes(
          JSON.stringify({
            items: [...Object.values(honest.who), mallory].map(({ name, publicKey }) => ({
              name,
              publicKey: publicKeyPem(publicKey),
              revokedAt: null,
            })),
          }),
        ),
        authorities: null,
        coverage: [],
        anchors: [],
        trust: NOBODY,
      },
      BELIEF,
      nodeCrypto,
      at(60),
    )!,
  )
  const examination = unlessUnruled(await examine(evidence, { crypto: nodeCrypto, now: at(60) }))
  const seen = seenOf(examination, evidence, BELIEF, nodeCrypto, { signatures: 0, ms: 0 })
  expect(seen.verdict).toBe('pass')
  expect(seen.pipelines.toSorted()).toEqual(['evil/x', 'shop/web'])
  expect(seen.passed).toEqual({ chain: own.id, pipeline: 'evil/x', contract: own.contract })
  expect(underText(seen, seen.passed)).toBe('under contract evil/x revision 1')
})

describe.each<[string, Subject]>([
  ['a run', { chain }],
  ['an artifact', { artifact }],
])('%s that is bound to a contract', (_, subject) => {
  test('is verified under it', async () => {
    const { evidence, examination } = await examined(subject, false)
    expect(unlessUnruled(examination)).toBe(examination)
    const seen = seenOf(examination, evidence, BELIEF, nodeCrypto, { signatures: 0, ms: 0 })
    expect(seen).toMatchObject({ verdict: 'pass', lacking: [], contracts: [{ pipeline: 'shop/web' }] })
    expect(seen.passed).toMatchObject({ chain, pipeline: 'shop/web' })
  })

  test('is not, where the server does not show the contract', async () => {
    const { evidence, examination } = await examined(subject, true)
    // The control: its signatures and hand-overs are as good as ever.
    expect(examination.verdict.verdict).toBe('pass')
    const held = unlessUnruled(examination)
    expect(held.verdict.findings.map(({ code }) => code)).toEqual(['contract-unknown'])
    const seen = seenOf(held, evidence, BELIEF, nodeCrypto, { signatures: 0, ms: 0 })
    expect(seen).toMatchObject({ verdict: 'unknown', passed: null })
    expect(seen.lacking).toEqual([first!.statement.predicate.chain.contract])
    expect(seen.criteria.at(-1)).toMatchObject({ name: 'contract', met: null })
  })
})
