import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, median } from './row.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'action', 'dist', 'main.js')
const RUNS = 11

/** From the start of the action's process to its first line, nothing of it cached, beside what starting Node alone costs. */
export default {
  name: 'action-start',
  async run() {
    const root = mkdtempSync(join(tmpdir(), 'countersign-bench-action-'))
    try {
      let run = 0
      const firstLine = () =>
        new Promise<number>((resolve) => {
          const env = { PATH: process.env['PATH'] ?? '', HOME: root, RUNNER_TEMP: join(root, String(run++)) }
          const begun = process.hrtime.bigint()
          const child = spawn(process.execPath, [MAIN], { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] })
          let took = 0
          child.stdout.once('data', () => (took = Number(process.hrtime.bigint() - begun) / 1e6))
          child.once('close', () => resolve(took))
        })
      const bare = () => {
        const begun = process.hrtime.bigint()
        spawnSync(process.execPath, ['-e', '0'], { stdio: 'ignore' })
        return Number(process.hrtime.bigint() - begun) / 1e6
      }
      await firstLine()
      const limit = await median(RUNS, bare)
      const value = await median(RUNS, firstLine)
      const target = '< 200 ms from cold start to the first line'
      return { name: 'action-start', value, unit: 'ms', limit, ratio: limit / value, target, held: value < 200 }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
} satisfies Bench
