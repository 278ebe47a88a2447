import { closeSync, openSync, renameSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observe, recheck } from '@countersign/record'
import { Workspace } from './recording.ts'

const MIB = 1024 * 1024
/** Seconds: a time that is given back to the nanosecond. */
const TIME = 1_000_000_000

let space: Workspace
let path: string
beforeEach(() => {
  space = new Workspace()
  // Large enough that others get their turn while it is read.
  path = space.write('app.bin', 'g'.repeat(20 * MIB))
  utimesSync(path, TIME, TIME)
})
afterEach(() => space.remove())

/** Changes bytes that are there, at `at`, and gives the file its old time back: as a write through a mapping may look. */
function overwrite(at: number): void {
  const fd = openSync(path, 'r+')
  writeSync(fd, 'EVIL', at)
  closeSync(fd)
  utimesSync(path, TIME, TIME)
}

const CHANGES: [string, () => void][] = [
  ['bytes that were read already change', () => overwrite(0)],
  ['bytes that are yet to be read change', () => overwrite(19 * MIB)],
  ['it is truncated', () => truncateSync(path, MIB)],
  ['it grows', () => writeFileSync(path, 'more', { flag: 'a' })],
]

describe('T-27: a file changes between its hash and its use', () => {
  const record = async (during: () => void) => {
    let turns = 0
    const progress = () => {
      if (turns++ === 0) during()
    }
    const [file] = await observe({ root: space.root, patterns: ['app.bin'], progress })
    // The change came in the middle of the file, not after it.
    expect(turns).toBeGreaterThan(1)
    return file!
  }

  test.each(CHANGES)('while it is hashed, %s', async (_what, change) => {
    await expect(record(change)).rejects.toThrow(expect.objectContaining({ code: 'file-changed' }))
  })

  test('while it is hashed, its name is given to another file', async () => {
    const evil = space.write('evil.bin', 'EVIL')
    const before = await observe({ root: space.root, patterns: ['app.bin'] })
    // What was opened is what is hashed; a name that led elsewhere meanwhile shows in the second look.
    const during = () => renameSync(evil, path)
    const outcome = await record(during).catch((error: { code: string }) => error.code)
    if (outcome !== 'file-changed') expect(outcome).toEqual(before[0])
    expect(await recheck({ root: space.root }, before)).toEqual(['app.bin'])
  })

  test.each(CHANGES)('after it was hashed, %s', async (_what, change) => {
    const before = await observe({ root: space.root, patterns: ['app.bin'] })
    change()
    expect(await recheck({ root: space.root }, before)).toEqual(['app.bin'])
  })

  test('a directory becomes a link to another while its files are read', async () => {
    for (let i = 0; i < 400; i++) {
      space.write(`dir/${i}`, 'good')
      space.write(`evil/${i}`, 'evil')
    }
    let turns = 0
    const progress = () => {
      if (turns++ > 0) return
      renameSync(join(space.root, 'dir'), join(space.root, 'old'))
      renameSync(join(space.root, 'evil'), join(space.root, 'dir'))
    }
    const recording = observe({ root: space.root, patterns: ['dir'], progress })
    await expect(recording).rejects.toThrow(expect.objectContaining({ code: 'file-changed' }))
  })

  test('red control: a file that nobody touches is recorded, and is the same at the second look', async () => {
    const file = await record(() => {})
    expect(await recheck({ root: space.root }, [file])).toEqual([])
  })
})
