import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeEvidence } from '@countersign/evidence'
import { examine } from '@countersign/evidence-page'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, honestRun } from '../../../../test/pipeline.ts'
import { openTestServer, type TestServer } from '../../../../test/server.ts'
import { assemble } from './assemble.ts'
import { unlessUnruled } from './bound.ts'
import type { Material, Subject } from './messages.ts'
import { seenOf } from './seen.ts'

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
  }
  const evidence = writeEvidence(assemble(material, nodeCrypto, at(60))!)
  return { evidence, examination: await examine(evidence, { crypto: nodeCrypto, now: at(60) }) }
}

describe.each<[string, Subject]>([
  ['a run', { chain }],
  ['an artifact', { artifact }],
])('%s that is bound to a contract', (_, subject) => {
  test('is verified under it', async () => {
    const { evidence, examination } = await examined(subject, false)
    expect(unlessUnruled(examination)).toBe(examination)
    const seen = seenOf(examination, evidence, nodeCrypto, { signatures: 0, ms: 0 })
    expect(seen).toMatchObject({ verdict: 'pass', lacking: [], contracts: [{ pipeline: 'shop/web' }] })
  })

  test('is not, where the server does not show the contract', async () => {
    const { evidence, examination } = await examined(subject, true)
    // The control: its signatures and hand-overs are as good as ever.
    expect(examination.verdict.verdict).toBe('pass')
    const held = unlessUnruled(examination)
    expect(held.verdict.findings.map(({ code }) => code)).toEqual(['contract-unknown'])
    const seen = seenOf(held, evidence, nodeCrypto, { signatures: 0, ms: 0 })
    expect(seen.verdict).toBe('unknown')
    expect(seen.lacking).toEqual([first!.statement.predicate.chain.contract])
    expect(seen.criteria.at(-1)).toMatchObject({ name: 'contract', met: null })
  })
})
