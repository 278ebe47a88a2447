import { utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Contract, parseContract } from '@countersign/contract'
import type { ChainLine } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { logOf } from '../../../test/log-of.ts'
import { at, contractText, honestRun, newChainId, received, type Run, signStep } from '../../../test/pipeline.ts'
import { judgeRun, judgeSubject, readChain, trustOf, type Verdict } from './index.ts'

const run = honestRun()
const now = at(60)
const codes = (verdict: Verdict) => [...new Set(verdict.findings.map(({ code }) => code))].toSorted()
const read = (lines: readonly ChainLine[], of: Run = run) => readChain(lines, trustOf(of.contract), portableCrypto)

function judged(lines: readonly ChainLine[], contract: Contract | null = run.contract, id = run.chain.id): Verdict {
  return judgeRun({ run: id, chain: read(lines), contract, now })
}

describe('a whole run', () => {
  test('passes where its final step ends it, and names no artifact', () => {
    for (const contract of [run.contract, null]) {
      const verdict = judged(run.lines, contract)
      expect(verdict).toMatchObject({ verdict: 'pass', artifact: null, findings: [] })
      expect(verdict.criteria[0]).toEqual({ name: 'run', met: true, detail: 'step deploy ends it' })
      expect(verdict.steps.length).toBe(4)
    }
  })

  test('that was cut short passes only where no contract says how it ends', () => {
    const cut = run.lines.filter((line) => line !== run.deploy.bundle)
    expect(codes(judged(cut))).toEqual(['final-missing'])
    expect(judged(cut, null).verdict).toBe('pass')
  })

  test.each([
    ['source', 'previous-missing'],
    ['build', 'previous-missing'],
    ['test', 'previous-missing'],
  ] as const)('without its step %s does not', (name, code) => {
    const cut = run.lines.filter((line) => line !== run[name].bundle)
    for (const contract of [run.contract, null]) expect(codes(judged(cut, contract))).toContain(code)
  })

  test('that failed does not, nor does a loose end of it where no contract is given', () => {
    const { chain, app, build, who } = run
    const loose = signStep(who.azure, {
      chain,
      name: 'lint',
      previous: [{ link: build.link, step: 'build' }],
      materials: [received(app, build.link)],
      subject: [app],
      exitCode: 1,
      minute: 5,
    })
    expect(codes(judged([...run.lines, loose.bundle], null))).toEqual(['step-failed'])
    // Under the contract the way of its final step is what is judged.
    expect(judged([...run.lines, loose.bundle]).verdict).toBe('pass')
  })

  test('that is not there, or of which nothing verifies, does not', () => {
    expect(codes(judged(run.lines, run.contract, newChainId()))).toEqual(['artifact-unproven'])
    expect(codes(judged(honestRun().lines, null))).toEqual(['artifact-unproven'])
    expect(codes(judged([], null))).toEqual(['artifact-unproven'])
  })

  test('is the last attempt of it', () => {
    const second = honestRun({ who: run.who, attempt: 2, chain: run.chain.id })
    const both = judged([...run.lines, ...second.lines])
    expect(both.verdict).toBe('pass')
    expect(new Set(both.steps.map(({ step }) => step.statement.predicate.step.attempt))).toEqual(new Set([2]))
  })
})

describe('a subject', () => {
  const artifact = run.app.digest.sha256
  const older = parseContract(utf8(contractText(run.who, { revision: 7 })))
  const input = { artifact, runs: [run.chain.id], chain: read(run.lines), now }

  test('passes under the one contract of several that it is bound to', () => {
    for (const contracts of [[run.contract], [run.contract, older], [older, run.contract]]) {
      expect(judgeSubject({ ...input, contracts }).verdict).toBe('pass')
      expect(judgeSubject({ ...input, artifact: null, contracts }).verdict).toBe('pass')
    }
  })

  test('does not pass under another, and without any is judged by signatures and hand-overs', () => {
    expect(codes(judgeSubject({ ...input, contracts: [older] }))).toEqual(['contract-mismatch'])
    expect(judgeSubject({ ...input, contracts: [] }).verdict).toBe('pass')
  })

  test('that fails is told by the contract that it came furthest under', () => {
    const chain = read(run.lines.filter((line) => line !== run.source.bundle))
    for (const contracts of [
      [run.contract, older],
      [older, run.contract],
    ]) {
      expect(codes(judgeSubject({ ...input, chain, contracts }))).not.toContain('contract-mismatch')
    }
  })

  test('that fits none is told by the latest of those that say the least against it', () => {
    const own = honestRun({ contract: contractText(run.who, { revision: 5 }), who: run.who })
    const [before, after] = [4, 7].map((revision) => parseContract(utf8(contractText(run.who, { revision })))) as [
      Contract,
      Contract,
    ]
    const cut = read(own.lines.filter((line) => line !== own.source.bundle))
    const told = (contracts: readonly Contract[], chain = cut) => {
      const verdict = judgeSubject({ artifact: own.app.digest.sha256, runs: [own.chain.id], chain, now, contracts })
      return [verdict.verdict, codes(verdict).includes('contract-mismatch'), verdict.criteria[1]!.detail]
    }
    for (const contracts of [
      [before, own.contract, after],
      [after, own.contract, before],
    ]) {
      expect(told(contracts)).toEqual(['fail', false, expect.stringContaining('revision 5')])
    }
    for (const contracts of [
      [before, after],
      [after, before],
    ]) {
      expect(told(contracts)).toEqual(['fail', true, expect.stringContaining(after.digest.slice(0, 12))])
    }
  })

  test('is a directory only where it is said to be one', () => {
    const asked = { ...input, contracts: [run.contract] }
    expect(judgeSubject({ ...asked, tree: false }).verdict).toBe('pass')
    expect(codes(judgeSubject({ ...asked, tree: true }))).toEqual(['artifact-unproven'])
    expect(codes(judgeSubject({ ...asked, contracts: [], tree: true }))).toEqual(['artifact-unproven'])
  })

  test('of nothing does not pass', () => {
    const nothing = { artifact: null, runs: [], chain: read(run.lines), now }
    for (const contracts of [[], [run.contract]]) expect(judgeSubject({ ...nothing, contracts }).verdict).toBe('fail')
  })

  test('of several runs passes where each does', () => {
    const other = honestRun({ who: run.who, commit: 'other' })
    const runs = [run.chain.id, other.chain.id]
    const lines = [...run.lines, ...other.lines]
    const both = { artifact: null, runs, contracts: [run.contract], now }
    expect(judgeSubject({ ...both, chain: read(lines) }).verdict).toBe('pass')
    const broken = lines.filter((line) => line !== other.build.bundle)
    expect(judgeSubject({ ...both, chain: read(broken) }).verdict).toBe('fail')
  })

  test('of several runs is as the worst of them, in whatever order they stand', () => {
    const who = run.who
    const [fits, hides, fails] = ['fits', 'hides', 'fails'].map((commit) =>
      honestRun({ who, commit, countersigned: true }),
    ) as [Run, Run, Run]
    const log = logOf(who.server, [...fits.steps, ...hides.steps])
    const shown: ChainLine[] = [
      ...fits.steps.flatMap((step, i) => [step.bundle, log.receipts[i]!]),
      ...hides.steps.flatMap((step, i): ChainLine[] =>
        i === 1 ? [log.withheld(step)] : [step.bundle, log.receipts[4 + i]!],
      ),
      ...fails.steps.slice(0, 3).map(({ bundle }) => bundle),
    ]
    const chain = readChain(shown, trustOf(fits.contract), portableCrypto)
    const of = (runs: readonly Run[], allowWithheld?: boolean) =>
      judgeSubject({
        artifact: null,
        runs: runs.map((one) => one.chain.id),
        chain,
        contracts: [fits.contract],
        now,
        ...(allowWithheld === undefined ? {} : { allowWithheld }),
      }).verdict
    expect([of([fits]), of([hides]), of([fails])]).toEqual(['pass', 'unknown', 'fail'])
    for (const runs of [
      [fits, hides],
      [hides, fits],
    ]) {
      expect([of(runs), of(runs, false), of(runs, true)]).toEqual(['unknown', 'unknown', 'pass'])
    }
    for (const runs of [
      [fits, hides, fails],
      [fails, hides, fits],
    ]) {
      expect([of(runs), of(runs, true)]).toEqual(['fail', 'fail'])
    }
  })
})
