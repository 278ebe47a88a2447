import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { utf8 } from '@countersign/core'
import { memoryWith } from '../../../test/memory.ts'
import { writeWhole } from './files.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'files-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const at = (name: string) => join(directory, name)

const memory = memoryWith(1 << 20)
test.skipIf(memory === null)('a file in memory is a file, though what it is in is below /dev', async () => {
  const own = mkdtempSync(join(memory!, 'files-'))
  await writeWhole(join(own, 'out'), utf8('one'))
  await writeWhole(join(own, 'out'), utf8('two'))
  expect(readFileSync(join(own, 'out'), 'utf8')).toBe('two')
  rmSync(own, { recursive: true })
})

test('a file comes whole into its place, with the directories it needs', async () => {
  await writeWhole(at('a/b/out'), utf8('one'))
  await writeWhole(at('a/b/out'), utf8('two'))
  expect(readFileSync(at('a/b/out'), 'utf8')).toBe('two')
  expect(readdirSync(at('a/b'))).toEqual(['out'])
})

test('of two at once, one stays, whole', async () => {
  const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(100_000))
  await Promise.all(texts.map((text) => writeWhole(at('out'), utf8(text))))
  expect(texts).toContain(readFileSync(at('out'), 'utf8'))
  expect(readdirSync(directory)).toEqual(['out'])
})

test('a pipe that nobody reads is not waited for for ever, and one that somebody comes to read is', async () => {
  execFileSync('mkfifo', [at('pipe')])
  const begun = performance.now()
  await expect(writeWhole(at('pipe'), utf8('one'))).rejects.toMatchObject({
    code: 'file-write-failed',
    what: expect.stringContaining('ENXIO') as string,
  })
  expect(performance.now() - begun).toBeGreaterThan(1_000)
  const written = writeWhole(at('pipe'), new Uint8Array(300_000).fill(0x61))
  await new Promise((done) => setTimeout(done, 200))
  const [bytes] = await Promise.all([readFile(at('pipe')), written])
  expect(bytes.length).toBe(300_000)
})

test('nor is one whose reader has just gone', async () => {
  const writings = Array.from({ length: 24 }, async (_, i) => {
    const pipe = at(`gone-${i}`)
    execFileSync('mkfifo', [pipe])
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    const written = writeWhole(pipe, utf8('one')).catch((error: unknown) => error)
    for (let turn = 0; turn < i % 8; turn++) await new Promise((done) => setImmediate(done))
    closeSync(reader)
    return written
  })
  await Promise.all(writings)
}, 10_000)

test('a link stays a link: its target is replaced', async () => {
  writeFileSync(at('target'), 'old')
  symlinkSync('target', at('link'))
  await writeWhole(at('link'), utf8('new'))
  expect(lstatSync(at('link')).isSymbolicLink()).toBe(true)
  expect(readFileSync(at('target'), 'utf8')).toBe('new')
})

test('a link to nothing is replaced', async () => {
  symlinkSync('nowhere', at('link'))
  await writeWhole(at('link'), utf8('new'))
  expect(readFileSync(at('link'), 'utf8')).toBe('new')
})

test('a pipe is written to, and stays a pipe', async () => {
  execFileSync('mkfifo', [at('pipe')])
  const read = readFile(at('pipe'), 'utf8')
  await writeWhole(at('pipe'), utf8('through'))
  // Were it replaced, nobody would ever write into the one that is read.
  expect(lstatSync(at('pipe')).isFIFO()).toBe(true)
  expect(await read).toBe('through')
})

test('a descriptor of this process is added to: what stands there was somebody else’s', async () => {
  const fd = openSync(at('stdout'), 'a')
  try {
    writeFileSync(fd, 'before\n')
    await writeWhole(`/dev/fd/${fd}`, utf8('out\n'))
    writeFileSync(fd, 'after\n')
  } finally {
    closeSync(fd)
  }
  expect(readFileSync(at('stdout'), 'utf8')).toBe('before\nout\nafter\n')
})

test('what cannot be written is file-write-failed, and leaves nothing', async () => {
  await expect(writeWhole(directory, utf8('x'))).rejects.toMatchObject({ code: 'file-write-failed' })
  expect(readdirSync(directory)).toEqual([])
})
