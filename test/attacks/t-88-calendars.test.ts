import { afterEach, expect, test } from 'vitest'
import type { Anchor, AnchorMove, AnchorState } from '@countersign/anchor'
import { opentimestampsAnchor } from '@countersign/adapters/anchor-opentimestamps'
import { coreHeaders, esploraHeaders } from '@countersign/adapters/bitcoin-headers'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, utf8 } from '@countersign/core'
import { type Behaviour, type LocalOts, startLocalOts } from '../anchors/local-ots.ts'
import { textOf } from '../vectors/topics/log-statement.ts'

// T-88, for calendars: one that is slow, down, or lies holds up its own part and nobody else's. What was handed in is
// handed in once, and stays until it is in a block.

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const BEGIN: AnchorState = { phase: 'pending', memo: null }
/** Long enough for who is honest, on a machine that is busy. */
const TIMEOUT_MS = 1_000
const clock = () => Date.UTC(2026, 10, 20, 1)

let ots: LocalOts
afterEach(() => ots.close())

function anchorOf(calendars = ots.calendars): Anchor {
  return opentimestampsAnchor({
    calendars: calendars.map(({ url }) => url),
    headers: [
      esploraHeaders({ url: ots.esplora, crypto: nodeCrypto }),
      coreHeaders({ url: ots.core, crypto: nodeCrypto }),
    ],
    crypto: nodeCrypto,
    network: 'regtest',
    timeoutMs: TIMEOUT_MS,
  })
}
const move = (anchor: Anchor, state: AnchorState): Promise<AnchorMove> =>
  anchor.move({ number: 0, text: utf8(textOf()), state, others: [], now: clock() })
const digests = (calendar: LocalOts['calendars'][number]) =>
  calendar.seen.filter((line) => line.startsWith('POST')).length

const HOSTILE: readonly Behaviour[] = ['stall', 'drip', 'endless', 'garbage', 'other-digest', 'wrong-height', 'pending']

test('two calendars are final though all the others stall and lie, and nothing is handed in twice', async () => {
  ots = await startLocalOts({ calendars: 8, clock })
  for (const [i, calendar] of ots.calendars.slice(2).entries()) calendar.get = HOSTILE[i]!
  const anchor = anchorOf()
  let state = (await move(anchor, BEGIN)).state
  state = (await move(anchor, state)).state
  ots.mine(6)
  const { state: last, proof } = await move(anchor, state)
  expect([last.phase, proof === null]).toEqual(['final', false])
  expect(ots.calendars.map(digests)).toEqual(Array.from({ length: 8 }, () => 1))
})

test('the control: with hostile ones alone nothing is ever final', async () => {
  ots = await startLocalOts({ calendars: 7, clock })
  for (const [i, calendar] of ots.calendars.entries()) calendar.get = HOSTILE[i]!
  const anchor = anchorOf()
  let state = (await move(anchor, BEGIN)).state
  state = (await move(anchor, state)).state
  ots.mine(12)
  for (let i = 0; i < 3; i++) {
    const next = await move(anchor, state)
    expect([next.state.phase, next.proof]).toEqual(['submitted', null])
    state = next.state
  }
  for (const calendar of ots.calendars) calendar.get = 'honest'
  ots.mine(6)
  expect((await move(anchor, state)).state.phase).toBe('final')
})

test('while all are down it is pending, is asked again, and loses nothing', async () => {
  ots = await startLocalOts({ clock })
  const anchor = anchorOf()
  const { state } = await move(anchor, BEGIN)
  for (const calendar of ots.calendars) calendar.post = 'stall'
  for (let i = 0; i < 3; i++) await expect(move(anchor, state)).rejects.toThrow(coded('anchor-unreachable'))
  for (const calendar of ots.calendars) calendar.post = 'honest'
  const submitted = await move(anchor, state)
  ots.mine(6)
  expect((await move(anchor, submitted.state)).state.phase).toBe('final')
})

test('headers that stall or lie stop no calendar’s work from counting once two sources agree', async () => {
  ots = await startLocalOts({ clock })
  const forged = await startLocalOts({ clock })
  try {
    forged.mine(20)
    const of = (headers: Parameters<typeof opentimestampsAnchor>[0]['headers']) =>
      opentimestampsAnchor({
        calendars: ots.calendars.map(({ url }) => url),
        headers,
        crypto: nodeCrypto,
        network: 'regtest',
        timeoutMs: TIMEOUT_MS,
      })
    const good = [
      esploraHeaders({ url: ots.esplora, crypto: nodeCrypto }),
      coreHeaders({ url: ots.core, crypto: nodeCrypto }),
    ]
    const liar = coreHeaders({ url: forged.core, crypto: nodeCrypto })
    const anchor = of([liar, ...good])
    let state = (await move(anchor, BEGIN)).state
    state = (await move(anchor, state)).state
    ots.mine(6)
    expect((await move(anchor, state)).state.phase).toBe('final')
    // The control: one against one is no agreement.
    await expect(move(of([liar, good[0]!]), state)).rejects.toThrow(/do not agree/)
  } finally {
    await forged.close()
  }
})
