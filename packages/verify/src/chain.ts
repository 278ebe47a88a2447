import { CodedError, type ConcurrentCrypto, type Crypto, type ErrorReport, reportOf } from '@countersign/core'
import {
  type Bundle,
  type ChainLine,
  type Disclosure,
  isBundle,
  isDisclosure,
  isReceipt,
  isWithheld,
  type Receipt,
  type SealedField,
  type Withheld,
} from '@countersign/formats'
import { verifyDisclosure } from './disclosure.ts'
import { type Checked, checkLater, checkRevoked, checkStep, openChecked } from './open.ts'
import { CheckpointsRead, verifyReceipt } from './receipt.ts'
import type {
  Signer,
  Trust,
  TrustedKey,
  VerifiedDisclosure,
  VerifiedReceipt,
  VerifiedStep,
  VerifiedWithheld,
} from './types.ts'
import { verifyWithheld } from './withheld.ts'

/** The verified part of the lines of a chain, and what was refused of it. */
export interface Chain {
  /** By link digest. */
  readonly steps: ReadonlyMap<string, VerifiedStep>
  /** By link digest of the step they are about. */
  readonly receipts: ReadonlyMap<string, readonly VerifiedReceipt[]>
  /** By link digest of the step that is not shown; none that is among `steps`. */
  readonly withheld: ReadonlyMap<string, VerifiedWithheld>
  /** What sealed fields hold, by link digest of their step. A field that is not among them is withheld. */
  readonly disclosed: ReadonlyMap<string, ReadonlyMap<SealedField, VerifiedDisclosure>>
  readonly refused: readonly { readonly index: number; readonly report: ErrorReport }[]
}

/**
 * Verifies every bundle for itself: signatures and shapes, not yet how they fit (see `handshake`, `judge`); every
 * receipt and every disclosure against its step; and every withheld attestation against the receipts and the steps
 * after it. Order and repetition have no meaning. What does not verify is reported, never dropped silently.
 *
 * A step under a key that was revoked counts where a trusted log had it before (`acceptedAt` of a receipt that
 * verifies), or where the revocation is after `now`, the time of this reading; left out, no revocation is.
 */
export function readChain(lines: readonly ChainLine[], trust: Trust, crypto: Crypto, now?: string): Chain {
  const reader = new Reader(trust, crypto, now ?? null)
  for (const line of lines) reader.read(line, null)
  return reader.chain()
}

/** Most signature checks for bundles that name no trusted key: some seconds of work. */
const MAX_TRIALS = 50_000

/** Most signatures under way: enough that no core waits for another. */
const AHEAD = 256

/** {@link readChain} with its signature checks beside the calling thread: the same answer, sooner. */
export async function readChainConcurrently(
  lines: readonly ChainLine[],
  trust: Trust,
  crypto: ConcurrentCrypto,
  now?: string,
): Promise<Chain> {
  const reader = new Reader(trust, crypto, now ?? null)
  const checks: (Promise<Checked | null> | null)[] = []
  for (const [index, line] of lines.entries()) {
    while (checks.length < Math.min(index + AHEAD, lines.length)) {
      const next = lines[checks.length]!
      checks.push(isBundle(next) ? checkLater(next, trust, crypto) : null)
    }
    const check = checks[index]!
    reader.read(line, check === null ? null : await check)
  }
  return reader.chain()
}

/** A step under a key that was revoked, until it is known when it was signed at the latest. */
interface Doubted {
  readonly index: number
  readonly step: VerifiedStep
  readonly key: TrustedKey
}

class Reader {
  readonly #trust: Trust
  readonly #crypto: Crypto
  readonly #now: string | null
  readonly #steps = new Map<string, VerifiedStep>()
  readonly #receipts = new Map<string, readonly VerifiedReceipt[]>()
  readonly #refused: { index: number; report: ErrorReport }[] = []
  readonly #doubted: Doubted[] = []
  readonly #held: { readonly index: number; readonly receipt: Receipt }[] = []
  readonly #withheld: { readonly index: number; readonly withheld: Withheld }[] = []
  readonly #opening: { readonly index: number; readonly disclosure: Disclosure }[] = []
  #index = 0
  #trials = 0

  constructor(trust: Trust, crypto: Crypto, now: string | null) {
    this.#trust = trust
    this.#crypto = crypto
    this.#now = now
  }

  /** All that was read; what is about steps last, for it is held against them. */
  chain(): Chain {
    const checkpoints = new CheckpointsRead(this.#trust, this.#crypto)
    this.#settleDoubts()
    for (const { index, receipt } of this.#held) {
      this.#guard(index, () => {
        const { link } = receipt.opening
        const step = this.#steps.get(link)
        if (step === undefined) {
          throw new CodedError('receipt-invalid', `no step ${link.slice(0, 12)} that verifies is with its receipt`)
        }
        const verified = verifyReceipt(receipt, step, this.#trust, this.#crypto, checkpoints)
        this.#receipts.set(link, withReceipt(this.#receipts.get(link) ?? [], verified))
      })
    }
    const withheld = this.#closed(checkpoints)
    const disclosed = this.#opened()
    const refused = this.#refused.toSorted((a, b) => a.index - b.index)
    return { steps: this.#steps, receipts: this.#receipts, withheld, disclosed, refused }
  }

  #settleDoubts(): void {
    if (this.#doubted.length === 0) return
    const times = this.#knownSince(new Map(this.#doubted.map(({ step }) => [step.link, step])))
    for (const { index, step, key } of this.#doubted) {
      this.#guard(index, () => {
        checkRevoked(key, times.get(step.link) ?? this.#now)
        this.#take(step)
      })
    }
  }

  /** By link, the earliest time at which a trusted log had a step. That a receipt proves nothing is said elsewhere. */
  #knownSince(steps: ReadonlyMap<string, VerifiedStep>): ReadonlyMap<string, string> {
    const times = new Map<string, string>()
    const { countersigners, timekeepers = [] } = this.#trust
    const trust = { ...this.#trust, countersigners: [...countersigners, ...timekeepers] }
    const checkpoints = new CheckpointsRead(trust, this.#crypto)
    for (const { receipt } of this.#held) {
      const { link, leaf } = receipt.opening
      const step = steps.get(link)
      if (step === undefined || !verifies(() => verifyReceipt(receipt, step, trust, this.#crypto, checkpoints)))
        continue
      const known = times.get(link)
      if (known === undefined || leaf.acceptedAt < known) times.set(link, leaf.acceptedAt)
    }
    return times
  }

  #take(step: VerifiedStep): void {
    const known = this.#steps.get(step.link)
    this.#steps.set(step.link, known === undefined ? step : cosigned(known, step, this.#trust))
  }

  #closed(checkpoints: CheckpointsRead): ReadonlyMap<string, VerifiedWithheld> {
    const verified = new Map<string, VerifiedWithheld>()
    if (this.#withheld.length === 0) return verified
    const opened = [...this.#receipts.values()].flatMap((all) => all.map(({ receipt }) => receipt))
    const known = new LeavesKnown(opened, this.#steps)
    for (const { withheld } of this.#withheld) known.add(withheld)
    for (const { index, withheld } of this.#withheld) {
      this.#guard(index, () => {
        const one = verifyWithheld(withheld, this.#trust, this.#crypto, checkpoints)
        known.check(withheld)
        const { link } = withheld.unopened
        // Shown all the same: somebody kept it.
        if (this.#steps.has(link)) return
        const other = verified.get(link)
        if (other === undefined || compare(rankOf(one), rankOf(other)) < 0) verified.set(link, one)
      })
    }
    return verified
  }

  #opened(): ReadonlyMap<string, ReadonlyMap<SealedField, VerifiedDisclosure>> {
    const verified = new Map<string, Map<SealedField, VerifiedDisclosure>>()
    for (const { index, disclosure } of this.#opening) {
      this.#guard(index, () => {
        const { link, field } = disclosure
        const step = this.#steps.get(link)
        if (step === undefined) {
          const what = `no step ${link.slice(0, 12)} that verifies is with what is disclosed of its ${field}`
          throw new CodedError('disclosure-mismatch', what)
        }
        const fields = verified.get(link) ?? new Map<SealedField, VerifiedDisclosure>()
        fields.set(field, verifyDisclosure(disclosure, step, this.#crypto))
        verified.set(link, fields)
      })
    }
    return verified
  }

  /** The check under the key that the bundle names, else under all: that is bounded, for junk needs no key. */
  #check(bundle: Bundle): Checked {
    const { signers } = this.#trust
    const hint = bundle.key.kind === 'publicKey' ? bundle.key.hint : null
    if (!signers.some(({ key }) => key.keyId === hint)) {
      this.#trials += signers.length
      if (this.#trials > MAX_TRIALS) {
        throw new CodedError('signer-unknown', 'too many signatures name no trusted key for all keys to be tried', {
          fix: 'Remove the bundles that nobody trusted signed, or have each name its key.',
        })
      }
    }
    return checkStep(bundle, this.#trust, this.#crypto)
  }

  /** Takes the next line, its signature checked already or not yet. */
  read(line: ChainLine, checked: Checked | null): void {
    const index = this.#index++
    if (isReceipt(line)) {
      this.#held.push({ index, receipt: line })
      return
    }
    if (isWithheld(line)) {
      this.#withheld.push({ index, withheld: line })
      return
    }
    if (isDisclosure(line)) {
      this.#opening.push({ index, disclosure: line })
      return
    }
    this.#guard(index, () => {
      const check = checked ?? this.#check(line)
      const step = openChecked(line, check)
      if (check.key.revokedAt === null) this.#take(step)
      else this.#doubted.push({ index, step, key: check.key })
    })
  }

  #guard(index: number, verify: () => void): void {
    try {
      verify()
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#refused.push({ index, report: reportOf(error) })
    }
  }
}

function verifies(verify: () => void): boolean {
  try {
    verify()
    return true
  } catch (error) {
    if (error instanceof CodedError) return false
    throw error
  }
}

/**
 * Of several receipts for one entry the one under the largest checkpoint stays: else each hand-over would add one more.
 * A log that gave a step two entries has said both.
 */
function withReceipt(known: readonly VerifiedReceipt[], next: VerifiedReceipt): readonly VerifiedReceipt[] {
  const place = known.findIndex(
    ({ receipt, countersigner }) =>
      countersigner.name === next.countersigner.name &&
      countersigner.keyId === next.countersigner.keyId &&
      receipt.proof.index === next.receipt.proof.index,
  )
  if (place < 0) return [...known, next]
  const larger = known[place]!.receipt.proof.checkpoint.size >= next.receipt.proof.checkpoint.size
  return larger ? known : known.with(place, next)
}

/** What is known to be erased goes first, then the log's name and size decide: order has no meaning. */
function rankOf({ withheld: { proof, tombstone } }: VerifiedWithheld): string {
  const { origin, size } = proof.checkpoint
  return `${tombstone === null ? 1 : 0} ${origin} ${String(size).padStart(16, '0')}`
}

/**
 * Which leaf is whose, as far as it is told. A leaf that is open has no other attestation in it; one leaf is about one
 * attestation; and the log had it before it had any step that goes on from it, or somebody put it there afterwards.
 */
class LeavesKnown {
  /** Links by leaf. */
  readonly #links = new Map<string, string>()
  readonly #contradicted = new Set<string>()
  /** Leaves of withheld attestations by log and link. */
  readonly #leaves = new Map<string, number>()
  /** Index of the first known follower, by log and link. */
  readonly #followers = new Map<string, number>()

  constructor(opened: readonly Receipt[], steps: ReadonlyMap<string, VerifiedStep>) {
    for (const { opening, proof } of opened) {
      const { origin } = proof.checkpoint
      this.#links.set(`${proof.index} ${origin}`, opening.link)
      for (const { link } of steps.get(opening.link)?.statement.predicate.previous ?? []) {
        const name = `${link} ${origin}`
        this.#followers.set(name, Math.min(proof.index, this.#followers.get(name) ?? proof.index))
      }
    }
  }

  add({ unopened: { link }, proof }: Withheld): void {
    const { origin } = proof.checkpoint
    const leaf = `${proof.index} ${origin}`
    const name = `${link} ${origin}`
    const other = this.#links.get(leaf)
    if (other === undefined) this.#links.set(leaf, link)
    else if (other !== link) this.#contradicted.add(leaf)
    const index = this.#leaves.get(name)
    if (index === undefined) this.#leaves.set(name, proof.index)
    else if (index !== proof.index) this.#contradicted.add(leaf).add(`${index} ${origin}`)
  }

  /** Throws `withheld-invalid`. */
  check({ unopened: { link }, proof }: Withheld): void {
    const { origin } = proof.checkpoint
    if (this.#contradicted.has(`${proof.index} ${origin}`)) {
      throw new CodedError('withheld-invalid', `entry ${proof.index} of ${origin} is said to be of two attestations`)
    }
    const follower = this.#followers.get(`${link} ${origin}`)
    if (follower !== undefined && follower <= proof.index) {
      const what = `the leaf of ${link.slice(0, 12)} came into the log after that of a step that goes on from it`
      throw new CodedError('withheld-invalid', what)
    }
  }
}

/** One step of two readings of one statement. The signer named first in `trust` counts first, whichever was read first. */
function cosigned(known: VerifiedStep, again: VerifiedStep, { signers }: Trust): VerifiedStep {
  const { keyId } = again.signer
  if ([known.signer, ...known.cosigners].some((signer) => signer.keyId === keyId)) return known
  const rank = (signer: Signer) => signers.findIndex(({ key }) => key.keyId === signer.keyId)
  const [first, ...cosigners] = [known.signer, ...known.cosigners, again.signer].toSorted((a, b) => rank(a) - rank(b))
  const { bundle } = first!.keyId === keyId ? again : known
  return { ...known, bundle, signer: first!, cosigners }
}

/** The place of a step, which one attestation may hold: chain, step, attempt, matrix key. */
export function placeOf(step: VerifiedStep): string {
  const { chain, step: ref } = step.statement.predicate
  // Only a matrix key may hold a space, and it comes last.
  const place = `${chain.id} ${ref.name} ${ref.attempt}`
  return ref.matrix === null ? place : `${place} ${ref.matrix}`
}

/**
 * The `ends` and all their known predecessors in their own run, each after its own predecessors. Iterative, and each
 * visited once, so that neither depth nor width nor a forged circle can exhaust it. What is of another run is not of
 * the way: its follower is at fault, and a thousand runs that go on from one would each walk it again.
 */
export function ancestry(ends: readonly VerifiedStep[], steps: ReadonlyMap<string, VerifiedStep>): VerifiedStep[] {
  const order: VerifiedStep[] = []
  const seen = new Set<string>()
  const stack: { step: VerifiedStep; next: number }[] = []
  const waiting = ends.toReversed()
  for (;;) {
    const top = stack.at(-1)
    if (top === undefined) {
      const end = waiting.pop()
      if (end === undefined) return order
      if (!seen.has(end.link)) {
        seen.add(end.link)
        stack.push({ step: end, next: 0 })
      }
      continue
    }
    const previous = top.step.statement.predicate.previous[top.next++]
    if (previous === undefined) {
      order.push(top.step)
      stack.pop()
      continue
    }
    const before = steps.get(previous.link)
    const own = before?.statement.predicate.chain.id === top.step.statement.predicate.chain.id
    if (before !== undefined && own && !seen.has(before.link)) {
      seen.add(before.link)
      stack.push({ step: before, next: 0 })
    }
  }
}

/** Those of the `ends` that go before no other of them, near or far. */
export function heads(ends: readonly VerifiedStep[], steps: ReadonlyMap<string, VerifiedStep>): VerifiedStep[] {
  if (ends.length < 2) return [...ends]
  const before = ends.flatMap((end) => end.statement.predicate.previous.flatMap(({ link }) => steps.get(link) ?? []))
  const passed = new Set(ancestry(before, steps).map(({ link }) => link))
  return ends.filter((end) => !passed.has(end.link))
}

/** When the last of the steps finished; empty for none. */
export function latestFinish(steps: readonly VerifiedStep[]): string {
  return steps.reduce((latest, { statement: { predicate } }) => {
    const { finishedAt } = predicate.invocation
    return finishedAt > latest ? finishedAt : latest
  }, '')
}

/** Order of digests, times and names as text. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
