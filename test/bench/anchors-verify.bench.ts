import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { readChain } from '@countersign/verify'
import { anchorTrustOf, verifyAnchors } from '@countersign/verify/anchors'
import { StatedLog } from '../anchored.ts'
import { anchorFourWays } from '../anchors/four-ways.ts'
import { trustIn } from '../../packages/verify/src/verify.test-kit.ts'
import { at, file, newChainId, party, signStep } from '../pipeline.ts'
import { type Bench, middle } from './row.ts'

const TARGET = 50
const DAYS = 365
const WARM_UP = 3
const ROUNDS = 15

/**
 * The oldest step of a year of daily statements, from its receipt to all four anchors of the statement that covers it;
 * CPU time, beside the signatures and the chain already read.
 */
export default {
  name: 'anchors-verify',
  async run() {
    const [ci, server] = [party('ci'), party('log.example/a', 'ed25519')]
    const chain = { id: newChainId(), pipeline: 'shop/web', contract: null }
    const step = signStep(ci, { chain, name: 'build', subject: [file('app', 'app')] })
    const log = new StatedLog(server, 1000)
    log.append(step, at(1))
    const first = log.state(at(30))
    for (let day = 1; day < DAYS; day++) log.state(at(30 + day * 1440))
    const { anchors, roots } = await anchorFourWays(first, Date.parse(at(60)))
    const trust = trustIn([ci], [server])
    const read = readChain([step.bundle, log.receipt(step)], trust, nodeCrypto)
    const outside = { statements: [first], coverage: [log.cover(step, first)], anchors }
    const cpu: number[] = []
    for (let i = 0; i < WARM_UP + ROUNDS; i++) {
      const begun = process.cpuUsage()
      // Keys and certificates are read anew: who verifies once has read them once.
      const believed = { ...trust, anchors: anchorTrustOf(roots, nodeCrypto) }
      const { statements, refused } = verifyAnchors(read, outside, believed, nodeCrypto)
      const { user, system } = process.cpuUsage(begun)
      if (refused.length > 0 || statements[0]!.proved.length !== 4) throw new Error(JSON.stringify(refused))
      if (i >= WARM_UP) cpu.push((user + system) / 1000)
    }
    const value = middle(cpu)
    return {
      name: 'anchors-verify',
      value,
      unit: 'ms CPU',
      limit: null,
      ratio: null,
      target: `< ${TARGET} ms CPU`,
      held: value < TARGET,
    }
  },
} satisfies Bench
