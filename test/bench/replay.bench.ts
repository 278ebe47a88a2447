import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPublicKey, verify } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseContract } from '@countersign/contract'
import { type ChainLine, isBundle, pae, parseChainFile, writeChainFile } from '@countersign/formats'
import { readChainConcurrently, replayRun, trustOf } from '@countersign/verify'
import { runsOf } from '../../packages/cli/src/history.ts'
import { maintainedText } from '../acts.ts'
import { honestRun, parties, type Party } from '../pipeline.ts'
import { type Bench, middle } from './row.ts'

const RUNS = 10_000
/** Distinct runs; each is read again so often, for making them takes longer than replaying them. */
const MADE = 500
/** Most memory that the second half may take more than the first, bytes. */
const FLAT = 48 * 1024 * 1024

/** 10,000 runs of four steps from their files to what another contract says of them; beside their signature checks alone. */
export default {
  name: 'replay',
  async run() {
    const who = parties()
    const contract = parseContract(new TextEncoder().encode(maintainedText(who, null, { revision: 2 })))
    const trust = trustOf(contract)
    const root = mkdtempSync(join(tmpdir(), 'countersign-replay-'))
    try {
      const files = Array.from({ length: MADE }, (_, i) => {
        const file = join(root, `${i}.chain.jsonl`)
        writeFileSync(file, writeChainFile(honestRun({ who, commit: `commit ${i}` }).steps.map(({ bundle }) => bundle)))
        return file
      })
      const chain = Array.from({ length: RUNS / MADE }, () => files).flat()
      const context = { cwd: root } as Parameters<typeof runsOf>[0]
      const replay = async (some: readonly string[]) => {
        const begun = performance.now()
        let runs = 0
        const read = (lines: readonly ChainLine[]) => readChainConcurrently(lines, trust, nodeCrypto)
        for await (const { run, chain: found } of runsOf(context, { chain: some }, read)) {
          const { passed, findings } = replayRun(contract, found, run)
          if (!passed) throw new Error(JSON.stringify(findings[0]))
          runs++
        }
        if (runs !== some.length) throw new Error(`${runs} runs of ${some.length}`)
        return performance.now() - begun
      }
      await replay(files)
      const parted = Object.values(who) as Party[]
      // Between the halves too: whatever else the machine does meanwhile falls on both.
      const checks = [signatureChecks(files, parted)]
      const half = chain.length / 2
      const first = await replay(chain.slice(0, half))
      checks.push(signatureChecks(files, parted))
      const before = process.memoryUsage().rss
      const second = await replay(chain.slice(half))
      const grown = process.memoryUsage().rss - before
      checks.push(signatureChecks(files, parted))
      const bare = middle(checks)
      const value = RUNS / ((first + second) / 1000)
      const limit = MADE / (bare / 1000)
      const held = value >= limit / 2 && grown < FLAT
      const target = `≥ half of its signature checks, memory flat (${Math.round(grown / 1024 / 1024)} MB more)`
      return { name: 'replay', value, unit: 'runs/s', limit, ratio: value / limit, target, held }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
} satisfies Bench

/** Milliseconds for the signatures of all files, read before. */
function signatureChecks(files: readonly string[], who: readonly Party[]): number {
  const keys = new Map(who.map((one) => [one.publicKey.keyId, createPublicKey(one.privateKey)] as const))
  const signed = files.flatMap((file) =>
    parseChainFile(new Uint8Array(readFileSync(file))).flatMap((line) => {
      if (!isBundle(line)) return []
      const { envelope, key } = line
      const by = keys.get(key.kind === 'publicKey' ? (key.hint ?? '') : '')!
      return [{ message: pae(envelope.payloadType, envelope.payload), signature: envelope.signature, by }]
    }),
  )
  const begun = performance.now()
  for (const { message, signature, by } of signed) {
    if (!verify(by.asymmetricKeyType === 'ed25519' ? null : 'sha256', message, by, signature))
      throw new Error('bad signature')
  }
  return performance.now() - begun
}
