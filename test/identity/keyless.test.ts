import { inspect } from 'node:util'
import { verify } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { identityTokens } from '@countersign/adapters/identity-detect'
import { type Certified, type KeyAuthority, Keyless } from '@countersign/adapters/signer-keyless'
import { type Code, CodedError, utf8 } from '@countersign/core'
import type { Identity } from '@countersign/formats/identity'
import { type IdentityTokens, signStatement } from '@countersign/sign'
import { verifyCertificate } from '@countersign/verify/identity'
import { seededKey } from '../anchors/certificates.ts'
import { type IssueOptions, ISSUED, LocalAuthority, MINUTE, RUN } from './local-ca.ts'
import { canary, unsignedToken } from './token-endpoints.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const AUDIENCE = 'countersign:test'
const CA = new LocalAuthority({ name: 'ours', seed: 'keyless signer' })

let now: number
let shown: string[]
/** What is bent in the next certificates. */
let issue: IssueOptions & { readonly identity?: Identity }
let refuse: ((token: string) => Code | null) | null
let access: Certified['access']

beforeEach(() => {
  now = ISSUED
  shown = []
  issue = {}
  refuse = null
  access = null
})

/** Certifies whoever proves that the key is his, as Fulcio does. */
const authority: KeyAuthority = {
  certify({ token, key }) {
    shown.push(token)
    const code = refuse?.(token) ?? null
    if (code !== null) return Promise.reject(new CodedError(code, 'refused'))
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string }
    const spki = { key: Buffer.from(key.publicKey.spki), format: 'der', type: 'spki' } as const
    if (!verify('sha256', utf8(sub), spki, key.proof)) throw new Error('no proof of possession')
    const asked = { ...seededKey('not ours'), spki: key.publicKey.spki }
    const { chain } = CA.issue({ notBefore: now, key: asked, ...issue })
    return Promise.resolve({ certificates: chain, access })
  },
}

const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'a', digest: { sha256: '0'.repeat(64) } }],
  predicateType: 'https://example.com/note/v1',
  predicate: 'note',
}
let serial = 0
const renewable: IdentityTokens = {
  system: 'github-actions',
  audience: null,
  renewable: true,
  token: (aud) => Promise.resolve(unsignedToken({ aud, sub: 'repo:acme/shop', jti: String(++serial) })),
}
const open = (tokens: IdentityTokens = renewable) =>
  Keyless.open({ tokens, audience: AUDIENCE, authority, now: () => now })
const payload = () => utf8(JSON.stringify(STATEMENT))

describe('a key that was certified for a token', () => {
  test('signs what verifies under its certificate, at that time', async () => {
    const keyless = await open()
    const signer = await keyless.signer()
    const bundle = await signStatement(payload(), signer, nodeCrypto)
    expect(bundle.key).toMatchObject({ kind: 'certificate' })
    const chain = bundle.key.kind === 'certificate' ? bundle.key.chain : []
    const verified = verifyCertificate({ chain, authorities: [CA.trusted], at: now, crypto: nodeCrypto })
    expect(verified).toMatchObject({ grade: 'A', identity: RUN, publicKey: { keyId: signer.publicKey.keyId } })
    expect(shown).toHaveLength(1)
    expect(inspect(keyless, { depth: 10, showHidden: true })).not.toMatch(/PRIVATE|"d"/)
  })

  test('is another in each run, and after its certificate had ended', async () => {
    const keyless = await open()
    const first = await keyless.signer()
    now += 8 * MINUTE
    expect(await keyless.signer()).toBe(first)
    now += MINUTE + 1000
    const second = await keyless.signer()
    expect(second.publicKey.keyId).not.toBe(first.publicKey.keyId)
    expect(new Set(shown).size).toBe(2)
    expect((await open()).last.publicKey.keyId).not.toBe(second.publicKey.keyId)
  })

  test('brings access to the server, anew when it ends', async () => {
    expect(await (await open()).accessToken()).toBeNull()
    access = { token: 'first', expiresAt: now + 5 * MINUTE }
    const keyless = await open()
    expect(await keyless.accessToken()).toBe('first')
    access = { token: 'second', expiresAt: now + 15 * MINUTE }
    now += 5 * MINUTE
    expect(await keyless.accessToken()).toBe('second')
  })
})

describe('an authority is not believed', () => {
  test.each<[string, () => void, Code]>([
    ['that certifies another key', () => (issue = { key: seededKey('another') }), 'certificate-invalid'],
    ['that says nobody', () => (issue = { unlogged: (tbs) => tbs.slice(0, -1) }), 'certificate-invalid'],
    ['whose certificate has ended', () => (issue = { notBefore: now - 10 * MINUTE }), 'certificate-expired'],
    ['whose certificate ends at once', () => (issue = { life: 30_000 }), 'certificate-expired'],
    ['whose certificate is of later', () => (issue = { notBefore: now + 5 * MINUTE }), 'certificate-expired'],
    ['that refuses', () => (refuse = () => 'issuer-unknown'), 'issuer-unknown'],
  ])('%s', async (_, bend, code) => {
    // The same, straight.
    await expect(open()).resolves.toBeInstanceOf(Keyless)
    bend()
    await expect(open()).rejects.toThrow(coded(code))
  })

  test('that names another run in the middle of a step', async () => {
    const keyless = await open()
    now += 10 * MINUTE
    issue = { identity: { ...RUN, runInvocationURI: 'https://github.com/acme/shop/actions/runs/2/attempts/1' } }
    await expect(keyless.signer()).rejects.toThrow(coded('identity-mismatch'))
    issue = {}
    await expect(keyless.signer()).resolves.toMatchObject({ certified: { identity: RUN } })
  })
})

describe('tokens that a job was given', () => {
  const token = (jti: string) => unsignedToken({ aud: AUDIENCE, sub: 'project_path:acme/shop', jti })
  const given = (...tokens: readonly string[]) => {
    const named = tokens.map((text, i) => [`COUNTERSIGN_ID_TOKEN${i === 0 ? '' : `_${i + 1}`}`, text] as const)
    return identityTokens('gitlab-ci', { environment: Object.fromEntries(named), root: '/', now: () => now })
  }

  test('are shown one after the other, each until it was used', async () => {
    const used = [token('1'), token('2')]
    refuse = (text) => (used.includes(text) ? 'identity-token-used' : null)
    await open(given(...used, token('3')))
    expect(shown).toEqual([...used, token('3')])
    await expect(open(given(...used))).rejects.toMatchObject({
      code: 'identity-unavailable',
      fix: expect.stringContaining('COUNTERSIGN_ID_TOKEN_3') as string,
    })
  })

  test('end with the last: the step is told how to have more', async () => {
    const keyless = await open(given(token('1')))
    now += 10 * MINUTE
    await expect(keyless.signer()).rejects.toThrow(coded('identity-unavailable'))
    // What it signed with stays, for a signature that is made again later.
    expect(keyless.last.expiresAt).toBeLessThanOrEqual(now)
  })

  test('a system that gives the same one again is asked twice, not for ever', async () => {
    refuse = () => 'identity-token-used'
    await expect(open()).rejects.toThrow(coded('identity-token-used'))
    expect(shown).toHaveLength(2)
  })

  test('are in no error', async () => {
    const secret = canary('token')
    const held = unsignedToken({ aud: AUDIENCE, sub: secret })
    refuse = () => 'identity-token-invalid'
    const error: unknown = await open(given(held)).catch((reason: unknown) => reason)
    expect(inspect(error, { depth: 10 })).not.toContain(held.split('.')[1]!.slice(0, 40))
    expect(inspect(error, { depth: 10 })).not.toContain(secret)
  })
})
