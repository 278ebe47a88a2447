import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observe } from '@countersign/record'
import { Workspace } from './recording.ts'

let space: Workspace
beforeEach(() => {
  space = new Workspace()
})
afterEach(() => space.remove())

describe('T-31: names that are one file elsewhere', () => {
  test.each([
    ['by case', 'dir/A', 'dir/a'],
    ['by Unicode form', 'dir/\u00e9', 'dir/e\u0301'],
    ['by the case of a directory', 'dir/Sub/x', 'dir/sub/x'],
  ])('%s', async (_what, one, other) => {
    space.write(one, '1')
    space.write(other, '2')
    for (const pattern of ['dir', 'dir/**']) {
      const recording = observe({ root: space.root, patterns: [pattern] })
      await expect(recording).rejects.toThrow(expect.objectContaining({ code: 'name-collision' }))
    }
  })
  test('red control: distinct names are recorded', async () => {
    space.write('dir/a', '1')
    space.write('dir/b', '2')
    expect(await observe({ root: space.root, patterns: ['dir/**'] })).toHaveLength(2)
  })
})
