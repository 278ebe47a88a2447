import { type Code, CodedError, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Contract, parseContract } from '@countersign/contract'
import { type ChainLine, isBundle } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { proveToy, StatedLog, type ToyAnchor, toyAnchor } from '../../../test/anchored.ts'
import { at, contractText, countersign, honestRun, type Run } from '../../../test/pipeline.ts'
import { type AnchorDemand, judge, readChain, type Verdict } from './index.ts'
import { verifyAnchored } from './anchors/index.ts'
import { anchorsCriterion, demandsOf, durationText } from './demand.ts'
import { trustIn } from './verify.test-kit.ts'

const HOUR = 60

/** An honest run that the log accepted at minute 10 and stated at minute 20. */
const run = honestRun()
const log = new StatedLog(run.who.server, 3)
for (const step of run.steps) log.append(step, at(10))
const statement = log.state(at(20))
const { server, ...signers } = run.who
const trust = trustIn(Object.values(signers), [server])
const receipts = run.steps.map((step) => log.receipt(step))

interface Asked {
  readonly anchors?: readonly ToyAnchor[]
  readonly demands?: readonly AnchorDemand[]
  readonly contract?: Contract | null
  /** Minutes. */
  readonly now?: number
  readonly covered?: Run['steps']
  readonly withheld?: boolean
}

function judged({
  anchors = [],
  demands = [],
  contract = null,
  now = 120,
  covered = run.steps,
  withheld,
}: Asked): Verdict {
  const bundles = run.lines.filter(isBundle)
  const lines =
    withheld === true
      ? [bundles[0]!, ...bundles.slice(2), log.withheld(run.build), ...receipts.filter((_, i) => i !== 1)]
      : [...bundles, ...receipts]
  const chain = readChain(lines, trust, portableCrypto)
  const coverage = covered.map((step) => log.cover(step, statement))
  const anchored = verifyAnchored(
    { chain, statements: [statement], coverage, anchors, trust },
    proveToy,
    portableCrypto,
  )
  return judge({
    artifact: run.app.digest.sha256,
    chain,
    contract,
    now: at(now),
    anchored,
    demands,
    allowWithheld: withheld === true,
  })
}

const wants = (...kinds: AnchorDemand['kinds']): AnchorDemand => ({ kinds, count: kinds.length, within: null })
const outcome = ({ verdict, findings }: Verdict) => [verdict, ...new Set(findings.map(({ code }) => code))]
const ethereum = toyAnchor('ethereum', statement)
const rekor = toyAnchor('rekor', statement, { time: null })

describe('anchors that the caller demands', () => {
  test('pass where they are there', () => {
    expect(outcome(judged({ anchors: [ethereum], demands: [wants('ethereum')] }))).toEqual(['pass'])
    expect(judged({ anchors: [ethereum], demands: [wants('ethereum')] }).criteria.at(-1)).toMatchObject({
      name: 'anchors',
      met: true,
    })
    expect(outcome(judged({ anchors: [ethereum, rekor], demands: [wants('rekor', 'ethereum')] }))).toEqual(['pass'])
  })

  test('are not asked for where nobody demands them', () => {
    expect(outcome(judged({}))).toEqual(['pass'])
  })

  test('may still come for a day and a half, and then fail', () => {
    const demands = [wants('rekor', 'ethereum')]
    expect(outcome(judged({ anchors: [ethereum], demands }))).toEqual(['unknown', 'anchor-pending'])
    expect(outcome(judged({ anchors: [ethereum], demands, now: 10 + 36 * HOUR }))).toEqual([
      'unknown',
      'anchor-pending',
    ])
    expect(outcome(judged({ anchors: [ethereum], demands, now: 11 + 36 * HOUR }))).toEqual(['fail', 'anchor-missing'])
  })

  test('fail at once where one was brought forward and refused', () => {
    const forged = { ...ethereum, proves: new CodedError('anchor-unproven', 'it is forged') }
    const verdict = judged({ anchors: [forged], demands: [wants('ethereum')] })
    expect(outcome(verdict)).toEqual(['fail', 'anchor-missing'])
    expect(verdict.findings[0]!.what).toContain('anchor-unproven: it is forged')
  })

  test('are demanded of every step on the way', () => {
    const covered = run.steps.filter((step) => step !== run.test)
    const verdict = judged({ anchors: [ethereum], demands: [wants('ethereum')], covered, now: 4000 })
    expect(outcome(verdict)).toEqual(['fail', 'anchor-missing'])
    expect(verdict.steps.map(({ findings }) => findings.length)).toEqual([0, 0, 1, 0])
  })

  test('and of one that is withheld', () => {
    const demands = [wants('ethereum')]
    expect(outcome(judged({ anchors: [ethereum], demands, withheld: true }))).toEqual(['pass'])
    const covered = run.steps.filter((step) => step !== run.build)
    expect(outcome(judged({ anchors: [ethereum], demands, withheld: true, covered, now: 4000 }))).toEqual([
      'fail',
      'anchor-missing',
    ])
  })

  test('T-64: are counted by kind: one log with two entries, and two logs, are one', () => {
    const two: AnchorDemand = { kinds: [], count: 2, within: null }
    const again = toyAnchor('rekor', statement, { at: 'index 2', time: null })
    const other = toyAnchor('rekor', statement, { by: 'other.example', time: null })
    for (const anchors of [[rekor], [rekor, again], [rekor, other]]) {
      expect(outcome(judged({ anchors, demands: [two], now: 4000 }))).toEqual(['fail', 'anchor-missing'])
    }
    expect(outcome(judged({ anchors: [rekor, ethereum], demands: [two], now: 4000 }))).toEqual(['pass'])
  })

  test('a step that no log accepted can never be anchored', () => {
    const chain = readChain(run.lines.filter(isBundle), trust, portableCrypto)
    const verdict = judge({
      artifact: run.app.digest.sha256,
      chain,
      contract: null,
      now: at(20),
      demands: [wants('rekor')],
    })
    expect(outcome(verdict)).toEqual(['fail', 'anchor-missing'])
  })
})

describe('what was brought forward', () => {
  const pending = ['unknown', 'anchor-pending']
  const missing = ['fail', 'anchor-missing']
  const late = (kind: AnchorDemand['kinds'][number], by = kind.toString()) =>
    toyAnchor(kind, statement, { by, time: at(600) })
  const soon = (kinds: AnchorDemand['kinds'], count: number): AnchorDemand => ({ kinds, count, within: HOUR * 60_000 })

  test('is asked for by its kind, whatever else is there in number', () => {
    const demands: AnchorDemand[] = [{ kinds: ['rekor'], count: 1, within: null }]
    expect(outcome(judged({ anchors: [ethereum], demands, now: 4000 }))).toEqual(missing)
    expect(outcome(judged({ anchors: [rekor], demands, now: 4000 }))).toEqual(['pass'])
  })

  test('too late is told of what lacks by that, and of nothing else', () => {
    const ask = (demand: AnchorDemand, ...anchors: readonly ToyAnchor[]) =>
      outcome(judged({ anchors, demands: [demand], now: 60 }))
    expect(ask(soon([], 2), ethereum, late('rfc3161'))).toEqual(['fail', 'anchor-late'])
    // Another of its kind was in time: it is a second kind that lacks.
    expect(ask(soon([], 2), ethereum, late('ethereum', 'other'))).toEqual(pending)
    // Nobody asked for this kind.
    expect(ask(soon(['rekor'], 1), late('rfc3161'))).toEqual(pending)
    expect(ask(soon(['rekor', 'ethereum'], 2), rekor, late('ethereum'))).toEqual(['fail', 'anchor-late'])
  })

  test('and refused denies at once where it would have counted', () => {
    const refused = (kind: AnchorDemand['kinds'][number], of = statement): ToyAnchor => ({
      ...toyAnchor(kind, of),
      proves: new CodedError('anchor-unproven', 'it is forged'),
    })
    const ask = (demand: AnchorDemand, anchor: ToyAnchor) => outcome(judged({ anchors: [anchor], demands: [demand] }))
    const any: AnchorDemand = { kinds: [], count: 1, within: null }
    expect(ask(any, refused('rekor'))).toEqual(missing)
    expect(ask(wants('rekor'), refused('rekor'))).toEqual(missing)
    expect(ask(wants('rekor'), refused('ethereum'))).toEqual(pending)
    // One of a statement that does not cover the step says nothing of it.
    expect(ask(any, refused('rekor', log.state(at(30), { number: 7 })))).toEqual(pending)
  })

  test('may come until so long after the log had it first', () => {
    const demands = [wants('ethereum')]
    const bundles = run.lines.filter(isBundle)
    const again = run.steps.map((step, i) => countersign(server, step, 20 + i, { acceptedAt: at(900), behind: 9 - i }))
    const ask = (now: number, lines: readonly ChainLine[]) => {
      const chain = readChain([...bundles, ...lines], trust, portableCrypto)
      return outcome(judge({ artifact: run.app.digest.sha256, chain, contract: null, now: at(now), demands }))
    }
    expect(ask(900 + 36 * HOUR, again)).toEqual(pending)
    for (const lines of [
      [...again, ...receipts],
      [...receipts, ...again],
    ]) {
      expect([ask(10 + 36 * HOUR, lines), ask(11 + 36 * HOUR, lines)]).toEqual([pending, missing])
    }
  })
})

describe('a contract that says how soon', () => {
  const under = (rule: string) => parseContract(utf8(contractText(run.who).replace('steps:', `${rule}\nsteps:`)))

  /** The same run under another contract: its steps are bound to it. */
  function within(rule: string, asked: Asked): readonly string[] {
    const verdict = judged({ ...asked, contract: under(rule) })
    return outcome(verdict).filter((code) => code !== 'contract-mismatch')
  }

  const inTime = 'anchored: { within: 1h, by: [ethereum] }'

  test('takes the time of the proof, with its margin', () => {
    const at70 = toyAnchor('ethereum', statement, { time: at(70) })
    const late = toyAnchor('ethereum', statement, { time: at(71) })
    const vague = toyAnchor('ethereum', statement, { time: at(70), within: 1 })
    expect(within(inTime, { anchors: [at70] })).toEqual(['fail'])
    expect(within(inTime, { anchors: [late] })).toEqual(['fail', 'anchor-late'])
    expect(within(inTime, { anchors: [vague] })).toEqual(['fail', 'anchor-late'])
  })

  test('is open until the time is over', () => {
    expect(within(inTime, { now: 70 })).toContain('anchor-pending')
    expect(within(inTime, { now: 71 })).toContain('anchor-missing')
  })

  test('an anchor without a time counts beside one that has it, and not alone', () => {
    const alone = 'anchored: { within: 1h, by: [rekor] }'
    expect(within(alone, { anchors: [rekor] })).toContain('anchor-missing')
    const both = 'anchored: { within: 1h, by: [rekor, ethereum] }'
    const anchors = [rekor, toyAnchor('ethereum', statement, { time: at(60) })]
    expect(within(both, { anchors })).toEqual(['fail'])
  })

  test('without kinds takes any', () => {
    expect(within('anchored: { within: 2d }', { anchors: [ethereum] })).toEqual(['fail'])
    expect(within('anchored: { within: 2d }', { now: 4000 })).toContain('anchor-missing')
  })
})

test('a fork denies, whatever is demanded', () => {
  const twin = new StatedLog(run.who.server, 3)
  for (const step of run.steps) twin.append(step, at(11))
  const chain = readChain([...run.lines.filter(isBundle), ...receipts], trust, portableCrypto)
  const statements = [statement, twin.state(at(20))]
  const anchored = verifyAnchored({ chain, statements, coverage: [], anchors: [], trust }, proveToy, portableCrypto)
  const verdict = judge({ artifact: run.app.digest.sha256, chain, contract: null, now: at(60), anchored })
  expect(outcome(verdict)).toEqual(['fail', 'statement-forked'])
})

describe('what is demanded', () => {
  const found = (code: Code) => new CodedError(code, `it is ${code}`).report()

  test('is told by its kinds, their number and the time', () => {
    const told = (...demands: readonly AnchorDemand[]) => anchorsCriterion(demands, [], 2).detail
    const any = { kinds: [], count: 1, within: null }
    expect(told(any)).toBe('all steps are anchored in any way')
    expect(told({ ...any, count: 3 })).toBe('all steps are anchored in 3 ways')
    expect(told({ ...any, within: 90 * 60_000 })).toBe('all steps are anchored within 90m')
    expect(told({ kinds: ['ethereum', 'rekor'], count: 2, within: 86_400_000 }, any)).toBe(
      'all steps are anchored by ethereum, rekor within 1d, and in any way',
    )
    expect(anchorsCriterion([any], [], 1)).toEqual({
      name: 'anchors',
      met: true,
      detail: 'the step is anchored in any way',
    })
    expect([36 * 3_600_000, 2 * 86_400_000, 60_000, 1500].map(durationText)).toEqual(['36h', '2d', '1m', '1.5s'])
  })

  test('is open while all that lacks may still come, and not met by anything else that anchors say', () => {
    const met = (...codes: readonly Code[]) => {
      const { name, met, detail } = anchorsCriterion([{ kinds: [], count: 1, within: null }], codes.map(found), 2)
      return [name, met, detail]
    }
    expect(met('anchor-pending', 'anchor-pending')).toEqual(['anchors', null, 'it is anchor-pending'])
    for (const code of ['anchor-missing', 'anchor-late', 'statement-forked'] as const) {
      expect(met(code)).toEqual(['anchors', false, `it is ${code}`])
      expect(met('step-failed', 'anchor-pending', code)).toEqual(['anchors', false, 'it is anchor-pending'])
    }
    expect(met('step-failed')).toEqual(['anchors', true, expect.stringContaining('are anchored')])
  })

  test('by a contract is of as many kinds as it names, or of one, beside what the caller demands', () => {
    const under = (anchored: string) =>
      parseContract(utf8(contractText(run.who).replace('steps:', `anchored: ${anchored}\nsteps:`)))
    const own = { kinds: [], count: 5, within: null }
    expect(demandsOf(null, [own])).toEqual([own])
    expect(demandsOf(run.contract)).toEqual([])
    expect(demandsOf(under('{ within: 1h }'), [own])).toEqual([{ kinds: [], count: 1, within: 3_600_000 }, own])
    expect(demandsOf(under('{ within: 1h, by: [ethereum, rekor] }'))).toEqual([
      { kinds: ['ethereum', 'rekor'], count: 2, within: 3_600_000 },
    ])
  })

  test('and is not there says which of it', () => {
    const whats = (asked: Asked) => [
      ...new Set(judged({ covered: [], ...asked }).findings.map(({ what }) => what.replace(/^step \w+ /, ''))),
    ]
    const two = { kinds: ['ethereum', 'rekor'] as const, count: 2, within: null }
    expect(whats({ demands: [two] })).toEqual([
      'is not anchored by ethereum, rekor: no statement that verifies covers it',
    ])
    expect(whats({ demands: [two], covered: run.steps })).toEqual([
      'is not anchored by ethereum, rekor: ethereum, rekor is missing',
    ])
    const anchors = [toyAnchor('rekor', statement)]
    expect(whats({ demands: [two], covered: run.steps, anchors })).toEqual([
      'is not anchored by ethereum, rekor: ethereum is missing',
    ])
    const ways = { kinds: [], count: 2, within: null }
    expect(whats({ demands: [ways], covered: run.steps, anchors })).toEqual([
      'is not anchored in 2 ways: 1 of 2 kinds are there',
    ])
  })
})
