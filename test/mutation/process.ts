import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Asked, Told } from './told.ts'

const WORKER = join(import.meta.dirname, 'worker.ts')

const TICK = 1000

/** One process that runs tests. It is ended when it does not answer in time, and then answers no more. */
export class Runner {
  readonly #process: ChildProcess
  #waiting: ((told: Told | null) => void) | null = null
  #ended = false
  readonly #ready: Promise<unknown>

  constructor() {
    this.#process = fork(WORKER, [], {
      execArgv: ['--max-old-space-size=2000', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', process.env['COUNTERSIGN_MUTATION_TALK'] === undefined ? 'ignore' : 'inherit', 'ipc'],
    })
    const gone = (): void => {
      this.#ended = true
      this.#answer(null)
    }
    this.#ready = new Promise((resolve) => (this.#waiting = resolve))
    this.#process.on('message', (told) => this.#answer(told as Told))
    this.#process.on('exit', gone)
    this.#process.on('error', gone)
  }

  get ended(): boolean {
    return this.#ended
  }

  #answer(told: Told | null): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.(told)
  }

  /** Null when it ended, or took longer than `ms` and was ended. */
  async ask<K extends Told['kind']>(asked: Asked, _kind: K, ms: number): Promise<Extract<Told, { kind: K }> | null> {
    await this.#ready
    if (this.#ended) return null
    const told = await new Promise<Told | null>((resolve) => {
      // Time in which both were stopped counts as one tick.
      let ticks = 0
      const late = setInterval(() => {
        if (++ticks * TICK > ms) this.end()
      }, TICK)
      this.#waiting = (answer) => {
        clearInterval(late)
        resolve(answer)
      }
      this.#process.send(asked)
    })
    return told as Extract<Told, { kind: K }> | null
  }

  end(): void {
    this.#ended = true
    this.#process.kill('SIGKILL')
    this.#answer(null)
  }
}
