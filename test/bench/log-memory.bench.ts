import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { type Running, startServer } from '../e2e/server.ts'
import { filledLog } from './filled-log.ts'
import type { Bench } from './row.ts'

const REQUESTS = 2_000
const CONNECTIONS = 16

/** Most resident memory of a server with 10⁶ entries in its log, while it appends and proves; beside one that began with none. */
export default {
  name: 'log-memory',
  async run() {
    const limit = await mostOf(0)
    const value = await mostOf(1_000_000)
    const target = 'most < 300 MB while it serves; the limit is that of a log that began empty'
    return { name: 'log-memory', value, unit: 'MB', limit, ratio: limit / value, target, held: value < 300 }
  },
} satisfies Bench

async function mostOf(entries: number): Promise<number> {
  const filled = await filledLog(entries)
  const server = await startServer(join(filled.directory, 'data'))
  try {
    const by = party('memory', 'ed25519')
    await server.enrol(by)
    const links = Array.from({ length: 1_000 }, () => filled.link(Math.floor(Math.random() * entries)))
    if (entries === 0) links.length = 0
    let most = residentOf(server)
    let left = REQUESTS
    const work = async () => {
      while (left-- > 0) {
        const chain = { id: newChainId(), pipeline: 'bench/memory', contract: null }
        const signed = signStep(by, { chain, name: 'build', subject: [file('a', chain.id)] })
        const { status } = await server.append(signed)
        if (status !== 201) throw new Error(`not appended: ${status}`)
        links.push(signed.link)
        await server.bytes(`/v1/attestations/${links[Math.floor(Math.random() * links.length)]}/proof`)
        if (left % 100 === 0) most = Math.max(most, residentOf(server))
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, work))
    return Math.max(most, residentOf(server))
  } finally {
    await server.end('SIGTERM')
  }
}

/** Resident memory of the process, MB. */
function residentOf({ pid }: Running): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' })) / 1_000
}
