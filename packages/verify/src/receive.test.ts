import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Contract, parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { type Resource, type StepPredicate, type StepRef, TREE_MEDIA_TYPE } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { deviationFrom, hastyRun, maintainedText, signDeviation, WITHOUT_TESTS } from '../../../test/acts.ts'
import { logOf } from '../../../test/log-of.ts'
import {
  at,
  file,
  honestRun,
  keyText,
  newChainId,
  parties,
  party,
  received,
  type Signed,
  signStep,
  source,
  type StepInput,
} from '../../../test/pipeline.ts'
import { readChain, receive, type Received, type ReceiveInput, type Trust, trustOf } from './index.ts'
import { ci, contractOf, trustIn } from './verify.test-kit.ts'

const [app, lib, commit] = [file('dist/app', 'app'), file('dist/lib', 'lib'), source('first')]
const swapped = file('dist/app', 'another app')
/** What the receiver begins with where it goes on from nothing. */
const NEW = newChainId()

function ref(name: string, more: Partial<StepRef> = {}): StepRef {
  return { name, attempt: 1, matrix: null, nonce: '0'.repeat(32), ...more }
}

/** What a step named `next` receives that knows these. */
function ask(known: readonly Signed[], more: Partial<ReceiveInput> = {}, trust: Trust = trustIn([ci])): Received {
  const { steps } = readChain(
    known.map(({ bundle }) => bundle),
    trust,
    nodeCrypto,
  )
  expect(steps.size).toBe(known.length)
  const asked = { step: ref('next'), pipeline: 'p', materials: [app], contract: null, token: null, newChain: NEW }
  return receive({ ...asked, steps, now: at(30), ...more })
}

const codesOf = ({ findings }: Received) => findings.map(({ code }) => code)
const linksOf = ({ previous }: Received) => previous.map(({ link }) => link)
const chainOf = (more: Partial<StepPredicate['chain']> = {}) => ({
  id: newChainId(),
  pipeline: 'p',
  contract: null,
  ...more,
})
const idOf = (signed: Signed) => signed.statement.predicate.chain.id
const build = (chain: StepPredicate['chain'], more: Partial<StepInput> = {}) =>
  signStep(ci, { chain, name: 'build', subject: [app], ...more })
const after = (...signed: readonly Signed[]) =>
  signed.map(({ link, statement }) => ({ link, step: statement.predicate.step.name }))
/** Both orders in which they may be read. */
const orders = <T>(a: T, b: T): readonly (readonly T[])[] => [
  [a, b],
  [b, a],
]

/** Two steps of which the first has the smaller link: links are as good as random. */
function inOrder(make: () => readonly [Signed, Signed]): readonly [Signed, Signed] {
  for (;;) {
    const [a, b] = make()
    if (a.link < b.link) return [a, b]
  }
}

describe('the pipeline of a run that is received', () => {
  test('is named by somebody', () => {
    const nothing = { pipeline: null, materials: [] }
    expect(() => ask([], nothing)).toThrow(
      expect.objectContaining({ code: 'usage', fix: expect.stringContaining('--pipeline') as string }),
    )
    expect(ask([], { ...nothing, pipeline: 'own' }).chain).toEqual({ id: NEW, pipeline: 'own', contract: null })
  })

  test('is that of the predecessor, whatever else was planted in its chain', () => {
    const chain = chainOf()
    const own = build(chain)
    const planted = signStep(ci, { chain: { ...chain, pipeline: 'q' }, name: 'planted', subject: [lib] })
    for (const known of orders(planted, own)) {
      expect(ask(known, { pipeline: null })).toMatchObject({ chain, findings: [], previous: after(own) })
    }
  })

  test('is that of the chain that the token names, not that of a link of another', () => {
    const [strange, own] = inOrder(() => [build(chainOf({ pipeline: 'q' }), { subject: [lib] }), build(chainOf())])
    const token = { chain: idOf(own), links: [strange.link] }
    const got = ask([strange, own], { pipeline: null, token })
    expect(got.chain).toEqual(own.statement.predicate.chain)
    expect(codesOf(got)).toContain('chain-mismatch')
  })
})

describe('without a token or a contract', () => {
  test('the run that explains most goes on, then the latest, then the first by name', () => {
    const [older, newer] = [chainOf(), chainOf()]
    const both = build(older, { subject: [app, lib] })
    const one = build(newer, { subject: [app, file('x', 'x'), file('y', 'y')], minute: 5 })
    const twin = build(newer, { subject: [lib, app], minute: 5 })
    const [first, second] = [chainOf(), chainOf()].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((c) => build(c))
    for (const [known, wanted] of [
      ...orders(both, one).map((known) => [known, both] as const),
      ...orders(both, twin).map((known) => [known, twin] as const),
      ...orders(first!, second!).map((known) => [known, first!] as const),
    ]) {
      expect(ask(known, { materials: [app, lib] }).chain.id).toBe(idOf(wanted))
    }
  })

  test('a run that has the step already is not gone on with while another may be', () => {
    const [older, newer] = [chainOf(), chainOf()]
    const [one, two] = [build(older), build(newer, { minute: 5 })]
    const took = signStep(ci, {
      chain: newer,
      name: 'next',
      previous: after(two),
      materials: [received(app, two.link)],
      subject: [lib],
      minute: 7,
    })
    expect(ask([one, two, took])).toMatchObject({ chain: older, findings: [] })
    // Red control: without its own step the later one is.
    expect(ask([one, two]).chain).toEqual(newer)
  })

  test('a step that is run again does not begin another run with what it was handed in the first', () => {
    const chain = chainOf()
    const made = build(chain)
    const next = (from: Signed | null, more: Partial<StepInput> = {}) =>
      signStep(ci, {
        chain,
        name: 'next',
        previous: from === null ? [] : after(from),
        materials: [received(app, from?.link ?? null)],
        subject: [app],
        minute: 7,
        ...more,
      })
    const again = { isUnnamed: true }
    const got = ask([made, next(made)], again)
    expect([got.chain, codesOf(got)]).toEqual([chain, ['place-taken']])
    const begun = { chain: { id: NEW }, previous: [], findings: [] }
    // Red controls: a CI system says that it is another run; it came from outside then, too; it is of another pipeline.
    expect(ask([made, next(made)])).toMatchObject(begun)
    expect(ask([next(null)], again)).toMatchObject(begun)
    expect(ask([made, next(made)], { ...again, pipeline: 'q' })).toMatchObject(begun)
    expect(codesOf(ask([made, next(made)], { ...again, pipeline: null }))).toEqual(['place-taken'])
    // Another run that made it, too, and has no such step, is the one to go on with.
    const other = build(chainOf())
    expect(ask([made, next(made), other], again)).toMatchObject({ previous: after(other), findings: [] })
  })

  test('what a stranger made of the same name is not gone on from where more than one run may be meant', () => {
    const [one, two] = [build(chainOf()), build(chainOf(), { minute: 5 })]
    expect(ask([one, two], { materials: [swapped] })).toMatchObject({ chain: { id: NEW }, previous: [] })
    expect(codesOf(ask([one], { materials: [swapped] }))[0]).toBe('material-swapped')
  })

  test('nothing is gone on with where nothing is handed over', () => {
    expect(ask([build(chainOf())], { materials: [] })).toMatchObject({ chain: { id: NEW }, previous: [] })
  })

  test('a swapped one is known by its name, in whatever directory, and be it a directory', () => {
    const chain = chainOf()
    const directory = (name: string, content: string): Resource => ({
      ...file(name, content),
      mediaType: TREE_MEDIA_TYPE,
      annotations: { mode: '040000' },
    })
    const made = build(chain, { subject: [app, directory('out/site/', 'site')] })
    for (const name of ['app', 'in/app', 'in/site/', 'site/', 'in/site']) {
      const got = ask([made], { materials: [{ ...swapped, name }] })
      expect([linksOf(got), codesOf(got)[0]]).toEqual([[made.link], 'material-swapped'])
    }
    for (const name of ['app2', 'dist', 'dist/', 'out/', 'apps/']) {
      expect(linksOf(ask([made], { materials: [{ ...swapped, name }] }))).toEqual([])
    }
  })

  test('its maker is one that could have handed it over: of this attempt, and not failed', () => {
    for (const more of [{ exitCode: 1 }, { attempt: 2 }]) {
      expect(linksOf(ask([build(chainOf(), more)], { materials: [swapped] }))).toEqual([])
    }
    const good = build(chainOf())
    expect(linksOf(ask([good], { materials: [swapped] }))).toEqual([good.link])
  })

  // A run whose failed jobs are run again is of another attempt: that must not make a swap unseen (T-24).
  test('a later attempt does not undo a swap, and may begin anew with what was made', () => {
    const again = { step: ref('next', { attempt: 2 }) }
    for (const newChain of [NEW, idOf(build(chainOf()))]) {
      const made = build({ ...chainOf(), id: newChain })
      const got = ask([made], { ...again, newChain, materials: [swapped] })
      expect(codesOf(got)).toEqual(expect.arrayContaining(['material-swapped', 'attempt-mixed']))
      const honest = ask([made], { ...again, newChain })
      expect([linksOf(honest), codesOf(honest)]).toEqual([[], []])
      // Made anew in this attempt, it is what is gone on from.
      const anew = build({ ...chainOf(), id: newChain }, { attempt: 2, subject: [swapped] })
      const next = ask([made, anew], { ...again, newChain, materials: [swapped] })
      expect([linksOf(next), codesOf(next)]).toEqual([[anew.link], []])
    }
  })

  test('who holds it in another attempt does not go before', () => {
    for (const attempt of [1, 3]) {
      const got = ask([build(chainOf(), { attempt })], { step: ref('next', { attempt: 2 }) })
      expect(got.previous).toEqual([])
    }
  })
})

describe('T-22: pipelines that begin at one commit', () => {
  const [own, beside] = [chainOf(), chainOf({ pipeline: 'q' })]
  const begin = (chain: StepPredicate['chain'], minute: number, ...more: readonly Resource[]) =>
    signStep(ci, { chain, name: 'source', subject: [commit, ...more], minute })
  const [mine, other] = [begin(own, 0), begin(beside, 5)]
  const materials = [commit]

  test('are two: a step of the one does not go on with the other', () => {
    for (const known of orders(mine, other)) expect(ask(known, { materials }).chain).toEqual(own)
    expect(ask([other], { materials })).toMatchObject({ chain: { id: NEW, pipeline: 'p' }, previous: [] })
  })

  test('but what the other made is from there, and so is all where no pipeline is named', () => {
    const made = begin(beside, 5, app)
    const got = ask([made], { materials: [commit, app] })
    expect([got.chain.id, linksOf(got)]).toEqual([beside.id, [made.link]])
    expect(ask([other], { materials, pipeline: null }).chain).toEqual(beside)
  })
})

describe('T-23: what a failed step leaves behind', () => {
  const chain = chainOf()
  const good = build(chain)
  const failed = (more: Partial<StepInput>) =>
    signStep(ci, { chain, name: 'failed', subject: [app], exitCode: 1, minute: 4, ...more })
  const passedOn = { previous: after(good), materials: [received(app, good.link)] }

  test('is of who made it, where the failed one only received it', () => {
    expect(linksOf(ask([good, failed(passedOn)]))).toEqual([good.link])
    // And of nobody where that one is not here, though something else was received with it.
    const materials = [received(lib, null), received(app, good.link)]
    expect(linksOf(ask([failed({ ...passedOn, materials, subject: [app, lib] })]))).toEqual([])
  })

  test('is named where it made that itself, beside what it was given', () => {
    const made = failed({ materials: [received(commit, null)], subject: [commit, app, lib] })
    for (const materials of [[app], [commit, app], [app, commit], [lib]]) {
      expect(codesOf(ask([made], { materials }))).toEqual(['predecessor-failed'])
    }
    expect(linksOf(ask([made], { materials: [commit] }))).toEqual([])
  })

  test('is a checkout like any other: a commit is not of who failed on it', () => {
    expect(linksOf(ask([failed({ subject: [commit] })], { materials: [commit] }))).toEqual([])
  })
})

describe('under a contract', () => {
  const contract = contractOf(`  build: { signers: [ci], products: ["dist/**"] }
  next: { after: [build], signers: [ci] }
  note: { after: [build], signers: [ci], materials: [], products: [note] }
  ship: { after: [next, note], signers: [ci] }`)
  const bound = (more: Partial<StepPredicate['chain']> = {}) => chainOf({ contract: contract.digest, ...more })
  const under = { contract, pipeline: null }

  test('a step that is handed nothing goes on with the one run that is known', () => {
    const note = { ...under, step: ref('note'), materials: [] }
    const [one, other, strange] = [build(bound()), build(bound()), build(chainOf({ contract: 'f'.repeat(64) }))]
    expect(ask([one], note)).toMatchObject({ chain: { id: idOf(one) }, previous: after(one), findings: [] })
    for (const known of [[one, other], [one, strange], [strange]]) {
      const got = ask(known, note)
      expect([got.chain.id, codesOf(got)]).toEqual([NEW, ['step-skipped']])
    }
  })

  test('one that should be handed something does not', () => {
    const got = ask([build(bound())], { ...under, materials: [] })
    expect([got.chain.id, got.previous]).toEqual([NEW, []])
  })

  test('a swapped material is held against the latest run that made one of its name', () => {
    const [one, two] = [build(bound()), build(bound(), { minute: 3 })]
    const late = build(bound(), { subject: [lib], minute: 9 })
    for (const known of [
      [one, two, late],
      [late, two, one],
    ]) {
      const got = ask(known, { ...under, materials: [swapped] })
      expect([got.chain.id, codesOf(got)[0]]).toEqual([idOf(two), 'material-swapped'])
    }
    // Among other things that it made.
    const many = build(bound(), { subject: [lib, app] })
    expect(ask([many, late], { ...under, materials: [swapped] }).chain.id).toBe(idOf(many))
  })

  test('where every run has the step already, one that is bound by the contract says so', () => {
    const took = (chain: StepPredicate['chain'], minute: number) => {
      const first = build(chain, { minute })
      const next = { chain, name: 'next', previous: after(first), materials: [received(app, first.link)] }
      return [first, signStep(ci, { ...next, subject: [app], minute: minute + 2 })]
    }
    const [own, other] = [bound(), chainOf({ contract: 'f'.repeat(64) })]
    const got = ask([...took(own, 0), ...took(other, 5)], under)
    expect([got.chain.id, codesOf(got)]).toEqual([own.id, ['place-taken']])
  })

  test('a material is from the step that the contract expects it from, whoever else holds it', () => {
    const expecting = (from: string) =>
      contractOf(`  build: { signers: [ci], products: ["dist/**"] }
  test: { after: [build], signers: [ci] }
  next: { after: [build, test], signers: [ci], materials: [{ from: ${from} }], products: [tgz] }`)
    for (const [from, first] of [
      ['build', 'build'],
      ['build', 'test'],
      ['test', 'build'],
      ['test', 'test'],
    ] as const) {
      const rules = expecting(from)
      const [one, two] = inOrder(() => {
        const chain = chainOf({ contract: rules.digest })
        const made = build(chain)
        const tested = signStep(ci, {
          chain,
          name: 'test',
          previous: after(made),
          materials: [received(app, made.link)],
          subject: [app],
          minute: 2,
        })
        return first === 'build' ? [made, tested] : [tested, made]
      })
      const got = ask([one, two], { contract: rules })
      const wanted = [one, two].find((s) => s.statement.predicate.step.name === from)!
      expect([codesOf(got), got.materials[0]!.annotations!.from]).toEqual([[], wanted.link])
      expect(linksOf(got)).toEqual([one.link, two.link])
    }
  })

  test('where attempts are carried an earlier one goes before, a later one never', () => {
    const carried = contractOf(
      `  build: { signers: [ci], products: ["dist/**"] }
  next: { after: [build], signers: [ci] }`,
      'attempts: carry',
    )
    const chain = chainOf({ contract: carried.digest })
    const [one, three] = [build(chain), build(chain, { attempt: 3 })]
    const got = ask([one, three], { contract: carried, step: ref('next', { attempt: 2 }) })
    expect([linksOf(got), codesOf(got)]).toEqual([[one.link], []])
  })

  test('of a step on the way that goes on from what is missing nothing else is said', () => {
    const rules: Contract = contractOf(`  source: { signers: [ci] }
  lint: { signers: [ci], products: [lint] }
  build: { after: [source, lint], signers: [ci], products: ["dist/**"] }
  next: { after: [build], signers: [ci] }`)
    const chain = chainOf({ contract: rules.digest })
    const first = signStep(ci, { chain, name: 'source', subject: [commit] })
    const lint = signStep(ci, { chain, name: 'lint', subject: [file('lint', 'lint')] })
    const made = build(chain, {
      previous: after(first, lint),
      materials: [received(commit, first.link), received(file('lint', 'lint'), lint.link)],
      minute: 2,
    })
    expect(codesOf(ask([first, lint, made], { contract: rules }))).toEqual([])
    expect(codesOf(ask([first, made], { contract: rules }))).toEqual(['previous-missing'])
  })
})

// An approval is of one run: if it slid on to another of the same bytes, nobody would have looked at that.
describe('T-39: what is to be approved', () => {
  const ana = party('ana')
  const contract = parseContract(
    utf8(`contract: v1
pipeline: p
revision: 1
signers: { ci: ${keyText(ci)}, ana: ${keyText(ana)} }
steps:
  build: { signers: [ci], products: ["dist/**"] }
  approve: { after: [build], signers: [ana], approvals: 1 }
  ship: { after: [build, approve], signers: [ci], materials: [{ from: build }] }
final: ship
`),
  )
  const asked = { contract, pipeline: 'p', step: ref('approve', { matrix: 'ana' }) }
  const run = (minute: number, more: Partial<StepInput> = {}, chain: Partial<StepPredicate['chain']> = {}) =>
    build(chainOf({ contract: contract.digest, ...chain }), { minute, ...more })
  const one = run(0)

  test('is of the run that made it', () => {
    expect(ask([one], asked)).toMatchObject({ chain: { id: idOf(one) }, previous: after(one) })
  })

  test('is not guessed where several made it, be one of them approved: they are named, the newest first', () => {
    const two = run(5)
    const approved = signStep(ana, {
      chain: two.statement.predicate.chain,
      name: 'approve',
      matrix: 'ana',
      previous: after(two),
      materials: [received(app, two.link)],
      subject: [app],
      minute: 7,
    })
    for (const known of [
      [one, two],
      [two, one],
      [one, two, approved],
    ]) {
      expect(() => ask(known, asked, trustIn([ci, ana]))).toThrow(
        expect.objectContaining({
          code: 'usage',
          what: '2 runs made what is to be approved',
          fix: `Name the one: --chain ID. Newest first: ${idOf(two)}, ${idOf(one)}`,
        }),
      )
    }
    // Red control: the run that this is has been named.
    expect(ask([one, two], { ...asked, newChain: idOf(one) }).chain.id).toBe(idOf(one))
  })

  test('is of none that made something else, is bound otherwise, or is of another pipeline from the same commit', () => {
    const others = [run(5, { subject: [lib] }), run(5, {}, { contract: 'f'.repeat(64) })]
    for (const other of others) expect(ask([other, one], asked).chain.id).toBe(idOf(one))
    const [own, beside] = [run(0, { subject: [commit] }), run(5, { subject: [commit] }, { pipeline: 'q' })]
    expect(ask([beside, own], { ...asked, materials: [commit] }).chain.id).toBe(idOf(own))
  })

  test('that nobody made is held against what has its name', () => {
    const got = ask([one], { ...asked, materials: [swapped] })
    expect([got.chain.id, codesOf(got)[0]]).toEqual([idOf(one), 'material-swapped'])
  })
})

describe('a step that maintainers let be skipped', () => {
  const who = parties()
  const ann = party('ann')
  const text = maintainedText(who, { threshold: 1, of: [ann] }, { countersigned: false })
  const contract = parseContract(utf8(text))
  const trust = trustOf(contract)
  const hasty = hastyRun(who, contract)
  const deviation = signDeviation(deviationFrom(contract, { chain: hasty.chain.id, excuses: WITHOUT_TESTS }), [ann])
  const { deviations } = readChain([deviation], trust, nodeCrypto)
  const handed = (known: readonly Signed[], more: Partial<ReceiveInput>) =>
    ask(known, { contract, pipeline: null, step: ref('deploy'), deviations, ...more }, trust)

  test('is passed over: its follower goes on from what it follows', () => {
    expect(deviations).toHaveLength(1)
    const known = [hasty.source, hasty.build]
    const materials = [hasty.app]
    expect(handed(known, { materials })).toMatchObject({ previous: after(hasty.build), findings: [] })
    expect(codesOf(handed(known, { materials, deviations: [] }))).toContain('step-skipped')
  })

  test('is gone on from all the same where it ran', () => {
    const run = honestRun({ who, contract: text, chain: hasty.chain.id })
    expect(handed(run.steps.slice(0, 3), { materials: [run.app] })).toMatchObject({
      previous: after(run.test),
      findings: [],
    })
  })
})

test('a step that is withheld on the way is told as that, not as missing', () => {
  const run = honestRun({ countersigned: true })
  const trust = trustOf(run.contract)
  const { withheld } = readChain([logOf(run.who.server, run.steps).withheld(run.source)], trust, nodeCrypto)
  const asked = { contract: run.contract, step: ref('test'), pipeline: null, materials: [run.app] }
  expect(withheld.size).toBe(1)
  expect(codesOf(ask([run.build], { ...asked, withheld }, trust))).toEqual(['step-withheld'])
  expect(codesOf(ask([run.build], asked, trust))).toEqual(['previous-missing'])
})
