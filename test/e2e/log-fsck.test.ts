import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CATALOGUE } from '@countersign/core'
import { noteKey, writeVkey } from '@countersign/formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RECOVERY } from '../../packages/cli/src/recovery.ts'
import { startServer, type Server } from '../demo/world.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { Bench } from './cli.ts'
import { Api } from './server.ts'

/** Whoever audits a log rebuilds it from what its server serves. */

const root = mkdtempSync(join(tmpdir(), 'countersign-fsck-'))
const bench = new Bench()
/** Beside the first administrator and the key, whose acts are told in the log. */
const COUNT = 300
let server: Server
let db: Database.Database
const fsck = (...args: string[]) =>
  bench.cli(bench.root, ['log', 'fsck', ...args], { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token })

beforeAll(async () => {
  server = await startServer(root)
  const api = new Api(server)
  const by = party('build')
  await api.enrol(by)
  const steps = Array.from({ length: COUNT }, (_, i) =>
    signStep(by, {
      chain: { id: newChainId(), pipeline: 'p', contract: null },
      name: 'build',
      subject: [file('a', `${i}`)],
    }),
  )
  const replies = await Promise.all(steps.slice(0, COUNT - 1).map((step) => api.append(step)))
  expect((await api.ask('/v1/statements', '{}')).status).toBe(201)
  replies.push(await api.append(steps.at(-1)!))
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
  db = new Database(join(root, 'data', 'countersign.db'), { fileMustExist: true })
}, 60_000)
afterAll(async () => {
  db.close()
  await server.stop()
  bench.remove()
  rmSync(root, { recursive: true, force: true })
})

/** Puts other bytes in the place of some, for as long as `look` takes. */
function damaged<T>(select: string, update: string, look: () => T): T {
  const before = db.prepare<[], { id: number; bytes: Buffer }>(select).get()!
  const after = Buffer.from(before.bytes)
  after[after.length - 1]! ^= 1
  expect(db.prepare(update).run(after, before.id).changes).toBe(1)
  try {
    return look()
  } finally {
    db.prepare(update).run(before.bytes, before.id)
  }
}

describe('countersign log fsck', () => {
  test('gives the signed root of an honest log, and both roots of its newest statement', () => {
    const text = fsck()
    expect([text.code, text.err]).toEqual([0, ''])
    expect(text.out).toMatch(/^✓ 302 entries give the signed root [0-9a-f]{64}, and both roots of statement 0\n {2}of /)
    expect(JSON.parse(fsck('--format', 'json').out)).toMatchObject({
      verdict: 'pass',
      size: COUNT + 2,
      statement: 0,
      differences: 0,
      findings: [],
    })
  })

  test('names the entry that was changed on the disk, and how to go on', () => {
    damaged(
      'SELECT "index" AS id, entry AS bytes FROM log_entries WHERE "index" = 17',
      'UPDATE log_entries SET entry = ? WHERE "index" = ?',
      () => {
        const { code, out } = fsck()
        expect(code).toBe(1)
        expect(out).toContain('✗ entry 17 is not the one that was logged\n')
        expect(out).toContain('✗ log-forked its 302 entries give the root ')
        expect(out).toContain('roots of statement 0\n')
        expect(out).toContain('fix  countersign log recover log-forked\n')
      },
    )
    expect(fsck().code).toBe(0)
  })

  test.each(['sha256', 'sha3_256'])('names the tile of %s that was changed', (tree) => {
    damaged(
      `SELECT rowid AS id, data AS bytes FROM log_tiles WHERE tree = '${tree}' AND level = 0 AND "index" = 0`,
      'UPDATE log_tiles SET data = ? WHERE rowid = ?',
      () => {
        const { code, out } = fsck('--format', 'json')
        expect(code).toBe(1)
        expect(JSON.parse(out)).toMatchObject({
          verdict: 'fail',
          differences: 1,
          shown: [{ kind: 'tile-differs', tree, tile: { level: 0, index: 0 }, places: [255] }],
          findings: [],
        })
      },
    )
  })

  test('is not satisfied with a log of another key', () => {
    const key = noteKey('log.example/other', 'ed25519', party('other', 'ed25519').publicKey, nodeCrypto)
    bench.write('other.vkey', writeVkey(key))
    expect(fsck('--trust', 'other.vkey')).toMatchObject({
      code: 1,
      err: expect.stringContaining('origin-mismatch') as string,
    })
  })
})

describe('countersign log recover', () => {
  test('says for each code what to do, in steps', () => {
    const all = bench.cli(bench.root, ['log', 'recover'])
    expect([all.code, all.err]).toEqual([0, ''])
    for (const [code, steps] of Object.entries(RECOVERY)) {
      const one = bench.cli(bench.root, ['log', 'recover', code])
      expect(one.code).toBe(0)
      expect(one.out.replaceAll(/\s+/g, ' ')).toContain(`1. ${steps[0]}`)
      expect(one.out).toContain(CATALOGUE[code as keyof typeof RECOVERY].why)
      expect(all.out).toContain(one.out)
    }
    expect(bench.cli(bench.root, ['log', 'recover', 'artifact-unproven']).code).toBe(2)
  })
})
