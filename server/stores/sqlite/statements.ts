import { Worker } from 'node:worker_threads'
import type { Database } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import { type HeadsTree, headsTree } from '@countersign/log'
import type { Page, DecidedStatement, StatementData } from '../../store.ts'
import { page } from './answers.ts'
import { HeadsReader } from './heads-reader.ts'
import type { HeadsTask } from './heads-thread.ts'
import { errorOf, type Failure } from './failure.ts'
import { threadHashes } from './thread-crypto.ts'
import type { Writer } from './writer.ts'

interface Row {
  readonly number: number
  readonly text: string
  readonly note: Buffer | null
}

type Write = <M extends 'decideStatement' | 'publishStatement'>(
  method: M,
  ...args: Parameters<Writer[M]>
) => Promise<ReturnType<Writer[M]>>

/** Up to so many entries their chains are read in less time than a thread takes to begin. */
const HERE = 1_000

/** Statements and heads as a reading connection sees them; `write` is for what they write. */
export function statementDataOf(db: Database, file: string, write: Write): StatementData {
  const heads = new HeadsReader(db)
  const newest = db.prepare<[], Row>('SELECT number, text, note FROM statements ORDER BY number DESC LIMIT 1')
  const one = db.prepare<[number], Row>('SELECT number, text, note FROM statements WHERE number = ?')
  const older = db.prepare<[number, number], Row>(
    'SELECT number, text, note FROM statements WHERE number < ? AND note IS NOT NULL ORDER BY number DESC LIMIT ?',
  )
  const tile = db.prepare<[number, number, number], { hashes: Buffer; keys: Buffer }>(
    'SELECT hashes, keys FROM head_tiles WHERE statement = ? AND level = ? AND "index" = ?',
  )
  const key = db.prepare<[string, string], { key: Buffer }>('SELECT key FROM chains WHERE tenant = ? AND id = ?')
  const before = db.prepare<[string, string, number], { link: string }>(
    `SELECT link FROM attestations
     WHERE tenant = ? AND chain = ? AND "index" < ? AND signed_under IS NOT NULL ORDER BY "index" DESC LIMIT 1`,
  )
  const after = db.prepare<[string, string, number], { link: string }>(
    `SELECT link FROM attestations
     WHERE tenant = ? AND chain = ? AND "index" >= ? AND signed_under IS NOT NULL ORDER BY "index" LIMIT 1`,
  )
  const leaves = db.prepare<[string, string, number, string, string, number, number], { leaf: number }>(
    `SELECT leaf FROM attestations WHERE tenant = ? AND chain = ? AND leaf > ?
     UNION SELECT leaf FROM erasures WHERE tenant = ? AND chain = ? AND leaf > ? ORDER BY leaf LIMIT ?`,
  )

  return {
    newest: () =>
      guarded((): DecidedStatement | null => {
        const row = newest.get()
        return row === undefined ? null : decidedOf(row)
      }),
    note: (number) => guarded(() => noteOf(one.get(number))),
    page: (limit, cursor) =>
      guarded((): Page<Uint8Array> => {
        const rows = older.all(cursor ?? Number.MAX_SAFE_INTEGER, limit + 1)
        const { items, next } = page(rows, limit, ({ number }) => String(number))
        return { items: items.map((row) => noteOf(row)!), next }
      }),
    headsAt: async (size) =>
      size > HERE ? inThread({ file, size }) : guarded(() => headsTree(heads.all(size), threadHashes.sha256)),
    heads: (number, size, count) => ({
      count,
      tile: (level, index) =>
        guarded(() => {
          const row = tile.get(number, level, index)
          return row === undefined ? null : { hashes: new Uint8Array(row.hashes), keys: new Uint8Array(row.keys) }
        }),
      members: (from, to) => guarded(() => heads.some(size, count, from, to)),
    }),
    keyOf: (tenant, chain) =>
      guarded(() => {
        const row = key.get(tenant, chain)
        return row === undefined ? null : new Uint8Array(row.key)
      }),
    entryOf: (tenant, chain, size) =>
      guarded(() => {
        const first = heads.firstAfter(tenant, size)
        return (before.get(tenant, chain, first) ?? after.get(tenant, chain, first))?.link ?? null
      }),
    leavesOf: (tenant, chain, limit, cursor) =>
      guarded(() => {
        const from = cursor ?? -1
        const rows = leaves.all(tenant, chain, from, tenant, chain, from, limit + 1)
        const { items, next } = page(rows, limit, ({ leaf }) => String(leaf))
        return { items: items.map(({ leaf }) => leaf), next }
      }),
    decide: (statement, tree) => write('decideStatement', statement, tree.tiles),
    publish: (number, note) => write('publishStatement', number, note),
  }
}

function decidedOf({ number, text, note }: Row): DecidedStatement {
  return { number, text, note: note === null ? null : new Uint8Array(note) }
}

function noteOf(row: Row | undefined): Uint8Array | null {
  return row === undefined || row.note === null ? null : new Uint8Array(row.note)
}

function inThread(workerData: HeadsTask): Promise<HeadsTree> {
  return new Promise((done, failed) => {
    const thread = new Worker(new URL('./heads-thread.ts', import.meta.url), { workerData })
    const ended = (cause: unknown) =>
      failed(new CodedError('store-failed', 'the heads of the chains could not be read', { cause }))
    thread.once('message', (reply: { value: HeadsTree } | { failure: Failure }) => {
      if ('failure' in reply) failed(errorOf(reply.failure))
      else done(reply.value)
    })
    thread.once('error', ended)
    thread.once('exit', () => ended(new Error('the thread ended')))
  })
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw new CodedError('store-failed', 'the statements could not be read', { cause })
  }
}
