import { sign } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import {
  type ChainLine,
  cosignatureMessage,
  isReceipt,
  isWithheld,
  noteKey,
  parseCheckpoint,
  parsePolicy,
  receiptOf,
  type TlogProof,
  type WitnessPolicy,
  withheldOf,
  writeCosignature,
  writeNote,
  writeVkey,
} from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { logOf } from '../../../test/log-of.ts'
import { at, countersign, honestRun, logKeyOf, type Party, party } from '../../../test/pipeline.ts'
import { judge, judgeRun, judgeSubject, readChain, trustOf } from './index.ts'

/** T-72, T-64: a verdict that demands witnesses. */

const run = honestRun({ countersigned: true })
const { contract, app, who } = run
const witnesses = ['w1', 'w2', 'w3'].map((name) => party(name, 'ed25519'))
const stranger = party('stranger', 'ed25519')
const keyOf = ({ name, publicKey }: Party) => noteKey(name, 'cosignature-v1', publicKey, nodeCrypto)

function policyOf(quorum: string, log: Party = who.server): WitnessPolicy {
  const lines = [
    `log ${writeVkey(logKeyOf(log))}`,
    ...witnesses.map((one) => `witness ${one.name} ${writeVkey(keyOf(one))}`),
    `group two 2 ${witnesses.map(({ name }) => name).join(' ')}`,
    `quorum ${quorum}`,
    '',
  ]
  return parsePolicy(utf8(lines.join('\n')), nodeCrypto)
}

function cosigned<T extends TlogProof>(proof: T, by: readonly Party[], as: (party: Party) => Party = (one) => one): T {
  const { note } = proof.checkpoint
  const lines = by.map((one) => {
    const { name, keyId } = keyOf(as(one))
    const signature = new Uint8Array(sign(null, cosignatureMessage(1_700_000_000, note.text), one.privateKey))
    return { name, keyId, signature: writeCosignature({ time: 1_700_000_000, signature }) }
  })
  const bytes = writeNote({ text: note.text, signatures: [...note.signatures, ...lines] })
  return { ...proof, checkpoint: parseCheckpoint(bytes) }
}

/** The run's lines, each receipt's checkpoint cosigned by these. */
const linesBy = (byOf: (index: number) => readonly Party[]): ChainLine[] => {
  let index = 0
  return run.lines.map((line) => (isReceipt(line) ? receiptOf(cosigned(line.proof, byOf(index++))) : line))
}

function judged(lines: readonly ChainLine[], policy: WitnessPolicy | null, allowWithheld = false) {
  const trust = { ...trustOf(contract), witnesses: policy?.witnesses.map(({ key }) => key) ?? [] }
  const chain = readChain(lines, trust, nodeCrypto)
  const input = { artifact: app.digest.sha256, chain, contract, now: at(60), witnessed: policy, allowWithheld }
  const { verdict, findings, criteria } = judge(input)
  // However it is asked about, it is judged the same.
  const alike = [judgeSubject({ ...input, runs: [], contracts: [contract] }), judgeRun({ ...input, run: run.chain.id })]
  expect(alike.map((other) => [other.verdict, other.findings])).toEqual(alike.map(() => [verdict, findings]))
  return {
    verdict,
    codes: findings.map(({ code }) => code),
    what: findings.map(({ what }) => what),
    criterion: criteria.find(({ name }) => name === 'witnesses') ?? null,
  }
}

const [w1, w2, w3] = witnesses as [Party, Party, Party]

describe('a verdict that demands witnesses', () => {
  test('passes where a quorum cosigned a checkpoint over each step, and says so', () => {
    for (const some of [witnesses, [w1, w3], [w3, w2]]) {
      const { verdict, codes, criterion } = judged(
        linesBy(() => some),
        policyOf('two'),
      )
      expect([verdict, codes]).toEqual(['pass', []])
      expect(criterion).toMatchObject({ met: true, detail: 'every step is under a checkpoint with a quorum' })
    }
  })

  test.each<[what: string, by: readonly Party[]]>([
    ['nobody', []],
    ['one', [w2]],
    ['one, twice', [w2, w2]],
    ['one, and somebody whom the policy does not name', [w2, stranger]],
  ])('fails where they were cosigned by %s', (_, by) => {
    const lines = linesBy(() => by)
    const { verdict, codes, what, criterion } = judged(lines, policyOf('two'))
    expect([verdict, [...new Set(codes)]]).toEqual(['fail', ['cosignature-missing']])
    expect(what[0]).toContain(`is under no checkpoint with a quorum: ${by.length === 0 ? 0 : 1} of 3 witnesses`)
    expect(criterion!.met).toBe(false)
    // Positive control: without the demand all is well.
    expect(judged(lines, null)).toMatchObject({ verdict: 'pass', criterion: null })
  })

  test('fails for one step that was not seen', () => {
    const { verdict, codes, what } = judged(
      linesBy((i) => (i === 2 ? [w1] : witnesses)),
      policyOf('two'),
    )
    expect([verdict, codes]).toEqual(['fail', ['cosignature-missing']])
    expect(what[0]).toMatch(/^step test is under no checkpoint/)
  })

  test('does not add up what two checkpoints have', () => {
    const lines = [...linesBy(() => [w1]), ...linesBy(() => [w2]).filter(isReceipt)]
    expect(judged(lines, policyOf('two')).verdict).toBe('fail')
  })

  test('refuses a checkpoint with a cosignature that does not verify, instead of counting the others', () => {
    const forged = run.lines.map((line) =>
      isReceipt(line) ? receiptOf(cosigned(cosigned(line.proof, [w1, w2]), [stranger], () => w3)) : line,
    )
    expect(judged(forged, policyOf('two')).verdict).toBe('fail')
  })

  test('believes only the logs of the policy', () => {
    const another = { ...party('server', 'ed25519'), name: who.server.name }
    const lines = linesBy(() => witnesses)
    const { verdict, codes, what } = judged(lines, policyOf('two', another))
    expect([verdict, new Set(codes)]).toEqual(['fail', new Set(['cosignature-missing'])])
    expect(what[0]).toContain('has no receipt of a log in the policy')
    // A policy that names no log leaves that to the trust.
    expect(judged(lines, { ...policyOf('two', another), logs: [] }).verdict).toBe('pass')
    // With no quorum to ask for, the log is still asked for.
    expect(judged(lines, policyOf('none', another)).verdict).toBe('fail')
    expect(judged(run.lines, policyOf('none'))).toMatchObject({ verdict: 'pass', criterion: { met: true } })
  })

  test('asks it of what is withheld too', () => {
    const log = logOf(who.server, run.steps)
    const lines = (by: readonly Party[]): ChainLine[] =>
      run.steps.flatMap((step, i): ChainLine[] => {
        if (i !== 1) return [step.bundle, receiptOf(cosigned(log.receipts[i]!.proof, witnesses))]
        return [withheldOf(cosigned(log.withheld(step).proof, by), null)]
      })
    expect(lines(witnesses).filter(isWithheld)).toHaveLength(1)
    expect(judged(lines(witnesses), policyOf('two'), true)).toMatchObject({ verdict: 'pass', codes: [] })
    expect(judged(lines([w1]), policyOf('two'), true)).toMatchObject({
      verdict: 'fail',
      codes: ['cosignature-missing'],
    })
  })
})

describe('what witnesses saw', () => {
  const [seen, unseen] = [witnesses, [] as readonly Party[]]
  const receiptBy = (i: number, behind: number, by: readonly Party[]) =>
    receiptOf(cosigned(countersign(who.server, run.steps[i]!, i, { behind }).proof, by))
  const bundles = run.steps.map(({ bundle }) => bundle)

  test('is not taken away by a larger checkpoint that they have not seen, in whatever order', () => {
    const [small, large] = [seen, unseen].map((by, i) => run.steps.map((_, step) => receiptBy(step, i * 9, by)))
    for (const lines of [
      [...bundles, ...small!, ...large!],
      [...large!, ...small!, ...bundles],
    ]) {
      expect(judged(lines, policyOf('two'))).toMatchObject({ verdict: 'pass', codes: [] })
      // Nobody here knows a witness: whoever reads it next may.
      const { receipts } = readChain(lines, trustOf(contract), nodeCrypto)
      expect([...receipts.values()].map((all) => all.length)).toEqual(bundles.map(() => 2))
      const handed = [...bundles, ...[...receipts.values()].flat().map(({ receipt }) => receipt)]
      expect(judged(handed, policyOf('two'))).toMatchObject({ verdict: 'pass', codes: [] })
    }
  })

  test('is not taken away by lines of witnesses that there are not, and these do not add up', () => {
    const forged = Array.from({ length: 40 }, (_, i) => receiptBy(0, i, [party(`none-${i}`, 'ed25519')]))
    const [honest, large] = [receiptBy(0, 3, seen), receiptBy(0, 60, unseen)]
    for (const lines of [
      [honest, ...forged, large],
      [large, ...forged, honest],
    ]) {
      const read = readChain([bundles[0]!, ...lines], trustOf(contract), nodeCrypto).receipts.get(run.source.link)!
      expect(read.length).toBeLessThanOrEqual(9)
      expect(read.map(({ receipt }) => receipt)).toEqual(expect.arrayContaining([honest, large]))
    }
  })

  test('is all that is kept where they have seen as much', () => {
    const trust = { ...trustOf(contract), witnesses: policyOf('two').witnesses.map(({ key }) => key) }
    const kept = (given: readonly (readonly [behind: number, by: readonly Party[]])[]) => {
      const lines = given.map(([behind, by]) => receiptBy(0, behind, by))
      const orders = [lines, lines.toReversed()].map((some) => {
        const { receipts } = readChain([bundles[0]!, ...some], trust, nodeCrypto)
        const told = receipts.get(run.source.link)!.map(({ receipt: { proof }, witnesses: by }) => {
          return `${proof.checkpoint.size} by ${by.map(({ name }) => name).join()}`
        })
        return told.toSorted()
      })
      expect(orders[1]).toEqual(orders[0])
      return orders[0]
    }
    expect(
      kept([
        [0, seen],
        [0, unseen],
      ]),
    ).toEqual(['1 by w1,w2,w3'])
    expect(
      kept([
        [0, [w1]],
        [4, [w1, w2]],
      ]),
    ).toEqual(['5 by w1,w2'])
    expect(
      kept([
        [0, [w1]],
        [4, [w2]],
      ]),
    ).toEqual(['1 by w1', '5 by w2'])
    expect(
      kept([
        [0, [w1]],
        [4, [w2]],
        [8, [w1, w2]],
      ]),
    ).toEqual(['9 by w1,w2'])
    expect(
      kept([
        [0, seen],
        [2, [w1, w3]],
        [4, [w3]],
        [6, unseen],
      ]),
    ).toHaveLength(4)
  })

  test('counts of what is withheld as well', () => {
    const log = logOf(who.server, run.steps)
    const hidden = [seen, unseen].map((by) => withheldOf(cosigned(log.withheld(run.build).proof, by), null))
    const others = run.steps.flatMap((step, i): ChainLine[] =>
      i === 1 ? [] : [step.bundle, receiptOf(cosigned(log.receipts[i]!.proof, seen))],
    )
    for (const both of [hidden, hidden.toReversed()]) {
      expect(judged([...others, ...both], policyOf('two'), true)).toMatchObject({ verdict: 'pass', codes: [] })
    }
  })
})
