import { CodedError, type Crypto, equal } from '@countersign/core'
import {
  type LogStatement,
  parseLogStatement,
  readLogStatementText,
  type SignedLogStatement,
  verifyLogStatement,
  writeLogStatement,
  writeNote,
} from '@countersign/formats'
import { advance, type CheckpointLock, type HeadsTree } from '@countersign/log'
import type { Signer } from '@countersign/sign'
import type { DecidedStatement, StatementData } from '../store.ts'
import type { Log } from './log.ts'
import { signNote } from './sign-note.ts'

export interface StatementsDeps {
  readonly log: Log
  /** The log's keys: they sign statements too. */
  readonly signer: Signer
  readonly next?: Signer | null
  readonly lock: CheckpointLock
  readonly data: StatementData
  readonly crypto: Crypto
}

/**
 * The log's statements as the world sees them. One text is decided for a number and made durable, then signed, then put
 * into the lock, then published, in this order: whatever a crash cuts off is finished with the same text, so that no
 * number is ever signed twice over.
 */
export class Statements {
  readonly #deps: StatementsDeps
  /** Apart from the checkpoint in the same lock: no origin holds a space. */
  readonly #lockName: string
  #newest: SignedLogStatement | null = null
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(deps: StatementsDeps) {
    this.#deps = deps
    this.#lockName = `${deps.log.keys[0].name} statements`
  }

  /**
   * Holds what is stored against the lock, and finishes what was cut off. Throws `log-lock-missing`, `log-behind` (the
   * data is older than what was signed) or `statement-forked` (it is other data).
   */
  static async open(deps: StatementsDeps): Promise<Statements> {
    const statements = new Statements(deps)
    await statements.#settle()
    return statements
  }

  /** The last one that is published. */
  get newest(): SignedLogStatement | null {
    return this.#newest
  }

  /** Does one thing at a time, on what is settled. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      this.#deps.log.assertWorking()
      await this.#settle()
      return work()
    })
    this.#queue = result.catch(() => undefined)
    return result
  }

  /** Publishes the next statement; within `exclusive` only. Where it fails, the next call finishes it. */
  async publish(statement: LogStatement, heads: HeadsTree): Promise<SignedLogStatement> {
    const text = writeLogStatement(statement)
    const { number, start } = statement
    await this.#deps.data.decide({ number, start, text }, heads)
    return this.#finish({ number, text, note: null }, this.#newest === null ? null : writeNote(this.#newest.note))
  }

  async #settle(): Promise<void> {
    const { lock, data, log } = this.#deps
    const locked = await lock.read(this.#lockName)
    const newest = data.newest()
    const before = newest === null || newest.number === 0 ? null : data.note(newest.number - 1)
    if (newest !== null && readLogStatementText(newest.text).size > log.signedSize) {
      throw new CodedError(
        'log-behind',
        `statement ${newest.number} covers more than the ${log.signedSize} entries there are`,
      )
    }
    const published = newest?.note === null ? before : (newest?.note ?? null)
    if (same(locked, published)) {
      this.#newest = published === null ? null : this.#open(published)
      if (newest?.note === null) await this.#finish(newest, before)
      return
    }
    if (locked === null) {
      throw new CodedError('log-lock-missing', 'the data holds statements of the log, and the lock none')
    }
    const stated = this.#open(locked)
    if (newest?.note === null && stated.note.text === newest.text) {
      // Cut off after the lock took it.
      await data.publish(newest.number, locked)
      this.#newest = stated
      return
    }
    if (newest === null || stated.number > newest.number) {
      const last = newest === null ? 'none' : `statement ${newest.number} at last`
      throw new CodedError('log-behind', `the log has signed statement ${stated.number}, and the data holds ${last}`)
    }
    throw new CodedError('statement-forked', `the lock holds another statement ${stated.number} than the data`)
  }

  async #finish({ number, text }: DecidedStatement, before: Uint8Array | null): Promise<SignedLogStatement> {
    const note = await this.#sign(text)
    await advance(this.#deps.lock, this.#lockName, before, note)
    await this.#deps.data.publish(number, note)
    this.#newest = parseLogStatement(note)
    return this.#newest
  }

  async #sign(text: string): Promise<Uint8Array> {
    const { log, crypto } = this.#deps
    return signNote(text, { ...this.#deps, origin: log.keys[0].name }, crypto)
  }

  #open(note: Uint8Array): SignedLogStatement {
    const { keys, retired } = this.#deps.log
    const trust = { origin: keys[0].name, keys: [...keys, ...retired.map(({ key }) => key)] }
    return verifyLogStatement(parseLogStatement(note), trust, this.#deps.crypto).statement
  }
}

function same(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : equal(one, other)
}
