import { afterEach, describe, expect, test } from 'vitest'
import type { AnchorMove, AnchorState } from '@countersign/anchor'
import { type Code, parseJson, utf8 } from '@countersign/core'
import { Shape, statementDigests } from '@countersign/formats'
import { otsFileOf, parseOts, readOpentimestamps } from '@countersign/formats/anchor'
import { verifyOpenTimestamps } from '@countersign/verify/anchors'
import { type Behaviour, type LocalOts, startLocalOts } from '../../../test/anchors/local-ots.ts'
import { textOf } from '../../../test/vectors/topics/log-statement.ts'
import { type OpenTimestampsOptions, opentimestampsAnchor } from './anchor-opentimestamps.ts'
import { coreHeaders, esploraHeaders } from './bitcoin-headers.ts'
import { nodeCrypto } from './crypto-node.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
/** The clock of the chain, an hour after the statement was made. */
const CLOCK = Date.UTC(2026, 10, 20, 1)
const TEXT = textOf()
const DIGESTS = statementDigests(TEXT, nodeCrypto)
const HOUR = 3_600_000
const BEGIN: AnchorState = { phase: 'pending', memo: null }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function local(calendars = 2): Promise<LocalOts> {
  const ots = await startLocalOts({ calendars, clock: () => CLOCK })
  closing.push(() => ots.close())
  return ots
}

function anchorOf(ots: LocalOts, more: Partial<OpenTimestampsOptions> = {}) {
  return opentimestampsAnchor({
    calendars: ots.calendars.map(({ url }) => url),
    headers: [
      esploraHeaders({ url: ots.esplora, crypto: nodeCrypto }),
      coreHeaders({ url: ots.core, crypto: nodeCrypto }),
    ],
    crypto: nodeCrypto,
    network: 'regtest',
    timeoutMs: 5_000,
    ...more,
  })
}

class Journey {
  readonly #anchor: ReturnType<typeof anchorOf>
  readonly #text: string
  state = BEGIN
  now = CLOCK

  constructor(anchor: ReturnType<typeof anchorOf>, text = TEXT) {
    this.#anchor = anchor
    this.#text = text
  }

  /** One move, from the state as a store gives it back. */
  async move(): Promise<AnchorMove> {
    const state = JSON.parse(JSON.stringify(this.state)) as AnchorState
    const move = await this.#anchor.move({ number: 0, text: utf8(this.#text), state, others: [], now: this.now })
    this.state = move.state
    this.now += Math.min(move.again, HOUR)
    return move
  }

  async submitted(): Promise<AnchorMove> {
    await this.move()
    return this.move()
  }
}

function proofIn(move: AnchorMove) {
  return readOpentimestamps(new Shape('anchor-invalid', parseJson(move.proof!), 'anchor'))
}

function verified(ots: LocalOts, move: AnchorMove) {
  const anchor = proofIn(move)
  const blocks = anchor.blocks.map(({ height }) => ({ height, hash: ots.chain.at(height)!.hash }))
  return verifyOpenTimestamps(
    anchor,
    { text: utf8(TEXT), digests: DIGESTS },
    { network: 'regtest', blocks, minimumWork: null },
    nodeCrypto,
  )
}

test('a statement goes from pending over submitted and included to final', async () => {
  const ots = await local()
  const journey = new Journey(anchorOf(ots))

  const prepared = await journey.move()
  expect([prepared.state.phase, prepared.again, prepared.costs]).toEqual(['pending', 0, []])
  expect(ots.calendars.flatMap(({ seen }) => seen)).toEqual([])

  const submitted = await journey.move()
  expect([submitted.state.phase, submitted.again]).toEqual(['submitted', HOUR])
  expect(submitted.costs).toEqual([{ unit: 'request', amount: '2' }])

  expect((await journey.move()).state.phase).toBe('submitted')
  ots.mine()
  const included = await journey.move()
  expect([included.state.phase, included.proof]).toEqual(['included', null])
  ots.mine(4)
  expect((await journey.move()).state.phase).toBe('included')
  ots.mine()
  const final = await journey.move()
  expect([final.state.phase, final.again]).toEqual(['final', 0])

  const proved = verified(ots, final)
  expect(proved).toMatchObject({ kind: 'opentimestamps', by: 'bitcoin-regtest', within: 7200 })
  expect(proved.at).toBe(`block 1 ${ots.chain.at(1)!.hash}`)
  expect(JSON.stringify(final.state.memo).length).toBeLessThan(4096)
  const { file } = proofIn(final)
  expect(parseOts(otsFileOf(proofIn(final)))).toEqual(file)
  // Nothing that was only promised is left.
  expect(JSON.stringify(file)).not.toContain('pending')
})

test('what is lost in a crash is done again, and nothing is doubled', async () => {
  const ots = await local()
  const anchor = anchorOf(ots)
  const move = (state: AnchorState) => anchor.move({ number: 0, text: utf8(TEXT), state, others: [], now: CLOCK })
  const prepared = (await move(BEGIN)).state
  // The digest is the same however often it is sent: a memo is never sent before it is kept.
  await move(prepared)
  const { state } = await move(prepared)
  ots.mine(6)
  const first = await move(state)
  const again = await move(state)
  expect(again.state).toEqual(first.state)
  expect(again.proof).toEqual(first.proof)
  expect(first.state.phase).toBe('final')
  verified(ots, again)
})

test('two statements, and one twice, look like nothing in common to a calendar', async () => {
  const ots = await local(1)
  const bodies: string[] = []
  const spying: typeof fetch = (url, init) => {
    if (init?.body instanceof Uint8Array) bodies.push(Buffer.from(init.body).toString('hex'))
    return fetch(url, init)
  }
  for (let i = 0; i < 3; i++) await new Journey(anchorOf(ots, { fetch: spying })).submitted()
  expect(new Set(bodies).size).toBe(3)
  expect(bodies.every((body) => body.length === 64)).toBe(true)
  expect(bodies).not.toContain(Buffer.from(DIGESTS.sha256).toString('hex'))
})

test('a block that falls out of the chain is forgotten, and the next one found', async () => {
  const ots = await local()
  const journey = new Journey(anchorOf(ots))
  await journey.submitted()
  ots.mine(3)
  expect((await journey.move()).state.phase).toBe('included')
  ots.reorg(3)
  expect((await journey.move()).state.phase).toBe('submitted')
  // Another block in its place, without the calendars' transactions.
  ots.chain.mine([])
  ots.mine(7)
  expect(verified(ots, await journey.move()).at).toMatch(/^block 2 /)
})

test('one calendar is enough where there is one', async () => {
  const ots = await local(1)
  const journey = new Journey(anchorOf(ots))
  await journey.submitted()
  ots.mine(6)
  verified(ots, await journey.move())
})

describe('two calendars are final without the third, which', () => {
  const ways: readonly Behaviour[] = [
    'stall',
    'drip',
    'endless',
    'garbage',
    'empty',
    'too-large',
    'error',
    'refuse',
    'redirect',
    'hang-up',
  ]
  const posts: readonly Behaviour[] = [...ways, 'early', 'elsewhere']
  const gets: readonly Behaviour[] = [
    ...ways,
    'pending',
    'promises-again',
    'other-digest',
    'wrong-height',
    'height-to-come',
    'litecoin',
  ]
  test.each([...posts.map((how) => ['post', how] as const), ...gets.map((how) => ['get', how] as const)])(
    'answers a %s with: %s',
    async (method, how) => {
      const ots = await local(3)
      ots.calendars[2]![method] = how
      const journey = new Journey(anchorOf(ots, { timeoutMs: 800 }))
      const { state, again } = await journey.submitted()
      expect(state.phase).toBe('submitted')
      if (method === 'post' && how !== 'elsewhere') expect(again).toBe(HOUR / 6)
      ots.mine(6)
      const final = await journey.move()
      expect(final.state.phase).toBe('final')
      const { at } = verified(ots, final)
      expect(at).toMatch(/^block 1 /)
      // What the third one said is no part of it, unless it was true.
      const honest = how === 'elsewhere' || method === 'post'
      const { attested } = (final.state.memo as unknown as { calendars: { attested: unknown }[] }).calendars[2] ?? {}
      if (!honest) expect(attested).toBe(null)
    },
  )
})

describe('one of two calendars that', () => {
  test.each<Behaviour>(['pending', 'other-digest', 'wrong-height', 'height-to-come', 'stall', 'litecoin'])(
    'answers %s holds it up, and does no more: once it is honest, it is final',
    async (how) => {
      const ots = await local()
      ots.calendars[1]!.get = how
      const journey = new Journey(anchorOf(ots, { timeoutMs: 800 }))
      await journey.submitted()
      ots.mine(8)
      const move = await journey.move()
      expect([move.state.phase, move.proof]).toEqual(['included', null])
      ots.calendars[1]!.get = 'honest'
      ots.mine(6)
      verified(ots, await journey.move())
    },
  )

  test('was not there is asked again, soon', async () => {
    const ots = await local()
    ots.calendars[1]!.post = 'error'
    const journey = new Journey(anchorOf(ots))
    expect((await journey.submitted()).again).toBe(HOUR / 6)
    ots.calendars[1]!.post = 'honest'
    expect((await journey.move()).again).toBe(HOUR)
    ots.mine(6)
    verified(ots, await journey.move())
  })

  test('has lost the digest gets it again after two days', async () => {
    const ots = await local()
    const journey = new Journey(anchorOf(ots))
    await journey.submitted()
    ots.calendars[1]!.forget()
    ots.mine(6)
    expect((await journey.move()).state.phase).toBe('included')
    journey.now += 49 * HOUR
    expect((await journey.move()).state.phase).toBe('included')
    expect(ots.calendars.map(({ seen }) => seen.filter((line) => line.startsWith('POST')).length)).toEqual([1, 2])
    ots.mine(6)
    verified(ots, await journey.move())
  })
})

describe('where nobody', () => {
  test.each<[how: Behaviour, code: Code]>([
    ['stall', 'anchor-unreachable'],
    ['garbage', 'anchor-unreachable'],
    ['error', 'anchor-unreachable'],
    ['early', 'anchor-unreachable'],
    ['redirect', 'anchor-unreachable'],
    ['refuse', 'anchor-refused'],
  ])('takes the digest (%s), it is %s', async (how, code) => {
    const ots = await local()
    for (const calendar of ots.calendars) calendar.post = how
    const journey = new Journey(anchorOf(ots, { timeoutMs: 800 }))
    await journey.move()
    await expect(journey.move()).rejects.toThrow(coded(code))
    for (const calendar of ots.calendars) calendar.post = 'honest'
    expect((await journey.move()).state.phase).toBe('submitted')
  })

  test('can be asked how far it is, it is unreachable, and stays where it was', async () => {
    const ots = await local()
    const journey = new Journey(anchorOf(ots, { timeoutMs: 800 }))
    await journey.submitted()
    for (const calendar of ots.calendars) calendar.get = 'stall'
    await expect(journey.move()).rejects.toThrow(coded('anchor-unreachable'))
    for (const calendar of ots.calendars) calendar.get = 'honest'
    ots.mine(6)
    verified(ots, await journey.move())
  })
})

test('a calendar that names another machine is not followed there (T-89)', async () => {
  const ots = await local(1)
  ots.calendars[0]!.post = 'elsewhere'
  const asked: string[] = []
  const spying: typeof fetch = (url, init) => {
    asked.push(String(url))
    return fetch(url, init)
  }
  const journey = new Journey(anchorOf(ots, { fetch: spying }))
  await journey.submitted()
  ots.mine(6)
  verified(ots, await journey.move())
  expect(asked.every((url) => url.startsWith(ots.calendars[0]!.url))).toBe(true)
})

test('a public pool’s calendar is asked where the pool says', async () => {
  const ots = await local(1)
  const keeper = 'https://alice.btc.calendar.opentimestamps.org'
  const asked: string[] = []
  const routed: typeof fetch = async (url, init) => {
    asked.push(String(url))
    const { pathname } = new URL(String(url))
    const reply = await fetch(`${ots.calendars[0]!.url}${pathname}`, init)
    if (init?.method !== 'POST') return reply
    // The pool promises in the name of the calendar behind it.
    const here = Buffer.from(ots.calendars[0]!.url)
    const body = Buffer.from(await reply.arrayBuffer())
    const at = body.indexOf(here)
    const tail = Buffer.concat([Uint8Array.of(keeper.length + 1, keeper.length), Buffer.from(keeper)])
    return new Response(Buffer.concat([body.subarray(0, at - 2), tail]))
  }
  const journey = new Journey(anchorOf(ots, { calendars: ['https://a.pool.opentimestamps.org'], fetch: routed }))
  await journey.submitted()
  ots.mine(6)
  verified(ots, await journey.move())
  expect(asked[0]).toBe('https://a.pool.opentimestamps.org/digest')
  expect(asked[1]!.startsWith(`${keeper}/timestamp/`)).toBe(true)
})

test.each([
  { calendars: [] },
  { calendars: Array.from({ length: 9 }, (_, i) => `https://c${i}.example`) },
  { calendars: ['https://c.example', 'https://c.example/'] },
  { calendars: ['http://c.example'] },
  { calendars: ['https://user:secret@c.example'] },
  { headers: [] },
])('options that cannot work: %j', async (more) => {
  const ots = await local()
  expect(() => anchorOf(ots, more)).toThrow(coded('usage'))
  expect(() => anchorOf(ots, { calendars: ['https://c.example/'] })).not.toThrow()
})

describe('the doctor', () => {
  test('finds that all is well', async () => {
    const ots = await local()
    const checks = await anchorOf(ots).check(CLOCK)
    expect(checks.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
      'reachable true',
      'reachable true',
      'reachable true',
      'trust root true',
      'clock true',
    ])
    expect(ots.calendars.flatMap(({ seen }) => seen).some((line) => line.startsWith('POST'))).toBe(false)
  })

  test('finds what is not', async () => {
    const ots = await local()
    ots.calendars[0]!.get = 'error'
    const checks = await anchorOf(ots, { network: 'mainnet' }).check(CLOCK - 24 * HOUR)
    expect(checks.map(({ name, ok, code }) => `${name} ${ok} ${code}`)).toEqual([
      'reachable false anchor-unreachable',
      'reachable true null',
      'reachable true null',
      'trust root false anchor-untrusted',
      'clock false anchor-untrusted',
    ])
    const nowhere = esploraHeaders({ url: 'http://127.0.0.1:1', crypto: nodeCrypto })
    const [, , headers] = await anchorOf(ots, { headers: [nowhere] }).check(CLOCK)
    expect(headers).toMatchObject({ name: 'reachable', ok: false, code: 'anchor-unreachable' })
  })
})

describe('a log whose clock is wrong', () => {
  const at = (time: string) => textOf({ period: '2026-11-18T00:00:00.000Z 2026-11-18T12:00:00.000Z', time })
  test.each([
    ['a day behind', at('2026-11-19T01:00:00.000Z')],
    ['an hour ahead', at('2026-11-20T02:00:00.000Z')],
  ])('%s is anchored', async (_, text) => {
    const ots = await local()
    const journey = new Journey(anchorOf(ots), text)
    await journey.submitted()
    ots.mine(6)
    expect((await journey.move()).state.phase).toBe('final')
  })

  test('a day ahead is told, and its statement is a dead letter: no block has what is not made yet', async () => {
    const ots = await local()
    const journey = new Journey(anchorOf(ots), at('2026-11-21T01:00:00.000Z'))
    await journey.submitted()
    ots.mine(6)
    await expect(journey.move()).rejects.toThrow(coded('anchor-refused'))
    await expect(journey.move()).rejects.toThrow(/86400 seconds older|8639\d seconds older/)
  })
})
