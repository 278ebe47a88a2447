import { spawnSync } from 'node:child_process'
import { World } from '../action/world.ts'
import { Bench as Place } from '../e2e/cli.ts'
import { type Bench, median } from './row.ts'

const FILES = 1000
const RUNS = 7

/**
 * What the action adds to a step of 1,000 files: identity token, certificate, hashing, hand-shake, signature, append and
 * summary, the server and the issuer on loopback; beside what starting Node alone costs.
 */
export default {
  name: 'action-step',
  async run() {
    const place = new Place()
    const world = await World.start(place)
    try {
      const names = Array.from({ length: FILES }, (_, i) => [`src/${i % 20}/file-${i}.js`, `export default ${i}\n`])
      const origin = world.repository('bench', Object.fromEntries(names) as Record<string, string>)
      const timed = (command: string, args: readonly string[]) => {
        const begun = process.hrtime.bigint()
        spawnSync(command, args, { stdio: 'ignore' })
        return Number(process.hrtime.bigint() - begun) / 1e6
      }
      const step = async () => {
        world.run++
        const job = world.job({ origin, name: 'bench', job: 'build', with: { run: 'true' } })
        const begun = process.hrtime.bigint()
        const { code, log } = await job.main()
        if (code !== 0) throw new Error(log)
        return Number(process.hrtime.bigint() - begun) / 1e6
      }
      await step()
      const bare = await median(RUNS, () => timed('bash', ['-c', 'true']))
      const limit = await median(RUNS, () => timed(process.execPath, ['-e', '0']))
      const value = (await median(RUNS, step)) - bare
      const target = `< 700 ms over the bare command, ${FILES} files`
      return { name: 'action-step', value, unit: 'ms', limit, ratio: limit / value, target, held: value < 700 }
    } finally {
      await world.stop()
      place.remove()
    }
  },
} satisfies Bench
