import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { verify } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { identityTokens } from '@countersign/adapters/identity-detect'
import { SessionFiles } from '@countersign/adapters/session-files'
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
/** Sessions that came with what was shown. */
let sessions: (string | null)[]
let refuse: ((token: string, session: string | null) => Code | null) | null
let access: Certified['access']

beforeEach(() => {
  now = ISSUED
  shown = []
  sessions = []
  issue = {}
  refuse = null
  access = null
})

/** Certifies whoever proves that the key is his, as Fulcio does. */
const authority: KeyAuthority = {
  certify({ token, key, session = null }) {
    shown.push(token)
    sessions.push(session)
    const code = refuse?.(token, session) ?? null
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
  repeats: false,
  token: (aud) => Promise.resolve(unsignedToken({ aud, sub: 'repo:acme/shop', jti: String(++serial) })),
}
const open = (tokens: IdentityTokens = renewable, sessions: SessionFiles | null = null) =>
  Keyless.open({ tokens, audience: AUDIENCE, authority, sessions, now: () => now })
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

  test.each(['used', 'expired'] as const)('are shown one after the other, each until it was %s', async (how) => {
    const used = [token('1'), token('2')]
    refuse = (text) => (used.includes(text) ? `identity-token-${how}` : null)
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

describe('a token that the platform hands out again', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'countersign-again-'))
    access = { token: SESSION, expiresAt: now + 60 * MINUTE }
    // As the server does: once, and again with the session that it opened.
    const used = new Set<string>()
    refuse = (text, session) => {
      if (session === null ? !used.has(text) : session === SESSION) return used.add(text) && null
      return 'identity-token-used'
    }
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const SESSION = `cst_s${'0'.repeat(24)}_${'a'.repeat(64)}`
  const server = 'https://server.example'
  const files = (place = root) =>
    new SessionFiles({ places: [place], workspace: import.meta.dirname, server, now: () => now, patience: 1_000 })
  /** As a metadata server has it: the same until it is rotated. */
  let rotated = 1
  const cached: IdentityTokens = {
    ...renewable,
    repeats: true,
    token: (aud) =>
      Promise.resolve(
        unsignedToken({ aud, sub: 'a@b.example', jti: `r${rotated}`, exp: (ISSUED + 61 * MINUTE) / 1000 }),
      ),
  }

  test('signs in each process of the job, under a key of its own', async () => {
    const [first, second] = [await open(cached, files()), await open(cached, files())]
    expect(sessions).toEqual([null, SESSION])
    expect(second.last.publicKey.keyId).not.toBe(first.last.publicKey.keyId)
    expect([await first.accessToken(), await second.accessToken()]).toEqual([SESSION, SESSION])
    expect(second.last.unkept).toBeNull()
    // Red control: without what the first has kept it comes too late.
    await expect(open(cached)).rejects.toThrow(coded('identity-token-used'))
  })

  test('in those that begin together', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => open(cached, files())))
    expect(new Set(all.map(({ last }) => last.publicKey.keyId)).size).toBe(4)
    expect(sessions.filter((one) => one === null)).toHaveLength(1)
  })

  test('and in a step that takes longer than its certificate, with the one token that there is', async () => {
    const given = (text: string) =>
      identityTokens('gitlab-ci', { environment: { COUNTERSIGN_ID_TOKEN: text }, root: '/', now: () => now })
    for (const kept of [files(), null]) {
      now = ISSUED
      shown = []
      sessions = []
      rotated++
      const keyless = await open(given(await cached.token(AUDIENCE)), kept)
      const first = await keyless.signer()
      now += 10 * MINUTE
      const second = await keyless.signer()
      expect(second.publicKey.keyId).not.toBe(first.publicKey.keyId)
      expect(sessions).toEqual([null, SESSION])
      // When the session is over there is nothing to go on with.
      now += 60 * MINUTE
      await expect(keyless.signer()).rejects.toThrow(coded('identity-unavailable'))
      expect(shown).toHaveLength(2)
    }
  })

  test('goes on with a new one when it was rotated', async () => {
    await open(cached, files())
    rotated++
    await open(cached, files())
    expect(sessions).toEqual([null, null])
  })

  test('says where the session should have been, and why none is kept', async () => {
    const nowhere = await open(cached, files('/dev/null'))
    expect(nowhere.last.unkept).toContain('/dev/null')
    await expect(open(cached, files('/dev/null'))).rejects.toMatchObject({
      code: 'identity-token-used',
      fix: expect.stringMatching(/COUNTERSIGN_SESSIONS .*\/dev\/null/) as string,
    })
    await expect(open(cached, files())).rejects.toMatchObject({
      code: 'identity-token-used',
      fix: expect.stringContaining('COUNTERSIGN_SESSIONS') as string,
    })
  })
})
