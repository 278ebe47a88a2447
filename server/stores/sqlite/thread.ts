import { parentPort, Worker, workerData } from 'node:worker_threads'
import { CodedError } from '@countersign/core'
import { errorOf, type Failure, failureOf } from './failure.ts'

/** A call of a method of what lives in a thread of its own. Calls are begun in their order. */
interface Call {
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

/** Asks a thread to end by itself. */
const STOP = 'stop'
/** Milliseconds that a thread has for it. One that is cut off in its native code can take the process with it. */
const PATIENCE = 10_000

type Reply = { readonly id: number } & ({ readonly value: unknown } | { readonly failure: Failure })

type Methods<T> = { readonly [K in keyof T]: (...args: never[]) => unknown }

/** What lives in a thread of its own, as promises: a sync to the disk then holds up nobody but its own callers. */
export class Threaded<T extends Methods<T>> {
  readonly #thread: Worker
  readonly #what: string
  readonly #waiting = new Map<number, { done: (value: unknown) => void; failed: (error: unknown) => void }>()
  readonly #ended: Promise<void>
  #last = 0
  #dead: CodedError | null = null

  /** `module` calls {@link answerCalls}, which is given `data`; `what` names the thread where it has ended. */
  constructor(module: URL, data: unknown, what: string) {
    this.#what = what
    this.#thread = new Worker(module, { workerData: data })
    this.#thread.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if ('failure' in reply) waiting?.failed(errorOf(reply.failure))
      else waiting?.done(reply.value)
    })
    this.#thread.on('error', (cause) => this.#die(cause))
    this.#ended = new Promise((done) => {
      this.#thread.on('exit', () => {
        this.#die(new Error(`${what} ended`))
        done()
      })
    })
  }

  call<M extends keyof T & string>(method: M, ...args: Parameters<T[M]>): Promise<Awaited<ReturnType<T[M]>>> {
    if (this.#dead !== null) return Promise.reject(this.#dead)
    const id = ++this.#last
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done: done as (value: unknown) => void, failed })
      this.#thread.postMessage({ id, method, args })
    })
  }

  get alive(): boolean {
    return this.#dead === null
  }

  /** Whether it has anything to do. */
  get busy(): boolean {
    return this.#waiting.size > 0
  }

  /** How many calls it was ever asked for. */
  get called(): number {
    return this.#last
  }

  async stop(): Promise<void> {
    this.#thread.postMessage(STOP)
    const late = setTimeout(() => void this.#thread.terminate(), PATIENCE)
    await this.#ended
    clearTimeout(late)
  }

  /** Nothing is acknowledged that was not answered; what was committed all the same is found by repeating. */
  #die(cause: unknown): void {
    this.#dead ??= new CodedError('store-failed', `${this.#what} ended`, { cause })
    for (const { failed } of this.#waiting.values()) failed(this.#dead)
    this.#waiting.clear()
  }
}

/** To be called once in a thread: answers calls of what `open` makes of the thread's data, after `before` has been called with it. */
export function answerCalls<T extends Methods<T>, D>(open: (data: D) => T, before?: (target: T) => void): void {
  const port = parentPort!
  const data = workerData as D
  let target: T | null = null
  port.on('message', async (call: Call | typeof STOP) => {
    if (call === STOP) return port.close()
    const { id, method, args } = call
    let reply: Reply
    try {
      // Opened by the first call, so that a file that cannot be opened is an answer like any other.
      target ??= open(data)
      before?.(target)
      const methods = target as unknown as Record<string, (...given: readonly unknown[]) => unknown>
      reply = { id, value: await methods[method]!(...args) }
    } catch (error) {
      reply = { id, failure: failureOf(error) }
    }
    port.postMessage(reply)
  })
}
