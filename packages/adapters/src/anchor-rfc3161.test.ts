import type { AnchorJob } from '@countersign/anchor'
import { type Code, fromUtf8, parseJson, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape } from '@countersign/formats'
import { readRfc3161, type Rfc3161Anchor } from '@countersign/formats/anchor'
import { parseCertificate } from '@countersign/formats/x509'
import { verifyRfc3161 } from '@countersign/verify/anchors'
import { afterEach, beforeAll, afterAll, describe, expect, test } from 'vitest'
import { type Lie, LIES, type LocalTsa, startLocalTsa } from '../../../test/anchors/local-tsa.ts'
import { statementText } from '../../../test/anchors/statement.ts'
import { rfc3161Anchor, type Rfc3161AnchorOptions } from './anchor-rfc3161.ts'
import { nodeCrypto } from './crypto-node.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const NOW = Date.parse('2026-11-21T00:00:10.120Z')
const text = utf8(statementText({ time: '2026-11-21T00:00:07.123Z' }))
const job: AnchorJob = { number: 7, text, state: { phase: 'pending', memo: null }, others: [], now: NOW }

let tsa: LocalTsa
beforeAll(async () => {
  tsa = await startLocalTsa({ clock: () => NOW })
})
afterAll(() => tsa.close())
afterEach(() => tsa.lie(null))

const anchorOf = (options: Partial<Rfc3161AnchorOptions> = {}) =>
  rfc3161Anchor({
    name: 'local',
    url: tsa.url,
    pinned: [parseCertificate(tsa.root, 'anchor-invalid')],
    crypto: nodeCrypto,
    timeoutMs: 2_000,
    ...options,
  })

const read = (proof: Uint8Array): Rfc3161Anchor => readRfc3161(new Shape('anchor-invalid', parseJson(proof), 'anchor'))

describe('a move', () => {
  test('is one request, and final, with a proof that verifies anywhere', async () => {
    const anchor = anchorOf()
    expect([anchor.kind, anchor.name]).toEqual(['rfc3161', 'tsa:local'])
    const before = tsa.requests
    const { state, proof, costs } = await anchor.move(job)
    expect(tsa.requests - before).toBe(1)
    expect(state).toEqual({ phase: 'final', memo: null })
    expect(costs).toEqual([{ unit: 'request', amount: '1' }])
    const trust = {
      authorities: [
        { name: 'a', certificates: [parseCertificate(tsa.root, 'anchor-invalid')], from: null, until: null },
      ],
    }
    const digests = { sha256: nodeCrypto.sha256(text), sha3_256: nodeCrypto.sha3_256(text) }
    for (const crypto of [nodeCrypto, portableCrypto]) {
      const proved = verifyRfc3161(read(proof!), { text, digests }, trust, crypto)
      expect(proved).toMatchObject({ kind: 'rfc3161', by: 'a', time: '2026-11-21T00:00:10.120Z', within: 1 })
      expect(proved.trusted.length).toBeGreaterThan(0)
    }
  })

  test('that is made again after a crash gives as good a proof, and another nonce', async () => {
    const sent: string[] = []
    const anchor = anchorOf({
      fetch: async (...[url, init]: Parameters<typeof fetch>) => {
        sent.push(Buffer.from(init!.body as Uint8Array).toString('hex'))
        return await fetch(url, init)
      },
    })
    const moves = [await anchor.move(job), await anchor.move(job)]
    expect(moves.map(({ state }) => state.phase)).toEqual(['final', 'final'])
    expect(new Set(sent).size).toBe(2)
    for (const hex of sent) expect(hex.length).toBeLessThanOrEqual(140)
  })

  test.each(['RSA', 'P-384', 'P-521', 'Ed25519', 'RSA-PSS'] as const)('with keys of %s', async (key) => {
    const other = await startLocalTsa({ key, clock: () => NOW })
    try {
      const { proof } = await anchorOf({
        url: other.url,
        pinned: [parseCertificate(other.root, 'anchor-invalid')],
      }).move(job)
      expect(read(proof!).token.certificates.length).toBe(2)
    } finally {
      await other.close()
    }
  })

  test('of an authority that sends no certificates takes those it was given', async () => {
    tsa.lie('no-certificates')
    const chain = [tsa.certificate, tsa.intermediate].map((one) => parseCertificate(one, 'anchor-invalid'))
    const { proof } = await anchorOf({ chain }).move(job)
    expect(read(proof!).certificates.map(({ der }) => der)).toEqual(chain.map(({ der }) => der))
    await expect(anchorOf().move(job)).rejects.toThrow(coded('anchor-refused'))
  })

  test('takes 201 for an answer', async () => {
    const other = await startLocalTsa({ status: 201, clock: () => NOW })
    try {
      const { state } = await anchorOf({
        url: other.url,
        pinned: [parseCertificate(other.root, 'anchor-invalid')],
      }).move(job)
      expect(state.phase).toBe('final')
    } finally {
      await other.close()
    }
  })

  test('takes a pinned certificate of the authority itself', async () => {
    const { proof } = await anchorOf({ pinned: [parseCertificate(tsa.certificate, 'anchor-invalid')] }).move(job)
    expect(proof).not.toBeNull()
    expect(fromUtf8(proof!)).toContain('"kind":"rfc3161"')
  })
})

describe('what an authority does wrong', () => {
  const expected: Record<Lie, Code | null> = {
    'wrong-imprint': 'anchor-refused',
    'wrong-nonce': 'anchor-refused',
    'no-nonce': 'anchor-refused',
    'wrong-certificate': 'anchor-refused',
    'injected-certificates': null,
    'purpose-not-critical': 'anchor-refused',
    'extra-purpose': 'anchor-refused',
    'expired-certificate': 'anchor-refused',
    backdated: 'anchor-refused',
    future: 'anchor-refused',
    'no-certificates': 'anchor-refused',
    rejection: 'anchor-refused',
    unavailable: 'anchor-unreachable',
    stalling: 'anchor-unreachable',
    oversized: 'anchor-refused',
    'not-der': 'anchor-refused',
    html: 'anchor-unreachable',
    'server-error': 'anchor-unreachable',
    redirect: 'anchor-refused',
  }
  test.each(LIES)('%s', async (lie) => {
    const anchor = anchorOf({ timeoutMs: lie === 'stalling' ? 300 : 5_000 })
    tsa.lie(lie)
    const code = expected[lie]
    if (code === null) expect((await anchor.move(job)).state.phase).toBe('final')
    else await expect(anchor.move(job)).rejects.toThrow(coded(code))
    const checks = await anchor.check(NOW)
    expect(checks.every(({ ok }) => ok)).toBe(code === null)
    tsa.lie(null)
    expect((await anchor.move(job)).state.phase).toBe('final')
  })

  test('is gone', async () => {
    const gone = await startLocalTsa()
    await gone.close()
    await expect(anchorOf({ url: gone.url }).move(job)).rejects.toThrow(coded('anchor-unreachable'))
  })

  test('is under another root', async () => {
    const other = await startLocalTsa({ clock: () => NOW })
    try {
      await expect(anchorOf({ url: other.url }).move(job)).rejects.toThrow(/no pinned certificate/)
    } finally {
      await other.close()
    }
  })
})

describe('the doctor', () => {
  test('sees that all is well', async () => {
    const checks = await anchorOf().check(NOW)
    expect(checks.map(({ name, ok, code }) => [name, ok, code])).toEqual([
      ['reachable', true, null],
      ['clock', true, null],
      ['trust root', true, null],
    ])
  })

  test('sees a root that is about to end, or has not begun', async () => {
    const end = Date.parse('2036-11-01T00:00:00.000Z')
    const find = async (now: number) => (await anchorOf().check(now)).find(({ name }) => name === 'trust root')
    expect(await find(end)).toMatchObject({ ok: false, code: 'anchor-untrusted' })
    expect(await find(Date.parse('2020-01-01T00:00:00.000Z'))).toMatchObject({ ok: false, code: 'anchor-untrusted' })
  })
})

test.each([
  ['a name with a colon', { name: 'a:b' }],
  ['an empty name', { name: '' }],
  ['another scheme', { url: 'ftp://tsa.example/' }],
  ['a password', { url: 'https://user:secret@tsa.example/' }],
  ['no URL', { url: 'tsa.example' }],
  ['no pinned certificate', { pinned: [] }],
])('settings with %s are refused', (_, options) => {
  expect(() => anchorOf(options)).toThrow(coded('anchor-setup-invalid'))
  expect(() => anchorOf(options)).not.toThrow(/secret/)
})
