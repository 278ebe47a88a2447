import { join } from 'node:path'
import { startServer } from '../e2e/server.ts'
import { filledLog } from './filled-log.ts'
import { type Bench, middle } from './row.ts'

const ROUNDS = 5

/** From starting the process to its saying that it is ready, with 10⁶ entries in its log; beside the same with none. */
export default {
  name: 'log-start',
  async run() {
    const [empty, full] = [await filledLog(0), await filledLog(1_000_000)]
    const started = async (directory: string) => {
      const begun = performance.now()
      const server = await startServer(join(directory, 'data'))
      const { status } = await server.ask('/readyz')
      const taken = performance.now() - begun
      if (status !== 200) throw new Error(`not ready: ${status}`)
      await server.end('SIGTERM')
      return taken
    }
    const rounds: { empty: number; full: number }[] = []
    for (let i = 0; i < ROUNDS; i++) {
      rounds.push({ empty: await started(empty.directory), full: await started(full.directory) })
    }
    const limit = middle(rounds.map((round) => round.empty))
    const value = middle(rounds.map((round) => round.full))
    const target = '< 2,000 ms until it is ready; the limit is that of an empty log'
    return { name: 'log-start', value, unit: 'ms', limit, ratio: limit / value, target, held: value < 2_000 }
  },
} satisfies Bench
