import { CodedError, type ConcurrentCrypto, type ErrorReport, reportOf } from '@countersign/core'
import {
  type Attachment,
  type Bundle,
  type ChainLine,
  type ClaimedIdentity,
  type Disclosure,
  type Endorsed,
  isAttachment,
  isBundle,
  isDeviation,
  isDisclosure,
  isReceipt,
  isRemark,
  isWithheld,
  isSealed,
  type Receipt,
  type ReportRef,
  type SealedField,
  type Withheld,
} from '@countersign/formats'
import { compare } from './ancestry.ts'
import { Attached } from './attachment.ts'
import { deviationIn } from './deviation.ts'
import { verifyDisclosure } from './disclosure.ts'
import type { IdentityCrypto } from './identity/index.ts'
import { believesCertificates, CertificatesRead, isWithin, timestampsOf } from './keyless.ts'
import {
  type Checked,
  checkLater,
  checkRevoked,
  checkStep,
  isProvisional,
  openChecked,
  type ProvisionalStep,
  settled,
} from './open.ts'
import { LeavesKnown } from './leaves-known.ts'
import { cosigned } from './party.ts'
import {
  CheckpointsRead,
  type Countersigned,
  countersigned,
  heldAgainst,
  type Reading,
  signedByAnother,
} from './receipt.ts'
import { withReceipt, withUnjudged } from './receipts-kept.ts'
import { readRemarks } from './remark.ts'
import type {
  Trust,
  TrustedKey,
  UnjudgedReceipt,
  VerifiedAttachment,
  VerifiedDeviation,
  VerifiedDisclosure,
  VerifiedReceipt,
  VerifiedRemark,
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
  /**
   * By link digest, receipts of logs that are not trusted: each commits to its step, and nothing else of it was checked.
   * They count for nothing here, and may where somebody believes their logs.
   */
  readonly unjudged: ReadonlyMap<string, readonly UnjudgedReceipt[]>
  /** By link digest of the step that is not shown; none that is among `steps`. */
  readonly withheld: ReadonlyMap<string, VerifiedWithheld>
  /** What sealed fields hold, by link digest of their step. A field that is not among them is withheld. */
  readonly disclosed: ReadonlyMap<string, ReadonlyMap<SealedField, VerifiedDisclosure>>
  /** Reports in full, by link digest of their step; each once. A report that is not among them is known by its digest. */
  readonly attached: ReadonlyMap<string, readonly VerifiedAttachment[]>
  /** What enough maintainers of a contract that is trusted let through; each once. */
  readonly deviations: readonly VerifiedDeviation[]
  /** What somebody trusted says under signature; each once. It decides nothing. */
  readonly remarks: readonly VerifiedRemark[]
  /** Notes that do not verify here: anybody may say anything, so they are told apart from what was refused. */
  readonly unknownRemarks: readonly { readonly index: number; readonly report: ErrorReport }[]
  readonly refused: readonly { readonly index: number; readonly report: ErrorReport }[]
}

/**
 * Verifies every bundle for itself: signatures and shapes, not yet how they fit (see `handshake`, `judge`); every
 * receipt, every disclosure and every attachment against its step; and every withheld attestation against the receipts and the steps
 * after it. What is signed under a certificate counts where a receipt, or a trusted timestamp, says that it was there
 * while the certificate was valid. Order and repetition have no meaning. What does not verify is reported, never dropped
 * silently: but what goes with a step that is reported, as its receipts, goes without saying.
 *
 * A step under a key that was revoked counts where one of these says that it was there before, or where the revocation
 * is after `now`, the time of this reading; left out, no revocation is.
 */
export function readChain(lines: readonly ChainLine[], trust: Trust, crypto: IdentityCrypto, now?: string): Chain {
  const reader = new Reader(trust, crypto, now ?? null)
  for (const line of lines) reader.read(line, null)
  return reader.chain()
}

/** Most signature checks for bundles that name no trusted key: some seconds of work. */
const MAX_TRIALS = 50_000

/** Most signatures of which the timestamps are looked at: as long again. */
const MAX_STAMPED = 5_000

/** Most deviations that are looked at: each may hold as many signatures as there may be maintainers. */
const MAX_DEVIATIONS = 16

/** Most signatures under way: enough that no core waits for another. */
const AHEAD = 256

/** {@link readChain} with its signature checks beside the calling thread: the same answer, sooner. */
export async function readChainConcurrently(
  lines: readonly ChainLine[],
  trust: Trust,
  crypto: ConcurrentCrypto & IdentityCrypto,
  now?: string,
): Promise<Chain> {
  const reader = new Reader(trust, crypto, now ?? null)
  const checks: (Promise<Checked | null> | null)[] = []
  for (const [index, line] of lines.entries()) {
    while (checks.length < Math.min(index + AHEAD, lines.length)) {
      const next = lines[checks.length]!
      checks.push(isBundle(next) ? checkLater(next, trust, crypto) : null)
    }
    reader.read(line, await checks[index]!)
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
  readonly #crypto: IdentityCrypto
  readonly #now: string | null
  readonly #steps = new Map<string, VerifiedStep>()
  /** Further readings of statements that are among the steps. */
  readonly #again = new Map<string, VerifiedStep[]>()
  /** All of them, by `readingOf`: a receipt is about one. */
  readonly #readings = new Map<string, VerifiedStep>()
  /** By link, steps whose certificates have yet to find a time. */
  readonly #provisional = new Map<string, { readonly index: number; readonly step: ProvisionalStep }[]>()
  readonly #receipts = new Map<string, readonly VerifiedReceipt[]>()
  readonly #unjudged = new Map<string, readonly UnjudgedReceipt[]>()
  readonly #refused: { index: number; report: ErrorReport }[] = []
  readonly #doubted: Doubted[] = []
  readonly #held: { readonly index: number; readonly receipt: Receipt }[] = []
  /** Receipts that verified when a time was looked for, by index: each is verified once. */
  readonly #timed = new Map<number, Countersigned>()
  readonly #withheld: { readonly index: number; readonly withheld: Withheld }[] = []
  readonly #opening: { readonly index: number; readonly disclosure: Disclosure }[] = []
  readonly #attachments: { readonly index: number; readonly attachment: Attachment }[] = []
  readonly #deviations: { readonly index: number; readonly endorsed: Endorsed }[] = []
  readonly #remarks: { readonly index: number; readonly endorsed: Endorsed }[] = []
  /** Links of all steps as they were read. */
  readonly #order: string[] = []
  #index = 0
  #trials = 0
  #stamped = 0

  constructor(trust: Trust, crypto: IdentityCrypto, now: string | null) {
    this.#trust = trust
    this.#crypto = crypto
    this.#now = now
  }

  /** All that was read; what is about steps last, for it is held against them. */
  chain(): Chain {
    const checkpoints = new CheckpointsRead(this.#trust, this.#crypto)
    const gone = this.#settle(checkpoints)
    for (const { index, receipt } of this.#held) {
      const { link, signer } = receipt.opening
      const step = this.#readings.get(readingOf(link, signer))
      if (gone.has(readingOf(link, signer)) && !this.#steps.has(link)) continue
      this.#guard(index, () => {
        if (step === undefined) {
          if (this.#steps.has(link)) throw signedByAnother(link)
          throw new CodedError('receipt-invalid', `no step ${link.slice(0, 12)} that verifies is with its receipt`)
        }
        const by = this.#timed.get(index) ?? this.#logOf(receipt, step, checkpoints)
        const verified = countersigned(receipt, step, by)
        this.#receipts.set(link, withReceipt(this.#receipts.get(link) ?? [], verified))
      })
    }
    for (const [link, again] of this.#again) {
      this.#steps.set(link, cosigned([this.#steps.get(link)!, ...again], this.#trust))
    }
    const withheld = this.#closed(checkpoints)
    const disclosed = this.#opened(gone)
    const attached = new Attached(this.#steps, disclosed, this.#crypto)
    for (const { index, attachment } of this.#attachments) {
      if (!gone.has(attachment.link)) this.#guard(index, () => attached.add(attachment))
    }
    const deviations = this.#deviated()
    const { remarks, unknown } = readRemarks(this.#remarks, this.#trust, this.#crypto)
    const refused = this.#refused.toSorted((a, b) => a.index - b.index)
    return {
      steps: this.#steps,
      receipts: this.#receipts,
      unjudged: this.#unjudged,
      withheld,
      disclosed,
      attached: attached.all,
      deviations,
      remarks,
      unknownRemarks: unknown,
      refused,
    }
  }

  /**
   * Finds out who signed under certificates, and when under keys that were revoked, by the times that others vouch for.
   * Returns the steps whose signatures are good, and that are refused all the same, by link and by `readingOf`.
   */
  #settle(checkpoints: CheckpointsRead): ReadonlySet<string> {
    if (this.#provisional.size === 0 && this.#doubted.length === 0) return new Set()
    const certificates = new CertificatesRead(this.#trust, this.#crypto)
    const all = [...this.#provisional.values()].flatMap((some) => some.map(({ step }) => step))
    const accepted = this.#accepted(all, this.#trust, checkpoints)
    for (const all of this.#provisional.values()) {
      for (const { index, step } of all) {
        this.#guard(index, () => {
          const inTime = (time: string) => isWithin(time, step.certified.leaf)
          const times = this.#timesOf(step, accepted, inTime)
          this.#add(settled(step, certificates.signer(step.certified, times)))
        })
      }
    }
    this.#settleDoubts(checkpoints)
    // As they were read, whoever signed them.
    const steps = this.#order.flatMap((link) => this.#steps.get(link) ?? [])
    this.#steps.clear()
    for (const step of steps) this.#steps.set(step.link, step)
    const read = [...all, ...this.#doubted.map(({ step }) => step)]
    const gone = read.filter(({ link, under }) => !this.#readings.has(readingOf(link, under.digest)))
    const links = gone.map(({ link }) => link).filter((link) => !this.#steps.has(link))
    return new Set([...links, ...gone.map(({ link, under }) => readingOf(link, under.digest))])
  }

  #settleDoubts(checkpoints: CheckpointsRead): void {
    const steps = this.#doubted.map(({ step }) => step)
    const { timekeepers, countersigners } = this.#trust
    const timed =
      timekeepers === undefined ? null : { ...this.#trust, countersigners: [...countersigners, ...timekeepers] }
    const accepted =
      timed === null
        ? this.#accepted(steps, this.#trust, checkpoints)
        : this.#accepted(steps, timed, new CheckpointsRead(timed, this.#crypto))
    for (const { index, step, key } of this.#doubted) {
      this.#guard(index, () => {
        const inTime = (time: string) => time < key.revokedAt!
        const [earliest] = this.#timesOf(step, accepted, inTime).toSorted()
        checkRevoked(key, earliest ?? this.#now, `step ${step.statement.predicate.step.name}`)
        this.#add(step)
      })
    }
  }

  /** Where no log says that the step was there in time, the timestamps beside its signature may. */
  #timesOf(
    { bundle, link, under }: Reading,
    accepted: ReadonlyMap<string, ReadonlySet<string>>,
    inTime: (time: string) => boolean,
  ): readonly string[] {
    const times = [...(accepted.get(readingOf(link, under.digest)) ?? [])]
    if (bundle.timestamps.length === 0 || times.some(inTime)) return times
    if (this.#stamped++ >= MAX_STAMPED) return times
    return [...times, ...timestampsOf(bundle, this.#trust, this.#crypto)]
  }

  /** When trusted logs accepted steps, by `readingOf`. What is refused is said later. */
  #accepted(
    steps: readonly Reading[],
    trust: Trust,
    checkpoints: CheckpointsRead,
  ): ReadonlyMap<string, ReadonlySet<string>> {
    const times = new Map<string, Set<string>>()
    if (steps.length === 0) return times
    const readings = new Map(steps.map((step) => [readingOf(step.link, step.under.digest), step]))
    for (const { index, receipt } of this.#held) {
      const { link, leaf, signer } = receipt.opening
      const name = readingOf(link, signer)
      const step = readings.get(name)
      if (step === undefined || times.get(name)?.has(leaf.acceptedAt) === true) continue
      try {
        const verified = heldAgainst(receipt, step, trust, this.#crypto, checkpoints)
        // Who only tells the time countersigns nothing.
        if (trust === this.#trust) this.#timed.set(index, verified)
      } catch (error) {
        if (error instanceof CodedError) continue
        throw error
      }
      const known = times.get(name)
      if (known === undefined) times.set(name, new Set([leaf.acceptedAt]))
      else known.add(leaf.acceptedAt)
    }
    return times
  }

  #logOf(receipt: Receipt, step: VerifiedStep, checkpoints: CheckpointsRead): Countersigned {
    try {
      return heldAgainst(receipt, step, this.#trust, this.#crypto, checkpoints)
    } catch (error) {
      if (error instanceof CodedError && error.code === 'signer-unknown') {
        this.#unjudged.set(step.link, withUnjudged(this.#unjudged.get(step.link) ?? [], { receipt, step }))
      }
      throw error
    }
  }

  #add(step: VerifiedStep): void {
    const { link, under } = step
    const reading = readingOf(link, under.digest)
    if (!this.#readings.has(reading)) this.#readings.set(reading, step)
    if (!this.#steps.has(link)) this.#steps.set(link, step)
    else if (this.#again.has(link)) this.#again.get(link)!.push(step)
    else this.#again.set(link, [step])
  }

  #closed(checkpoints: CheckpointsRead): ReadonlyMap<string, VerifiedWithheld> {
    const verified = new Map<string, VerifiedWithheld>()
    if (this.#withheld.length === 0) return verified
    const opened = [...this.#receipts.values()].flatMap((all) => all.map(({ receipt }) => receipt))
    const known = new LeavesKnown(opened, this.#steps)
    const proven: { readonly index: number; readonly one: VerifiedWithheld }[] = []
    for (const { index, withheld } of this.#withheld) {
      this.#guard(index, () => {
        proven.push({ index, one: verifyWithheld(withheld, this.#trust, this.#crypto, checkpoints) })
        // What proves nothing contradicts nobody.
        known.add(withheld)
      })
    }
    for (const { index, one } of proven) {
      this.#guard(index, () => {
        known.check(one.withheld)
        const { link } = one.withheld.unopened
        // Shown all the same: somebody kept it.
        if (this.#steps.has(link)) return
        const other = verified.get(link)
        if (other === undefined || compare(rankOf(one), rankOf(other)) < 0) verified.set(link, one)
      })
    }
    return verified
  }

  #deviated(): readonly VerifiedDeviation[] {
    const verified = new Map<string, VerifiedDeviation>()
    for (const [i, { index, endorsed }] of this.#deviations.entries()) {
      this.#guard(index, () => {
        if (i >= MAX_DEVIATIONS) {
          throw new CodedError('deviation-invalid', `more than ${MAX_DEVIATIONS} deviations are brought forward`)
        }
        const one = deviationIn(endorsed, this.#trust, this.#crypto)
        if (!verified.has(one.id)) verified.set(one.id, one)
      })
    }
    return [...verified.values()]
  }

  #opened(gone: ReadonlySet<string>): ReadonlyMap<string, ReadonlyMap<SealedField, VerifiedDisclosure>> {
    const verified = new Map<string, Map<SealedField, VerifiedDisclosure>>()
    for (const { index, disclosure } of this.#opening) {
      if (gone.has(disclosure.link)) continue
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
    if (bundle.key.kind === 'certificate' && believesCertificates(this.#trust)) {
      return checkStep(bundle, this.#trust, this.#crypto)
    }
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
    if (isAttachment(line)) {
      this.#attachments.push({ index, attachment: line })
      return
    }
    if (isDeviation(line)) {
      this.#deviations.push({ index, endorsed: line })
      return
    }
    if (isRemark(line)) {
      this.#remarks.push({ index, endorsed: line })
      return
    }
    this.#guard(index, () => {
      const check = checked ?? this.#check(line)
      const opened = openChecked(line, check)
      this.#order.push(opened.link)
      if (isProvisional(opened)) {
        const waiting = this.#provisional.get(opened.link)
        if (waiting === undefined) this.#provisional.set(opened.link, [{ index, step: opened }])
        else waiting.push({ index, step: opened })
      } else if (check.key?.revokedAt == null) this.#add(opened)
      else this.#doubted.push({ index, step: opened, key: check.key })
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

/** The name of a statement as it is signed under one key or certificate. */
function readingOf(link: string, under: string): string {
  return `${link} ${under}`
}

/** What is known to be erased goes first, then what most witnesses saw; then the log's name and size decide: order has no meaning. */
function rankOf({ withheld: { proof, tombstone }, witnesses }: VerifiedWithheld): string {
  const { origin, size } = proof.checkpoint
  const unseen = Number.MAX_SAFE_INTEGER - witnesses.length
  return `${tombstone === null ? 1 : 0} ${unseen} ${origin} ${String(size).padStart(16, '0')}`
}

/** What the sealed identity of a step holds; null where that is not disclosed, or not sealed. */
export function claimedIn({ disclosed }: Chain, link: string): ClaimedIdentity | null {
  if (disclosed.size === 0) return null
  const disclosure = disclosed.get(link)?.get('identity')?.disclosure
  return disclosure?.field === 'identity' ? (disclosure.value as ClaimedIdentity) : null
}

/** The reports of a step; null where they are sealed, and not disclosed. */
export function reportsIn({ disclosed }: Chain, { link, statement }: VerifiedStep): readonly ReportRef[] | null {
  const { evidence } = statement.predicate
  if (!isSealed(evidence)) return evidence
  const disclosure = disclosed.get(link)?.get('evidence')?.disclosure
  return disclosure?.field === 'evidence' ? (disclosure.value as readonly ReportRef[]) : null
}
