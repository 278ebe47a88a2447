import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { expect, it, vi } from 'vitest'
import { CodedError } from '@countersign/core'
import { writeLeaf } from '@countersign/formats'
import { drizzle, migrate } from './drizzle.ts'
import { keyringBeside } from './keyring.ts'
import { openSqlite } from './store.ts'

const threads = vi.hoisted((): Worker[] => [])
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>()
  class Watched extends real.Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given)
      threads.push(this)
    }
  }
  return { ...real, Worker: Watched }
})

it('keeps the database and its log for its owner, whatever the umask and whoever made it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'countersign.db')
  const modes = (within = '') =>
    readdirSync(join(root, within)).map((name) => [name, (statSync(join(root, within, name)).mode & 0o777).toString(8)])
  const umask = process.umask(0)
  try {
    // Red control: what SQLite makes by itself, anybody may read.
    const own = new Database(file)
    own.exec('CREATE TABLE t (a)')
    own.close()
    expect(modes()).toEqual([['countersign.db', '644']])
    for (const made of ['before', 'by us']) {
      if (made === 'by us') for (const old of [file, join(root, 'keys')]) rmSync(old, { recursive: true })
      const store = await openSqlite(file)
      await store.createTenant('acme', '2026-11-01T12:00:00.000Z')
      expect([made, modes()]).toEqual([
        made,
        [
          ...['countersign.db', 'countersign.db-shm', 'countersign.db-wal'].map((name) => [name, '600']),
          ['keys', '700'],
        ],
      ])
      expect(modes('keys')).toEqual(['keys.db', 'keys.db-journal'].map((name) => [name, '600']))
      await store.close()
    }
  } finally {
    process.umask(umask)
  }
  rmSync(root, { recursive: true, force: true })
})

it('finds the keys and heads of the chains of a database from before there were statements', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'countersign.db')
  // As the migrations before left it.
  const before = join(root, 'migrations')
  cpSync(join(import.meta.dirname, 'migrations'), before, { recursive: true })
  const journal = JSON.parse(readFileSync(join(before, 'meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] }
  journal.entries = journal.entries.filter(({ tag }) => tag < '0003')
  writeFileSync(join(before, 'meta/_journal.json'), JSON.stringify(journal))
  const db = new Database(file)
  migrate(drizzle(db), { migrationsFolder: before })
  db.exec("INSERT INTO tenants (id, created_at, next_index) VALUES ('acme', '2026', 3)")
  const ids = ['a1'.repeat(32), 'b2'.repeat(32)]
  const hashes: Buffer[] = []
  for (const [leaf, [chain, seq]] of [
    [0, 0],
    [1, 0],
    [0, 1],
  ].entries() as Iterable<[number, [number, number]]>) {
    const digest = `${leaf}`.repeat(64)
    const entry = writeLeaf({
      kind: 'attestation',
      acceptedAt: '2026-11-01T12:00:00.000Z',
      chain: { id: ids[chain]!, seq },
      commitment: { sha256: digest, sha3_256: digest },
      late: false,
    })
    db.prepare("INSERT INTO log_entries VALUES (?, 'acme', ?, x'')").run(leaf, entry)
    hashes.push(createHash('sha256').update(Uint8Array.of(0)).update(entry).digest())
    db.prepare(
      `INSERT INTO attestations (tenant, "index", link, chain, pipeline, step, attempt, place, nonce, signer, key_id,
         system, succeeded, finished_at, accepted_at, late, subjects, bundle, leaf)
       VALUES ('acme', ?, ?, ?, 'p', 's', 1, ?, ?, 'x', 'x', 'x', 1, '', '', 0, 0, x'', ?)`,
    ).run(leaf, digest, `${chain}`, digest, digest, leaf)
    db.prepare("INSERT OR IGNORE INTO chains (tenant, id, pipeline, length) VALUES ('acme', ?, 'p', ?)").run(
      `${chain}`,
      2 - chain,
    )
  }
  db.prepare("INSERT INTO log_tiles VALUES ('sha256', 0, 0, ?)").run(Buffer.concat(hashes))
  db.close()
  const store = await openSqlite(file)
  const { statements } = store
  expect(['0', '1'].map((chain) => Buffer.from(statements.keyOf('acme', chain)!).toString('hex'))).toEqual(ids)
  expect(await Promise.all([0, 1, 2, 3].map(async (size) => (await statements.headsAt(size)).count))).toEqual([
    0, 1, 2, 2,
  ])
  await store.close()
  rmSync(root, { recursive: true, force: true })
})

it('leaves no write-ahead log behind where it is closed, and loses nothing where it is not', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const [file, crashed] = [join(root, 'countersign.db'), join(root, 'crashed.db')]
  const report = new CodedError('json-invalid', 'no').report()
  const nothing = {
    at: '2026-11-01T12:00:00.000Z',
    report,
    findings: [],
    link: null,
    about: null,
    chain: null,
    step: null,
  }
  const store = await openSqlite(file)
  await store.createTenant('acme', nothing.at)
  for (let i = 0; i < 50; i++)
    await store.refuse('acme', { ...nothing, body: `body ${i}`, bytes: new Uint8Array(20_000) }, 100)
  // As it is on the disk when the machine stops.
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(50 * 20_000)
  for (const end of ['', '-wal']) cpSync(`${file}${end}`, `${crashed}${end}`)
  const before = (await store.inbox('acme', 100, null)).items
  // Somebody is reading yet.
  void store.inbox('acme', 100, null)
  await Promise.all([store.close(), store.close()])
  expect(existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0).toBe(0)
  for (const one of [file, crashed]) {
    const again = await openSqlite(one, keyringBeside(file))
    expect((await again.inbox('acme', 100, null)).items).toEqual(before)
    await again.close()
  }
  rmSync(root, { recursive: true, force: true })
})

it('waits with a refusal for who writes beside it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'countersign.db')
  const store = await openSqlite(file)
  const at = '2026-11-01T12:00:00.000Z'
  await store.createTenant('acme', at)
  const other = new Database(file)
  other.exec("BEGIN IMMEDIATE; INSERT INTO tenants (id, created_at) VALUES ('other', '2026')")
  const report = new CodedError('json-invalid', 'no').report()
  const body = { body: 'body', bytes: Uint8Array.of(1), link: null, about: null, chain: null, step: null }
  const refused = store.refuse('acme', { at, report, findings: [], ...body }, 100).then(() => 'kept', String)
  await new Promise((done) => setTimeout(done, 200))
  other.exec('COMMIT')
  other.close()
  expect(await refused).toBe('kept')
  expect((await store.inbox('acme', 10, null)).items).toHaveLength(1)
  await store.close()
  rmSync(root, { recursive: true, force: true })
})

it('is no longer alive once its writing thread has ended, and says so to whoever writes', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  threads.length = 0
  const store = await openSqlite(join(root, 'countersign.db'))
  await store.createTenant('acme', '2026-11-01T12:00:00.000Z')
  expect([store.alive(), threads.length]).toEqual([true, 1])
  const waiting = store.createTenant('other', '2026-11-01T12:00:00.000Z')
  await threads[0]!.terminate()
  const failed = expect.objectContaining({ code: 'store-failed' }) as unknown
  await expect(waiting).rejects.toEqual(failed)
  expect(store.alive()).toBe(false)
  await expect(store.ready()).rejects.toEqual(failed)
  const now = { at: '2026-11-01T12:00:00.000Z', by: 'x', since: null, reason: null }
  await expect(store.revokeKey('acme', 'a', now)).rejects.toEqual(failed)
  // What was committed is still read.
  expect(await store.keys('acme')).toEqual([])
  await expect(store.close()).rejects.toEqual(failed)
  rmSync(root, { recursive: true, force: true })
})

it('says that a file which is no database cannot be opened', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'noise.db')
  writeFileSync(file, 'noise '.repeat(1000))
  await expect(openSqlite(file)).rejects.toThrow(expect.objectContaining({ code: 'store-failed' }))
  await expect(openSqlite(join(file, 'below'))).rejects.toThrow(expect.objectContaining({ code: 'store-failed' }))
  rmSync(root, { recursive: true, force: true })
})
