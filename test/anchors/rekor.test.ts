import { rekorAnchor, rekorAt, type RekorOptions } from '@countersign/adapters/anchor-rekor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, equal } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { MAX_ANCHOR_BYTES, parseSigningConfig } from '@countersign/formats/anchor'
import {
  parseRekorVkey,
  parseTrustedRoot,
  type RekorLog,
  rekorLog,
  rekorTrust,
  verifyRekor,
} from '@countersign/verify/anchors'
import { afterEach, describe, expect, test } from 'vitest'
import { type LocalRekor, type LocalRekorOptions, startLocalRekor } from './local-rekor.ts'
import { drive, move, p256Signer, parsed, proved, START, statementOf } from './rekor-kit.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const logs: LocalRekor[] = []
afterEach(async () => {
  for (const log of logs.splice(0)) await log.close()
})

async function start(options: LocalRekorOptions = {}): Promise<LocalRekor> {
  const log = await startLocalRekor(options)
  logs.push(log)
  return log
}

const signer = p256Signer()
const anchorOf = (log: LocalRekor, more: Partial<RekorOptions> = {}) =>
  rekorAnchor({ services: [log.service], signer, trust: log.trust, crypto: nodeCrypto, timeoutMs: 5000, ...more })

describe.each([1, 2] as const)('Rekor v%i', (version) => {
  test.each([0, 1, 255, 300])(
    'proves a statement to whoever knows the log, among %i entries of others',
    async (filled) => {
      const log = await start({ version, filled })
      const { state, proof, costs } = await drive(anchorOf(log))
      expect(state).toEqual({ phase: 'final', memo: null })
      expect(costs).toEqual([{ unit: 'request', amount: '1' }])
      expect(proof!.length).toBeLessThan(4000)
      const found = proved(proof!, log.trust)
      expect(found.by).toBe('rekor.example')
      expect(found.at).toMatch(/^entry \d+$/)
      expect(found.trusted.length).toBe(version === 1 ? 2 : 1)
      if (version === 2) expect(found.time).toBeNull()
      else expect(Math.abs(Date.parse(found.time!) - Date.now())).toBeLessThan(60_000)
      // The same to a browser.
      const { text, digests } = statementOf()
      expect(verifyRekor(parsed(proof!), { text, digests }, log.trust, portableCrypto)).toEqual(found)
    },
  )

  test('is asked once, however often the same statement is prepared and not sent', async () => {
    const log = await start({ version })
    const anchor = anchorOf(log)
    for (let i = 0; i < 5; i++) await move(anchor)
    expect(log.asked).toEqual([])
    await drive(anchor)
    expect(log.size()).toBe(1)
  })

  test('has one entry, and gives the same proof, where a reply was lost', async () => {
    const log = await start({ version })
    const anchor = anchorOf(log)
    const prepared = await move(anchor)
    log.mode = 'lose'
    await expect(move(anchor, prepared.state)).rejects.toThrow(coded('anchor-unreachable'))
    log.mode = 'honest'
    const { proof } = await move(anchor, prepared.state)
    expect(log.size()).toBe(1)
    expect(equal(parsed(proof!).entry.body, log.prove(0).body)).toBe(true)
    proved(proof!, log.trust)
  })

  test('has another entry, under another signature, where a reply was lost and it shows nothing', async () => {
    const log = await start({ version, tiles: false })
    const anchor = anchorOf(log)
    const prepared = await move(anchor)
    log.mode = 'lose'
    await expect(move(anchor, prepared.state)).rejects.toThrow(coded('anchor-unreachable'))
    log.mode = 'honest'
    const again = await move(anchor, prepared.state)
    expect(again).toMatchObject({ state: { phase: 'pending' }, proof: null, again: 0 })
    // What was signed anew is durable before it is sent: a crash here sends the same again.
    const { proof } = await move(anchor, again.state)
    expect(log.size()).toBe(2)
    expect(parsed(proof!).entry.treeIndex).toBe(1)
    proved(proof!, log.trust)
  })

  test('is asked ever more rarely where it always says that it has the statement, and never proves it', async () => {
    const log = await start({ version, tiles: false })
    const anchor = anchorOf(log)
    let { state } = await move(anchor)
    const waits: number[] = []
    for (let i = 0; i < 14; i++) {
      log.mode = 'lose'
      await expect(move(anchor, state)).rejects.toThrow(coded('anchor-unreachable'))
      log.mode = 'honest'
      const done = await move(anchor, state)
      state = done.state
      waits.push(done.again)
    }
    expect(waits.slice(0, 3)).toEqual([0, 120_000, 240_000])
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    expect(waits.at(-1)).toBe(86_400_000)
    expect(log.size()).toBe(14)
    // It is not lost: the first answer that comes through proves it.
    proved((await move(anchor, state)).proof!, log.trust)
  })

  test('is looked at by the doctor without a word about any statement', async () => {
    const log = await start({ version })
    const anchor = anchorOf(log)
    const found = await anchor.check(Date.now())
    expect(found.map(({ name, ok, code }) => [name, ok, code])).toEqual([
      ['service', true, null],
      ['reachable', true, null],
      ['trust root', true, null],
      ['clock', true, null],
    ])
    expect(log.asked.every((line) => line.startsWith('GET '))).toBe(true)
    const other = await start({ version })
    const [, , root] = await anchorOf(log, { trust: other.trust }).check(Date.now())
    expect(root).toMatchObject({ name: 'trust root', ok: false, code: 'anchor-untrusted' })
    const late = await anchor.check(Date.now() + 86_400_000)
    expect(late.at(-1)).toMatchObject({ name: 'clock', ok: false, code: 'anchor-setup-invalid' })
    log.mode = 'down'
    expect((await anchor.check(Date.now()))[1]).toMatchObject({ ok: false, code: 'anchor-unreachable' })
  })
})

describe('a v2 log', () => {
  test('whose checkpoint does not cover the entry yet is asked again later', async () => {
    const log = await start({ filled: 3 })
    const anchor = anchorOf(log)
    const prepared = await move(anchor)
    log.mode = 'lose'
    await expect(move(anchor, prepared.state)).rejects.toThrow(coded('anchor-unreachable'))
    log.mode = 'honest'
    log.behind = true
    const later = await move(anchor, prepared.state)
    expect(later).toMatchObject({ state: { phase: 'submitted' }, proof: null })
    expect(later.again).toBeGreaterThan(0)
    log.behind = false
    const { proof } = await move(anchor, later.state)
    expect(log.size()).toBe(4)
    proved(proof!, log.trust)
  })

  test('that is frozen is left for the next one of the configuration', async () => {
    const [old, next] = [await start({ name: 'old.example' }), await start({ name: 'next.example' })]
    const trust = rekorTrust([...old.trust.logs, ...next.trust.logs])
    const anchor = anchorOf(old, { services: [old.service, next.service], trust })
    old.mode = 'frozen'
    const { proof } = await drive(anchor)
    expect(proved(proof!, trust).by).toBe('next.example')
    expect(old.asked.length).toBe(1)
    next.mode = 'frozen'
    await expect(drive(anchor, START, 1)).rejects.toThrow(coded('anchor-refused'))
  })

  test('is chosen by version, validity and age', async () => {
    const [v1, old, next] = [
      await start({ name: 'v1.example', version: 1 }),
      await start({ name: 'old.example' }),
      await start({ name: 'next.example' }),
    ]
    const url = (log: LocalRekor, majorApiVersion: number, start: string, end?: string) => ({
      url: log.url,
      majorApiVersion,
      validFor: end === undefined ? { start } : { start, end },
      operator: 'example.org',
    })
    const config = {
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      rekorTlogUrls: [
        url(v1, 1, '2021-01-01T00:00:00Z'),
        url(old, 2, '2025-01-01T00:00:00Z', '2026-06-30T00:00:00Z'),
        url(next, 2, '2026-06-01T00:00:00.5Z'),
        url(v1, 3, '2026-06-01T00:00:00Z'),
      ],
      rekorTlogConfig: { selector: 'ANY' },
    }
    const trust = rekorTrust([v1, old, next].flatMap((log) => log.trust.logs))
    const anchor = anchorOf(v1, { services: parseSigningConfig(JSON.stringify(config)), trust })
    const used = async (time: string) => {
      const now = Date.parse(time)
      const { state } = await move(anchor, START, 0, now)
      const { proof } = await move(anchor, state, 0, now)
      return proved(proof!, trust).by
    }
    expect(await used('2024-01-01T00:00:00Z')).toBe('v1.example')
    expect(await used('2025-01-01T00:00:00Z')).toBe('old.example')
    expect(await used('2026-06-15T00:00:00Z')).toBe('next.example')
    expect(await used('2026-12-31T00:00:00Z')).toBe('next.example')
    await expect(used('2020-01-01T00:00:00Z')).rejects.toThrow(coded('anchor-refused'))
    // What was prepared for a log whose time is over goes to its successor, with the same signature.
    const { state } = await move(anchor, START, 1, Date.parse('2026-05-31T00:00:00Z'))
    expect(state.memo!['service']).toBe(old.url)
    const { proof } = await move(anchor, state, 1, Date.parse('2026-07-01T00:00:00Z'))
    expect(proved(proof!, trust, 1).by).toBe('next.example')
  })

  test('is known by vkey and by trusted root alike', async () => {
    for (const version of [1, 2] as const) {
      const log = await start({ version })
      const { proof } = await drive(anchorOf(log))
      const found = proved(proof!, log.trust)
      expect(proved(proof!, rekorTrust([parseRekorVkey(log.vkey, nodeCrypto)]))).toEqual(found)
      expect(proved(proof!, parseTrustedRoot(JSON.stringify(log.trustedRoot), nodeCrypto))).toEqual(found)
    }
  })
})

test('the time of a v1 log counts only where the log took entries then', async () => {
  const log = await start({ version: 1 })
  const { proof } = await drive(anchorOf(log))
  const time = Date.parse(proved(proof!, log.trust).time!)
  const under = (start: number | null, end: number | null) => {
    const [{ name, key }] = log.trust.logs as [RekorLog]
    return proved(proof!, rekorTrust([rekorLog(name, key, nodeCrypto, { validFor: { start, end } })])).time
  }
  expect(Date.parse(under(time, time)!)).toBe(time)
  expect(() => under(time + 1000, null)).toThrow(coded('anchor-untrusted'))
  expect(() => under(null, time - 1000)).toThrow(coded('anchor-untrusted'))
})

describe('the key', () => {
  test('that was changed signs anew what was prepared', async () => {
    const log = await start()
    const { state } = await move(anchorOf(log, { signer: p256Signer() }))
    const { proof } = await drive(anchorOf(log), state)
    expect(parsed(proof!).entry.record.publicKey.keyId).toBe(signer.publicKey.keyId)
    expect(log.size()).toBe(1)
  })

  test('that does not sign, or signs something else, leaves the statement pending', async () => {
    const log = await start()
    const failing = { ...signer, sign: () => Promise.reject(new Error('secret details')) }
    const error = (await move(anchorOf(log, { signer: failing })).catch((cause: unknown) => cause)) as Error
    expect(error).toMatchObject({ code: 'anchor-unreachable' })
    expect(error.message).not.toContain('secret')
    const other = { ...signer, sign: p256Signer().sign }
    await expect(move(anchorOf(log, { signer: other }))).rejects.toThrow(coded('anchor-unreachable'))
    expect(log.asked).toEqual([])
  })

  test('must be P-256, and the address one that nobody listens on in between', () => {
    const edwards = { ...signer, publicKey: { ...signer.publicKey, algorithm: 'ed25519' as const } }
    const options = { signer, trust: { logs: [], signers: null }, crypto: nodeCrypto }
    expect(() => rekorAnchor({ ...options, signer: edwards, services: [rekorAt('https://a.example')] })).toThrow(
      coded('key-invalid'),
    )
    for (const url of [
      '',
      'http://rekor.example',
      'https://a:b@rekor.example',
      'https://a.example/?x',
      'ftp://a.example',
    ])
      expect(() => rekorAnchor({ ...options, services: [rekorAt(url)] })).toThrow(coded('anchor-setup-invalid'))
    for (const url of ['https://rekor.example/', 'http://localhost:3000', 'http://[::1]:3000'])
      expect(rekorAnchor({ ...options, services: [rekorAt(url)] }).name).toBe('rekor')
    expect(() => rekorAnchor({ ...options, services: [] })).toThrow(coded('anchor-setup-invalid'))
  })
})

test('a proof is far below what an evidence file can hold', async () => {
  const log = await start({ filled: 4000 })
  const { proof } = await drive(anchorOf(log))
  expect(proof!.length).toBeLessThan(3500)
  expect(proof!.length).toBeLessThan(MAX_ANCHOR_BYTES)
})
