import { enrolmentMessage, passkeyEnrolmentMessage } from '@countersign/formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Browser, enrolPasskey, localPasskey, ORIGIN, signIn } from '../people.ts'
import {
  assertionOf,
  FLAGS_GOOD,
  keyText,
  newChainId,
  type Party,
  party,
  signatureOf,
  signStep,
  source,
  withPasskey,
} from '../pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../server.ts'

// T-95: somebody who may sign in, and is no administrator, gets a key to sign with: their own, for what a contract lets
// them sign, and nothing else.

let server: TestServer
beforeAll(async () => {
  server = await openTestServer({ tenants: ['acme', 'thief'], publicUrl: ORIGIN })
})
afterAll(() => server.close())

const namesOf = async () => {
  const { items } = (await (await server.request('GET', '/v1/keys')).json()) as {
    items: { keyId: string; name: string }[]
  }
  return new Map(items.map(({ keyId, name }) => [keyId, name]))
}
const enrolled = async (me: Browser, own: Party, more: Parameters<typeof enrolPasskey>[2] = {}) =>
  codeOf(enrolPasskey(me, own, more))

/** A contract under which some may sign its one step. */
async function contractOf(pipeline: string, ...signers: readonly Party[]): Promise<string> {
  const body = [
    'contract: v1',
    `pipeline: ${pipeline}`,
    'revision: 1',
    'signers:',
    ...signers.map((one) => `  ${one.name}: ${keyText(one)}`),
    'steps:',
    '  approve:',
    `    signers: [${signers.map(({ name }) => name).join(', ')}]`,
    'final: approve',
  ].join('\n')
  const reply = await server.request('PUT', `/v1/contracts/${pipeline}`, { body })
  if (!reply.ok) throw new Error(await reply.text())
  return ((await reply.json()) as { digest: string }).digest
}
const step = (by: Party, pipeline: string, contract: string | null) =>
  signStep(by, {
    chain: { id: newChainId(), pipeline, contract },
    name: 'approve',
    subject: [source(newChainId())],
  })

describe('T-95: a passkey of one’s own', () => {
  test('signs what a contract lets it sign, and is told of in the log', async () => {
    const me = await signIn(server, 'approver')
    const own = localPasskey()
    expect((await enrolPasskey(me, own)).status).toBe(201)
    expect((await namesOf()).get(own.publicKey.keyId)).toMatch(/^passkey\/person-\d+-[0-9a-f]{8}$/)
    const contract = await contractOf('mine/one', own)
    expect((await server.append(step(own, 'mine/one', contract).bundle)).status).toBe(201)
    const { items } = (await (await server.request('GET', `/v1/audit?about=${own.publicKey.keyId}`)).json()) as {
      items: { act: string; by: object; detail: object }[]
    }
    expect(items).toMatchObject([
      { act: 'passkey.enrolled', by: { kind: 'person', id: me.id }, detail: { person: me.id, passkey: keyText(own) } },
    ])
  })

  test('signs nothing where no contract says so: nobody lets themselves in', async () => {
    const me = await signIn(server, 'approver')
    const own = localPasskey()
    await enrolPasskey(me, own)
    const stranger = party('stranger')
    await server.enrol([stranger])
    expect(await codeOf(server.append(step(own, 'free/one', null).bundle))).toBe('signer-not-allowed')
    const contract = await contractOf('free/two', stranger)
    expect(await codeOf(server.append(step(own, 'free/two', contract).bundle))).toBe('signer-not-allowed')
    // Red control: whom an administrator enrolled signs where there is no contract.
    expect((await server.append(step(stranger, 'free/one', null).bundle)).status).toBe(201)
  })

  test('is nobody’s who may only look, and no token’s', async () => {
    expect(await enrolled(await signIn(server, 'viewer'), localPasskey())).toBe('token-scope')
    const own = localPasskey()
    const body = JSON.stringify({ passkey: keyText(own), credential: 'AQID', proof: 'AA==' })
    expect(await codeOf(server.request('POST', '/v1/me/passkeys', { body }))).toBe('request-invalid')
    expect((await namesOf()).has(own.publicKey.keyId)).toBe(false)
    // An auditor's signs notes: what else it signs a contract says, by its key.
    for (const role of ['auditor', 'approver', 'maintainer', 'admin'] as const)
      expect((await enrolPasskey(await signIn(server, role), localPasskey())).status).toBe(201)
  })

  test('is enrolled by whoever holds it, as whoever he is', async () => {
    const [ada, eve] = [await signIn(server, 'approver'), await signIn(server, 'approver')]
    const own = localPasskey()
    const message = passkeyEnrolmentMessage(ada.id, own.publicKey.keyId)
    const bare: Party = { ...own, publicKey: own.publicKey.passkey!.key }
    const bad: Record<string, Uint8Array> = {
      'of another': signatureOf(localPasskey(), message),
      'of the key within': signatureOf(bare, message),
      'for an administrator': signatureOf(own, enrolmentMessage(null, own.publicKey.keyId)),
      'for another passkey': signatureOf(own, passkeyEnrolmentMessage(ada.id, localPasskey().publicKey.keyId)),
      'with nobody verified': assertionOf(own, message, { flags: FLAGS_GOOD & ~0x04 }),
      'of another page': assertionOf(own, message, { client: { origin: 'http://localhost:81' } }),
      'of its making': assertionOf(own, message, { client: { type: 'webauthn.create' } }),
      nothing: new Uint8Array(),
    }
    for (const [what, proof] of Object.entries(bad))
      expect([what, await enrolled(ada, own, { proof })]).toEqual([what, 'signature-invalid'])
    // What Ada's authenticator gave for Ada, Eve shows as hers.
    expect(await enrolled(eve, own, { proof: signatureOf(own, message) })).toBe('signature-invalid')
    expect((await namesOf()).has(own.publicKey.keyId)).toBe(false)
    expect((await enrolPasskey(ada, own)).status).toBe(201)
    // The same again is the same; and nobody else's any more.
    expect((await enrolPasskey(ada, own)).status).toBe(201)
    expect(await enrolled(eve, own)).toBe('request-invalid')
  })

  test('is of the pages of this server, or of none', async () => {
    const me = await signIn(server, 'approver')
    const moved = [
      withPasskey(party('a'), 'localhost', `${ORIGIN}:81`),
      withPasskey(party('b'), 'localhost', 'https://localhost'),
      withPasskey(party('c'), 'x.localhost', 'http://x.localhost'),
      withPasskey(party('d'), 'evil.example', 'https://evil.example'),
    ]
    for (const one of moved) expect(await enrolled(me, one)).toBe('key-invalid')
    // Whatever a request says of itself: the server knows where it is.
    const [, other] = [moved[0], moved[3]!]
    const message = passkeyEnrolmentMessage(me.id, other.publicKey.keyId)
    const body = JSON.stringify({
      passkey: keyText(other),
      credential: 'AQID',
      proof: Buffer.from(signatureOf(other, message)).toString('base64'),
    })
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' }
    expect(await codeOf(me.request('POST', '/v1/me/passkeys', { body, headers }))).toBe('key-invalid')
    const not = JSON.stringify({ passkey: 'passkey:x', credential: 'AQID', proof: 'AA==' })
    expect(await codeOf(me.request('POST', '/v1/me/passkeys', { body: not }))).toBe('key-invalid')
    const plain = Buffer.from(party('p').publicKey.spki).toString('base64')
    const key = JSON.stringify({ passkey: plain, credential: 'AQID', proof: 'AA==' })
    expect(await codeOf(me.request('POST', '/v1/me/passkeys', { body: key }))).toBe('key-invalid')
  })

  test('is revoked by whose it is, at once and for good, and by nobody else', async () => {
    const [ada, eve] = [await signIn(server, 'approver'), await signIn(server, 'approver')]
    const own = localPasskey('gone')
    await enrolPasskey(ada, own)
    const contract = await contractOf('gone/one', own)
    expect((await server.append(step(own, 'gone/one', contract).bundle)).status).toBe(201)
    const path = `/v1/me/passkeys/${own.publicKey.keyId}/revoke`
    expect(await codeOf(eve.request('POST', path))).toBe('not-found')
    expect(await codeOf(ada.request('POST', path.replace(own.publicKey.keyId, 'f'.repeat(64))))).toBe('not-found')
    expect((await server.append(step(own, 'gone/one', contract).bundle)).status).toBe(201)
    // A key of the tenant that is nobody's passkey is none of hers.
    const plain = party('plain')
    await server.enrol([plain])
    expect(await codeOf(ada.request('POST', `/v1/me/passkeys/${plain.publicKey.keyId}/revoke`))).toBe('not-found')
    const revoked = await ada.request('POST', path, { body: JSON.stringify({ reason: 'compromised' }) })
    expect(await revoked.json()).toMatchObject({ items: [{ state: 'revoked', reason: 'compromised', steps: 2 }] })
    expect(await codeOf(server.append(step(own, 'gone/one', contract).bundle))).toBe('signer-revoked')
    expect(await enrolled(ada, own)).toBe('signer-revoked')
  })

  test('signs no more once its person is removed, and does not come back with them', async () => {
    const admin = await signIn(server, 'admin')
    const ada = await signIn(server, 'approver')
    const own = localPasskey('left')
    await enrolPasskey(ada, own)
    const contract = await contractOf('left/one', own)
    expect((await server.append(step(own, 'left/one', contract).bundle)).status).toBe(201)
    expect((await admin.request('DELETE', `/v1/people/${ada.id}`)).status).toBe(204)
    expect(await codeOf(server.append(step(own, 'left/one', contract).bundle))).toBe('signer-revoked')
    expect((await admin.request('POST', `/v1/people/${ada.id}/restore`)).status).toBe(200)
    expect(await codeOf(server.append(step(own, 'left/one', contract).bundle))).toBe('signer-revoked')
  })

  test('has its bounds', async () => {
    const me = await signIn(server, 'approver')
    const credentials = ['', '=', 'A', 'AA==', 'a'.repeat(1_400)]
    for (const credential of credentials) {
      const code = await enrolled(me, localPasskey(), { credential })
      expect([credential.slice(0, 5), ['request-invalid', 'base64-invalid'].includes(code)]).toEqual([
        credential.slice(0, 5),
        true,
      ])
    }
    for (let i = 0; i < 20; i++) expect((await enrolPasskey(me, localPasskey())).status).toBe(201)
    expect(await enrolled(me, localPasskey())).toBe('request-invalid')
    const { items } = (await (await me.request('GET', '/v1/me/passkeys')).json()) as { items: { keyId: string }[] }
    expect(items.length).toBe(20)
    await me.request('POST', `/v1/me/passkeys/${items[0]!.keyId}/revoke`)
    expect((await enrolPasskey(me, localPasskey())).status).toBe(201)
  })

  test('of one tenant is none of another (T-90)', async () => {
    const [ada, eve] = [await signIn(server, 'approver'), await signIn(server, 'approver', 'thief')]
    const own = localPasskey()
    await enrolPasskey(ada, own)
    expect(await codeOf(eve.request('POST', `/v1/me/passkeys/${own.publicKey.keyId}/revoke`))).toBe('not-found')
    const bundle = step(own, 'free/one', null).bundle
    expect(await codeOf(server.append(bundle, { tenant: 'thief' }))).toBe('signer-unknown')
    const { items } = (await (await server.request('GET', '/v1/keys', { token: token('thief') })).json()) as {
      items: object[]
    }
    expect(items).toEqual([])
  })
})
