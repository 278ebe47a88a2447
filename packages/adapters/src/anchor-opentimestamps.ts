import { randomBytes } from 'node:crypto'
import type { Anchor, AnchorCheck, AnchorJob, AnchorMove, AnchorState } from '@countersign/anchor'
import { canonicalJson, CodedError, concat, type Crypto, equal, fromUtf8, hex } from '@countersign/core'
import { statementDigests } from '@countersign/formats'
import {
  type OpenTimestampsAnchor,
  opentimestampsJson,
  type OtsFile,
  type OtsOp,
  type OtsPath,
  otsTree,
  writeOts,
} from '@countersign/formats/anchor'
import { type BitcoinNetwork, readBitcoinHeaders, verifyOpenTimestamps } from '@countersign/verify/anchors'
import { agreedHeaders, type BitcoinHeaderSource } from './bitcoin-headers.ts'
import { type OtsCalendar, otsCalendar, type OtsClaim } from './ots-calendar.ts'
import type { OtsHttpOptions } from './ots-http.ts'
import { type CalendarMemo, type OtsMemo, readOtsMemo, writeOtsMemo } from './ots-memo.ts'

/** Calendars that anybody may use. They see a digest that nobody can link to a statement. */
export const PUBLIC_CALENDARS = [
  'https://a.pool.opentimestamps.org',
  'https://b.pool.opentimestamps.org',
  'https://a.pool.eternitywall.com',
  'https://ots.btc.catallaxy.com',
] as const
/** A block and five on it: what nobody has undone by accident. */
const CONFIRMATIONS = 6
/** Calendars whose blocks a proof must have, where so many are set up. */
const QUORUM = 2
const MAX_CALENDARS = 8
const NONCE_BYTES = 16
const HOUR_MS = 3_600_000
const TEN_MINUTES_MS = 600_000
/** A calendar that has made nothing of a digest by then has lost it. */
const LOST_MS = 48 * HOUR_MS
/** Longest time for all that one source of headers is asked in a move; milliseconds. */
const HEADERS_MS = 30_000
const GENESIS = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'

export interface OpenTimestampsOptions extends OtsHttpOptions {
  /** URLs of calendars, `https`, or `http` to this machine only: two or more, so that none of them is needed. */
  readonly calendars: readonly string[]
  /** Who is asked for block headers. Where there are several, two must agree. */
  readonly headers: readonly BitcoinHeaderSource[]
  readonly crypto: Pick<Crypto, 'sha256' | 'sha3_256'>
  /** `mainnet` by default; the others are for trials. */
  readonly network?: BitcoinNetwork
  /** How often calendars are asked, milliseconds; an hour by default. */
  readonly askEveryMs?: number
}

type Block = { readonly height: number; readonly headers: readonly Uint8Array[] }

/**
 * Bitcoin through OpenTimestamps: calendars promise to put a digest into a block, and tell the way to it once they
 * have; then they are of no use any more. What counts is the way to a header that the sources of headers know, with
 * five more on it. Nothing is paid. Throws `usage` for options that cannot work.
 */
export function opentimestampsAnchor(options: OpenTimestampsOptions): Anchor {
  const { crypto, headers: sources } = options
  const network = options.network ?? 'mainnet'
  const every = options.askEveryMs ?? HOUR_MS
  if (options.calendars.length === 0 || options.calendars.length > MAX_CALENDARS) {
    throw new CodedError('usage', `OpenTimestamps takes 1 to ${MAX_CALENDARS} calendars`)
  }
  if (sources.length === 0) throw new CodedError('usage', 'OpenTimestamps needs a source of block headers')
  let requests = 0
  const send = options.fetch ?? fetch
  const counting: typeof fetch = (...asked) => {
    requests++
    return send(...asked)
  }
  const calendars = options.calendars.map((url) => otsCalendar({ ...options, url, fetch: counting }))
  if (new Set(calendars.map(({ url }) => url)).size < calendars.length) {
    throw new CodedError('usage', 'a calendar is named twice: it would count as two')
  }
  const quorum = Math.min(QUORUM, calendars.length)

  async function submit(memo: OtsMemo, message: Uint8Array, now: number, due: readonly OtsCalendar[]) {
    const asked = await Promise.allSettled(due.map((calendar) => calendar.submit(message)))
    const taken = asked.flatMap((answer, i): CalendarMemo[] =>
      answer.status === 'fulfilled' ? [{ url: due[i]!.url, since: now, promises: answer.value, attested: null }] : [],
    )
    const others = memo.calendars.filter(({ url }) => !taken.some((calendar) => calendar.url === url))
    const failures = asked.flatMap((answer) => (answer.status === 'rejected' ? [failureOf(answer.reason)] : []))
    return { memo: { ...memo, calendars: [...others, ...taken] }, failures }
  }

  /** The way that ends in a block of the chain, of those that a calendar claims; null where none does. */
  async function proven(
    message: Uint8Array,
    start: Start,
    promises: readonly OtsPath[],
    calendar: OtsCalendar,
    blockAt: (height: number) => Promise<Block>,
  ): Promise<OtsClaim | null> {
    for (const promise of promises) {
      for (const claim of await calendar.claims(message, promise)) {
        const { headers } = await blockAt(claim.attestation.height)
        // Written, so that what is kept is known to fit into a proof.
        if (leadsTo(claim.digest, headers) && writeOts(fileOf(start, [claim])).length > 0) return claim
      }
    }
    return null
  }

  async function look(memo: OtsMemo, start: Start, message: Uint8Array) {
    const seen = new Map<number, Promise<Block>>()
    const blockAt = (height: number): Promise<Block> => {
      const known = seen.get(height)
      if (known !== undefined) return known
      const asked = agreedHeaders(sources, height, CONFIRMATIONS, HEADERS_MS).then((headers) => ({ height, headers }))
      seen.set(height, asked)
      return asked
    }
    const failures: CodedError[] = []
    let changed = false
    const found = await Promise.all(
      memo.calendars.map(async (entry): Promise<CalendarMemo> => {
        const attested = entry.attested
        try {
          if (attested !== null) {
            const { headers } = await blockAt(attested.height)
            if (leadsTo(attested.digest, headers)) return entry
            // The block has fallen out of the chain; the calendar will be in another one.
            changed = true
            return { ...entry, attested: null }
          }
          const calendar = calendars.find(({ url }) => url === entry.url)
          if (calendar === undefined) return entry
          const claim = await proven(message, start, entry.promises, calendar, blockAt)
          if (claim === null) return entry
          changed = true
          const { ops, attestation, digest } = claim
          return { ...entry, attested: { height: attestation.height, digest, ops } }
        } catch (error) {
          failures.push(failureOf(error))
          return entry
        }
      }),
    )
    const blocks = new Map<number, Block>()
    for (const { attested } of found) {
      if (attested === null || blocks.has(attested.height)) continue
      const block = await blockAt(attested.height).catch(() => null)
      if (block !== null) blocks.set(attested.height, block)
    }
    return { memo: { ...memo, calendars: found }, blocks, failures, changed }
  }

  function prove(
    statement: Statement,
    start: Start,
    memo: OtsMemo,
    blocks: ReadonlyMap<number, Block>,
  ): Uint8Array | null {
    const ready = memo.calendars.flatMap(({ attested }) => {
      const block = attested === null ? undefined : blocks.get(attested.height)
      return attested !== null && block?.headers.length === CONFIRMATIONS ? [{ attested, block }] : []
    })
    if (ready.length < quorum) return null
    const ways = ready.map(({ attested: { ops, height } }) => {
      return { ops, attestation: { kind: 'bitcoin' as const, height } }
    })
    const used = new Map(ready.map(({ block }) => [block.height, block]))
    const anchor: OpenTimestampsAnchor = {
      kind: 'opentimestamps',
      statement: hex(start.digest),
      file: fileOf(start, ways),
      blocks: [...used.values()].toSorted((a, b) => a.height - b.height),
    }
    const pinned = anchor.blocks.map((block) => ({ height: block.height, hash: firstOf(block).hash }))
    try {
      verifyOpenTimestamps(anchor, statement, { network, blocks: pinned, minimumWork: null }, crypto)
    } catch (error) {
      // Headers and ways were looked at before: it is the statement that no block can have, such as one of tomorrow.
      throw new CodedError('anchor-refused', failureOf(error).what, { cause: error })
    }
    return canonicalJson(opentimestampsJson(anchor))
  }

  function firstOf(block: Block) {
    try {
      return readBitcoinHeaders(block, crypto)[0]!
    } catch (error) {
      throw new CodedError('anchor-unreachable', `the sources agree on no chain: ${failureOf(error).what}`)
    }
  }

  async function move({ text, state, now }: AnchorJob): Promise<AnchorMove> {
    const before = requests
    const moved = (next: AnchorState, again: number, proof: Uint8Array | null = null): AnchorMove => {
      const spent = requests - before
      return { state: next, proof, again, costs: spent === 0 ? [] : [{ unit: 'request', amount: String(spent) }] }
    }
    // Kept before it is sent: whatever comes of the first request, the next ones ask for the same digest.
    if (state.memo === null) {
      const nonce = new Uint8Array(randomBytes(NONCE_BYTES))
      return moved({ phase: 'pending', memo: writeOtsMemo({ nonce, calendars: [] }) }, 0)
    }
    let memo = readOtsMemo(state.memo)
    const digests = statementDigests(fromUtf8(text), crypto)
    const start: Start = { digest: digests.sha256, nonce: memo.nonce }
    const message = crypto.sha256(concat(start.digest, start.nonce))

    const first = memo.calendars.length === 0
    const due = calendars.filter(({ url }) => isDue(memo, url, now))
    const submitted = await submit(memo, message, now, due)
    memo = submitted.memo
    if (memo.calendars.length === 0) throw failed('no calendar took the digest', submitted.failures, due.length)
    const missing = calendars.some(({ url }) => !memo.calendars.some((calendar) => calendar.url === url))
    const soon = Math.min(every, TEN_MINUTES_MS)
    if (first) return moved({ phase: 'submitted', memo: writeOtsMemo(memo) }, missing ? soon : every)

    const looked = await look(memo, start, message)
    const news = looked.changed || due.length > submitted.failures.length
    memo = looked.memo
    const attested = memo.calendars.filter((calendar) => calendar.attested !== null).length
    const proof = prove({ text, digests }, start, memo, looked.blocks)
    if (proof !== null) return moved({ phase: 'final', memo: writeOtsMemo(memo) }, 0, proof)
    if (!news && looked.failures.length === memo.calendars.length) {
      throw new CodedError('anchor-unreachable', `nobody could be asked: ${listed(looked.failures)}`)
    }
    const phase = attested > 0 ? 'included' : 'submitted'
    return moved({ phase, memo: writeOtsMemo(memo) }, missing || attested >= quorum ? soon : every)
  }

  return {
    kind: 'opentimestamps',
    name: network === 'mainnet' ? 'opentimestamps' : `opentimestamps:${network}`,
    move,
    async check(now) {
      const asked = calendars.map((calendar) => reachable(calendar.name, () => calendar.probe()))
      return [...(await Promise.all(asked)), ...(await checkHeaders(sources, network, crypto, now))]
    },
  }
}

type Statement = Parameters<typeof verifyOpenTimestamps>[1]

/** Where every way begins. */
interface Start {
  readonly digest: Uint8Array
  readonly nonce: Uint8Array
}

function fileOf({ digest, nonce }: Start, ways: readonly OtsPath[]): OtsFile {
  const begin: OtsOp[] = [{ op: 'append', data: nonce }, { op: 'sha256' }]
  const tree = otsTree(ways.map(({ ops, attestation }) => ({ ops: [...begin, ...ops], attestation })))
  return { hash: 'sha256', digest, tree }
}

function leadsTo(digest: Uint8Array, headers: readonly Uint8Array[]): boolean {
  const [header] = headers
  return header !== undefined && equal(header.subarray(36, 68), digest)
}

function isDue(memo: OtsMemo, url: string, now: number): boolean {
  const known = memo.calendars.find((calendar) => calendar.url === url)
  return known === undefined || (known.attested === null && now - known.since > LOST_MS)
}

async function reachable(name: string, ask: () => Promise<void>): Promise<AnchorCheck> {
  try {
    await ask()
    return { name: 'reachable', ok: true, found: `${name} answers.`, code: null }
  } catch (error) {
    const { code, what } = failureOf(error)
    return { name: 'reachable', ok: false, found: `${what}.`, code }
  }
}

async function checkHeaders(
  sources: readonly BitcoinHeaderSource[],
  network: BitcoinNetwork,
  crypto: Pick<Crypto, 'sha256'>,
  now: number,
): Promise<AnchorCheck[]> {
  try {
    const tips = await Promise.allSettled(sources.map((source) => source.tip()))
    const heights = tips.flatMap((tip) => (tip.status === 'fulfilled' ? [tip.value] : []))
    if (heights.length === 0) throw failureOf((tips[0] as PromiseRejectedResult).reason)
    // One that is ahead of the others would let them all say that there is no such block.
    const [genesis, newest] = await Promise.all(
      [0, Math.min(...heights)].map(async (height) => {
        const headers = await agreedHeaders(sources, height, 1, HEADERS_MS)
        return readBitcoinHeaders({ height, headers }, crypto)[0]
      }),
    )
    const root = network !== 'mainnet' || genesis?.hash === GENESIS
    const late = newest === undefined ? Number.POSITIVE_INFINITY : Math.round(now / 1000) - newest.time
    const timely = late > -2 * 3600 && (network !== 'mainnet' || late < 24 * 3600)
    const found = newest === undefined ? 'There is no newest block.' : `The newest block is ${late} s old.`
    return [
      { name: 'reachable', ok: true, found: `${sources.length} sources of headers agree.`, code: null },
      {
        name: 'trust root',
        ok: root,
        found: `The chain begins with ${genesis?.hash ?? 'nothing'}.`,
        code: root ? null : 'anchor-untrusted',
      },
      { name: 'clock', ok: timely, found, code: timely ? null : 'anchor-untrusted' },
    ]
  } catch (error) {
    const { code, what } = failureOf(error)
    return [{ name: 'reachable', ok: false, found: `${what}.`, code }]
  }
}

/** Refused only where everybody refuses: of the others, one may take it another time. */
function failed(what: string, failures: readonly CodedError[], asked: number): CodedError {
  const refused = failures.filter(({ code }) => code === 'anchor-refused').length === asked
  return new CodedError(refused ? 'anchor-refused' : 'anchor-unreachable', `${what}: ${listed(failures)}`)
}

function listed(failures: readonly CodedError[]): string {
  return failures.map(({ what }) => what).join('; ')
}

function failureOf(error: unknown): CodedError {
  return error instanceof CodedError
    ? error
    : new CodedError('anchor-unreachable', 'an unexpected error', { cause: error })
}
