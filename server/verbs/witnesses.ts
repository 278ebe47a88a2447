import { CodedError, type Crypto } from '@countersign/core'
import { hasQuorum, type NoteSignature, type SignedCheckpoint, type WitnessPolicy } from '@countersign/formats'
import { askForCosignature, type Witness } from '@countersign/log'

/** Waits, in milliseconds. */
export interface WitnessTimes {
  /** Between two cosignatures of one witness where nobody waits for them. */
  readonly paceMs: number
  /** First and longest wait after a failure; it doubles, with jitter. */
  readonly retryMs: number
  readonly maxRetryMs: number
  /** How long an append waits for the quorum. */
  readonly quorumMs: number
}

export const WITNESS_TIMES: WitnessTimes = { paceMs: 300, retryMs: 250, maxRetryMs: 10_000, quorumMs: 5_000 }

/** What came of asking a witness. */
export interface WitnessEvent {
  /** As the policy names it. */
  readonly name: string
  readonly outcome: 'cosigned' | 'failed' | 'conflict'
  /** Null where it cosigned. */
  readonly error: CodedError | null
  /** Of the checkpoint that it was asked to cosign. */
  readonly size: number
}

export interface WitnessesDeps {
  readonly policy: WitnessPolicy
  /** One for each of the policy. */
  readonly witnesses: readonly Witness[]
  readonly crypto: Pick<Crypto, 'verify'>
  readonly observe: (event: WitnessEvent) => void
  readonly times?: WitnessTimes
}

/** The log whose checkpoints are cosigned. */
export interface Followed {
  /** Verified consistency proof between two sizes; throws `log-corrupt`. */
  prove(old: number, checkpoint: SignedCheckpoint): readonly Uint8Array[]
  /** There is one cosignature more on this checkpoint, the one that was offered last. */
  cosigned(checkpoint: SignedCheckpoint): void
  /** A witness knows another history, or ours cannot be proven: nothing may be signed any more. */
  disagreed(error: CodedError): void
}

/** A witness and where we are with it. */
interface Asked {
  readonly name: string
  readonly witness: Witness
  /** Size that it cosigned last; null where it is not known. */
  known: number | null
  /** Its line under the checkpoint that it cosigned last, and that checkpoint. */
  line: NoteSignature | null
  on: SignedCheckpoint | null
  /** How often in a row it has failed, and why the last time. */
  failures: number
  fault: CodedError | null
  running: Promise<void> | null
}

/**
 * The witnesses of one log. Each is asked for a cosignature on the newest checkpoint that was offered, one request at
 * a time; who fails is asked again, later and later, and holds nobody up.
 */
export class Witnesses {
  readonly #deps: WitnessesDeps
  readonly #times: WitnessTimes
  readonly #asked: readonly Asked[]
  readonly #stop = new AbortController()
  #log: Followed | null = null
  #offered: SignedCheckpoint | null = null
  /** Who waits for news; each is called at every change. */
  readonly #waiting = new Set<() => void>()
  #disagreement: CodedError | null = null

  constructor(deps: WitnessesDeps) {
    this.#deps = deps
    this.#times = deps.times ?? WITNESS_TIMES
    this.#asked = deps.policy.witnesses.map(({ name, key }) => ({
      name,
      witness: deps.witnesses.find((one) => one.key.publicKey.keyId === key.publicKey.keyId)!,
      known: null,
      line: null,
      on: null,
      failures: 0,
      fault: null,
      running: null,
    }))
  }

  /** True where the policy demands a quorum: then nothing is published without. */
  get demanded(): boolean {
    return this.#deps.policy.quorum !== null
  }

  /** Names of the witnesses that did not cosign when they were asked last. */
  get failing(): string[] {
    return this.#asked.filter(({ fault }) => fault !== null).map(({ name }) => name)
  }

  /**
   * Offers the first checkpoint, one that was signed before, and resolves when every witness has cosigned it or
   * failed to. Throws `witness-conflict` where one of them knows another history, and `log-corrupt`.
   */
  async begin(log: Followed, checkpoint: SignedCheckpoint): Promise<void> {
    this.#log = log
    this.offer(checkpoint)
    await this.#until(() => this.#asked.every((one) => one.on === checkpoint || one.failures > 0), null)
  }

  /** From now on this checkpoint is the one to be cosigned: in the lock already, and larger than the one before. */
  offer(checkpoint: SignedCheckpoint): void {
    this.#offered = checkpoint
    for (const one of this.#asked) one.running ??= this.#run(one)
  }

  /** The cosignatures on the checkpoint that was offered last, in the order of the policy. */
  lines(): NoteSignature[] {
    return this.#asked.flatMap(({ on, line }) => (on === this.#offered && line !== null ? [line] : []))
  }

  /** True when the policy is satisfied by those who cosigned the checkpoint that was offered last. */
  get reached(): boolean {
    const cosigned = this.#asked.filter(({ on }) => on !== null && on === this.#offered)
    return hasQuorum(this.#deps.policy, new Set(cosigned.map(({ witness }) => witness.key.publicKey.keyId)))
  }

  /** True once the quorum is reached, false when it is not in time. Throws the disagreement of a witness. */
  quorum(): Promise<boolean> {
    return this.#until(() => this.reached, this.#times.quorumMs)
  }

  /** Asks nobody any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#asked.map(({ running }) => running))
  }

  async #run(one: Asked): Promise<void> {
    // One turn, so that `running` is set and whoever offers has done all that belongs to it.
    await Promise.resolve()
    while (one.on !== this.#offered && this.#disagreement === null && !this.#stop.signal.aborted) {
      await this.#wait(await this.#ask(one, this.#offered!))
    }
    one.running = null
  }

  /** Asks once; how long to wait before the next time. */
  async #ask(one: Asked, checkpoint: SignedCheckpoint): Promise<number> {
    const { size } = checkpoint
    try {
      one.line = await askForCosignature({
        witness: one.witness,
        checkpoint,
        known: one.known,
        prove: (old) => this.#log!.prove(old, checkpoint),
        crypto: this.#deps.crypto,
      })
    } catch (thrown) {
      const error =
        thrown instanceof CodedError ? thrown : new CodedError('internal', 'asking failed', { cause: thrown })
      one.fault = error
      one.known = null
      one.failures++
      // A proof that our own tiles do not give is no better than one that a witness refuses.
      const conflict = error.code === 'witness-conflict' || error.code === 'log-corrupt'
      this.#deps.observe({ name: one.name, outcome: conflict ? 'conflict' : 'failed', error, size })
      if (conflict) this.#disagree(error)
      this.#news()
      return this.#retryAfter(one.failures)
    }
    one.on = checkpoint
    one.known = size
    one.failures = 0
    one.fault = null
    this.#deps.observe({ name: one.name, outcome: 'cosigned', error: null, size })
    if (checkpoint === this.#offered && this.#disagreement === null) this.#log!.cosigned(checkpoint)
    this.#news()
    return this.demanded ? 0 : this.#times.paceMs
  }

  #disagree(error: CodedError): void {
    this.#disagreement ??= error
    this.#log!.disagreed(error)
  }

  #retryAfter(failures: number): number {
    const { retryMs, maxRetryMs } = this.#times
    const longest = Math.min(maxRetryMs, retryMs * 2 ** Math.min(failures - 1, 20))
    return longest * (0.5 + Math.random() / 2)
  }

  #wait(ms: number): Promise<void> {
    const { signal } = this.#stop
    if (ms === 0 || signal.aborted) return Promise.resolve()
    return new Promise((done) => {
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        done()
      }
      // A process that has nothing else to do need not stay for a witness.
      const timer = setTimeout(end, ms).unref()
      signal.addEventListener('abort', end)
    })
  }

  /** Waits until something holds; false when it does not in time. */
  #until(holds: () => boolean, ms: number | null): Promise<boolean> {
    return new Promise((done, fail) => {
      const end = (act: () => void) => {
        if (timer !== null) clearTimeout(timer)
        this.#waiting.delete(look)
        act()
      }
      const look = () => {
        if (this.#disagreement !== null) end(() => fail(this.#disagreement!))
        else if (holds()) end(() => done(true))
      }
      const timer = ms === null ? null : setTimeout(() => end(() => done(false)), ms)
      this.#waiting.add(look)
      look()
    })
  }

  #news(): void {
    for (const look of this.#waiting) look()
  }
}
