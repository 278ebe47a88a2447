import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { MAIN } from '../demo/world.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { Auditor, type Running, startServer } from './server.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-log-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const by = party('build', 'ed25519')
const append = async (server: Running, content: string) => {
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const { status } = await server.append(signStep(by, { chain, name: 'build', subject: [file('a', content)] }))
  expect(status).toBe(201)
}
const run = (dir: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [MAIN, '--port', '0', '--data', dir, ...args], { encoding: 'utf8', timeout: 20_000 })

describe('T-73: an older copy of the data is brought back', () => {
  test('the server names it, refuses to sign, and goes on with the newest', { timeout: 60_000 }, async () => {
    const dir = join(root, 'rewound')
    const copy = (from: string, to: string) => {
      for (const end of ['', '-wal', '-shm']) {
        rmSync(join(to, `countersign.db${end}`), { force: true })
        cpSync(join(from, `countersign.db${end}`), join(to, `countersign.db${end}`), { force: true, recursive: true })
      }
    }
    const first = await startServer(dir)
    await first.enrol(by)
    await append(first, '1')
    await first.end('SIGKILL')
    cpSync(dir, join(root, 'backup'), { recursive: true })
    const second = await startServer(dir)
    await append(second, '2')
    await second.end('SIGKILL')
    cpSync(dir, join(root, 'newest'), { recursive: true })

    copy(join(root, 'backup'), dir)
    const refused = run(dir)
    expect([refused.status, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain('✗ log-behind: countersign.local has signed 4 entries, and the data holds 3')
    const checked = run(dir, '--fsck')
    expect([checked.status, checked.stdout.split('\n')[0]]).toEqual([
      1,
      '✗ log-behind: 4 entries were signed, and 3 are held',
    ])

    // Red control: with the lock of that day, which a backup must never hold, nobody would have noticed.
    cpSync(join(root, 'backup'), join(root, 'fooled'), { recursive: true })
    await (await startServer(join(root, 'fooled'))).end('SIGTERM')

    copy(join(root, 'newest'), dir)
    expect(run(dir, '--fsck').stdout).toMatch(/^✓ 4 entries, root [0-9a-f]{64}, 4 of them signed\n$/)
    const healed = await startServer(dir)
    expect((await (await Auditor.of(healed)).checkpoint()).size).toBe(4)
    await healed.end('SIGTERM')
  })
})
