import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AskedContract, Client, RemoteDeviation } from '@countersign/client'
import { CodedError, type Crypto, type ErrorReport, hex, type PublicKey, reportOf, utf8 } from '@countersign/core'
import { MAX_SUMMARY_BYTES, passedSummary } from '@countersign/verify/slsa'
import { readBounded, writeWhole } from '../files.ts'
import { type LetThrough, letThrough } from '../let-through.ts'

/** What is said of an image. */
export interface Outcome {
  readonly decision: 'allow' | 'deny' | 'unknown'
  /** Null for `allow`. */
  readonly reason: ErrorReport | null
  /** By what it is allowed though the contract refuses it; of one from disk the ids alone are known. */
  readonly deviations: readonly LetThrough[]
  readonly from: 'memory' | 'disk' | 'server'
}

export interface VerdictsOptions {
  readonly client: Pick<Client, 'gate'>
  /** Keys of the log of the server, whose word is taken: never none. */
  readonly keys: readonly PublicKey[]
  /** Directory where summaries are kept as the server signed them; null: in memory alone. */
  readonly directory: string | null
  /** Milliseconds that one counts. */
  readonly maxAge: number
  readonly environment: string
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>
  /** ISO time. */
  readonly now: () => string
  /** What went wrong beside the decision. */
  readonly failed: (error: unknown) => void
}

/** Who asks about what. */
export interface AskedAbout {
  readonly resource: string
  readonly requester: string
  readonly dryRun: boolean
}

const MAX_KEPT = 10_000
/** How long a denial is believed, so that what is tried over and over asks the server now and then; milliseconds. */
const DENIED_MS = 5_000
const TOLERANCE_MS = 60_000

interface Kept {
  readonly outcome: Omit<Outcome, 'from'>
  readonly until: number
}

/**
 * Verdicts of the server's gate about images. An `allow` is a summary that the server's key has signed: it is kept as it
 * came, on disk too, and verified whenever it is read from there. Whoever can write there can at most bring back one that
 * the server has signed for the same image and contract, and that has not run out.
 */
export class Verdicts {
  readonly #options: VerdictsOptions
  readonly #kept = new Map<string, Kept>()
  readonly #asking = new Map<string, Promise<Outcome>>()
  /** The contract in force for a pipeline, as the server has said; and until when that is believed. */
  readonly #inForce = new Map<string, { readonly digest: string; readonly until: number }>()

  constructor(options: VerdictsOptions) {
    if (options.keys.length === 0) throw new CodedError('trust-missing', 'no key of the server is believed')
    this.#options = options
    if (options.directory !== null) this.#sweep(options.directory)
  }

  /**
   * `digest`: SHA-256 of the image's manifest, hex. Never throws: what fails is `unknown`. What is said of a dry run is not
   * recorded by the server, so nothing that is let in later may go by it.
   */
  async of(contract: AskedContract, digest: string, about: AskedAbout): Promise<Outcome> {
    const key = `${'pipeline' in contract ? `pipeline ${contract.pipeline}` : contract.digest} ${digest}`
    const held = this.#kept.get(key)
    if (held !== undefined && this.#time() < held.until) return { ...held.outcome, from: 'memory' }
    if (about.dryRun) return this.#find(key, contract, digest, about)
    const asking =
      this.#asking.get(key) ?? this.#find(key, contract, digest, about).finally(() => this.#asking.delete(key))
    this.#asking.set(key, asking)
    return asking
  }

  async #find(key: string, contract: AskedContract, digest: string, about: AskedAbout): Promise<Outcome> {
    const pin = this.#pinOf(contract)
    const held = pin === null ? null : this.#onDisk(key, pin, digest)
    if (held !== null) return { ...held, from: 'disk' }
    try {
      const { client, environment } = this.#options
      const { dryRun, ...told } = about
      const asked = { artifact: digest, contract, environment, ...told, ...(dryRun ? { dryRun } : {}) }
      const reply = await client.gate(asked)
      if (reply.decision !== 'allow') {
        const { decision, reason } = reply
        const outcome = { decision, reason, deviations: [] }
        if (decision === 'deny' && !dryRun) this.#keep(key, { outcome, until: this.#time() + DENIED_MS })
        return { ...outcome, from: 'server' }
      }
      if (dryRun) {
        const deviations = reply.deviations.map(({ id, ...one }) => ({ id, told: one }))
        return { decision: 'allow', reason: null, deviations, from: 'server' }
      }
      if (reply.vsa === null) throw new CodedError('signature-missing', 'the gate allows without a summary')
      const wanted = 'digest' in contract ? contract.digest : reply.contract
      if (wanted === null) throw new CodedError('contract-unknown', 'the gate allows under no contract')
      const { outcome, until } = this.#verified(reply.vsa, wanted, digest, reply.deviations)
      if ('pipeline' in contract) this.#inForce.set(contract.pipeline, { digest: wanted, until })
      this.#keep(key, { outcome, until })
      const path = this.#pathOf(wanted, digest)
      // It is only quicker with it.
      if (path !== null) writeWhole(path, reply.vsa).catch(this.#options.failed)
      return { ...outcome, from: 'server' }
    } catch (error) {
      const { code, what } = reportOf(error)
      return {
        decision: 'unknown',
        reason: new CodedError('evidence-unavailable', `${code}: ${what}`).report(),
        deviations: [],
        from: 'server',
      }
    }
  }

  /** The digest of the contract, where that is known without asking. */
  #pinOf(contract: AskedContract): string | null {
    if ('digest' in contract) return contract.digest
    const known = this.#inForce.get(contract.pipeline)
    return known !== undefined && this.#time() < known.until ? known.digest : null
  }

  #onDisk(key: string, contract: string, digest: string): Kept['outcome'] | null {
    const path = this.#pathOf(contract, digest)
    if (path === null || !existsSync(path)) return null
    try {
      const kept = this.#verified(readBounded(path, MAX_SUMMARY_BYTES), contract, digest, [])
      this.#keep(key, kept)
      return kept.outcome
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'summary-expired')) this.#options.failed(error)
      return null
    }
  }

  /** What a summary allows, and until when, milliseconds since 1970. Throws what `passedSummary` throws. */
  #verified(vsa: Uint8Array, contract: string, artifact: string, told: readonly RemoteDeviation[]): Kept {
    const { keys, maxAge, crypto, now } = this.#options
    const demand = { keys, artifact, contract, now: now(), maxAge, clockTolerance: TOLERANCE_MS }
    const passed = passedSummary(vsa, demand, crypto)
    const outcome = { decision: 'allow', reason: null, deviations: letThrough(passed, told) } as const
    return { outcome, until: Date.parse(passed.timeVerified) + maxAge }
  }

  #pathOf(contract: string, digest: string): string | null {
    const { directory, crypto } = this.#options
    return directory === null ? null : join(directory, `${hex(crypto.sha256(utf8(`${contract} ${digest}`)))}.vsa.json`)
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    const oldest = this.#kept.keys().next().value
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }

  #time(): number {
    return Date.parse(this.#options.now())
  }

  /** Removes what has run out. */
  #sweep(directory: string): void {
    if (!existsSync(directory)) return
    for (const name of readdirSync(directory)) {
      const path = join(directory, name)
      if (!/^[0-9a-f]{64}\.vsa\.json$/.test(name)) continue
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat !== undefined && stat.mtimeMs + this.#options.maxAge < this.#time()) rmSync(path, { force: true })
    }
  }
}
