import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { openKeyFile } from '@countersign/adapters/signer-file'
import { publicKeyPem } from '@countersign/core'
import { writeBundle } from '@countersign/formats'
import { verifyStep, type VerifiedStep } from '@countersign/verify'
import { LOCAL_TENANT } from '../../server/first-run.ts'
import type { Append, LogData, Store } from '../../server/store.ts'
import { openSqliteLock } from '../../server/stores/sqlite/lock.ts'
import { openSqlite } from '../../server/stores/sqlite/store.ts'
import { Log } from '../../server/verbs/log.ts'
import { startServer } from '../demo/world.ts'
import { at, file, newChainId, party, signStep } from '../pipeline.ts'

const BATCH = 1_000
/** Steps of one chain. */
const CHAIN = 100

/** A server's directory whose log holds so many steps. */
export interface FilledLog {
  /** What `startServer` takes. */
  readonly directory: string
  readonly entries: number
  /** The link of a step. */
  link(index: number): string
  /** The log in this process, and the store that it is in; close it. */
  open(): Promise<{ store: Store; log: Log; data: LogData; close: () => Promise<void> }>
}

/** What a step is made into before it is written, where all alike would be too little. */
export type Vary = (append: Append, index: number) => Append

const made = new Map<string, Promise<FilledLog>>()

/**
 * A log of so many entries, made once in a run of the benchmarks and removed when it ends. Its steps are written as
 * the server writes them, but for what comes before: none is signed anew or verified.
 */
export function filledLog(entries: number, vary: Vary = (append) => append): Promise<FilledLog> {
  const name = `${entries} ${vary.name}`
  let log = made.get(name)
  if (log === undefined) {
    log = fill(entries, vary)
    made.set(name, log)
  }
  return log
}

async function fill(entries: number, vary: Vary): Promise<FilledLog> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-log-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const by = party('bench')
  const server = await startServer(directory)
  const key = JSON.stringify({ name: 'bench', publicKey: publicKeyPem(by.publicKey) })
  await fetch(`${server.url}/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}` },
    body: key,
  })
  await server.stop()
  const data = join(directory, 'data')
  const filled: FilledLog = { directory, entries, link: linkOf, open: () => openLog(data) }
  const { store, log, close } = await openLog(data)
  const trust = { signers: [{ name: by.name, key: by.publicKey, revokedAt: null }], countersigners: [] }
  const { bundle } = signStep(by, {
    chain: { id: newChainId(), pipeline: 'bench/log', contract: null },
    name: 'build',
    subject: [file('app.tgz', 'app')],
  })
  const step = verifyStep(bundle, trust, nodeCrypto)
  const bytes = writeBundle(bundle)
  for (let begin = 0; begin < entries; begin += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, entries - begin) }, (_, i) =>
      vary(appendOf(step, bytes, begin + i), begin + i),
    )
    const { head } = await store.append(batch)
    await log.publish(head!)
  }
  await close()
  return filled
}

async function openLog(data: string): Promise<{ store: Store; log: Log; data: LogData; close: () => Promise<void> }> {
  const store = await openSqlite(join(data, 'countersign.db'))
  const lock = openSqliteLock(join(data, 'lock', 'lock.db'))
  const signer = await openKeyFile(join(data, 'server.key'), null)
  const log = await Log.open({ origin: 'countersign.local', signer, lock, data: store.log, crypto: nodeCrypto })
  const close = async () => {
    await store.close()
    lock.close()
  }
  return { store, log, data: store.log, close }
}

/** In their order: spread over the indexes of the database, as real ones are, they would take several times as long to write. */
function linkOf(index: number): string {
  return index.toString(16).padStart(64, '0')
}

/** The one step again, as another. */
function appendOf(step: VerifiedStep, bundle: Uint8Array, index: number): Append {
  const link = linkOf(index)
  const { statement } = step
  const { predicate } = statement
  const chain = { ...predicate.chain, id: linkOf(Math.floor(index / CHAIN)).slice(32) }
  const ref = { ...predicate.step, name: `step-${index % CHAIN}`, nonce: link.slice(32) }
  const subject = [{ ...statement.subject[0]!, digest: { sha256: link } }]
  const own = { ...step, link, statement: { ...statement, subject, predicate: { ...predicate, chain, step: ref } } }
  return { tenant: LOCAL_TENANT, step: own, edges: [], bundle, acceptedAt: at(index), late: false, idempotency: null }
}
