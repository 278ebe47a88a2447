import { expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { judge, readChain, trustOf } from '@countersign/verify'
import { TREE_MEDIA_TYPE } from '@countersign/formats'
import { at, file, received, signStep, source } from '../pipeline.ts'
import { ci, contractOf } from '../../packages/verify/src/verify.test-kit.ts'

// A step that may make nothing turns the file it received into a directory (or the source into a file).
const contract = contractOf(`  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: ["*"] }
  test: { signers: [ci], after: [build] }`)
const chain = { id: 'a'.repeat(32), pipeline: 'p', contract: contract.digest }
const commit = source('c')
const list = file('list.txt', 'manifest of an evil tree')
const first = signStep(ci, { chain, name: 'source', subject: [commit] })
const build = signStep(ci, {
  chain,
  name: 'build',
  previous: [{ link: first.link, step: 'source' }],
  materials: [received(commit, first.link)],
  subject: [list],
  minute: 2,
})
const tested = (subject: typeof list) =>
  signStep(ci, {
    chain,
    name: 'test',
    previous: [{ link: build.link, step: 'build' }],
    materials: [received(list, build.link)],
    subject: [subject],
    minute: 4,
  })
const judged = (subject: typeof list, tree: boolean) =>
  judge({
    artifact: list.digest.sha256,
    tree,
    chain: readChain(
      [first, build, tested(subject)].map((s) => s.bundle),
      trustOf(contract),
      nodeCrypto,
    ),
    contract,
    now: at(60),
  })

test('control', () => {
  expect(judged(list, false).verdict).toBe('pass')
  expect(judged(list, true).verdict).toBe('fail')
})
test('a tester who may make nothing vouches for a directory', () => {
  const evil = { ...list, uri: 'x:', mediaType: TREE_MEDIA_TYPE }
  expect(judged(evil, true).findings.map((f) => f.code)).toContain('product-unexpected')
})
test('or for a file where it received the source', () => {
  const plain = { name: 'source', uri: 'x:', digest: { sha256: commit.digest.sha256 } }
  const onlySource = contractOf(`  source: { signers: [ci] }
  test: { signers: [ci], after: [source] }`)
  const bound = { ...chain, contract: onlySource.digest }
  const one = signStep(ci, { chain: bound, name: 'source', subject: [commit] })
  const two = signStep(ci, {
    chain: bound,
    name: 'test',
    previous: [{ link: one.link, step: 'source' }],
    materials: [received(commit, one.link)],
    subject: [plain],
    minute: 2,
  })
  const verdict = judge({
    artifact: commit.digest.sha256,
    tree: false,
    chain: readChain(
      [one, two].map((s) => s.bundle),
      trustOf(onlySource),
      nodeCrypto,
    ),
    contract: onlySource,
    now: at(60),
  })
  expect(verdict.findings.map((f) => f.code)).toContain('product-unexpected')
})
