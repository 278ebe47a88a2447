import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sha256, utf8 } from '@countersign/core'
import { type Client, createClient, Spool } from '@countersign/client'
import { type Server, startServer } from '../demo/world.ts'
import { honestRun, parties, type Run } from '../pipeline.ts'

// The client's own tests answer for the server; these hold the two against each other.
const who = parties()
let root = ''
let server: Server
let client: Client
let run: Run
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-client-'))
  server = await startServer(root)
  client = createClient(server)
  for (const { name, publicKey } of [who.github, who.codebuild, who.cloudbuild, who.azure]) {
    await client.enrol(name, publicKey)
  }
  run = honestRun({ who })
  await client.publishContract('shop/web', run.contractBytes)
})
afterAll(async () => {
  await server.stop()
  rmSync(root, { recursive: true, force: true })
})

const rejects = (running: Promise<unknown>, code: string) =>
  expect(running).rejects.toThrow(expect.objectContaining({ code }))

test('a contract comes back as it was published, by pipeline and by digest', async () => {
  expect(await client.contract('shop/web')).toEqual(new Uint8Array(run.contractBytes))
  expect(await client.contractByDigest(run.contract.digest)).toEqual(new Uint8Array(run.contractBytes))
  await rejects(client.contract('shop/other'), 'not-found')
  await rejects(client.publishContract('shop/web', utf8('contract: v1\n')), 'contract-invalid')
})

test('keys and the server itself are told', async () => {
  const keys = await client.keys()
  expect(new Map(keys.map(({ name, publicKey }) => [name, publicKey.keyId]))).toEqual(
    new Map([who.github, who.codebuild, who.cloudbuild, who.azure].map((p) => [p.name, p.publicKey.keyId])),
  )
  expect((await client.server()).key).toMatchObject({ type: 'ed25519', publicKey: { algorithm: 'ed25519' } })
})

test('a spool is uploaded in order, late, and found again in every way', async () => {
  const spool = new Spool(join(root, 'spool'), { sha256 })
  for (const step of run.steps.toReversed()) await spool.add(step.bundle)
  const { uploaded, refused, waiting } = await spool.flush(client)
  expect({ refused, waiting }).toEqual({ refused: [], waiting: [] })
  expect(uploaded.map(({ appended }) => [appended.link, appended.late, appended.created])).toEqual(
    run.steps.map(({ link }) => [link, true, true]),
  )
  const again = await client.append(run.build.bundle)
  // The same leaf in the same place, under a later checkpoint.
  const { receipt, ...facts } = uploaded[1]!.appended
  expect(again).toMatchObject({ ...facts, created: false })
  expect(again.receipt.opening).toEqual(receipt.opening)
  expect([again.receipt.proof.index, again.receipt.proof.checkpoint.size]).toEqual([
    // Behind the first administrator, four keys and the contract.
    7,
    6 + run.steps.length,
  ])

  expect((await client.attestation(run.build.link)).bundle).toEqual(run.build.bundle)
  expect(await client.chain(run.chain.id)).toHaveLength(8)
  const artifact = run.app.digest.sha256
  expect(await client.lookup([artifact])).toMatchObject([{ chain: run.chain.id, pipeline: 'shop/web' }])
  const commit = createHash('sha1').update('first').digest('hex')
  for (const query of [{ artifact }, { commit }, { chain: run.chain.id }, { pipeline: 'shop/web' }]) {
    const { items } = await client.search(query)
    expect(items.map(({ chain }) => chain)).toContain(run.chain.id)
  }
  const first = await client.search({ chain: run.chain.id, limit: 3 })
  const rest = await client.search({ chain: run.chain.id, limit: 3, cursor: first.next! })
  expect(new Set([...first.items, ...rest.items].map(({ link }) => link))).toEqual(
    new Set(run.steps.map((s) => s.link)),
  )
  expect(rest.next).toBeNull()
})

test('what is refused keeps its code, is put aside, and is in the inbox', async () => {
  const foreign = honestRun({ who: { ...who, codebuild: parties().codebuild } })
  const spool = new Spool(join(root, 'foreign'), { sha256 })
  await spool.add(foreign.build.bundle)
  const { refused } = await spool.flush(client)
  expect(refused).toMatchObject([{ step: { link: foreign.build.link }, report: { code: 'signer-unknown' } }])
  expect((await client.inbox()).items.map(({ code }) => code)).toContain('signer-unknown')
})

test('what lacks its predecessor waits for it', async () => {
  const other = honestRun({ who, commit: 'second' })
  const spool = new Spool(join(root, 'apart'), { sha256 })
  await spool.add(other.build.bundle)
  expect((await spool.flush(client)).waiting).toMatchObject([{ report: { code: 'previous-missing' } }])
  await client.append(other.source.bundle, { late: true })
  expect((await spool.flush(client)).uploaded).toHaveLength(1)
})

test('a revoked key is told, and signs nothing more', async () => {
  await client.revoke(who.azure.publicKey.keyId)
  const keys = await client.keys()
  expect(keys.filter(({ revokedAt }) => revokedAt !== null).map(({ name }) => name)).toEqual(['azure'])
  await rejects(client.revoke('0'.repeat(64)), 'not-found')
})

test('a wrong token is refused, and loses nothing', async () => {
  const stranger = createClient({ url: server.url, token: 'cst_wrong' })
  await rejects(stranger.keys(), 'token-missing')
  const spool = new Spool(join(root, 'stranger'), { sha256 })
  await spool.add(run.build.bundle)
  expect((await spool.flush(stranger)).waiting).toHaveLength(1)
  expect((await spool.flush(client)).uploaded).toHaveLength(1)
})
