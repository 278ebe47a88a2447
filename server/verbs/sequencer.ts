import { CodedError, concat, utf8 } from '@countersign/core'
import { endReceipt, type Withheld } from '@countersign/formats'
import type { Act } from '../acts.ts'
import type { Administered, Administration } from '../audit.ts'
import type { Append, Appended, Buried, Erasure, Issuance, Issued, LogHead, Store } from '../store.ts'

/** Most appends of one transaction: what waits longer than a write takes has waited for nothing. */
const MAX_BATCH = 256
/** Up to here a batch takes all that waits; beyond, half: while it is written the other half is got ready. */
const SMALL_BATCH = 32
/** Most batches that are written and not acknowledged yet: while witnesses are waited for, the others gather. */
const MAX_UNACKNOWLEDGED = 4
/** Most appends that may wait; beyond, the server says that it is busy. */
const MAX_WAITING = 4096

/** What became of an append; what is held has its receipt, as JSON text. */
export type Answer =
  | { readonly kind: 'accepted' | 'same'; readonly index: number; readonly late: boolean; readonly receipt: string }
  | Extract<Appended, { readonly kind: 'refused' }>

/** The log, as far as it is needed to acknowledge what it has. */
export interface Acknowledging {
  /** Gives the bytes of the checkpoint of this head; null where a larger one covers it. */
  publish(head: LogHead): Promise<Uint8Array | null>
  receiptOf(tenant: string, link: string): Promise<string>
  /** The `.tlog-proof` of an entry that is durable, without extra data. */
  proofOf(index: number): Promise<Uint8Array>
  buried(tenant: string, link: string): Promise<Withheld>
}

/** What is left of an attestation that was erased, and why bytes of it may still be in the store's files. */
export interface Grave {
  readonly withheld: Withheld
  readonly left: string | null
}

/** An issuance that is in the log, under a checkpoint. */
export interface Logged {
  readonly index: number
  /** Bytes of its `.tlog-proof`, without extra data. */
  readonly proof: Uint8Array
}

interface Waiting<Asked, Got> {
  readonly asked: Asked
  readonly done: (answer: Got) => void
  readonly failed: (error: unknown) => void
}

type WaitingAppend = Waiting<Append, Answer> & { readonly kind: 'append' }
type WaitingIssuance = Waiting<Issuance, Logged> & { readonly kind: 'issuance' }
type Batch = readonly (WaitingAppend | WaitingIssuance)[]

/**
 * Group commit: whatever has come in while the last batch was being written goes into the next one, so that one
 * sync to the disk serves many callers. Callers are answered when their batch is durable.
 */
export class Sequencer {
  readonly #store: Store
  readonly #log: Acknowledging
  readonly #observe: (size: number) => void
  readonly #waiting: (WaitingAppend | WaitingIssuance)[] = []
  #running: Promise<void> | null = null
  /** The batch that was taken last, until it is written. Never rejects. */
  #writing: Promise<void> = Promise.resolve()
  /** What was written last, until it is acknowledged. Never rejects. */
  #publishing: Promise<void> = Promise.resolve()
  #unacknowledged = 0
  /** Erasures and acts that are not acknowledged yet. Never rejects. */
  #erasing: Promise<unknown> = Promise.resolve()

  constructor(store: Store, log: Acknowledging, observe: (size: number) => void) {
    this.#store = store
    this.#log = log
    this.#observe = observe
  }

  /** Throws `server-busy` when too much waits, and what the store throws: the append is then not acknowledged. */
  submit(append: Append): Promise<Answer> {
    if (this.#waiting.length >= MAX_WAITING) throw new CodedError('server-busy', 'too many appends wait to be written')
    return new Promise((done, failed) => {
      this.#waiting.push({ kind: 'append', asked: append, done, failed })
      this.#running ??= this.#run()
    })
  }

  /** Logs a certificate that is to be signed, in one batch with what is appended meanwhile. Throws as `submit`. */
  issue(issuance: Issuance): Promise<Logged> {
    if (this.#waiting.length >= MAX_WAITING) throw new CodedError('server-busy', 'too much waits to be written')
    return new Promise((done, failed) => {
      this.#waiting.push({ kind: 'issuance', asked: issuance, done, failed })
      this.#running ??= this.#run()
    })
  }

  /**
   * Erases an attestation, and gives what is left of it once its tombstone is under a signed checkpoint; null where it
   * is not held. Appends and erasures are signed in the order in which they were written.
   */
  erase(erasure: Erasure): Promise<Grave | null> {
    const erasing = this.#store.erase(erasure).then((buried) => {
      const grave = this.#publishing.then(() => this.#bury(erasure, buried))
      this.#publishing = settled(grave)
      return grave
    })
    this.#erasing = Promise.all([this.#erasing, settled(erasing)])
    return erasing
  }

  /** Writes an act; gives where it is in the log, once a signed checkpoint covers it, or null where it has no leaf. In the order of what else is written; throws what `Store.act` throws. */
  act(act: Act): Promise<number | null> {
    const acting = this.#store.act(act).then(({ index, head }) => {
      const logged = this.#publishing.then(async () => {
        if (head !== null) await this.#log.publish(head)
        return index
      })
      this.#publishing = settled(logged)
      return logged
    })
    this.#erasing = Promise.all([this.#erasing, settled(acting)])
    return acting
  }

  /**
   * Writes something that the log tells of, and gives what became of it once a signed checkpoint covers that; in the order of
   * what else is written. Throws what writing it throws.
   */
  logged<T extends { readonly head: LogHead | null }>(write: () => Promise<T | null>): Promise<T | null> {
    const logging = write().then((written) => {
      const published = this.#publishing.then(async () => {
        const head = written?.head ?? null
        if (head !== null) await this.#log.publish(head)
        return written
      })
      this.#publishing = settled(published)
      return published
    })
    this.#erasing = Promise.all([this.#erasing, settled(logging)])
    return logging
  }

  /**
   * Does what an administrator does, in the order of what else is written. A log that publishes nothing for now does not
   * keep a key from being revoked: what was done is durable with its leaf, which is signed as soon as the log goes on.
   * Throws what `Store.administer` throws.
   */
  administer(administration: Administration): Promise<Administered> {
    const doing = this.#store.administer(administration).then((administered) => {
      const { head } = administered
      const logged = settled(
        this.#publishing.then(async () => {
          if (head !== null) await this.#log.publish(head)
        }),
      )
      this.#publishing = logged
      return logged.then(() => administered)
    })
    this.#erasing = Promise.all([this.#erasing, settled(doing)])
    return doing
  }

  async #bury({ tenant, link }: Erasure, buried: Buried | null): Promise<Grave | null> {
    if (buried === null) return null
    if (buried.head !== null) await this.#log.publish(buried.head)
    return { withheld: await this.#log.buried(tenant, link), left: buried.left }
  }

  /** Resolves when everything submitted so far has been answered. */
  async drain(): Promise<void> {
    await this.#erasing
    while (this.#running !== null) await this.#running
    await this.#publishing
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets the requests that are already on the wire join the batch.
    await new Promise((next) => setImmediate(next))
    while (this.#waiting.length > 0) {
      const half = Math.ceil(this.#waiting.length / 2)
      const batch = this.#waiting.splice(0, Math.min(MAX_BATCH, Math.max(SMALL_BATCH, half)))
      const before = this.#writing
      this.#writing = this.#write(batch)
      // One is written while the next is got ready; what comes in meanwhile gathers.
      await before
      while (this.#unacknowledged >= MAX_UNACKNOWLEDGED) await this.#publishing
      await new Promise((next) => setImmediate(next))
    }
    await this.#writing
    this.#running = null
    if (this.#waiting.length > 0) this.#running = this.#run()
  }

  async #write(batch: Batch): Promise<void> {
    this.#observe(batch.length)
    const appends = batch.filter((one) => one.kind === 'append')
    const issuances = batch.filter((one) => one.kind === 'issuance')
    try {
      const { appended, issued, head } = await this.#store.append(
        appends.map(({ asked }) => asked),
        issuances.map(({ asked }) => asked),
      )
      // Durable is not yet acknowledged: first the lock must know of it. Meanwhile the next batch is written; batches
      // are acknowledged in their order, so that what is the same as an earlier one is not told of before it.
      this.#unacknowledged++
      this.#publishing = this.#publishing.then(async () => {
        try {
          const checkpoint = head === null ? null : await this.#log.publish(head)
          await Promise.all([
            this.#acknowledge(appends, appended, checkpoint),
            this.#acknowledgeIssued(issuances, issued, checkpoint),
          ])
        } catch (error) {
          fail(batch, error)
        } finally {
          this.#unacknowledged--
        }
      })
    } catch (error) {
      fail(batch, error)
    }
  }

  async #acknowledge(
    batch: readonly WaitingAppend[],
    appended: readonly Appended[],
    checkpoint: Uint8Array | null,
  ): Promise<void> {
    const same: Promise<void>[] = []
    for (const [i, one] of batch.entries()) {
      const outcome = appended[i]!
      if (outcome.kind === 'refused') one.done(outcome)
      // What was begun ends with the checkpoint of its own batch, and with no other.
      else if (outcome.kind === 'same' || checkpoint === null) same.push(this.#prove(one, outcome))
      else {
        const { kind, index, late, begun } = outcome
        one.done({ kind, index, late, receipt: endReceipt(begun, checkpoint) })
      }
    }
    await Promise.all(same)
  }

  async #prove({ asked, done, failed }: WaitingAppend, outcome: Exclude<Appended, { kind: 'refused' }>): Promise<void> {
    const { kind, index, late } = outcome
    try {
      done({ kind, index, late, receipt: await this.#log.receiptOf(asked.tenant, asked.step.link) })
    } catch (error) {
      failed(error)
    }
  }

  async #acknowledgeIssued(
    batch: readonly WaitingIssuance[],
    issued: readonly Issued[],
    checkpoint: Uint8Array | null,
  ): Promise<void> {
    const later = batch.map(async ({ done, failed }, i) => {
      const { index, begun } = issued[i]!
      try {
        const proof = checkpoint === null ? await this.#log.proofOf(index) : concat(utf8(begun), checkpoint)
        done({ index, proof })
      } catch (error) {
        failed(error)
      }
    })
    await Promise.all(later)
  }
}

function settled(work: Promise<unknown>): Promise<void> {
  const nothing = () => undefined
  return work.then(nothing, nothing)
}

/** The write may have been made all the same: repeating the request finds out, for the same link is the same. */
function fail(batch: Batch, error: unknown): void {
  for (const { failed } of batch) failed(error)
}
