import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { canonicalJson, hasControl, parseJson, utf8 } from '@countersign/core'
import {
  isRemark,
  linkDigest,
  parseChainFile,
  parseRemark,
  parseRemarkLine,
  PAYLOAD_TYPE,
  type Remark,
  writeBundle,
  writeRemark,
  writeRemarkLine,
} from '@countersign/formats'
import { logKeys, verifyRemark } from '@countersign/verify'
import { enrolPasskey, localPasskey, ORIGIN, signIn } from '../people.ts'
import { at, honestRun, party, type Run, seal, sha256, withPasskey } from '../pipeline.ts'
import { idOfRemark, postRemark, remarkAbout, sealRemark, signRemark } from '../remarks.ts'
import { codeOf, openTestServer, type TestServer, token } from '../server.ts'

// Signed notes: whoever may write what others read could show them something else (T-92), speak as another, be taken for a
// step, silence what somebody disputes, or be brought where they were not said (T-21, T-90).

const [ann, bob, eve] = ['ann', 'bob', 'eve'].map((name) => party(name)) as [
  ReturnType<typeof party>,
  ReturnType<typeof party>,
  ReturnType<typeof party>,
]
let server: TestServer
let run: Run

beforeEach(async () => {
  server = await openTestServer({ tenants: ['acme', 'other'] })
  run = honestRun()
  const { github, codebuild, cloudbuild, azure } = run.who
  await server.enrol([github, codebuild, cloudbuild, azure, ann, bob])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
})
afterEach(() => server.close())

interface Shown {
  readonly id: string
  readonly supersededBy: string | null
  readonly signer: string | null
  readonly erased: object | null
  readonly note: object | null
}
const about = (more: Partial<Remark> = {}) => remarkAbout(run.build.link, more)
const post = (...given: Parameters<typeof signRemark>) => postRemark(server, signRemark(...given))
const listed = async (query = '', given = token('acme')) =>
  ((await (await server.request('GET', `/v1/notes${query}`, { token: given })).json()) as { items: Shown[] }).items

describe('a note', () => {
  test('is taken with a proof, told, and no step follows another way for it', async () => {
    const before = await (await server.request('GET', `/v1/chains/${run.chain.id}`)).text()
    const signed = signRemark(ann, about({ kind: 'dispute' }))
    const reply = await postRemark(server, signed)
    expect(reply.status).toBe(201)
    const told = (await reply.json()) as Shown
    const line = parseRemarkLine(canonicalJson(told.note as never))
    const [log] = server.deps.log.keys
    const trust = { signers: [{ name: 'ann', key: ann.publicKey, revokedAt: null }], countersigners: logKeys([log]) }
    expect(verifyRemark(line, { trust, at: null }, nodeCrypto)).toMatchObject({
      id: idOfRemark(signed),
      logged: { at: at(60), log: { name: 'test' } },
      unlogged: null,
    })
    // The same again is the same.
    const again = await postRemark(server, signed)
    expect([again.status, ((await again.json()) as Shown).id]).toEqual([200, told.id])
    for (const query of ['', `?about=step/${run.build.link}`, `?about=chain/${run.chain.id}`, '?open=1']) {
      expect((await listed(query)).map(({ id, signer }) => [id, signer])).toEqual([[told.id, 'ann']])
    }
    expect(await listed(`?about=step/${run.deploy.link}`)).toEqual([])
    // The chain is as it was, but where somebody asks for the notes.
    const chain = (query: string) =>
      server.request('GET', `/v1/chains/${run.chain.id}${query}`).then((r) => r.arrayBuffer())
    expect(parseChainFile(new Uint8Array(await chain(''))).length).toBe(parseChainFile(utf8(before)).length)
    expect(parseChainFile(new Uint8Array(await chain('?notes=1'))).filter(isRemark)).toHaveLength(1)
    const hidden = new Uint8Array(await chain(`?notes=1&withhold=${run.build.link}`))
    expect(parseChainFile(hidden).filter(isRemark)).toEqual([])
  })

  test('tells an event, and of a dispute another; neither says what it says', async () => {
    await post(ann, about({ text: 'a word that is nobody else’s' }))
    await post(ann, about({ kind: 'dispute', text: 'a word that is nobody else’s' }))
    const reply = await server.request('GET', '/v1/events?type=note.*&limit=100')
    const text = await reply.text()
    expect(text).not.toContain('nobody else')
    const { items } = JSON.parse(text) as { items: { type: string; data: object }[] }
    expect(items.map(({ type }) => type)).toEqual(['dev.countersign.note.added', 'dev.countersign.note.disputed'])
    expect(items[0]!.data).toMatchObject({ about: [{ kind: 'step', digest: run.build.link }], signer: 'ann' })
  })

  test('of a passkey is taken as of any key that is enrolled', async () => {
    await server.close()
    server = await openTestServer({ publicUrl: ORIGIN })
    const me = await signIn(server, 'approver')
    const own = localPasskey()
    expect((await enrolPasskey(me, own)).status).toBe(201)
    await server.enrol([run.who.github])
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    for (const { bundle } of run.steps.slice(0, 1)) expect((await server.append(bundle)).status).toBe(201)
    const signed = signRemark(own, remarkAbout(run.steps[0]!.link))
    const reply = await me.request('POST', '/v1/notes', { body: Buffer.from(writeRemarkLine(signed)).toString() })
    expect(reply.status).toBe(201)
    // Red control: the same by an authenticator that nobody enrolled.
    const other = signRemark(withPasskey(eve, 'localhost', ORIGIN), remarkAbout(run.steps[0]!.link))
    expect(await codeOf(postRemark(server, other))).toBe('signer-unknown')
  })
})

describe('T-92: what a note says', () => {
  const HOSTILE = ['a\u001b[2Jb', 'a\u202eb', 'a\u2066b', 'a\nb', 'a\u0000b', 'a\u009bb', '\ufeffa', 'a\u2028b']

  test.each(HOSTILE)('with %j is signed, and still not taken', async (text) => {
    // Written by nobody's tools: its author makes the bytes himself.
    const good = Buffer.from(writeRemark(about({ text: 'PLACE' }))).toString()
    const payload = new Uint8Array(Buffer.from(good.replace('"PLACE"', JSON.stringify(text))))
    expect(await codeOf(postRemark(server, sealRemark(ann, payload)))).toMatch(/^remark-invalid$|^json-/)
    // Red control: it is JSON, and reaches whoever reads it so.
    expect(hasControl((parseJson(payload) as { predicate: { text: string } }).predicate.text)).toBe(true)
  })

  test('as markup is text, and comes as JSON alone', async () => {
    const text = '<img src=x onerror=alert(1)><script>alert(1)</script>'
    expect((await post(ann, about({ text }))).status).toBe(201)
    const reply = await server.request('GET', '/v1/notes')
    expect(reply.headers.get('content-type')).toBe('application/json')
    const [one] = ((await reply.json()) as { items: Shown[] }).items
    expect(parseRemark(parseRemarkLine(canonicalJson(one!.note as never)).payload).text).toBe(text)
  })

  test('is bounded', async () => {
    expect((await post(ann, about({ text: 'x'.repeat(4096) }))).status).toBe(201)
    const good = Buffer.from(writeRemark(about({ text: 'PLACE' }))).toString()
    const long = (length: number) => new Uint8Array(Buffer.from(good.replace('PLACE', 'x'.repeat(length))))
    expect(await codeOf(postRemark(server, sealRemark(ann, long(4097))))).toBe('remark-invalid')
    const body = new Uint8Array(300 * 1024).fill(0x20)
    expect(await codeOf(server.request('POST', '/v1/notes', { body }))).toBe('input-too-large')
  })
})

describe('who speaks', () => {
  test('is enrolled here, and signed it', async () => {
    expect(await codeOf(post(eve, about()))).toBe('signer-unknown')
    const signed = signRemark(ann, about())
    const changed = { ...signed, payload: writeRemark(about({ text: 'something else' })) }
    expect(await codeOf(postRemark(server, changed))).toBe('signature-invalid')
    const two = { ...signed, endorsements: [...signed.endorsements, ...signRemark(bob, about()).endorsements] }
    const line = Buffer.from(writeRemarkLine(signed)).toString()
    const sig = Buffer.from(two.endorsements[1]!.signature).toString('base64')
    const both = line.replace('"signatures":[', `"signatures":[{"keyid":"${bob.publicKey.keyId}","sig":"${sig}"},`)
    expect(await codeOf(server.request('POST', '/v1/notes', { body: both }))).toBe('signature-count')
    // Red control.
    expect((await postRemark(server, signed)).status).toBe(201)
  })

  test('may: a token that looks may not, one that notes may, and resolves nothing', async () => {
    const signed = signRemark(ann, about({ kind: 'dispute' }))
    expect(await codeOf(postRemark(server, signed, token('acme', 'read')))).toBe('token-scope')
    expect((await postRemark(server, signed, token('acme', 'append'))).status).toBe(201)
    const resolution = signRemark(bob, about({ kind: 'resolution', supersedes: idOfRemark(signed) }))
    expect(await codeOf(postRemark(server, resolution, token('acme', 'append')))).toBe('token-scope')
    expect((await postRemark(server, resolution)).status).toBe(201)
  })

  test.each(['viewer', 'auditor', 'approver', 'maintainer', 'admin'] as const)('as a %s', async (role) => {
    const me = await signIn(server, role)
    const body = Buffer.from(writeRemarkLine(signRemark(ann, about()))).toString()
    expect((await me.request('POST', '/v1/notes', { body })).status).toBe(role === 'viewer' ? 403 : 201)
  })
})

describe('T-42: what pretends to be something else', () => {
  test('a step is no note, and a note no step', async () => {
    expect(await codeOf(postRemark(server, sealRemark(ann, run.build.bundle.envelope.payload)))).toBe('predicate-type')
    const note = writeRemark(about())
    expect(await codeOf(server.append(seal(ann, note)))).toBe('predicate-type')
    // Nor does it open a gate as an approval would: it is not in the chain.
    expect((await server.chain(run.chain.id)).length).toBe(run.steps.length)
    // Red control: both are signed over one type of payload; only what is read tells them apart.
    const link = linkDigest({ payloadType: PAYLOAD_TYPE, payload: note }, nodeCrypto)
    expect(idOfRemark(sealRemark(ann, note))).toBe(link)
  })

  test('a bundle is no note, whatever it holds', async () => {
    const body = writeBundle(seal(ann, writeRemark(about())))
    expect(await codeOf(server.request('POST', '/v1/notes', { body }))).toBe('envelope-invalid')
  })
})

describe('T-21, T-90: a note is said in one place, of what is there', () => {
  test('another tenant, another server and files alone are elsewhere', async () => {
    for (const place of ['//test/other', '//elsewhere/acme', '//test/acme/', null]) {
      expect([place, await codeOf(post(ann, about({ place })))]).toEqual([place, 'remark-elsewhere'])
    }
    // The same step and the same author at another tenant: what was said here is not brought there.
    await server.enrol([run.who.github, ann], 'other')
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes, token: token('other') })
    const [first] = run.steps
    expect((await server.append(first!.bundle, { tenant: 'other' })).status).toBe(201)
    const signed = signRemark(ann, remarkAbout(first!.link))
    expect((await postRemark(server, signed)).status).toBe(201)
    expect(await codeOf(postRemark(server, signed, token('other')))).toBe('remark-elsewhere')
    expect(await listed('', token('other'))).toEqual([])
    // Red control: what names the place is all that stands in its way.
    const there = signRemark(ann, remarkAbout(first!.link, { place: '//test/other' }))
    expect((await postRemark(server, there, token('other'))).status).toBe(201)
  })

  test("of another tenant's step nothing is told: it is as if it had never been", async () => {
    await server.enrol([ann], 'other')
    const ask = async (link: string) => {
      const signed = signRemark(ann, remarkAbout(link, { place: '//test/other' }))
      const reply = await postRemark(server, signed, token('other'))
      const text = (await reply.text()).replace(/"requestId":"[^"]*"/, '').replaceAll(link.slice(0, 12), '<id>')
      return [reply.status, text]
    }
    const theirs = await ask(run.build.link)
    expect(theirs[0]).toBe(404)
    expect(theirs).toEqual(await ask(sha256('never a step')))
    // Red control: who has it may speak of it.
    expect((await post(ann, about())).status).toBe(201)
  })

  test('of an artifact and of what was refused, where they are known', async () => {
    await server.request('POST', '/v1/attestations', { body: 'noise' })
    const artifact = { kind: 'artifact' as const, digest: run.app.digest.sha256 }
    const refusal = { kind: 'refusal' as const, digest: sha256('noise') }
    expect((await post(ann, remarkAbout([artifact]))).status).toBe(201)
    expect((await post(ann, remarkAbout([refusal, artifact]))).status).toBe(201)
    expect(await listed(`?about=refusal/${refusal.digest}`)).toHaveLength(1)
    expect(await listed(`?about=chain/${run.chain.id}`)).toHaveLength(2)
    for (const kind of ['artifact', 'refusal'] as const) {
      expect(await codeOf(post(ann, remarkAbout([{ kind, digest: sha256('never') }])))).toBe('not-found')
    }
  })

  test('not from a time to come', async () => {
    expect(await codeOf(post(ann, about({ at: at(60 + 6) })))).toBe('time-future')
    expect((await post(ann, about({ at: at(60 + 4) }))).status).toBe(201)
  })
})

describe('what somebody disputes', () => {
  let dispute: ReturnType<typeof signRemark>
  beforeEach(async () => {
    dispute = signRemark(ann, about({ kind: 'dispute' }))
    expect((await postRemark(server, dispute)).status).toBe(201)
  })
  const later = (kind: Remark['kind'], supersedes = idOfRemark(dispute)) => about({ kind, supersedes })

  test.each([
    ['withdrawn by somebody else', 'bob', 'withdrawal'],
    ['restated by somebody else', 'bob', 'dispute'],
    ['resolved by who disputes', 'ann', 'resolution'],
    ['resolved by who signed the step', 'own', 'resolution'],
    ['made a note of by its author', 'ann', 'note'],
  ] as const)('is not %s', async (_, name, kind) => {
    const by = { ann, bob, own: run.who.codebuild }[name]
    expect(run.build.bundle.key).toMatchObject({ hint: run.who.codebuild.publicKey.keyId })
    expect(await codeOf(post(by, later(kind)))).toBe('remark-supersedes')
    expect(await listed('?open=1')).toHaveLength(1)
    // Red control: the same words by who may.
    const may = kind === 'resolution' ? bob : ann
    expect((await post(may, later(kind === 'note' ? 'dispute' : kind))).status).toBe(201)
  })

  test('is resolved once, stays to be read, and is open again when that is taken back', async () => {
    const resolution = signRemark(bob, later('resolution'))
    expect((await postRemark(server, resolution)).status).toBe(201)
    expect(await listed('?open=1')).toEqual([])
    const [, first] = await listed()
    expect(first).toMatchObject({ id: idOfRemark(dispute), supersededBy: idOfRemark(resolution) })
    expect(await codeOf(post(ann, later('withdrawal')))).toBe('remark-supersedes')
    expect((await post(bob, later('withdrawal', idOfRemark(resolution)))).status).toBe(201)
    expect((await listed('?open=1')).map(({ id }) => id)).toEqual([idOfRemark(dispute)])
  })

  test('does not close the gate, nor open it', async () => {
    const body = JSON.stringify({ artifact: run.app.digest.sha256, pipeline: 'shop/web' })
    const reply = await server.request('POST', '/v1/gate', { body })
    expect(await reply.json()).toMatchObject({ decision: 'allow' })
  })
})

describe('T-102: what is erased', () => {
  const SECRET = 'Jane Doe of Elm Street 7'

  test('is in no answer and in no file, and that there was something stays', async () => {
    const signed = signRemark(ann, about({ kind: 'dispute', text: SECRET }))
    expect((await postRemark(server, signed)).status).toBe(201)
    const path = `/v1/notes/${idOfRemark(signed)}/erase`
    const body = JSON.stringify({ ground: 'GDPR Art. 17' })
    expect(await codeOf(server.request('POST', path, { body, token: token('acme', 'append') }))).toBe('token-scope')
    expect((await server.request('POST', path, { body })).status).toBe(200)
    const [left] = await listed()
    expect(left).toMatchObject({ id: idOfRemark(signed), note: null, signer: null, erased: { ground: 'GDPR Art. 17' } })
    expect((await server.request('POST', path, { body })).status).toBe(200)
    expect(await codeOf(postRemark(server, signed))).toBe('erased')
    const events = await (await server.request('GET', '/v1/events?type=note.*&limit=100')).text()
    expect(events).not.toContain('"ann"')
    const chain = await (await server.request('GET', `/v1/chains/${run.chain.id}?notes=1`)).text()
    const encoded = Buffer.from(signed.payload).toString('base64')
    const files = [server.file, `${server.file}-wal`].map((file) => readFileSync(file).toString('latin1')).join('')
    for (const text of [chain, files]) for (const one of [SECRET, encoded]) expect(text).not.toContain(one)
    // It is in the audit log, by whom and why.
    const audit = await (await server.request('GET', '/v1/audit')).text()
    expect(audit).toContain('note.erased')
    // Red control: what is not erased is there, and sealed in the file.
    expect((await post(ann, about({ text: 'kept' }))).status).toBe(201)
    expect((await listed()).filter(({ note }) => note !== null)).toHaveLength(1)
  })
})
