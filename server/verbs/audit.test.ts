import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseLoggedAct, writeLoggedAct } from '@countersign/formats'
import { checkAudit, logKeys, type VerifiedAct, verifyLoggedAct } from '@countersign/verify'
import { newPerson, signIn } from '../../test/people.ts'
import { openTestServer, type TestServer, token } from '../../test/server.ts'

interface Item {
  readonly digest: string
  readonly act: string
  readonly about: string
  readonly by: { readonly kind: string; readonly id: string; readonly name: string | null }
  readonly detail: object
  readonly signed: boolean
}

let server: TestServer
beforeEach(async () => {
  server = await openTestServer({ tenants: ['acme', 'other'] })
})
afterEach(() => server.close())

const listed = async (tenant = 'acme', query = '') =>
  ((await (await server.request('GET', `/v1/audit${query}`, { token: token(tenant) })).json()) as { items: Item[] })
    .items
const shown = async (digest: string) => {
  const reply = await server.request('GET', `/v1/audit/${digest}`)
  expect(reply.status).toBe(200)
  return new Uint8Array(await reply.arrayBuffer())
}
const trust = () => ({ signers: [], countersigners: logKeys(server.deps.log.keys) })
const verified = async (): Promise<VerifiedAct[]> => {
  const acts: VerifiedAct[] = []
  for (const { digest } of (await listed()).toReversed())
    acts.push(verifyLoggedAct(parseLoggedAct(await shown(digest)), trust(), nodeCrypto))
  return acts
}

describe('the audit log', () => {
  it('tells who did what to what, oldest and newest, of one tenant, all of it in the log', async () => {
    const ada = await signIn(server, 'admin')
    const post = (path: string, body: object) => ada.request('POST', path, { body: JSON.stringify(body) })
    const made = (await (await post('/v1/tokens', { scopes: ['read'], lifetime: 60 })).json()) as { id: string }
    expect((await ada.request('DELETE', `/v1/tokens/${made.id}`)).status).toBe(204)
    expect((await ada.request('DELETE', `/v1/tokens/${made.id}`)).status).toBe(404)
    const rule = { id: 'main', system: 'jenkins', issuer: 'https://ci.acme.example/oidc' }
    expect((await post('/v1/issuers', rule)).status).toBe(201)
    expect((await post('/v1/issuers', rule)).status).toBe(201)
    expect((await ada.request('DELETE', '/v1/issuers/main')).status).toBe(204)
    expect((await post('/v1/invitations', { name: 'build', lifetime: 60, uses: 1 })).status).toBe(201)
    await newPerson(server, 'viewer', 'other')
    const items = await listed()
    // What changed nothing is not told, and what was refused did not happen.
    expect(items.map(({ act }) => act)).toEqual([
      'invitation.made',
      'issuer.removed',
      'issuer.added',
      'token.revoked',
      'token.made',
      'session.begun',
      'person.added',
    ])
    const by = { kind: 'person', id: ada.id, name: ada.name }
    expect(items[4]).toMatchObject({ about: made.id, by, detail: { scopes: ['read'] }, signed: true })
    expect(items[5]).toMatchObject({ about: ada.id, by, detail: { by: 'link' } })
    expect(items[6]!.by).toEqual({ kind: 'token', id: 'acmeall', name: null })
    expect((await listed('acme', `?about=${made.id}`)).map(({ act }) => act)).toEqual(['token.revoked', 'token.made'])
    expect(await listed('other')).toHaveLength(1)
    const acts = await verified()
    expect(() => checkAudit(acts)).not.toThrow()
    for (const without of [1, 2, 4]) {
      expect(() => checkAudit(acts.filter((_, i) => i !== without))).toThrow(
        expect.objectContaining({ code: 'audit-broken' }),
      )
    }
    expect(() => checkAudit(acts.slice(1))).toThrow(expect.objectContaining({ code: 'audit-broken' }))
    expect(() => checkAudit([...acts.slice(0, 2), acts[3]!, acts[2]!])).toThrow('audit-broken')
  })

  it('is not to be changed by whoever holds the database', async () => {
    await newPerson(server, 'viewer')
    await newPerson(server, 'admin')
    await newPerson(server, 'viewer')
    const [, second] = await listed()
    const honest = parseLoggedAct(await shown(second!.digest))
    expect(verifyLoggedAct(honest, trust(), nodeCrypto).act.act).toBe('person.added')
    // Another role in the words of the very same act.
    const text = new TextDecoder().decode(honest.payload).replace('"role":"admin"', '"role":"viewer"')
    const payload = new TextEncoder().encode(text)
    expect(() => verifyLoggedAct(parseLoggedAct(writeLoggedAct({ ...honest, payload })), trust(), nodeCrypto)).toThrow(
      expect.objectContaining({ code: 'receipt-invalid' }),
    )
    // Taken out of the table, as if it had never been.
    const db = new Database(server.file)
    expect(
      db.prepare("DELETE FROM acts WHERE kind = 'administration' AND digest = ?").run(second!.digest).changes,
    ).toBe(1)
    db.close()
    const left = await verified()
    expect(left).toHaveLength(2)
    expect(() => checkAudit(left)).toThrow(expect.objectContaining({ code: 'audit-broken' }))
  })

  it('is written with the act or not at all', async () => {
    const { id } = await newPerson(server, 'viewer')
    const before = [await listed(), server.deps.log.size]
    // A name that is taken undoes all of it.
    const again = await server.request('POST', '/v1/people', {
      body: JSON.stringify({ name: (await listed())[0]!.detail['name' as keyof object], role: 'admin' }),
    })
    expect(again.status).toBe(400)
    const role = () => server.request('POST', `/v1/people/${id}/role`, { body: JSON.stringify({ role: 'viewer' }) })
    // As it was before: nothing to tell.
    expect((await role()).status).toBe(200)
    expect([await listed(), server.deps.log.size]).toEqual(before)
  })
})
