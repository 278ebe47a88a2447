import { execFileSync } from 'node:child_process'
import { linkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observe } from '@countersign/record'
import { Workspace } from './recording.ts'

let space: Workspace
beforeEach(() => {
  space = new Workspace()
  space.write('dir/file', 'file')
})
afterEach(() => space.remove())

const refused = (pattern: string) =>
  expect(observe({ root: space.root, patterns: [pattern] })).rejects.toThrow(
    expect.objectContaining({ code: 'file-special' }),
  )

describe('T-29: special files neither hang nor pass', () => {
  test('a FIFO that nobody writes to', async () => {
    execFileSync('mkfifo', [join(space.root, 'dir', 'pipe')])
    await refused('dir/pipe')
    await refused('dir')
  })
  test('a socket', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(join(space.root, 'dir', 'socket'), done))
    await refused('dir/socket')
    await refused('dir')
    server.close()
  })
  test('red control: regular files and hard links are recorded', async () => {
    linkSync(join(space.root, 'dir', 'file'), join(space.root, 'dir', 'hard'))
    expect((await observe({ root: space.root, patterns: ['dir/*'] })).map(({ name }) => name)).toEqual([
      'dir/file',
      'dir/hard',
    ])
    expect(await observe({ root: space.root, patterns: ['dir'] })).toHaveLength(1)
  })
})
