import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeDirectory } from './make-directory.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-directory-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('makes what is not there, and tells the first of it', () => {
  const path = join(root, 'a', 'b', 'c')
  expect(makeDirectory(path, 0o700)).toBe(join(root, 'a'))
  for (const one of [join(root, 'a'), path]) expect(statSync(one).mode & 0o777).toBe(0o700)
  expect(makeDirectory(path)).toBeUndefined()
  symlinkSync(join(root, 'a'), join(root, 'link'))
  expect(makeDirectory(join(root, 'link'))).toBeUndefined()
  expect(makeDirectory('/')).toBeUndefined()
})

test('says what is in the way', () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  expect(() => makeDirectory(file)).toThrow(/EEXIST/)
  expect(() => makeDirectory(join(file, 'a', 'b'))).toThrow(/ENOTDIR/)
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'))
  expect(() => makeDirectory(join(root, 'dangling'))).toThrow(/EEXIST/)
})

test.runIf(existsSync('/proc/self'))('ends where the system makes no directory', () => {
  for (const path of ['/proc/nope', '/proc/self/nope/a/b']) expect(() => makeDirectory(path)).toThrow(/ENOENT/)
})
