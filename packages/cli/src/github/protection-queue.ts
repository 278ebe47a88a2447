import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { GithubApp } from '@countersign/adapters/github-app'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError, type ErrorReport, parseJson, reportOf, utf8 } from '@countersign/core'
import { readBounded, writeWhole } from '../files.ts'
import { letThroughLine } from '../let-through.ts'
import { reasonLine } from '../reason-line.ts'
import { type AppPolicy, environmentRule } from './app-policy.ts'
import type { RunOutcome } from './decide-run.ts'
import type { ProtectionEvent } from './protection-event.ts'

/** What was decided of a run, and has to be told. */
interface Answer {
  readonly state: 'approved' | 'rejected'
  readonly comment: string
  /** Milliseconds since 1970. */
  readonly decidedAt: number
}

/** One delivery on its way, as it is on disk. */
interface Waiting {
  readonly event: ProtectionEvent
  /** Milliseconds since 1970. */
  readonly receivedAt: number
  readonly answer: Answer | null
  /** Failures in a row. */
  readonly failures: number
  readonly reports: number
  /** `told`, or why GitHub will not hear of it; null while it is on its way. */
  readonly done: string | null
}

export interface QueueDeps {
  readonly directory: string
  readonly app: Pick<GithubApp, 'review'>
  readonly policy: AppPolicy
  readonly decide: (
    event: ProtectionEvent,
    rule: NonNullable<ReturnType<typeof environmentRule>>,
  ) => Promise<RunOutcome>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly log: (line: Readonly<Record<string, unknown>>) => void
  readonly failed: (error: unknown) => void
}

const MAX_BYTES = 64 * 1024
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 120_000
/** GitHub takes ten reports of how it stands. */
const MAX_REPORTS = 8
/** How long what is done is remembered: a body that was signed once stays signed. Milliseconds. */
const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1000
/** A run waits for thirty days at most; whoever cannot be told until then need not be. */
const MAX_AGE_MS = REMEMBERED_MS
/** How long what was allowed may wait until GitHub hears it; then it is asked for again. Milliseconds. */
const STANDS_MS = 5 * 60_000
/** Deliveries that are worked on at once. */
const MAX_RUNNING = 16

/**
 * Deliveries from their receipt to GitHub's having heard the answer. Each is a file, written before it is acknowledged and
 * after each thing that was decided: what a crash cuts off is done again, and the same is told again, but for what was allowed
 * too long ago: somebody's key may have been revoked since. One body is one
 * delivery, whatever its id: the id is not signed.
 */
export class ProtectionQueue {
  readonly #deps: QueueDeps
  readonly #running = new Map<string, Promise<void>>()
  readonly #backlog: string[] = []
  #stopped = false

  constructor(deps: QueueDeps) {
    this.#deps = deps
    makeDirectory(deps.directory, 0o700)
    for (const name of readdirSync(deps.directory)) {
      const id = /^([0-9a-f]{64})\.json$/.exec(name)?.[1]
      if (id === undefined) continue
      const path = this.#pathOf(id)
      if (deps.now() - statSync(path).mtimeMs > REMEMBERED_MS) rmSync(path, { force: true })
      else this.#begin(id)
    }
  }

  /** False for a body that was received before. Durable when it resolves. */
  async receive(body: Uint8Array, event: ProtectionEvent): Promise<boolean> {
    const id = createHash('sha256').update(body).digest('hex')
    if (existsSync(this.#pathOf(id))) return false
    await this.#save(id, { event, receivedAt: this.#deps.now(), answer: null, failures: 0, reports: 0, done: null })
    this.#begin(id)
    return true
  }

  /** Resolves when nothing is on its way but what waits for a time. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  /** What is under way is not begun again; what is on disk is, at the next start. */
  stop(): void {
    this.#stopped = true
  }

  #begin(id: string): void {
    if (this.#running.has(id)) return
    if (this.#running.size >= MAX_RUNNING) {
      this.#backlog.push(id)
      return
    }
    const work = this.#drive(id)
      .catch(this.#deps.failed)
      .finally(() => {
        this.#running.delete(id)
        const next = this.#backlog.shift()
        if (next !== undefined && !this.#stopped) this.#begin(next)
      })
    this.#running.set(id, work)
  }

  async #drive(id: string): Promise<void> {
    let held = this.#read(id)
    while (held !== null && held.done === null && !this.#stopped) {
      const next: Waiting = await (held.answer !== null && this.#stands(held.answer)
        ? this.#tell(held, held.answer)
        : this.#decide(held))
      await this.#save(id, next)
      held = next
      if (next.done === null && next.failures > 0) {
        await this.#deps.wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (next.failures - 1)))
      }
    }
  }

  /** A no stays one. */
  #stands({ state, decidedAt }: Answer): boolean {
    const age = this.#deps.now() - decidedAt
    return state === 'rejected' || (age >= 0 && age <= STANDS_MS)
  }

  async #decide(held: Waiting): Promise<Waiting> {
    const { policy, decide, now, log } = this.#deps
    const { event } = held
    const rule = environmentRule(policy, event.repositoryId, event.environment)
    if (rule === null) {
      const what = `no rule names repository ${event.repositoryId} and environment ${event.environment}`
      return rejected(held, new CodedError('environment-unruled', what).report(), now())
    }
    const begun = now()
    const { decision, reason, artifacts, deviations = [] } = await decide(event, rule)
    log({
      decision,
      repository: event.repository,
      run: event.run,
      environment: event.environment,
      code: reason?.code ?? null,
      artifacts: artifacts.length,
      ...(deviations.length === 0 ? {} : { deviations: deviations.map(letThroughLine) }),
    })
    if (decision === 'allow') {
      const proven = artifacts.map((digest) => `\`sha256:${digest.slice(0, 12)}…\``).join(', ')
      const word = deviations.length === 0 ? 'Proven' : 'Proven, BY DEVIATION,'
      const through = deviations.map((one) => `\n\nLet through by ${markdownOf(letThroughLine(one))}`)
      const comment = `**${word}** under the contract of ${rule.pipeline}: ${proven}${through.join('')}`
      return { ...held, failures: 0, answer: { state: 'approved', comment, decidedAt: begun } }
    }
    const why = reason ?? new CodedError('evidence-unavailable', 'no reason was given').report()
    const patient = now() - held.receivedAt < policy.patience
    if (decision === 'deny' || !patient) return rejected(held, why, begun)
    // GitHub is told that it stands so, now and then; that it is not heard changes nothing.
    const reports = held.reports < MAX_REPORTS ? held.reports + 1 : held.reports
    if (reports > held.reports) {
      await this.#deps.app.review(event, null, `Not known yet: ${commentOf(why)}`).catch(this.#deps.failed)
    }
    return { ...held, answer: null, failures: held.failures + 1, reports }
  }

  async #tell(held: Waiting, { state, comment }: Answer): Promise<Waiting> {
    try {
      await this.#deps.app.review(held.event, state, comment)
      return { ...held, failures: 0, done: 'told' }
    } catch (error) {
      const { code, what } = reportOf(error)
      this.#deps.failed(error)
      const over = code === 'service-refused' || this.#deps.now() - held.receivedAt > MAX_AGE_MS
      return { ...held, failures: held.failures + 1, done: over ? `${code}: ${what}` : null }
    }
  }

  /** Null for a file that nobody wrote here: it is left, and said. */
  #read(id: string): Waiting | null {
    try {
      return parseJson(readBounded(this.#pathOf(id), MAX_BYTES)) as unknown as Waiting
    } catch (error) {
      this.#deps.failed(error)
      return null
    }
  }

  #save(id: string, waiting: Waiting): Promise<void> {
    return writeWhole(this.#pathOf(id), utf8(JSON.stringify(waiting)))
  }

  #pathOf(id: string): string {
    return join(this.#deps.directory, `${id}.json`)
  }
}

function rejected(held: Waiting, reason: ErrorReport, decidedAt: number): Waiting {
  return { ...held, failures: 0, answer: { state: 'rejected', comment: commentOf(reason), decidedAt } }
}

function commentOf(reason: ErrorReport): string {
  return reasonLine(reason, { name: (code) => `**${code}**`, text: markdownOf })
}

/** Markdown in which what others wrote is text. */
function markdownOf(words: string): string {
  return words.replace(/[^\x20-\x7e…’“”–]/g, '?').replace(/[\\`*_{}[\]<>#|@]/g, (c) => `\\${c}`)
}
