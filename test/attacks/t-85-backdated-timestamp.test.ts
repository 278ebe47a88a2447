import type { AnchorJob } from '@countersign/anchor'
import { rfc3161Anchor } from '@countersign/adapters/anchor-rfc3161'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, utf8 } from '@countersign/core'
import { parseTimestampToken, type Rfc3161Anchor } from '@countersign/formats/anchor'
import { parseCertificate } from '@countersign/formats/x509'
import { type AnchorProved, provenBySources, timesApart, verifyRfc3161 } from '@countersign/verify/anchors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificate, newKey } from '../anchors/certificates.ts'
import { type LocalTsa, startLocalTsa } from '../anchors/local-tsa.ts'
import { statementText } from '../anchors/statement.ts'
import { genTime, timestampToken } from '../anchors/tokens.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const HOUR = 3_600_000
const DAY = 24 * HOUR
const MADE = Date.parse('2026-11-21T00:00:07.000Z')
const NOW = MADE + 2_000
const text = utf8(statementText({ time: new Date(MADE).toISOString() }))
const job: AnchorJob = { number: 7, text, state: { phase: 'pending', memo: null }, others: [], now: NOW }

describe('T-85: an authority whose clock is wrong, or lies', () => {
  let tsa: LocalTsa
  let off = 0
  beforeAll(async () => {
    tsa = await startLocalTsa({ clock: () => NOW + off })
  })
  afterAll(() => tsa.close())
  const anchor = (windowMs?: number) =>
    rfc3161Anchor({
      name: 'local',
      url: tsa.url,
      pinned: [parseCertificate(tsa.root, 'anchor-invalid')],
      crypto: nodeCrypto,
      ...(windowMs === undefined ? {} : { windowMs }),
    })

  test.each([
    ['a day and a minute ahead', DAY + 60_000, 'anchor-refused'],
    ['a day and a minute behind', -DAY - 60_000, 'anchor-refused'],
    ['three years behind', -1096 * DAY, 'anchor-refused'],
    ['an hour ahead', HOUR, null],
    ['right', 0, null],
    ['four minutes behind', -4 * 60_000, null],
  ] as const)('%s', async (_, shift, code) => {
    off = shift
    const move = anchor().move(job)
    if (code === null) expect((await move).state.phase).toBe('final')
    else await expect(move).rejects.toThrow(coded(code))
    // Red control: the token is good in all else, as a wider window shows. What began later cannot be shown so.
    const earlier = utf8(statementText({ time: new Date(MADE - 30 * DAY).toISOString() }))
    const wide = anchor(30 * DAY)
    if (shift > -DAY * 2) expect((await wide.move({ ...job, text: earlier })).state.phase).toBe('final')
    const checks = await anchor().check(NOW)
    expect(checks.find(({ name }) => name === 'reachable')!.ok).toBe(code === null)
  })

  test('an hour behind: within the window, and before the statement was made', async () => {
    off = -HOUR
    await expect(anchor().move(job)).rejects.toThrow(/before it was made/)
    off = 0
    expect((await anchor().move(job)).state.phase).toBe('final')
  })

  test('the window can be narrower', async () => {
    off = HOUR
    await expect(anchor(HOUR / 2).move(job)).rejects.toThrow(coded('anchor-refused'))
    expect((await anchor(2 * HOUR).move(job)).state.phase).toBe('final')
  })
})

describe('T-85: a token that is found later', () => {
  const root = certificate({ name: 'Root', key: newKey(), issuer: null, ca: true, from: '2016-01-01T00:00:00Z' })
  const signer = certificate({ name: 'A', key: newKey(), issuer: root, from: '2016-01-01T00:00:00Z' })
  const trust = {
    authorities: [{ name: 'a', certificates: [parseCertificate(root.der, 'anchor-invalid')], from: null, until: null }],
  }
  const digests = { sha256: nodeCrypto.sha256(text), sha3_256: nodeCrypto.sha3_256(text) }
  const verify = (at: number, skew?: number) => {
    const token = parseTimestampToken(timestampToken({ imprint: digests.sha256, time: genTime(at), signer }))
    const statement = Buffer.from(digests.sha256).toString('hex')
    const anchor: Rfc3161Anchor = { kind: 'rfc3161', statement, token, certificates: [] }
    return verifyRfc3161(anchor, { text, digests }, skew === undefined ? trust : { ...trust, skew }, nodeCrypto)
  }

  test('from before the statement was made is a contradiction', () => {
    expect(verify(MADE).time).toBe('2026-11-21T00:00:07.000Z')
    expect(verify(MADE - 301_000).time).toBe('2026-11-20T23:55:06.000Z')
    for (const behind of [302_000, DAY, 1000 * DAY]) {
      expect(() => verify(MADE - behind)).toThrow(coded('anchor-unproven'))
      // Red control: the same token passes where the clocks may differ by as much.
      expect(() => verify(MADE - behind, behind / 1000)).not.toThrow()
    }
  })

  test('from long after is none: an anchor may be late', () => {
    expect(verify(MADE + 1000 * DAY).time).toBe(new Date(MADE + 1000 * DAY).toISOString())
  })
})

describe('T-85: a second source', () => {
  const said = (by: string, time: number, within = 1): AnchorProved => ({
    kind: 'rfc3161',
    by,
    at: 'serial 01',
    time: new Date(time).toISOString(),
    within,
    trusted: ['a'],
  })

  test('one authority alone dates nothing back', () => {
    const honest = said('b', MADE + DAY)
    const lying = said('a', MADE)
    expect(provenBySources([lying, honest], 1)).toBe('2026-11-21T00:00:08.000Z')
    expect(provenBySources([lying, honest], 2)).toBe(new Date(MADE + DAY + 1000).toISOString())
    // Red control: said twice by one, it is still the word of one (T-64).
    expect(provenBySources([lying, lying, { ...lying, at: 'serial 02' }], 2)).toBeNull()
    expect(provenBySources([lying, said('b', MADE + 1000)], 2)).toBe('2026-11-21T00:00:09.000Z')
  })

  test('two that differ by more than their accuracy and the window are told apart', () => {
    const window = 3600
    const [one, other] = [said('a', MADE, 1), said('b', MADE + HOUR + 10_000, 9)]
    expect(timesApart([one, other], window)).toEqual([])
    const later = said('b', MADE + HOUR + 10_001, 9)
    expect(timesApart([later, one], window)).toEqual([{ earlier: one, later, seconds: 3600.001 }])
    expect(timesApart([one, said('a', MADE + 9 * DAY)], window)).toEqual([])
    expect(timesApart([one, { ...later, time: null }], window)).toEqual([])
  })
})
