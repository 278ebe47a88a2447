import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, CodedError, utf8 } from '@countersign/core'
import { parseCheckpoint, verifyCheckpoint } from '@countersign/formats'
import { advance, type CheckpointLock, checkAgainstLock } from '@countersign/log'
import { consistencyProof, tileHashes, verifyConsistency } from '@countersign/merkle'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { copyOf, HASHES, logSigner, type StoredLog, storedLog } from '../../packages/log/src/stored.test-kit.ts'
import { openSqliteLock } from '../../server/stores/sqlite/lock.ts'

// A log server in small: data first, then the signature, then the lock, then the answer.

const ORIGIN = 'log.example/a'
const signer = logSigner(ORIGIN)
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const entry = (name: string) => utf8(`entry ${name}`)

/** Where a crash ends a server. */
type Crash = 'after-data' | 'after-lock'

interface Running {
  readonly ahead: number
  /** The checkpoint that is handed out with the receipts of this batch. */
  append(names: readonly string[], crash?: Crash): Promise<Uint8Array>
}

async function start(data: StoredLog, lock: CheckpointLock): Promise<Running> {
  let held = await lock.read(ORIGIN)
  const { ahead } = checkAgainstLock({
    origin: ORIGIN,
    keys: [signer.key],
    locked: held,
    state: data.state(),
    read: data.read,
    readEntries: (begin, end) => data.entries.slice(begin, end),
    hashes: HASHES,
    crypto: nodeCrypto,
  })
  async function append(names: readonly string[], crash?: Crash): Promise<Uint8Array> {
    const { state, roots } = data.add(names.map(entry))
    if (crash === 'after-data') throw new CodedError('store-failed', 'crash')
    const next = signer.sign(state.size, roots.sha256)
    await advance(lock, ORIGIN, held, next)
    if (crash === 'after-lock') throw new CodedError('store-failed', 'crash')
    return (held = next)
  }
  // A log begins with a checkpoint of no entries: from then on, data without a lock means that the lock is lost.
  if (held === null) await append([])
  return { ahead, append }
}

/** What a verifier makes of a checkpoint. */
function seen(checkpoint: Uint8Array): { size: number; root: Uint8Array } {
  const trust = { origin: ORIGIN, keys: [signer.key], witnesses: [] }
  return verifyCheckpoint(parseCheckpoint(checkpoint), trust, nodeCrypto).checkpoint
}

let root: string
let lock: ReturnType<typeof openSqliteLock>
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-rewind-'))
  lock = openSqliteLock(join(root, 'lock.db'))
})
afterEach(() => {
  lock.close()
  rmSync(root, { recursive: true, force: true })
})

describe('T-73: old data under a new lock', () => {
  test('a backup is brought back: nothing is signed', async () => {
    const data = storedLog()
    const server = await start(data, lock)
    await server.append(['1', '2', '3'])
    const backup = copyOf(data)
    await server.append(['4'])
    await expect(start(backup, lock)).rejects.toThrow(coded('log-behind'))
    await expect(start(storedLog(), lock)).rejects.toThrow(coded('log-behind'))
    // Positive control: the data as it last was goes on.
    const again = await start(copyOf(data), lock)
    expect(seen(await again.append(['5'])).size).toBe(5)
  })

  test('a backup is brought back and filled up to where it was: nothing is signed', async () => {
    const data = storedLog()
    const server = await start(data, lock)
    await server.append(['1', '2', '3'])
    const backup = copyOf(data)
    await server.append(['4', '5'])
    for (const more of [
      ['other', '5'],
      ['4', 'other'],
      ['5', '4'],
      ['4', 'other', '6', '7'],
    ]) {
      const filled = copyOf(backup)
      filled.add(more.map(entry))
      await expect(start(filled, lock)).rejects.toThrow(coded('log-forked'))
    }
    // Positive control: filled up with the very entries it goes on.
    backup.add(['4', '5'].map(entry))
    expect((await start(backup, lock)).ahead).toBe(0)
  })

  test('the lock is taken away: nothing is signed', async () => {
    const data = storedLog()
    await (await start(data, lock)).append(['1'])
    const other = openSqliteLock(join(root, 'other.db'))
    await expect(start(data, other)).rejects.toThrow(coded('log-lock-missing'))
    other.close()
  })

  test('red control: where the lock comes back with the backup, two histories are signed', async () => {
    const data = storedLog()
    const server = await start(data, lock)
    await server.append(['1', '2', '3'])
    const backup = copyOf(data)
    lock.close()
    for (const name of readdirSync(root)) copyFileSync(join(root, name), join(root, `backup-of-${name}`))
    lock = openSqliteLock(join(root, 'lock.db'))
    const first = seen(await (await start(data, lock)).append(['4']))
    await expect(start(backup, lock)).rejects.toThrow(coded('log-behind'))

    const old = openSqliteLock(join(root, 'backup-of-lock.db'))
    const second = seen(await (await start(backup, old)).append(['other']))
    old.close()
    expect(second.size).toBe(first.size)
    expect(second.root).not.toEqual(first.root)
    // All that is left is that whoever saw both can show it.
    const both = { firstSize: 4, secondSize: 4, firstRoot: first.root, secondRoot: second.root, path: [] }
    expect(() => verifyConsistency(both, HASHES.sha256)).toThrow(coded('proof-invalid'))
  })
})

describe('what a crash leaves is no rewind:', () => {
  test.each<[crash: Crash, ahead: number]>([
    ['after-data', 2],
    ['after-lock', 0],
  ])('%s', async (crash, ahead) => {
    const data = storedLog()
    const server = await start(data, lock)
    const acknowledged = seen(await server.append(['1', '2', '3']))
    await expect(server.append(['4', '5'], crash)).rejects.toThrow(coded('store-failed'))

    const again = await start(data, lock)
    expect(again.ahead).toBe(ahead)
    const next = seen(await again.append(['6']))
    expect(next.size).toBe(6)
    const read = tileHashes((tile) => data.read('sha256', tile)!.subarray(0, tile.width * 32), 6, HASHES.sha256)
    const path = consistencyProof(3, 6, read, HASHES.sha256)
    verifyConsistency(
      { firstSize: 3, secondSize: 6, firstRoot: acknowledged.root, secondRoot: next.root, path },
      HASHES.sha256,
    )
  })

  test('the server that was thought dead goes on: it finds that another one signs', async () => {
    const data = storedLog()
    const thought = await start(data, lock)
    await thought.append(['1'])
    const copy = copyOf(data)
    const other = await start(copy, lock)
    await other.append(['2'])
    await expect(thought.append(['3'])).rejects.toThrow(coded('checkpoint-conflict'))
    expect(seen((await lock.read(ORIGIN))!)).toMatchObject({ size: 2, root: copy.add([]).roots.sha256 })
  })
})
