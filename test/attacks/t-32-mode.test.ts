import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { observe } from '@countersign/record'
import { Workspace } from './recording.ts'

let space: Workspace
beforeEach(() => {
  space = new Workspace()
  space.write('dir/tool', 'tool')
})
afterEach(() => space.remove())

test('T-32: making a file executable changes what is recorded, alone and in a tree', async () => {
  const both = () => observe({ root: space.root, patterns: ['dir/tool', 'dir'] })
  const before = await both()
  // Red control: nothing changed, nothing differs.
  expect(await both()).toEqual(before)
  chmodSync(join(space.root, 'dir', 'tool'), 0o755)
  const after = await both()
  const modeOf = (list: typeof before) => list.find(({ name }) => name === 'dir/tool')!.annotations!.mode
  const treeOf = (list: typeof before) => list.find(({ name }) => name === 'dir/')!.digest.sha256
  expect([modeOf(before), modeOf(after)]).toEqual(['100644', '100755'])
  expect(treeOf(after)).not.toBe(treeOf(before))
})
