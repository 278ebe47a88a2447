import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { ChainLine } from '@countersign/formats'
import { expect, test } from 'vitest'
import { countersign, file, newChainId, party, received, seal, signStep } from '../../../test/pipeline.ts'
import { besides } from './beside.ts'

const app = file('app', 'app')
const [ci, log] = [party('ci'), party('log', 'ed25519')]
const chainOf = () => ({ id: newChainId(), pipeline: 'p', contract: null })
const run = chainOf()
const build = signStep(ci, { chain: run, name: 'build', subject: [app] })
const scan = signStep(ci, {
  chain: run,
  name: 'scan',
  subject: [file('report', 'r')],
  materials: [received(app, build.link)],
  previous: [{ link: build.link, step: 'build' }],
})
const receipt = countersign(log, build, 1)
const old: readonly ChainLine[] = [build.bundle, receipt, scan.bundle]
const deploy = (chain = chainOf(), from: string | null = null) =>
  signStep(ci, {
    chain,
    name: 'deploy',
    subject: [app],
    materials: [received(app, from)],
    previous: from === null ? [] : [{ link: from, step: 'build' }],
  })
const kept = (lines: readonly ChainLine[], chain: readonly ChainLine[], { statement }: typeof build) =>
  besides(lines, chain, statement, nodeCrypto)

test('all that is beside a step about what it received and hands on is kept, of whatever run', () => {
  const next = deploy()
  expect(kept(old, [next.bundle], next)).toEqual(old)
  // What the new chain has is not there twice, nor in two versions.
  const following = deploy(run, build.link)
  expect(kept(old, [build.bundle, countersign(log, build, 2), following.bundle], following)).toEqual([scan.bundle])
})

test('what was made of it in its place has the way to it beside it, where no predecessor says it', () => {
  const signed = file('app', 'app, signed')
  const sign = signStep(ci, { chain: chainOf(), name: 'sign', subject: [signed], materials: [received(app, null)] })
  expect(kept(old, [sign.bundle], sign)).toEqual(old)
  // Red control: under a name of its own it is something else.
  const packed = signStep(ci, {
    chain: chainOf(),
    name: 'pack',
    subject: [{ ...signed, name: 'rel' }],
    materials: [received(app, null)],
  })
  expect(kept(old, [packed.bundle], packed)).toEqual([])
})

test('what is made anew has no other chain beside it, unless it is of its own run', () => {
  const made = signStep(ci, { chain: chainOf(), name: 'build', subject: [app] })
  expect(kept(old, [made.bundle], made)).toEqual([])
  const again = signStep(ci, { chain: run, name: 'build', attempt: 2, subject: [app] })
  expect(kept(old, [again.bundle], again)).toEqual(old)
  const other = signStep(ci, {
    chain: chainOf(),
    name: 'x',
    subject: [file('b', 'b')],
    materials: [received(file('b', 'b'), null)],
  })
  expect(kept(old, [other.bundle], other)).toEqual([])
})

test('who held the place of the step goes, with what is about it; and what is no step', () => {
  const before = deploy(run, build.link)
  const lines = [...old, before.bundle, countersign(log, before, 3), seal(ci, new Uint8Array([123, 125]))]
  const next = deploy(run, build.link)
  expect(kept(lines, [build.bundle, next.bundle], next)).toEqual([scan.bundle])
})

test('a file of very many runs keeps the last of them', () => {
  const many = Array.from({ length: 2_001 }, () => seal(ci, deploy().bundle.envelope.payload))
  const next = deploy()
  expect(kept(many, [next.bundle], next)).toEqual(many.slice(1))
})
