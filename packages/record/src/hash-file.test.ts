import {
  appendFileSync,
  chmodSync,
  openSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hashFile } from './hash-file.ts'
import { Pace } from './pace.ts'
import { sha256, workspace } from './workspace.test-kit.ts'

const coded = (code: string) => expect.objectContaining({ code })
const MIB = 1024 * 1024

describe('hashing a file', () => {
  it.each([0, 1, 4096, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])('of %i bytes', async (size) => {
    const work = workspace()
    const content = Buffer.alloc(size, 'countersign')
    const pace = new Pace({})
    const path = work.write('file', content)
    expect(await hashFile(path, 'file', pace)).toEqual({ mode: '100644', sha256: sha256(content) })
  })

  it('takes the mode from the owner’s right to execute', async () => {
    const work = workspace()
    const path = work.write('file', 'x')
    for (const [mode, expected] of [
      [0o644, '100644'],
      [0o655, '100644'],
      [0o744, '100755'],
      [0o700, '100755'],
    ] as const) {
      chmodSync(path, mode)
      expect((await hashFile(path, 'file', new Pace({}))).mode).toBe(expected)
    }
  })

  it('does not follow a link, nor read a directory or a FIFO', () => {
    const work = workspace()
    work.write('file', 'x')
    const refusal = (path: string) => () => hashFile(path, 'it', new Pace({}))
    expect(refusal(work.link('file', 'link'))).toThrow(coded('file-changed'))
    expect(refusal(work.directory('directory'))).toThrow(coded('file-special'))
    expect(refusal(work.fifo('fifo'))).toThrow(coded('file-special'))
    expect(refusal(work.at('gone'))).toThrow(coded('file-changed'))
    expect(refusal('/dev/null')).toThrow(coded('file-special'))
    expect(refusal('/dev/zero')).toThrow(coded('file-special'))
  })

  it('reads a file that is mostly a hole', async () => {
    const work = workspace()
    const path = work.write('sparse', '')
    truncateSync(path, 5 * MIB)
    expect((await hashFile(path, 'sparse', new Pace({}))).sha256).toBe(sha256(Buffer.alloc(5 * MIB)))
  })
})

describe('a file that changes while it is hashed', () => {
  // Progress is reported in the middle of a file of more than 16 MiB.
  const SIZE = 20 * MIB

  async function changing(change: (path: string) => void): Promise<unknown> {
    const work = workspace()
    const path = work.write('file', Buffer.alloc(SIZE, 1))
    let done = false
    const progress = () => {
      if (!done) change(path)
      done = true
    }
    const hashed = await Promise.resolve(hashFile(path, 'file', new Pace({ progress }))).catch(
      (error: unknown) => error,
    )
    expect(done).toBe(true)
    return hashed
  }

  it.each([
    ['grows', (path: string) => appendFileSync(path, 'x')],
    ['grows without end', (path: string) => appendFileSync(path, Buffer.alloc(SIZE))],
    ['shrinks', (path: string) => truncateSync(path, MIB)],
    ['is written again', (path: string) => writeFileSync(path, Buffer.alloc(SIZE, 2))],
    ['changes in place, and its time is set back', (path: string) => rewrite(path)],
    ['changes its mode', (path: string) => chmodSync(path, 0o755)],
  ])('and %s is refused', async (_what, change) => {
    expect(await changing(change)).toEqual(coded('file-changed'))
  })

  it('is hashed where nothing changes', async () => {
    expect(await changing(() => {})).toEqual({ mode: '100644', sha256: sha256(Buffer.alloc(SIZE, 1)) })
  })
})

function rewrite(path: string): void {
  const { atime, mtime } = statSync(path)
  writeSync(openSync(path, 'r+'), 'evil', 0)
  utimesSync(path, atime, mtime)
}
