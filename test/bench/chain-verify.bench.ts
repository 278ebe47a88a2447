import { createPublicKey, verify } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { pae, parseChainFile, type Resource, writeChainFile } from '@countersign/formats'
import { judge, readChainConcurrently, trustOf } from '@countersign/verify'
import { at, file, newChainId, party, received, type Signed, signStep } from '../pipeline.ts'
import { type Bench, middle } from './row.ts'

const STEPS = 1_000
/** What a server or a gate has verified in its first minutes: until then the code that judges is still being compiled. */
const WARM_UP = 40
const ROUNDS = 25

/** A chain of 1,000 steps, each handing three products on, from the bytes of its file to the verdict; beside the signature checks alone. */
export default {
  name: 'chain-verify',
  async run() {
    const by = party('bench')
    const names = Array.from({ length: STEPS }, (_, i) => `step-${i}`)
    const contract = parseContract(
      utf8(
        [
          'contract: v1',
          'pipeline: bench',
          'revision: 1',
          `signers: { bench: ${Buffer.from(by.publicKey.spki).toString('base64')} }`,
          'steps:',
          ...names.map(
            (name, i) =>
              `  ${name}: { signers: [bench], ${i === 0 ? '' : `after: [${names[i - 1]}], `}products: ["*.tgz"] }`,
          ),
          `final: ${names.at(-1)}`,
          '',
        ].join('\n'),
      ),
    )
    const chain = { id: newChainId(), pipeline: 'bench', contract: contract.digest }
    const steps: Signed[] = []
    for (const [i, name] of names.entries()) {
      const before = steps.at(-1)
      const made: Resource[] = ['a', 'b', 'c'].map((part) => file(`${part}.tgz`, `${part} of ${name}`))
      const more =
        before === undefined
          ? {}
          : {
              previous: [{ link: before.link, step: names[i - 1]! }],
              materials: before.statement.subject.map((resource) => received(resource, before.link)),
            }
      steps.push(signStep(by, { chain, name, subject: made, minute: i / 100, ...more }))
    }
    const bytes = writeChainFile(steps.map(({ bundle }) => bundle))
    const artifact = steps.at(-1)!.statement.subject[0]!.digest.sha256
    const trust = trustOf(contract)
    const whole = async () => {
      const begun = performance.now()
      const read = await readChainConcurrently(parseChainFile(bytes), trust, nodeCrypto)
      const { verdict, findings } = judge({ artifact, chain: read, contract, now: at(600) })
      if (verdict !== 'pass') throw new Error(JSON.stringify(findings[0]))
      return performance.now() - begun
    }
    const key = createPublicKey(by.privateKey)
    const signed = steps.map(
      ({ bundle: { envelope } }) => [pae(envelope.payloadType, envelope.payload), envelope.signature] as const,
    )
    const bare = () => {
      const begun = performance.now()
      for (const [message, signature] of signed)
        if (!verify('sha256', message, key, signature)) throw new Error('bad signature')
      return performance.now() - begun
    }
    // What the machine has beside one core: two virtual ones may be one real one, from one minute to the next.
    const threads = async () => {
      const begun = performance.now()
      const checks = steps.map(({ bundle: { envelope } }, i) =>
        nodeCrypto.verifyLater(by.publicKey, signed[i]![0], envelope.signature),
      )
      if ((await Promise.all(checks)).includes(false)) throw new Error('bad signature')
      return performance.now() - begun
    }
    // Interleaved, so that whatever else the machine does meanwhile falls on all.
    const rounds: { bare: number; threads: number; whole: number }[] = []
    for (let i = 0; i < WARM_UP + ROUNDS; i++) {
      rounds.push({ bare: bare(), threads: await threads(), whole: await whole() })
    }
    const [cold] = rounds.splice(0, WARM_UP)
    const limit = middle(rounds.map((round) => round.bare))
    const value = middle(rounds.map((round) => round.whole))
    const factor = value / limit
    const spread = middle(rounds.map((round) => round.threads)) / limit
    const first = (cold!.whole / limit).toFixed(2)
    const target = `≤ 1.5 × its signature checks (${factor.toFixed(2)} ×, the first time ${first} ×; these alone over all threads ${spread.toFixed(2)} ×)`
    return { name: 'chain-verify', value, unit: 'ms', limit, ratio: limit / value, target, held: factor <= 1.5 }
  },
} satisfies Bench
