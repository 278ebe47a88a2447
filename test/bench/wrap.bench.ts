import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, median } from './row.ts'

const CLI = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'dist', 'countersign.js')
const RUNS = 15

/** What wrapping `true` adds in a small checkout with a local key, beside what starting Node alone costs. */
export default {
  name: 'wrap',
  async run() {
    const root = mkdtempSync(join(tmpdir(), 'countersign-bench-wrap-'))
    try {
      const key = join(root, 'bench.key')
      const repo = join(root, 'repo')
      const env = { PATH: process.env['PATH'] ?? '', HOME: root }
      execFileSync(process.execPath, [CLI, 'key', 'new', key], { env, stdio: 'ignore' })
      execFileSync('git', ['init', '-q', repo])
      for (let i = 0; i < 20; i++) writeFileSync(join(repo, `file-${i}.txt`), `file ${i}\n`)
      execFileSync('git', ['add', '-A'], { cwd: repo })
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', 'commit', '-qm', 'first'], {
        cwd: repo,
      })
      const timed = (file: string, args: readonly string[]) => {
        const begun = process.hrtime.bigint()
        const ran = spawnSync(file, args, { cwd: repo, env, stdio: 'ignore' })
        if (ran.status !== 0) throw new Error(`${file} ${args.join(' ')} exited ${ran.status}`)
        return Number(process.hrtime.bigint() - begun) / 1e6
      }
      const wrap = () =>
        timed(process.execPath, [CLI, 'run', '--step', 'x', '--pipeline', 'bench', '--key', key, '--', 'true'])
      wrap()
      const bare = await median(RUNS, () => timed('true', []))
      const node = await median(RUNS, () => timed(process.execPath, ['-e', '0']))
      const value = (await median(RUNS, wrap)) - bare
      const ratio = node / value
      return {
        name: 'wrap',
        value,
        unit: 'ms',
        limit: node,
        ratio,
        target: '< 150 ms over the bare command',
        held: value < 150,
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
} satisfies Bench
