import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { linkSync, truncateSync } from 'node:fs'
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
  test('a FIFO is not waited for: another process is asked, so that a hang would be seen', () => {
    const pipe = join(space.root, 'dir', 'pipe')
    execFileSync('mkfifo', [pipe])
    const ask = (program: string, timeout: number) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', timeout })
    const root = JSON.stringify(space.root)
    const recorded = ask(
      `import { observe } from '@countersign/record'
       for (const pattern of ['dir/pipe', 'dir', 'dir/*', '.'])
         await observe({ root: ${root}, patterns: [pattern] }).catch(({ code }) => console.log(code))`,
      60_000,
    )
    expect(recorded.stdout.split('\n')).toEqual([...Array.from({ length: 4 }, () => 'file-special'), ''])
    // Red control: read as any file, it blocks for ever.
    const read = ask(`import { readFileSync } from 'node:fs'; readFileSync(${JSON.stringify(pipe)})`, 1000)
    expect(read.error).toMatchObject({ code: 'ETIMEDOUT' })
  })
  test('a device, which would never end', async () => {
    const recording = (name: string) => observe({ root: '/dev', patterns: [name] })
    await expect(recording('zero')).rejects.toThrow(expect.objectContaining({ code: 'file-special' }))
    await expect(recording('null')).rejects.toThrow(expect.objectContaining({ code: 'file-special' }))
  })
  test('a file that is one hole is read as what it says it is', async () => {
    truncateSync(space.write('dir/sparse', ''), 32 * 1024 * 1024)
    const [sparse] = await observe({ root: space.root, patterns: ['dir/sparse'] })
    expect(sparse!.digest.sha256).toBe(
      createHash('sha256')
        .update(Buffer.alloc(32 * 1024 * 1024))
        .digest('hex'),
    )
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
