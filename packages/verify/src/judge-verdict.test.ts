import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Contract, parseContract } from '@countersign/contract'
import { CodedError, utf8 } from '@countersign/core'
import { type ChainLine, type StepPredicate, withhold, writeStep, writeVkey } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { logOf } from '../../../test/log-of.ts'
import {
  at,
  contractText,
  countersign,
  file,
  honestRun,
  linkOf,
  logKeyOf,
  newChainId,
  parties,
  party,
  received,
  seal,
  type Signed,
  signStep,
  source,
  statement,
} from '../../../test/pipeline.ts'
import type { Anchored } from './anchors/anchored.ts'
import { judge, type JudgeInput, logKeys, type Other, readChain, type Trust, trustOf, type Verdict } from './index.ts'
import { ci, contractOf, trustIn } from './verify.test-kit.ts'

const now = at(60)
const codesOf = ({ findings }: Verdict) => [...new Set(findings.map(({ code }) => code))]

describe('receipts that a contract demands', () => {
  const who = parties()
  const second = party('second', 'ed25519')
  const one = writeVkey(logKeyOf(who.server))
  const text = contractText(who, { countersigned: true }).replace(
    `["${one}"]`,
    `["${one}", "${writeVkey(logKeyOf(second))}"]`,
  )
  const contract = parseContract(utf8(text))
  const run = honestRun({ who, contract: text })
  /** Believed too, and not what this contract names. */
  const others = [party('elsewhere', 'ed25519'), party(who.server.name, 'ed25519'), { ...second, name: 'renamed' }]
  const trust: Trust = {
    ...trustOf(contract),
    countersigners: logKeys([who.server, second, ...others].map(logKeyOf)),
  }
  const judged = (by: typeof second) => {
    const lines = run.steps.flatMap((step, i): ChainLine[] => [step.bundle, countersign(by, step, i)])
    const chain = readChain(lines, trust, nodeCrypto)
    expect(chain.refused).toEqual([])
    return judge({ artifact: run.app.digest.sha256, chain, contract, now })
  }

  test('are of a log that it names, by its name and its key', () => {
    for (const log of [who.server, second]) {
      const verdict = judged(log)
      expect([verdict.verdict, codesOf(verdict)]).toEqual(['pass', []])
      expect(verdict.steps.map(({ countersigners }) => countersigners)).toEqual(run.steps.map(() => [log.name]))
    }
    for (const log of others) {
      const verdict = judged(log)
      expect([verdict.verdict, codesOf(verdict)]).toEqual(['fail', ['receipt-missing']])
      expect(verdict.findings[0]!.what).toBe('step source has no receipt of server or second')
    }
  })

  test('of one log on several steps and twice, it is named once', () => {
    const lines = run.steps.flatMap((step, i): ChainLine[] => [
      step.bundle,
      countersign(second, step, i),
      countersign(who.server, step, i),
      countersign(who.server, step, i + 9),
    ])
    const verdict = judge({
      artifact: run.app.digest.sha256,
      chain: readChain(lines, trust, nodeCrypto),
      contract,
      now,
    })
    expect(verdict.steps[0]!.countersigners).toEqual(['second', 'server'])
  })
})

describe('what is not shown', () => {
  const run = honestRun({ countersigned: true })
  const beside = signStep(run.who.github, {
    chain: run.chain,
    name: 'lint',
    previous: [{ link: run.source.link, step: 'source' }],
    materials: [],
    subject: [file('report', 'r')],
    minute: 3,
  })
  const log = logOf(run.who.server, [...run.steps, beside])
  const forked = new CodedError('statement-forked', 'two histories').report()
  const refused = new CodedError('anchor-invalid', 'no anchor').report()
  const nothing = { statements: [], entries: new Map(), forked: [], doubts: [], refused: [] } as unknown as Anchored
  const judged = (hidden: readonly number[], more: Partial<JudgeInput> = {}) => {
    const steps: readonly Signed[] = [...run.steps, beside]
    const lines = steps.flatMap((step, i): ChainLine[] =>
      hidden.includes(i) ? [withhold(log.receipts[i]!, run.chain.id)] : [step.bundle, log.receipts[i]!],
    )
    const chain = readChain(lines, trustOf(run.contract), nodeCrypto)
    return judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now, ...more })
  }
  const told = (verdict: Verdict) => verdict.criteria.find(({ name }) => name === 'withheld')

  test('beside the way leaves the verdict open as well: it may be the other version of a step that is on it', () => {
    const verdict = judged([4])
    expect([verdict.verdict, codesOf(verdict)]).toEqual(['unknown', ['step-withheld']])
    expect(verdict.findings.map(({ what }) => what)).toEqual([`attestation (${beside.link.slice(0, 12)}) is withheld`])
    expect(told(verdict)).toMatchObject({ met: null, detail: expect.stringContaining('a step is withheld, so nobody') })
    const allowed = judged([4], { allowWithheld: true })
    expect([allowed.verdict, codesOf(allowed)]).toEqual(['pass', []])
    expect(told(allowed)).toMatchObject({ met: true, detail: expect.stringContaining(beside.link.slice(0, 12)) })
    const both = judged([1, 4])
    expect(told(both)!.detail).toMatch(/^steps are withheld, /)
    expect(told(judged([]))).toBeUndefined()
  })

  test('never makes less of what speaks against it, whatever no criterion is there for', () => {
    for (const hidden of [[], [1]]) {
      const verdict = judged(hidden, { anchored: { ...nothing, forked: [forked] } })
      expect([verdict.verdict, codesOf(verdict)]).toEqual([
        'fail',
        [...(hidden.length === 0 ? [] : ['step-withheld']), 'statement-forked'],
      ])
    }
  })

  test('what of the anchors did not verify is told, and counts neither way', () => {
    const anchored = { ...nothing, refused: [{ report: refused }] } as unknown as Anchored
    const verdict = judged([], { anchored })
    expect([verdict.verdict, verdict.refused]).toEqual(['pass', [refused]])
    const none = judge({
      artifact: 'f'.repeat(64),
      contract: null,
      now,
      chain: readChain([], trustIn([ci]), nodeCrypto),
      anchored,
    })
    expect(none.refused).toEqual([refused])
  })

  test('an anchor that the caller demands is a criterion, and without it the verdict is no pass', () => {
    const demands = [{ kinds: [], count: 1, within: null }]
    // For a day and a half it may still come.
    for (const [when, code, word, met] of [
      [now, 'anchor-pending', 'unknown', null],
      [at(37 * 60), 'anchor-missing', 'fail', false],
    ] as const) {
      const verdict = judged([], { demands, now: when })
      expect([verdict.verdict, codesOf(verdict)]).toEqual([word, [code]])
      expect(verdict.findings).toHaveLength(4)
      expect(verdict.criteria.find(({ name }) => name === 'anchors')).toMatchObject({ met })
      // Each step on the way, also one that is not shown.
      const hidden = judged([1], { demands, allowWithheld: true, now: when })
      expect([hidden.verdict, hidden.findings.filter((one) => one.code === code).length]).toEqual([word, 4])
    }
    expect(judged([]).criteria.some(({ name }) => name === 'anchors')).toBe(false)
  })
})

test('why a step failed is told by its error, its signal or its exit code', () => {
  const contract = contractOf('  build: { signers: [ci], products: [app] }')
  const chain = { id: newChainId(), pipeline: 'p', contract: contract.digest }
  const app = file('app', 'app')
  const why = (invocation: Partial<StepPredicate['invocation']>) => {
    const made = statement({ chain, name: 'build', subject: [app] })
    const { predicate } = made
    const failed = { ...made, predicate: { ...predicate, invocation: { ...predicate.invocation, ...invocation } } }
    const read = readChain([seal(ci, writeStep(failed))], trustIn([ci]), nodeCrypto)
    return judge({ artifact: app.digest.sha256, chain: read, contract, now }).findings.map(({ what }) => what)
  }
  expect(why({})).toEqual([])
  expect(why({ exitCode: 3 })).toEqual(['step build exited with 3'])
  expect(why({ exitCode: null, signal: 'SIGKILL' })).toEqual(['step build was ended by SIGKILL'])
  expect(why({ exitCode: null, error: 'ENOENT' })).toEqual(['step build failed with ENOENT'])
})

test('an artifact that a run began with is of it; what came in behind its beginning is not', () => {
  const lib = file('lib', 'lib')
  const outside = '{ outside: lib }'
  const text = `  pack: { signers: [ci], materials: [${outside}] }\n  ship: { signers: [ci], after: [pack], materials: [{ from: pack }, ${outside}] }`
  const contract = contractOf(text)
  const chain = { id: newChainId(), pipeline: 'p', contract: contract.digest }
  const other = file('other', 'other')
  const made = (began: readonly (typeof lib)[], later: readonly (typeof lib)[]) => {
    const pack = signStep(ci, {
      chain,
      name: 'pack',
      materials: began.map((one) => received(one, null)),
      subject: [source('c'), ...began],
      minute: 1,
    })
    const materials = [received(source('c'), pack.link), ...began.map((one) => received(one, pack.link))]
    const ship = signStep(ci, {
      chain,
      name: 'ship',
      previous: [{ link: pack.link, step: 'pack' }],
      materials: [...materials, ...later.map((one) => received(one, null))],
      subject: [source('c'), ...began, ...later],
      minute: 3,
    })
    const read = readChain([pack.bundle, ship.bundle], trustIn([ci]), nodeCrypto)
    return judge({ artifact: lib.digest.sha256, chain: read, contract, now })
  }
  expect(codesOf(made([lib], []))).toEqual([])
  expect(codesOf(made([], [lib]))).toEqual(['artifact-unproven'])
  expect(codesOf(made([], [other]))).toEqual(['artifact-unproven'])
})

test('an artifact of no final step is told with the steps that vouch for it', () => {
  const run = honestRun()
  const lines = run.steps.map(({ bundle }) => bundle)
  const on = (artifact: string, contract: Contract | null, count = 3) =>
    judge({ artifact, chain: readChain(lines.slice(0, count), trustOf(run.contract), nodeCrypto), contract, now })
  const near = on(run.app.digest.sha256, run.contract)
  expect(near.findings.map(({ what }) => what)).toEqual([
    'the final step deploy does not vouch for it; build, test does',
  ])
  expect(near.criteria).toEqual([{ name: 'artifact', met: false, detail: near.findings[0]!.what }])
  expect(codesOf(on('f'.repeat(64), run.contract))).toEqual(['artifact-unproven'])
})

describe('T-13: a pipeline behind a pipeline', () => {
  const build = (products: string, outside: string | null, digest: string | null, from: string | null) => {
    const materials = outside === null ? '' : `, materials: [{ outside: ${outside}, contract: "${digest}" }]`
    const contract = contractOf(`  build: { signers: [ci], products: [${products}]${materials} }`)
    const chain = { id: newChainId(), pipeline: 'p', contract: contract.digest }
    const step = signStep(ci, {
      chain,
      name: 'build',
      materials: from === null ? [] : [received(file(from, from), null)],
      subject: [file(products, products)],
      minute: 1,
    })
    const other: Other = { contract, chain: readChain([step.bundle], trustIn([ci]), nodeCrypto) }
    expect(other.chain.steps.has(linkOf(step.bundle))).toBe(true)
    return other
  }
  const base = build('os', null, null, null)
  const lib = build('lib', 'os', base.contract.digest, 'os')
  const app = build('app', 'lib', lib.contract.digest, 'lib')
  const judged = (...others: readonly Other[]) =>
    codesOf(
      judge({
        artifact: file('app', 'app').digest.sha256,
        chain: app.chain,
        contract: app.contract,
        now,
        others: new Map(others.map((one) => [one.contract.digest, one])),
      }),
    )

  test('is asked for as well', () => {
    expect(judged(lib, base)).toEqual([])
    for (const others of [[lib], [base], []]) expect(judged(...others)).toEqual(['material-unproven'])
  })
})
