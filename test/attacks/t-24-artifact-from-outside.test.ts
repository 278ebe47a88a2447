import { expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { judge, readChain, trustOf } from '@countersign/verify'
import { at, file, received, signStep, source } from '../pipeline.ts'
import { ci, contractOf } from '../../packages/verify/src/verify.test-kit.ts'

// The artifact never was in the pipeline: a last step that makes nothing vouches for all that it received, what came from outside included.
const contract = contractOf(`  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [app] }
  scan: { signers: [ci], after: [build], materials: [{ from: build }, { outside: "advisories/*" }] }`)
const chain = { id: 'a'.repeat(32), pipeline: 'p', contract: contract.digest }
const commit = source('c'),
  app = file('app', 'app'),
  evil = file('advisories/today', 'malware')
const first = signStep(ci, { chain, name: 'source', subject: [commit] })
const build = signStep(ci, {
  chain,
  name: 'build',
  previous: [{ link: first.link, step: 'source' }],
  materials: [received(commit, first.link)],
  subject: [app],
  minute: 2,
})
const scan = signStep(ci, {
  chain,
  name: 'scan',
  previous: [{ link: build.link, step: 'build' }],
  materials: [received(app, build.link), received(evil, null)],
  subject: [app, evil],
  minute: 4,
})
const judged = (artifact: string) =>
  judge({
    artifact,
    chain: readChain(
      [first, build, scan].map((s) => s.bundle),
      trustOf(contract),
      nodeCrypto,
    ),
    contract,
    now: at(60),
  }).verdict
test('control: what was built passes', () => expect(judged(app.digest.sha256)).toBe('pass'))
test('what was fetched does not', () => expect(judged(evil.digest.sha256)).toBe('fail'))
