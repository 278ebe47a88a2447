import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromUtf8, utf8 } from '@countersign/core'
import { advance } from '@countersign/log'
import { checkpointLockContract } from '../../../test/contracts/checkpoint-lock.ts'
import { raceThreads } from '../../../test/contracts/lock-race.ts'
import { openFileLock } from './lock-file.ts'

/** What happens right before a file is given its number, and how the next operations of the file system fail. */
const faults = vi.hoisted(() => ({
  beforeLink: null as null | (() => void),
  fsync: 0,
  link: 0,
  persisted: false,
}))
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  return {
    ...real,
    fsyncSync(descriptor: number) {
      if (faults.fsync > 0 && --faults.fsync === 0) throw new Error('EIO: injected')
      real.fsyncSync(descriptor)
    },
    linkSync(from: string, to: string) {
      const hook = faults.beforeLink
      faults.beforeLink = null
      hook?.()
      const fails = faults.link-- > 0
      if (!fails || faults.persisted) real.linkSync(from, to)
      if (fails) throw new Error('EIO: injected')
    },
  }
})

const ORIGIN = 'log.example/a'
const [A, B, C] = [utf8('a'), utf8('b'), utf8('c')]
const conflict = () => expect.objectContaining({ name: 'CodedError', code: 'checkpoint-conflict' }) as Error
const failed = () => expect.objectContaining({ name: 'CodedError', code: 'store-failed' }) as Error

let root: string
let directory: string
beforeEach(() => {
  Object.assign(faults, { beforeLink: null, fsync: 0, link: 0, persisted: false })
  root = mkdtempSync(join(tmpdir(), 'countersign-lock-'))
  directory = join(root, 'new', 'state')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** The folder of the only origin. */
const home = () => join(directory, readdirSync(directory)[0]!)

checkpointLockContract('files', async () => ({
  lock: openFileLock(directory),
  another: () => Promise.resolve(openFileLock(directory)),
  remove: () => {},
}))

it('lets one of 64 in four threads win, 200 times', async () => {
  const module = new URL('./lock-file.ts', import.meta.url).href
  await raceThreads({ module, open: 'openFileLock', file: directory, origin: ORIGIN })
  expect(fromUtf8((await openFileLock(directory).read(ORIGIN))!)).toMatch(/^199 t\d \d+$/)
  // One file is left of all that were.
  expect(readdirSync(home())).toHaveLength(1)
})

it('lets nobody win late, on a number that others have left behind', async () => {
  const lock = openFileLock(directory)
  await lock.swap(ORIGIN, null, A)
  const others = openFileLock(directory)
  // Between the look and the link others take that very number, go on from it, and clear it away.
  faults.beforeLink = () => {
    void others.swap(ORIGIN, A, B)
    void others.swap(ORIGIN, B, A)
  }
  await expect(lock.swap(ORIGIN, A, C)).rejects.toThrow(failed())
  expect(await lock.read(ORIGIN)).toEqual(A)
  // As the witness does it: it reads again, and learns that it has not won.
  faults.beforeLink = () => {
    void others.swap(ORIGIN, A, B)
    void others.swap(ORIGIN, B, utf8('theirs'))
  }
  await expect(advance(lock, ORIGIN, A, C)).rejects.toThrow(conflict())
  expect(await lock.read(ORIGIN)).toEqual(utf8('theirs'))
  // Positive control: what was left behind is in nobody's way.
  await lock.swap(ORIGIN, utf8('theirs'), C)
  expect(readdirSync(home())).toHaveLength(1)
})

describe.each([
  ['lost', false],
  ['persisted', true],
] as const)('a write that is %s and reported as failed (T-77)', (_, persisted) => {
  it.each([1, 2])('%i times: read again and repeated it ends right', async (times) => {
    const lock = openFileLock(directory)
    await lock.swap(ORIGIN, null, A)
    Object.assign(faults, { link: 1, persisted })
    await expect(lock.swap(ORIGIN, A, B)).rejects.toThrow(failed())
    expect(await lock.read(ORIGIN)).toEqual(persisted ? B : A)
    faults.link = 0
    if (!persisted) await lock.swap(ORIGIN, A, B)
    Object.assign(faults, { link: times, persisted })
    await advance(lock, ORIGIN, B, C)
    expect(await lock.read(ORIGIN)).toEqual(C)
  })
})

it('is not answered for until file and directory are on the disk', async () => {
  const lock = openFileLock(directory)
  await lock.swap(ORIGIN, null, A)
  for (const nth of [1, 2]) {
    faults.fsync = nth
    await expect(lock.swap(ORIGIN, A, B)).rejects.toThrow(failed())
  }
  // The second failed after the link: it is there, as one who reads again finds.
  expect(await lock.read(ORIGIN)).toEqual(B)
  faults.fsync = 3
  await lock.swap(ORIGIN, B, C)
  expect(faults.fsync).toBe(1)
})

describe('what is there and cannot be read is a failure, and never nothing:', () => {
  it.each<[what: string, spoil: (file: string, bytes: Buffer) => void]>([
    ['cut short', (file, bytes) => writeFileSync(file, bytes.subarray(0, -1))],
    ['empty', (file) => writeFileSync(file, '')],
    ['one bit is another', (file, bytes) => writeFileSync(file, bytes.with(70, bytes[70]! ^ 1))],
    ['more at its end', (file, bytes) => writeFileSync(file, Buffer.concat([bytes, bytes]))],
    ['another version', (file, bytes) => writeFileSync(file, bytes.with(0, 0x32))],
    ['far too large', (file) => writeFileSync(file, Buffer.alloc(2_000_000))],
    [
      'a directory',
      (file) => {
        rmSync(file)
        mkdirSync(file)
      },
    ],
  ])('%s', async (_, spoil) => {
    const lock = openFileLock(directory)
    await lock.swap(ORIGIN, null, utf8('a checkpoint'))
    const file = join(home(), '1')
    const bytes = readFileSync(file)
    spoil(file, bytes)
    await expect(lock.read(ORIGIN)).rejects.toThrow(failed())
    await expect(lock.swap(ORIGIN, null, A)).rejects.toThrow(failed())
    // Red control: as it was it is read.
    rmSync(file, { recursive: true })
    writeFileSync(file, bytes)
    expect(await lock.read(ORIGIN)).toEqual(utf8('a checkpoint'))
  })
})

it('is for its owner, and clears away what a killed writer left an hour ago', async () => {
  const lock = openFileLock(directory)
  await lock.swap(ORIGIN, null, A)
  expect([directory, home(), join(home(), '1')].map((path) => statSync(path).mode & 0o777)).toEqual([
    0o700, 0o700, 0o600,
  ])
  for (const name of ['old.tmp', 'new.tmp']) writeFileSync(join(home(), name), 'half')
  const before = Date.now() / 1000 - 3601
  utimesSync(join(home(), 'old.tmp'), before, before)
  const again = openFileLock(directory)
  expect(readdirSync(home()).toSorted()).toEqual(['1', 'new.tmp'])
  expect(await again.read(ORIGIN)).toEqual(A)
  expect(() => openFileLock(join(home(), '1', 'below'))).toThrow(failed())
})

it('killed while it writes (kill -9), it has what was answered or the one after it, whole', async () => {
  const module = new URL('./lock-file.ts', import.meta.url).href
  const program = `
    const { openFileLock } = await import(${JSON.stringify(module)})
    const lock = openFileLock(process.argv[1])
    let held = await lock.read('o')
    for (let i = held === null ? 1 : Number(new TextDecoder().decode(held).split(' ')[0]) + 1; ; i++) {
      const next = new TextEncoder().encode(i + ' ' + 'x'.repeat(20000))
      await lock.swap('o', held, next)
      held = next
      process.stdout.write(i + '\\n')
    }`
  let answered = 0
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += String(chunk)
      // A line may come in two pieces.
      answered = Math.max(answered, ...said.split('\n').slice(0, -1).map(Number))
    })
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, 7 * round))
    child.kill('SIGKILL')
    await once(child, 'close')
    const held = fromUtf8((await openFileLock(directory).read('o'))!)
    const [number, rest] = held.split(' ')
    expect(rest).toBe('x'.repeat(20_000))
    expect([answered, answered + 1]).toContain(Number(number))
    answered = Number(number)
  }
  expect(answered).toBeGreaterThan(8)
})
