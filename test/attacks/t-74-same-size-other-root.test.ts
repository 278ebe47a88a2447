import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, utf8 } from '@countersign/core'
import { parseCheckpoint, verifyCheckpoint } from '@countersign/formats'
import { checkAgainstLock } from '@countersign/log'
import { consistencyProof, tileHashes, verifyConsistency } from '@countersign/merkle'
import { describe, expect, test } from 'vitest'
import { HASHES, logSigner, rootsOfEntries, type StoredLog, storedLog } from '../../packages/log/src/stored.test-kit.ts'

const ORIGIN = 'log.example/a'
const signer = logSigner(ORIGIN)
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const names = (count: number) => Array.from({ length: count }, (_, i) => `entry ${i}`)

function logOf(entries: readonly string[]): StoredLog {
  const log = storedLog()
  log.add(entries.map((name) => utf8(name)))
  return log
}

const rootOf = (log: StoredLog) => log.add([]).roots.sha256

function check(log: StoredLog, locked: Uint8Array): number {
  return checkAgainstLock({
    origin: ORIGIN,
    keys: [signer.key],
    locked,
    state: log.state(),
    read: log.read,
    readEntries: (begin, end) => log.entries.slice(begin, end),
    hashes: HASHES,
    crypto: nodeCrypto,
  }).ahead
}

/** What a server would do that looks at sizes alone. */
const sizeFits = (log: StoredLog, locked: Uint8Array) => log.state().size >= parseCheckpoint(locked).size

const forgeries: readonly (readonly [what: string, size: number, forge: (honest: string[]) => string[]])[] = [
  ['the last entry is another', 7, (honest) => honest.with(6, 'forged')],
  ['the first entry is another', 300, (honest) => honest.with(0, 'forged')],
  ['two entries change places', 8, (honest) => honest.with(3, honest[4]!).with(4, honest[3]!)],
  ['one is dropped and one is put at the end', 9, (honest) => [...honest.toSpliced(2, 1), 'forged']],
  ['one is there twice', 5, (honest) => honest.with(4, honest[3]!)],
  ['an entry in the middle of full tiles is another', 600, (honest) => honest.with(300, 'forged')],
]

describe.each(forgeries)('T-74: the same size under another root: %s', (_, size, forge) => {
  const honest = logOf(names(size))
  const forged = logOf(forge(names(size)))
  const locked = signer.sign(size, rootOf(honest))

  test('is not signed on', () => {
    expect(check(honest, locked)).toBe(0)
    expect(() => check(forged, locked)).toThrow(coded('log-forked'))
    // Red control: its size, and each of its parts, are as they should be.
    expect(sizeFits(forged, locked)).toBe(true)
    expect(check(forged, signer.sign(size, rootOf(forged)))).toBe(0)
  })

  test('is not signed on after it has grown either', () => {
    for (const log of [honest, forged]) log.add([utf8('one more')])
    expect(check(honest, locked)).toBe(1)
    expect(() => check(forged, locked)).toThrow(coded('log-forked'))
    expect(sizeFits(forged, locked)).toBe(true)
  })

  test('is not taken by one who has seen the other, though the log signed both', () => {
    const trust = { origin: ORIGIN, keys: [signer.key], witnesses: [] }
    const open = (log: StoredLog) => {
      const root = rootsOfEntries(log.entries.slice(0, size)).sha256
      return verifyCheckpoint(parseCheckpoint(signer.sign(size, root)), trust, nodeCrypto).checkpoint
    }
    const [first, second] = [open(honest), open(forged)]
    expect(second.size).toBe(first.size)
    const sizes = { firstSize: size, secondSize: size, firstRoot: first.root }
    verifyConsistency({ ...sizes, secondRoot: first.root, path: [] }, HASHES.sha256)
    const read = tileHashes((tile) => forged.read('sha256', tile)!.subarray(0, tile.width * 32), size, HASHES.sha256)
    for (const path of [[], [first.root], [second.root], consistencyProof(size - 1, size, read, HASHES.sha256)]) {
      const shown = { ...sizes, secondRoot: second.root, path }
      expect(() => verifyConsistency(shown, HASHES.sha256)).toThrow(coded('proof-invalid'))
    }
  })
})
