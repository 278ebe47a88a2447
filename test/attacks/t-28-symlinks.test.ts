import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observe } from '@countersign/record'
import { Workspace } from './recording.ts'

let space: Workspace
beforeEach(() => {
  space = new Workspace()
  space.write('dir/real', 'real')
})
afterEach(() => space.remove())

const link = (target: string, name: string) => symlinkSync(target, join(space.root, name))
const code = (pattern: string) =>
  observe({ root: space.root, patterns: [pattern] }).then(
    () => 'recorded',
    (error: { code: string }) => error.code,
  )

describe('T-28: symbolic links (GHSA-v6px)', () => {
  test.each([
    ['out by an absolute path', '/etc/passwd', 'symlink-escapes'],
    ['out by dots', '../../../../../../etc/passwd', 'symlink-escapes'],
    ['to nothing', 'nothing', 'symlink-broken'],
    ['to itself', 'link', 'symlink-broken'],
  ])('%s', async (_what, target, expected) => {
    link(target, 'dir/link')
    for (const pattern of ['dir/link', 'dir', 'dir/*'])
      expect([pattern, await code(pattern)]).toEqual([pattern, expected])
  })
  test('a directory of the way leads out', async () => {
    link('/etc', 'etc')
    expect(await code('etc/passwd')).toBe('symlink-escapes')
  })
  test('red control: a link that stays inside is recorded with what it leads to', async () => {
    link('real', 'dir/link')
    const [linked] = await observe({ root: space.root, patterns: ['dir/link'] })
    const [real] = await observe({ root: space.root, patterns: ['dir/real'] })
    expect(linked).toEqual({ ...real, name: 'dir/link' })
    expect(await code('dir')).toBe('recorded')
  })
})
