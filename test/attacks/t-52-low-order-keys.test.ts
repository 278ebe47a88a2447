import { ed25519 } from '@noble/curves/ed25519.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Code, fromHex, utf8 } from '@countersign/core'
import { enrolmentMessage } from '@countersign/formats'
import { at, party, possession, sha256 } from '../pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../server.ts'
import { vectors } from '../vectors/read.ts'

// T-52: an Ed25519 key of small order, under which a signature verifies that nobody made; and its relatives: points that
// are encoded in two ways, or lie on no curve. No door lets one in. What is tried are the vectors of keys.

interface Vector {
  readonly text?: string
  readonly spki?: string
  readonly error?: Code
}

let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
})
afterAll(() => server.close())

const post = (path: string, body: object, more: { token?: null } = {}) =>
  server.request('POST', path, { body: JSON.stringify(body), ...more })
const bad = vectors<Vector>('key').filter(([, { error }]) => error !== undefined)
const textOf = ({ text, spki }: Vector) => text ?? Buffer.from(spki!, 'hex').toString('base64')
/** R the neutral point, s zero: nobody needs a secret for it. */
const TRIVIAL = Buffer.from(`01${'00'.repeat(63)}`, 'hex')

describe('T-52: a key that is none', () => {
  test('there are some of each kind', () => {
    const names = bad.map(([name]) => name)
    for (const kind of ['small-order', 'y-not-reduced', 'off-the-curve', 'compressed', 'rsa']) {
      expect([kind, names.some((name) => name.includes(kind))]).toEqual([kind, true])
    }
  })

  test.each(bad)('%s is enrolled through no door', async (_, vector) => {
    const { publicKey } = party('good')
    await server.store.enrolKey('acme', { name: 'good', key: publicKey, enrolledAt: at(0), by: 'x', proven: false })
    const made = await post('/v1/invitations', { name: 'evil', lifetime: 3600, uses: 1 })
    const { code } = (await made.json()) as { code: string }
    const key = textOf(vector)
    const proof = TRIVIAL.toString('base64')
    const before = (await server.store.keys('acme')).length
    // One that is longer than any is not even read.
    const refused = key.length > 16_384 ? 'input-too-large' : 'key-invalid'
    expect(await codeOf(post('/v1/keys', { name: 'evil', publicKey: key }))).toBe(refused)
    expect(await codeOf(post('/v1/keys', { name: 'evil', publicKey: key, proof }))).toBe(refused)
    expect(await codeOf(post(`/v1/keys/${publicKey.keyId}/rotate`, { publicKey: key, overlap: 0 }))).toBe(refused)
    expect(await codeOf(post('/v1/enrolments', { code, publicKey: key, proof }, { token: null }))).toBe(refused)
    expect(await server.store.keys('acme')).toHaveLength(before)
  })

  test('positive control: a good one is, through each of them', async () => {
    const parties = [party('a', 'ed25519'), party('b'), party('c', 'ed25519')]
    const [a, b, c] = parties.map(({ publicKey }) => Buffer.from(publicKey.spki).toString('base64'))
    expect((await post('/v1/keys', { name: 'a', publicKey: a, proof: possession(parties[0]!, null) })).status).toBe(201)
    const rotate = `/v1/keys/${parties[0]!.publicKey.keyId}/rotate`
    expect((await post(rotate, { publicKey: b, overlap: 0 })).status).toBe(201)
    const made = await post('/v1/invitations', { name: 'c', lifetime: 3600, uses: 1 })
    const { id, code } = (await made.json()) as { id: string; code: string }
    const enrolment = { code, publicKey: c, proof: possession(parties[2]!, id) }
    expect((await post('/v1/enrolments', enrolment, { token: null })).status).toBe(201)
  })

  test('red control: under a key of small order anything is signed, where nobody looks at the key', () => {
    // Verification with cofactor, as ZIP 215 has it and some libraries do by default.
    for (const y of [`01${'00'.repeat(31)}`, '00'.repeat(32), `ec${'ff'.repeat(30)}7f`]) {
      for (const message of [enrolmentMessage(null, sha256('any')), utf8('anything')]) {
        expect(ed25519.verify(TRIVIAL, message, fromHex(y))).toBe(true)
      }
    }
  })
})
