import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { runFacts } from '@countersign/adapters/audit-pack'
import { ownBasis } from '@countersign/adapters/gathering'
import { hex } from '@countersign/core'
import { type Evidence, parseEvidence } from '@countersign/evidence'
import { runPath } from '@countersign/evidence/pack'
import { logKeys } from '@countersign/verify'
import { examined } from '../../test/audit-pack.ts'
import { CA, keylessContract, keylessRun, sigstoreRoot } from '../../test/keyless.ts'
import { download, packOf } from '../../test/packs.ts'
import { at } from '../../test/pipeline.ts'
import { openTestServer, type TestServer } from '../../test/server.ts'
import { vouchingOf } from '../verbs/vouching.ts'

// A pack of steps that were signed under certificates of minutes: whoever reads it in years asks nobody whose they were.

let server: TestServer
let directory: string
const clock = { minute: 0 }
const digest = hex(nodeCrypto.sha256(sigstoreRoot()))
const held = { trustedRoot: sigstoreRoot(), isFresh: true, expires: at(1_000) }

beforeEach(() => {
  clock.minute = 0
  Object.assign(held, { trustedRoot: sigstoreRoot(), isFresh: true })
  directory = mkdtempSync(join(tmpdir(), 'countersign-keyless-packs-'))
})
afterEach(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

/** A server that took a run under such a contract, with whom it believes. */
async function took(contract: string, { own = false, files = [] as Uint8Array[] } = {}) {
  const authority = { authorities: () => [CA.trusted], hasIssued: () => Promise.resolve(true) }
  server = await openTestServer({
    now: () => at(clock.minute),
    vouching: (log) => vouchingOf(own ? authority : null, files, () => logKeys(log.keys), { current: () => held }),
  })
  const run = keylessRun({ contract })
  expect((await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })).status).toBe(200)
  for (const [i, { bundle }] of run.steps.entries()) {
    clock.minute = 2 * i + 2
    expect((await server.append(bundle)).status).toBe(201)
  }
  return run
}

/** The evidence of a run, out of the archive: names and sizes are where ustar has them. */
function evidenceIn(path: string, chain: string): Evidence {
  const archive = readFileSync(path)
  for (let at = 0; at + 512 <= archive.length; ) {
    const [name, size] = [archive.toString('latin1', at, at + 100), archive.toString('latin1', at + 124, at + 135)]
    const length = Number.parseInt(size, 8)
    if (name.startsWith(runPath(chain)))
      return parseEvidence(new Uint8Array(archive.subarray(at + 512, at + 512 + length)))
    at += 512 * (1 + Math.ceil((Number.isNaN(length) ? 0 : length) / 512))
  }
  throw new Error('no such run')
}

describe('a pack of what was signed under certificates', () => {
  test.each([
    [
      'of a trusted root that the contract pins',
      `  world: { sigstore: "${digest}" }`,
      { files: [sigstoreRoot()] },
      'sigstore',
    ],
    ['of the public Sigstore', '  world: { sigstore: public }', {}, 'sigstore'],
    ['of an authority that the contract names', undefined, { own: true }, null],
  ] as const)('%s verifies by itself, long after', async (_, authorities, believing, kind) => {
    const contract = keylessContract({ server: null, ...(authorities === undefined ? {} : { authorities }) })
    const run = await took(contract, { own: false, files: [], ...believing } as { own?: boolean; files?: Uint8Array[] })
    clock.minute = 60 * 24 * 20
    const pack = await packOf(server)
    expect(pack.problem).toBeNull()
    const path = await download(server.request, pack, directory)
    const { figures } = await examined(path)
    expect(figures.runs).toMatchObject({ listed: 1, proven: 1 })
    expect(figures.forks.total).toBe(0)
    expect(figures.signers.every(({ grade, authority }) => grade === 'A' && authority !== null)).toBe(true)
    const evidence = evidenceIn(path, run.chain.id)
    if (kind === null) return
    expect(evidence.trust.authorities.map((one) => one.kind)).toContain(kind)
    // Red control: without the root that it brings, nobody says whose the certificates were.
    const bare = { ...evidence, trust: { ...evidence.trust, authorities: [] } }
    const record = {
      chain: run.chain.id,
      pipeline: 'shop/web',
      contract: run.contract.digest,
      steps: 3,
      erased: 0,
      late: 0,
    }
    const asked = {
      run: { ...record, firstAt: at(2), lastAt: at(6) },
      artifacts: new Set<string>(),
      now: at(clock.minute),
    }
    const outcome = async (one: Evidence) => (await runFacts(one, ownBasis(one), asked, nodeCrypto)).outcome
    expect(await outcome(evidence)).toBe('proven')
    expect(await outcome(bare).catch(() => 'nothing')).not.toBe('proven')
  })

  test('is made, too, where the trusted root of the public Sigstore has run out since', async () => {
    await took(keylessContract({ server: null, authorities: '  world: { sigstore: public }' }))
    clock.minute = 60 * 24 * 20
    held.isFresh = false
    const pack = await packOf(server)
    expect(pack.problem).toBeNull()
    const { figures } = await examined(await download(server.request, pack, directory))
    expect(figures.runs).toMatchObject({ listed: 1, proven: 1 })
  })
})
