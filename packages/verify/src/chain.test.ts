import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { hex } from '@countersign/core'
import type { Bundle, ChainLine } from '@countersign/formats'
import { expect, test } from 'vitest'
import { deviationFrom, maintained as maintainedContract, signDeviation } from '../../../test/acts.ts'
import { issued, keylessRun, sealUnder } from '../../../test/keyless.ts'
import { at, countersign, honestRun, logKeyOf, party, seal } from '../../../test/pipeline.ts'
import { logKeys, readChain, readChainConcurrently, type Trust, trustOf } from './index.ts'
import { ci, trustIn } from './verify.test-kit.ts'

const run = honestRun({ countersigned: true })
const trust = trustOf(run.contract)
const first = run.source.bundle
const bent = first.envelope.signature.with(20, first.envelope.signature[20]! ^ 1)
const named = (hint: string | null): Bundle => ({ ...first, key: { kind: 'publicKey', hint } })

/** What each bundle is, and what reading it alone comes to. */
const cases: readonly [string, Bundle, string | null][] = [
  ['signed by the key that it names', first, null],
  ['naming no key', named(null), null],
  ['naming a trusted key that did not sign it', named(trust.signers.at(-1)!.key.keyId), null],
  ['naming a key that is not trusted', named(party('stranger').publicKey.keyId), null],
  ['with a bent signature', { ...first, envelope: { ...first.envelope, signature: bent } }, 'signature-invalid'],
  [
    'with a signature that is none',
    { ...first, envelope: { ...first.envelope, signature: bent.subarray(1) } },
    'signature-invalid',
  ],
  [
    'signed over other bytes',
    { ...first, envelope: { ...first.envelope, payload: first.envelope.payload.with(0, 0x20) } },
    'signature-invalid',
  ],
]

test.each(cases)('a bundle %s is read the same beside the calling thread', async (_, bundle, code) => {
  const chain = readChain([bundle], trust, nodeCrypto)
  expect(await readChainConcurrently([bundle], trust, nodeCrypto)).toEqual(chain)
  expect(chain.refused.map(({ report }) => report.code)).toEqual(code === null ? [] : [code])
  expect(chain.steps.size).toBe(code === null ? 1 : 0)
})

test('whole chains are, more than are checked at a time, and none', async () => {
  const lines = Array.from({ length: 40 }, () => [...run.lines, ...cases.map(([, bundle]) => bundle)]).flat()
  const chain = readChain(lines, trust, nodeCrypto)
  expect(chain.steps.size).toBe(run.steps.length)
  expect(chain.refused.map(({ index }) => index)).toHaveLength(120)
  expect(await readChainConcurrently(lines, trust, nodeCrypto)).toEqual(chain)
  expect(await readChainConcurrently([], trust, nodeCrypto)).toEqual(readChain([], trust, nodeCrypto))
})

test('nothing counts that a check beside the thread did not find true', async () => {
  const asked: string[] = []
  const liar = {
    ...nodeCrypto,
    verifyLater: (key: { keyId: string }, message: Uint8Array) => {
      asked.push(`${key.keyId} ${hex(nodeCrypto.sha256(message))}`)
      return Promise.resolve(false)
    },
  }
  const chain = await readChainConcurrently(run.lines, trust, liar)
  // A wrong no costs time: the check is made again.
  expect(chain).toEqual(readChain(run.lines, trust, nodeCrypto))
  expect(new Set(asked).size).toBe(run.steps.length)
})

test('without trust nothing is read', async () => {
  const nobody = { signers: [], countersigners: [] }
  expect((await readChainConcurrently(run.lines, nobody, nodeCrypto)).refused).toHaveLength(run.lines.length)
  expect((await readChainConcurrently(run.lines, trustIn([ci]), nodeCrypto)).steps.size).toBe(0)
})

test('what is refused is told in the order of the lines, whatever is looked at last', () => {
  const [stranger] = honestRun({ countersigned: true, who: run.who }).receipts
  const junk: Bundle = { ...first, envelope: { ...first.envelope, signature: bent } }
  const { refused } = readChain([stranger!, junk, stranger!, ...run.lines], trust, nodeCrypto)
  expect(refused.map(({ index, report }) => [index, report.code])).toEqual([
    [0, 'receipt-invalid'],
    [1, 'signature-invalid'],
    [2, 'receipt-invalid'],
  ])
})

test('a receipt is of who signed: that of another signature of the same statement is told as one', () => {
  const mallory = party('mallory')
  const also = seal(mallory, first.envelope.payload)
  const receipt = countersign(run.who.server, { ...run.source, bundle: also }, 0)
  const why = (lines: readonly ChainLine[]) =>
    readChain(lines, trust, nodeCrypto).refused.map(({ report }) => report.what)
  expect(why([receipt])).toEqual([`no step ${run.source.link.slice(0, 12)} that verifies is with its receipt`])
  const [said] = why([first, receipt])
  expect(said).not.toContain('no step')
})

test('of receipts for one entry the one under the largest checkpoint stays, of each log its own', () => {
  const other = party('other', 'ed25519')
  const [small, large] = [0, 5].map((behind) => countersign(run.who.server, run.source, 0, { behind }))
  const second = countersign(run.who.server, run.source, 3)
  const own = countersign(other, run.source, 0)
  const both: Trust = { ...trust, countersigners: logKeys([run.who.server, other].map(logKeyOf)) }
  for (const receipts of [
    [small!, large!, second, own],
    [own, second, large!, small!],
    [large!, own, small!, second],
  ]) {
    const chain = readChain([first, ...receipts], both, nodeCrypto)
    const held = chain.receipts.get(run.source.link)!
    expect(
      held
        .map(({ countersigner, receipt }) => [countersigner.name, receipt.proof.index, receipt.proof.checkpoint.size])
        .toSorted(),
    ).toEqual([
      ['other', 0, 1],
      ['server', 0, 6],
      ['server', 3, 4],
    ])
  }
})

test('junk that names no trusted key costs no more than so many checks; what names one costs one', () => {
  const [key] = trust.signers
  const many: Trust = { ...trust, signers: [...trust.signers, ...Array.from({ length: 996 }, () => key!)] }
  const silent = { ...nodeCrypto, verify: () => false }
  expect(many.signers).toHaveLength(1_000)
  const refusals = (bundle: Bundle, count: number) =>
    readChain(
      Array.from({ length: count }, () => bundle),
      many,
      silent,
    ).refused.filter(({ report }) => report.what.startsWith('too many')).length
  expect([refusals(named(null), 50), refusals(named(null), 52)]).toEqual([0, 2])
  expect(refusals(named(party('stranger').publicKey.keyId), 51)).toBe(1)
  expect(refusals(first, 60)).toBe(0)
  // A certificate names the one key, where it counts for anything.
  const certified = sealUnder(issued(), first.envelope.payload)
  expect(refusals(certified, 52)).toBe(2)
  const keyless = keylessRun()
  const believing: Trust = { ...many, authorities: trustOf(keyless.contract).authorities! }
  expect(readChain(Array(52).fill(certified), believing, silent).refused.map(({ report }) => report.code)).toEqual(
    Array(52).fill('signature-invalid'),
  )
  const { refused } = readChain(Array(51).fill(named(null)), many, silent)
  expect(refused.at(-1)!.report.fix).toContain('have each name its key')
})

test('a fault of the machine is no fault of the chain', () => {
  const broken = (keyId: string) => ({
    ...nodeCrypto,
    verify: (...given: Parameters<typeof nodeCrypto.verify>) => {
      if (given[0].keyId === keyId) throw new Error('out of memory')
      return nodeCrypto.verify(...given)
    },
  })
  const { key } = trust.signers.find(({ name }) => name === 'github')!
  const log = run.who.server.publicKey.keyId
  const lines = [first, run.receipts[0]!]
  expect(() => readChain(lines, trust, broken(key.keyId))).toThrow('out of memory')
  expect(() => readChain(lines, trust, broken(log))).toThrow('out of memory')
  const signers = trust.signers.map((known) => ({ ...known, revokedAt: at(60) }))
  expect(() => readChain(lines, { ...trust, signers }, broken(log))).toThrow('out of memory')
})

test('a step that was signed twice with one key is one, and its receipt is of the one that is told', () => {
  const again = seal(run.who.github, first.envelope.payload)
  expect(again.envelope.signature).not.toEqual(first.envelope.signature)
  for (const [one, two] of [
    [first, again],
    [again, first],
  ] as const) {
    const { steps, receipts } = readChain([one, two, run.receipts[0]!], trust, nodeCrypto)
    const [step] = steps.values()
    expect([steps.size, step!.bundle, step!.cosigners]).toEqual([1, one, []])
    expect(receipts.get(step!.link)!.map((receipt) => receipt.step.bundle)).toEqual([one])
  }
})

test('receipts of one entry are of two logs where its name or its key is another', () => {
  const { server } = run.who
  const [namesake, same] = [party('server', 'ed25519'), { ...server, name: 'renamed' }]
  const logs = [server, namesake, same]
  const both: Trust = { ...trust, countersigners: logKeys(logs.map(logKeyOf)) }
  const receipts = logs.map((log) => countersign(log, run.source, 0))
  const chain = readChain([first, ...receipts], both, nodeCrypto)
  expect(chain.receipts.get(run.source.link)!.map(({ receipt }) => receipt)).toEqual(receipts)
})

test('of deviations each counts once, and no more than sixteen are looked at', () => {
  const ann = party('ann')
  const maintained = maintainedContract(run.who, { threshold: 1, of: [ann] })
  const deviations = Array.from({ length: 17 }, (_, i) =>
    signDeviation(
      deviationFrom(maintained, {
        chain: 'c'.repeat(32),
        reason: `reason ${i}`,
        excuses: [{ code: 'step-skipped', step: 'test' }],
      }),
      [ann],
    ),
  )
  const read = (lines: readonly ChainLine[]) => {
    const { deviations: all, refused } = readChain(lines, trustOf(maintained), nodeCrypto)
    return [all.length, refused.map(({ index, report }) => `${index} ${report.what}`)]
  }
  expect(read([deviations[0]!, deviations[0]!, deviations[1]!])).toEqual([2, []])
  expect(read(deviations.slice(0, 16))).toEqual([16, []])
  expect(read(deviations)).toEqual([16, ['16 more than 16 deviations are brought forward']])
})
