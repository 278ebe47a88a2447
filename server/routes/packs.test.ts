import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { logKeys, namedKeys } from '@countersign/verify'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { fetchActs } from '@countersign/adapters/audit-pack'
import { createClient } from '@countersign/client'
import { MANIFEST, type Manifest, packStatement, REPORT, SIGNATURE, writeManifest } from '@countersign/evidence/pack'
import { noteKey, parseLoggedAct, writeBundle, writeLoggedAct } from '@countersign/formats'
import { signStatement } from '@countersign/sign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ArchiveReader } from '../../packages/cli/src/audit/archive.ts'
import { archived, digestOf, examined, NOVEMBER } from '../../test/audit-pack.ts'
import { contractText, honestRun, parties, type Run } from '../../test/pipeline.ts'
import { type Browser, signIn, signInEach } from '../../test/people.ts'
import { download, makePack, type ToldPack } from '../../test/packs.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'

const directory = mkdtempSync(join(tmpdir(), 'countersign-packs-'))
const who = parties()
let server: TestServer
let runs: readonly Run[]
let auditor: Browser
const now = { text: '2026-10-20T03:00:00.000Z' }

beforeAll(async () => {
  server = await openTestServer({ tenants: ['acme', 'other'], now: () => now.text })
  // What administrators did before the period.
  await signIn(server, 'viewer')
  await signIn(server, 'viewer')
  now.text = '2026-11-22T03:00:00.000Z'
  await server.enrol([who.github, who.codebuild, who.cloudbuild, who.azure])
  const put = await server.request('PUT', '/v1/contracts/shop/web', { body: contractText(who) })
  if (!put.ok) throw new Error(await put.text())
  runs = ['first', 'second'].map((commit) => honestRun({ who, commit }))
  for (const { steps } of runs) {
    for (const { bundle } of steps) {
      const reply = await server.append(bundle)
      if (!reply.ok) throw new Error(await reply.text())
    }
  }
  for (const environment of ['production', 'staging']) {
    const body = JSON.stringify({ artifact: runs[0]!.app.digest.sha256, pipeline: 'shop/web', environment })
    const reply = await server.request('POST', '/v1/gate', { body })
    if (!reply.ok) throw new Error(await reply.text())
  }
  while ((await server.store.views.count(1_000)) > 0);
  auditor = await signIn(server, 'auditor')
})
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

const remove = ({ id }: Pick<ToldPack, 'id'>, ask = server.request) => ask('DELETE', `/v1/packs/${id}`)
const trustOfLog = (name = 'test') => {
  const key = noteKey(name, 'ed25519', server.deps.gate.signer.publicKey, nodeCrypto)
  return { signers: [], countersigners: logKeys([key]) }
}
const nobody = () => Promise.resolve(null)

describe('a pack that the server makes', () => {
  let pack: ToldPack
  let path: string
  beforeAll(async () => {
    pack = await makePack(auditor.request)
    path = await download(auditor.request, pack, directory)
  })
  afterAll(() => remove(pack))

  test('verifies by itself, and says for whom the log signed it', async () => {
    expect(pack).toMatchObject({
      state: 'ready',
      done: 2,
      runs: 2,
      problem: null,
      by: { kind: 'person', id: auditor.id },
    })
    const found = await examined(path)
    expect(found.figures.runs).toMatchObject({ listed: 2, proven: 2, missing: 0 })
    expect(found.digest).toBe(pack.made!.digest)
    expect(found.manifest.exporter.by).toEqual({ kind: 'person', id: auditor.id, name: auditor.name })
    expect(found.manifest.exporter.key.keyId).toBe(server.deps.gate.signer.publicKey.keyId)
  })

  test('is believed by whoever believes the log, and by nobody who believes another', async () => {
    expect((await examined(path, { trust: trustOfLog(), basisOf: nobody })).signer.name).toBe('the log test')
    for (const trust of [
      trustOfLog('another'),
      // The log's word is not that of somebody who signs packs, whatever the key.
      { signers: namedKeys(new Map([['log', server.deps.gate.signer.publicKey]])), countersigners: [] },
    ]) {
      await expect(examined(path, { trust, basisOf: nobody })).rejects.toThrow(
        expect.objectContaining({ code: 'signer-unknown' }),
      )
    }
  })

  test('is an act: who, which period and scope, and what it was', async () => {
    const { items } = (await (await server.request('GET', `/v1/audit?about=${pack.made!.digest}`)).json()) as {
      items: readonly object[]
    }
    expect(items).toMatchObject([
      {
        act: 'pack.exported',
        by: { kind: 'person', id: auditor.id, name: auditor.name },
        detail: { ...NOVEMBER, pipelines: null, environments: null, unnamed: null },
        signed: true,
      },
    ])
  })

  test('is not for a token that may read the audit log alone: it holds every step', async () => {
    const made = async (scopes: readonly string[]) => {
      const reply = await server.request('POST', '/v1/tokens', { body: JSON.stringify({ scopes }) })
      return ((await reply.json()) as { token: string }).token
    }
    const [alone, both] = [await made(['audit']), await made(['audit', 'read'])]
    expect(await codeOf(server.request('GET', `/v1/packs/${pack.id}/file`, { token: alone }))).toBe('token-scope')
    const body = JSON.stringify(NOVEMBER)
    expect(await codeOf(server.request('POST', '/v1/packs', { token: alone, body }))).toBe('token-scope')
    // Red control: what it may not read elsewhere is what it would have read there.
    expect(await codeOf(server.request('GET', `/v1/chains/${runs[0]!.chain.id}`, { token: alone }))).toBe('token-scope')
    const whole = await server.request('GET', `/v1/packs/${pack.id}/file`, { token: both })
    expect(whole.status).toBe(200)
    await whole.body!.cancel()
  })

  test('lies nowhere but in the archive', () => {
    expect(readdirSync(join(dirname(server.file), 'packs'))).toEqual([`${pack.id}.tar`])
  })

  test('nobody else finds it, nor may they have it', async () => {
    const other = token('other')
    for (const [method, path_] of [
      ['GET', ''],
      ['GET', '/file'],
      ['DELETE', ''],
    ] as const) {
      const asked = `/v1/packs/${pack.id}${path_}`
      expect(await codeOf(server.request(method, asked, { token: other }))).toBe('not-found')
      expect(await codeOf(server.request(method, asked, { token: token('acme', 'read') }))).toBe('token-scope')
    }
    expect(await (await server.request('GET', '/v1/packs', { token: other })).json()).toEqual({ items: [] })
    // Red control: they are those of the tenant that are left out.
    expect(await (await server.request('GET', '/v1/packs')).json()).toMatchObject({ items: [{ id: pack.id }] })
  })
})

test('by role: an auditor and an administrator have packs made, nobody else', async () => {
  const browsers = await signInEach(server)
  const body = JSON.stringify(NOVEMBER)
  for (const role of ['viewer', 'approver', 'maintainer'] as const) {
    expect(await codeOf(browsers[role].request('POST', '/v1/packs', { body }))).toBe('token-scope')
  }
  for (const role of ['auditor', 'admin'] as const) {
    const pack = await makePack(browsers[role].request)
    expect(pack.state).toBe('ready')
    await remove(pack)
  }
  const { request } = browsers.auditor
  const forged = { body, headers: { 'x-countersign-csrf': 'none' } }
  expect(await codeOf(request('POST', '/v1/packs', forged))).toBe('request-forged')
})

test('what it will hold is counted, and the pack holds that', async () => {
  const preview = async (query: string) =>
    (await (
      await server.request('GET', `/v1/packs/preview?since=${NOVEMBER.since}&until=${NOVEMBER.until}${query}`)
    ).json()) as object
  expect(await preview('')).toMatchObject({ runs: 2, steps: 8, contracts: 1, decisions: 2, refusals: 0, behind: 0 })
  expect(await preview('&environment=staging')).toMatchObject({ runs: 2, decisions: 1 })
  expect(await preview('&pipeline=shop/other')).toMatchObject({ runs: 0, steps: 0, contracts: 0, decisions: 0 })
  const pack = await makePack(server.request, { ...NOVEMBER, pipelines: ['shop/web'], environments: ['staging'] })
  const { manifest, figures } = await examined(await download(server.request, pack, directory))
  expect(manifest).toMatchObject({ pipelines: ['shop/web'], environments: ['staging'] })
  expect(figures.decisions).toMatchObject({ allow: 1, backed: 1 })
  expect(figures.environments.map(({ environment }) => environment)).toEqual(['staging'])
  await remove(pack)
})

test('what cannot be made is told, and leaves nothing behind but the reason', async () => {
  const pack = await makePack(server.request, { since: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z' })
  expect(pack).toMatchObject({ state: 'failed', made: null, problem: { code: 'evidence-unavailable' } })
  expect(await codeOf(server.request('GET', `/v1/packs/${pack.id}/file`))).toBe('not-found')
  expect(readdirSync(join(dirname(server.file), 'packs'))).toEqual([])
  await remove(pack)
})

test.each<[string, object]>([
  ['no period', {}],
  ['days', { since: '2026-11-01', until: '2026-12-01' }],
  ['a period that ends before it begins', { since: NOVEMBER.until, until: NOVEMBER.since }],
  ['another field', { ...NOVEMBER, pipeline: 'shop/web' }],
  ['a name that is none', { ...NOVEMBER, pipelines: ['../x'] }],
  ['an environment with a control character', { ...NOVEMBER, environments: ['a\nb'] }],
])('%s is refused', async (_, body) => {
  expect(await codeOf(server.request('POST', '/v1/packs', { body: JSON.stringify(body) }))).toBe('request-invalid')
})

test('one is made at a time, few are kept, and each for an hour', async () => {
  const body = JSON.stringify(NOVEMBER)
  const asked = await Promise.all([1, 2].map(() => server.request('POST', '/v1/packs', { body })))
  const begun = asked.find(({ ok }) => ok)!
  expect(await codeOf(asked.find(({ ok }) => !ok)!)).toBe('pack-busy')
  const { id } = (await begun.json()) as ToldPack
  await server.deps.packs.settled()
  await makePack(server.request)
  const last = await makePack(server.request)
  expect(await codeOf(server.request('POST', '/v1/packs', { body }))).toBe('pack-busy')
  for (const one of [{ id }, last]) await remove(one)
  const { items } = (await (await server.request('GET', '/v1/packs')).json()) as { items: ToldPack[] }
  expect(items.length).toBe(1)
  const before = now.text
  now.text = '2026-11-22T04:00:01.000Z'
  expect(await codeOf(server.request('GET', `/v1/packs/${items[0]!.id}/file`))).toBe('not-found')
  now.text = before
  await expect.poll(() => readdirSync(join(dirname(server.file), 'packs'))).toEqual([])
})

test('a role that is taken away ends the making: nothing is handed out, or told', async () => {
  const someone = await signIn(server, 'auditor')
  const begun = await someone.request('POST', '/v1/packs', { body: JSON.stringify(NOVEMBER) })
  const { id } = (await begun.json()) as ToldPack
  const removed = await server.request('DELETE', `/v1/people/${someone.id}`)
  expect(removed.status).toBe(204)
  await server.deps.packs.settled()
  const { state, problem } = server.deps.packs.one('acme', id)
  // It may have been ready before; then they were let in when it was.
  if (state === 'failed') expect(problem!.code).toBe('token-missing')
  expect(await codeOf(someone.request('GET', `/v1/packs/${id}/file`))).toBe('token-missing')
  await remove({ id })
})

test('one that is removed while it is made is not told, and leaves nothing', async () => {
  const acts = async () =>
    ((await (await server.request('GET', '/v1/audit')).json()) as { items: object[] }).items.length
  const before = await acts()
  const begun = await server.request('POST', '/v1/packs', { body: JSON.stringify(NOVEMBER) })
  const { id } = (await begun.json()) as ToldPack
  expect((await remove({ id })).status).toBe(204)
  expect(await codeOf(server.request('GET', `/v1/packs/${id}`))).toBe('not-found')
  await server.deps.packs.stop()
  expect(await acts()).toBe(before)
  expect(existsSync(join(dirname(server.file), 'packs'))).toBe(false)
})

describe('what administrators did', () => {
  const asTrue = (trust = trustOfLog()) => ({ trust, basisOf: nobody })
  let files: ReadonlyMap<string, Uint8Array>
  let manifest: Manifest
  beforeAll(async () => {
    now.text = '2026-12-02T03:00:00.000Z'
    // One more, after the period.
    await signIn(server, 'viewer')
    const pack = await makePack(server.request)
    const path = await download(server.request, pack, directory)
    ;({ manifest } = await examined(path, asTrue()))
    files = await filesIn(path, manifest)
    await remove(pack)
  })

  /** As whoever has the key of the log would seal it anew, with the count to match. */
  const resealed = async (acts: readonly (readonly [path: string, bytes: Uint8Array])[]) => {
    const others = [...files].filter(([path]) => !path.startsWith('acts/'))
    const held = new Map([...acts, ...others])
    const counts = { ...manifest.server.counts, acts: acts.length }
    const named = [...held].map(([path, bytes]) => ({ path, sha256: digestOf(bytes), size: bytes.length }))
    const bytes = writeManifest({ ...manifest, server: { ...manifest.server, counts }, files: named })
    const bundle = await signStatement(packStatement(digestOf(bytes)), server.deps.gate.signer, nodeCrypto)
    const all = new Map([[MANIFEST, bytes], [SIGNATURE, writeBundle(bundle)], ...held])
    return archived(directory, `${digestOf(bytes)}.tar`, all)
  }
  const acts = () => [...files].filter(([path]) => path.startsWith('acts/'))
  const verified = async (some: Parameters<typeof resealed>[0]) => examined(await resealed(some), asTrue())

  test('is in the pack, with the act before the period and the one after it', async () => {
    const { figures } = await verified(acts())
    expect(figures.acts).toMatchObject({ closed: true })
    expect(figures.acts!.shown.map(({ act }) => act)).toContain('pack.exported')
    expect(figures.acts!.total).toBe(acts().length - 2)
    expect(new TextDecoder().decode(files.get(REPORT)!)).toContain('none is missing at the end')
  })

  test('one that is left out is noticed, and so are all before or after', async () => {
    for (const left of [1, Math.floor(acts().length / 2)]) {
      await expect(verified(acts().filter((_, i) => i !== left))).rejects.toThrow(
        expect.objectContaining({ code: 'audit-broken' }),
      )
    }
    await expect(verified(acts().slice(1))).rejects.toThrow(expect.objectContaining({ code: 'audit-broken' }))
    // That nothing came after the last is the server's word, and the report says so.
    await expect(verified(acts().slice(0, -1))).rejects.toThrow(expect.objectContaining({ code: 'pack-report' }))
    await expect(verified([])).rejects.toThrow(expect.objectContaining({ code: 'pack-report' }))
    // Red control: sealed anew with all of them, it passes.
    await expect(verified(acts())).resolves.toBeDefined()
  })

  test('one in the place of another is noticed, and one that was changed', async () => {
    const [first, second] = acts().map(([, bytes]) => bytes)
    const swapped = acts().map(([path, bytes], i) => [path, i === 0 ? second! : i === 1 ? first! : bytes] as const)
    await expect(verified(swapped)).rejects.toThrow(expect.objectContaining({ code: 'pack-invalid' }))
    const changed = acts().map(([path, bytes]) => {
      const { payload, logged } = parseLoggedAct(bytes)
      const text = new TextDecoder().decode(payload).replace('"role":"auditor"', '"role":"viewer"')
      return [path, writeLoggedAct({ payload: new TextEncoder().encode(text), logged })] as const
    })
    expect(changed.some(([, bytes], i) => digestOf(bytes) !== digestOf(acts()[i]![1]))).toBe(true)
    await expect(verified(changed)).rejects.toThrow(expect.objectContaining({ name: 'CodedError' }))
  })

  test('who may not read the audit log exports a pack that says so', async () => {
    const body = JSON.stringify({ scopes: ['read'] })
    const made = (await (await server.request('POST', '/v1/tokens', { body })).json()) as { token: string }
    const client = createClient({
      url: 'http://localhost',
      token: made.token,
      fetch: async (url, { method, headers }) =>
        server.request(method, new URL(url).pathname + new URL(url).search, {
          token: made.token,
          headers: { ...headers },
        }),
    })
    expect(await fetchActs(client, NOVEMBER)).toBeNull()
  })
})

async function filesIn(path: string, { files }: Manifest): Promise<ReadonlyMap<string, Uint8Array>> {
  const archive = await ArchiveReader.open(path)
  try {
    await archive.next(MANIFEST, null, 1 << 24)
    await archive.next(SIGNATURE, null, 1 << 24)
    const held = new Map<string, Uint8Array>()
    for (const file of files) held.set(file.path, await archive.next(file.path, file.size, 1 << 24))
    return held
  } finally {
    await archive.close()
  }
}
