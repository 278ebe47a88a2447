import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Contract } from '@countersign/contract'
import { type Bundle, type ChainLine, type Resource, TREE_MEDIA_TYPE } from '@countersign/formats'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  at,
  countersign,
  file,
  honestRun,
  linkOf,
  parties,
  party,
  received,
  type Run,
  seal,
  type Signed,
  signStep,
  source,
  type StepInput,
} from '../../../test/pipeline.ts'
import { judge, type JudgeInput, readChain, type Trust, trustOf, type Verdict } from './index.ts'
import { ci, codesOf, contractOf, trustIn } from './verify.test-kit.ts'

const now = at(60)

/** The verdict over these steps, and the codes against it, each once. */
function judged(
  contract: Contract | null,
  steps: readonly { readonly bundle: ChainLine }[],
  artifact: string,
  more: { trust?: Trust } & Pick<Partial<JudgeInput>, 'tree'> = {},
): Verdict & { codes: string[] } {
  const { trust = trustOf(contract!), ...asked } = more
  const lines = steps.map(({ bundle }) => bundle)
  const verdict = judge({ artifact, chain: readChain(lines, trust, nodeCrypto), contract, now, ...asked })
  return { ...verdict, codes: [...new Set(verdict.findings.map(({ code }) => code))] }
}

test('an honest run passes under its contract', () => {
  const run = honestRun()
  const trust = trustOf(run.contract)
  const chain = readChain(
    run.steps.map((s) => s.bundle),
    trust,
    nodeCrypto,
  )
  const verdict = judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now })
  expect(verdict.findings).toEqual([])
  expect(verdict.verdict).toBe('pass')
  expect(verdict.steps.map((s) => s.step.statement.predicate.step.name)).toEqual(['source', 'build', 'test', 'deploy'])
  expect(verdict.criteria.every((c) => c.met)).toBe(true)
  expect(verdict.edges.map((e) => e.strength)).toEqual(['strong', 'strong', 'strong'])
})

test('an artifact is judged as far as it has come only where that is asked for', () => {
  const run = honestRun()
  const artifact = run.app.digest.sha256
  const read = (steps: readonly Signed[]) =>
    readChain(
      steps.map(({ bundle }) => bundle),
      trustOf(run.contract),
      nodeCrypto,
    )
  const [source, build, tested] = run.steps as [Signed, Signed, Signed]
  const on = (steps: readonly Signed[], unfinished: boolean) =>
    judge({ artifact, chain: read(steps), contract: run.contract, now, unfinished })
  expect(codesOf(on([source, build, tested], false))).toEqual(['final-missing'])
  expect(on([source, build, tested], true)).toMatchObject({ verdict: 'pass', upTo: 'test' })
  expect(on([source, build], true)).toMatchObject({ verdict: 'pass', upTo: 'build' })
  // What must go before is asked for all the same.
  expect(codesOf(on([build, tested], true))).toContain('previous-missing')
  expect(on([build, tested], true).verdict).toBe('fail')
  // Where it is at its end, that counts, and what nobody vouches for is unproven.
  expect(on(run.steps, true)).toMatchObject({ verdict: 'pass', upTo: null })
  expect(codesOf(on([source], true))).toEqual(['artifact-unproven'])
  // A step that the contract does not know is no end.
  const strange = signStep(run.who.codebuild, { chain: run.chain, name: 'strange', subject: [run.app] })
  expect(on([source, strange], true).verdict).toBe('fail')
})

test('receipts of an unknown server count neither way', () => {
  const run = honestRun()
  const chain = readChain(run.lines, trustOf(run.contract), nodeCrypto)
  const verdict = judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now })
  expect(verdict.verdict).toBe('pass')
  expect(verdict.refused.map((r) => r.code)).toEqual(Array(4).fill('signer-unknown'))
})

test('a contract with countersigners demands a receipt on every step', () => {
  const run = honestRun({ who: parties(), countersigned: true })
  const trust = trustOf(run.contract)
  const judged = (lines: typeof run.lines) =>
    judge({
      artifact: run.app.digest.sha256,
      chain: readChain(lines, trust, nodeCrypto),
      contract: run.contract,
      now,
    })
  expect(judged(run.lines).verdict).toBe('pass')
  expect(judged(run.lines).steps.every((s) => s.countersigners.includes('server'))).toBe(true)
  for (let i = 0; i < run.receipts.length; i++) {
    const without = run.lines.filter((b) => b !== run.receipts[i])
    const verdict = judged(without)
    expect(verdict.verdict).toBe('fail')
    expect(verdict.findings.map((f) => f.code)).toEqual(['receipt-missing'])
  }
})

test('of several runs that do not fit, the one that finished last says why', () => {
  const run = honestRun()
  const later = (exitCode: number) => {
    const chain = { ...run.chain, id: 'f'.repeat(32) }
    return signStep(run.who.azure, { chain, name: 'deploy', subject: [run.app], minute: 20, exitCode })
  }
  const holed = run.steps.slice(1)
  const expected = ['step-skipped', 'product-unexpected', 'step-failed']
  for (const steps of [
    [...holed, later(1)],
    [later(1), ...holed],
  ]) {
    expect(judged(run.contract, steps, run.app.digest.sha256).codes).toEqual(expected)
  }
  // One that fits is enough, and is then the one that is told of.
  const { verdict, steps } = judged(run.contract, [later(1), ...run.steps], run.app.digest.sha256)
  expect([verdict, steps.length]).toEqual(['pass', 4])
})

describe('T-21: one nonce in two attestations', () => {
  const run = honestRun()
  const { app, contract, who } = run
  const nonceOf = (step: Signed) => step.statement.predicate.step.nonce
  /** The deployment signed anew. */
  const deployed = (nonce?: string, of = run) =>
    signStep(who.azure, {
      chain: of.chain,
      name: 'deploy',
      previous: [{ link: of.test.link, step: 'test' }],
      materials: [received(app, of.test.link)],
      subject: [app],
      minute: 6,
      ...(nonce === undefined ? {} : { nonce }),
    })
  const on = (deploy: Signed, ...more: readonly Signed[]) =>
    judged(contract, [...run.steps.slice(0, 3), deploy, ...more], app.digest.sha256).codes

  test('in one run', () => {
    expect(on(deployed(nonceOf(run.source)))).toEqual(['nonce-reused'])
    expect(on(deployed())).toEqual([])
  })

  test('in two runs, whether or not the other fits', () => {
    const other = honestRun({ who, commit: 'second' })
    expect(on(deployed(nonceOf(other.build)), ...other.steps)).toEqual(['nonce-reused'])
    expect(on(deployed(nonceOf(other.build)), other.build)).toEqual(['nonce-reused'])
    expect(on(deployed(), ...other.steps)).toEqual([])
  })

  test('counts only where somebody who is trusted signed it', () => {
    const step = { chain: run.chain, name: 'deploy', subject: [app], nonce: nonceOf(run.deploy) }
    expect(on(run.deploy, signStep(party('mallory'), step))).toEqual([])
    expect(on(run.deploy, signStep(who.github, step))).toEqual(expect.arrayContaining(['nonce-reused']))
  })

  test('beside the path it says nothing of the path', () => {
    const other = honestRun({ who, commit: 'second' })
    const twins = ['lint', 'audit'].map((name) =>
      signStep(who.github, { chain: other.chain, name, subject: [file(name, name)], nonce: '0'.repeat(32) }),
    )
    expect(on(run.deploy, ...twins)).toEqual([])
  })

  test('the same attestation under another signature is no second one', () => {
    const again = seal(who.azure, run.deploy.bundle.envelope.payload)
    expect(again.envelope.signature).not.toEqual(run.deploy.bundle.envelope.signature)
    expect(judged(contract, [...run.steps, { bundle: again }], app.digest.sha256).verdict).toBe('pass')
  })
})

describe('T-23: where attempts are carried, a try that was made again is superseded', () => {
  const text = (attempts: string) =>
    contractOf(
      `  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [app] }
  test: { signers: [ci], after: [build], products: [report] }
  ship: { signers: [ci], after: [build, test], materials: [{ from: build }], products: [app.tgz] }`,
      `attempts: ${attempts}`,
    )
  const carry = text('carry')
  const app = file('app', 'app')
  const tgz = file('app.tgz', 'app.tgz')

  /** A run whose steps have these attempts, and `more` tries beside them, made from the same. */
  function tried(
    contract: Contract,
    attempts: readonly [source: number, build: number, test: number, ship: number],
    more: readonly { name: 'build' | 'test' | 'ship'; attempt: number; exitCode?: number; subject?: Resource[] }[] = [],
  ): string[] {
    const chain = { id: 'c'.repeat(32), pipeline: 'p', contract: contract.digest }
    const commit = source('c')
    const make = (
      name: string,
      attempt: number,
      before: readonly Signed[],
      subject: Resource[],
      input: Partial<StepInput> = {},
    ) =>
      signStep(ci, {
        chain,
        name,
        attempt,
        previous: before.map(({ link, statement }) => ({ link, step: statement.predicate.step.name })),
        materials: before
          .slice(0, 1)
          .flatMap(({ link, statement }) => statement.subject.map((made) => received(made, link))),
        subject,
        minute: 2 * before.length + attempt,
        ...input,
      })
    const first = make('source', attempts[0], [], [commit])
    const build = make('build', attempts[1], [first], [app])
    const tests = make('test', attempts[2], [build], [file('report', 'good')])
    const ship = make('ship', attempts[3], [build, tests], [tgz])
    const before = { build: [first], test: [build], ship: [build, tests] }
    const made = { build: [app], test: [file('report', 'good')], ship: [tgz] }
    const others = more.map(({ name, attempt, subject = made[name], ...input }) =>
      make(name, attempt, before[name], subject, input),
    )
    return judged(contract, [first, build, tests, ship, ...others], tgz.digest.sha256).codes
  }

  test('control: "re-run failed jobs" passes, with the tries that failed in the file', () => {
    expect(tried(carry, [1, 1, 1, 1])).toEqual([])
    expect(tried(carry, [1, 1, 2, 2], [{ name: 'test', attempt: 1, exitCode: 1 }])).toEqual([])
    expect(
      tried(
        carry,
        [1, 2, 3, 3],
        [
          { name: 'build', attempt: 1, exitCode: 1 },
          { name: 'test', attempt: 2, exitCode: 1 },
        ],
      ),
    ).toEqual([])
    // Without carrying, the same is a mixture.
    expect(tried(text('same'), [1, 1, 2, 2])).toEqual(['attempt-mixed'])
    expect(tried(text('same'), [2, 2, 2, 2])).toEqual([])
  })

  test.each([
    ['failed', { exitCode: 1 }],
    ['made something else', { subject: [file('app', 'app, mended')] }],
    ['made the same', {}],
  ])('the earlier build, where the later one %s', (_, again) => {
    expect(tried(carry, [1, 1, 1, 2], [{ name: 'build', attempt: 2, ...again }])).toEqual(['attempt-mixed'])
    expect(tried(carry, [1, 1, 1, 3], [{ name: 'build', attempt: 2, ...again }])).toEqual(['attempt-mixed'])
  })

  test('the earlier test that passed, where the later one failed', () => {
    expect(tried(carry, [1, 1, 1, 2], [{ name: 'test', attempt: 2, exitCode: 1 }])).toEqual(['attempt-mixed'])
  })

  test('but not by a try that began after the end of the path', () => {
    expect(tried(carry, [1, 1, 1, 1], [{ name: 'test', attempt: 2, exitCode: 1 }])).toEqual([])
  })

  test('the end itself, where a later one vouches for the same and failed', () => {
    expect(tried(carry, [1, 1, 1, 1], [{ name: 'ship', attempt: 2, exitCode: 1 }])).toEqual(['step-failed'])
    expect(tried(carry, [1, 1, 1, 1], [{ name: 'ship', attempt: 2 }])).toEqual([])
  })
})

describe('T-24: a file that holds a tree’s manifest has the tree’s digest', () => {
  const tree: Resource = { ...file('dist/', 'manifest'), mediaType: TREE_MEDIA_TYPE, annotations: { mode: '040000' } }
  const manifest = file('manifest', 'manifest')
  const contract = contractOf(`  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: ["*"] }
  ship: { signers: [ci], after: [build] }`)
  const chain = { id: 'd'.repeat(32), pipeline: 'p', contract: contract.digest }
  const commit = source('c')

  /** A run in which `made` is built and `taken` is shipped. */
  function shipped(made: Resource, taken: Resource): Signed[] {
    const first = signStep(ci, { chain, name: 'source', subject: [commit] })
    const build = signStep(ci, {
      chain,
      name: 'build',
      previous: [{ link: first.link, step: 'source' }],
      materials: [received(commit, first.link)],
      subject: [made],
      minute: 2,
    })
    const ship = signStep(ci, {
      chain,
      name: 'ship',
      previous: [{ link: build.link, step: 'build' }],
      materials: [received(taken, build.link)],
      subject: [taken],
      minute: 4,
    })
    return [first, build, ship]
  }

  test('and is not the tree that is to be proven, nor the other way round', () => {
    const { sha256 } = tree.digest
    expect(manifest.digest).toEqual(tree.digest)
    for (const [of, is] of [
      [tree, true],
      [manifest, false],
    ] as const) {
      const steps = shipped(of, of)
      expect(judged(contract, steps, sha256, { tree: is }).verdict).toBe('pass')
      expect(judged(contract, steps, sha256, { tree: !is }).codes).toEqual(['artifact-unproven'])
      expect(judged(null, steps, sha256, { tree: !is, trust: trustIn([ci]) }).codes).toEqual(['artifact-unproven'])
      // Red control: by its digest alone either is taken for the other.
      expect(judged(contract, steps, sha256).verdict).toBe('pass')
    }
  })

  test('and is not what was handed over, nor the other way round', () => {
    for (const [made, taken] of [
      [tree, manifest],
      [manifest, tree],
    ] as const) {
      expect(judged(contract, shipped(made, taken), tree.digest.sha256).codes).toEqual(['material-swapped'])
      // Red control: what was made was taken.
      expect(judged(contract, shipped(made, made), tree.digest.sha256).codes).toEqual([])
    }
  })

  test('nor is a file that holds the manifest of the checkout the source', () => {
    const steps = shipped(manifest, manifest)
    const planted = file('source', 'c')
    expect(planted.digest.sha256).toBe(commit.digest.sha256)
    const build = (taken: Resource) =>
      signStep(ci, {
        chain,
        name: 'build',
        previous: [{ link: steps[0]!.link, step: 'source' }],
        materials: [received(taken, steps[0]!.link)],
        subject: [manifest],
        minute: 2,
      })
    const trust = { trust: trustIn([ci]) }
    const on = (taken: Resource) => judged(null, [steps[0]!, build(taken)], manifest.digest.sha256, trust).codes
    expect([on(planted), on(commit)]).toEqual([['material-swapped'], []])
  })
})

describe('the order of bundles has no meaning', () => {
  const run = honestRun({ countersigned: true })
  const other = honestRun({ who: run.who, countersigned: true })
  const failed = signStep(run.who.cloudbuild, {
    chain: run.chain,
    name: 'test',
    previous: [{ link: run.build.link, step: 'build' }],
    materials: [received(run.app, run.build.link)],
    subject: [run.app],
    minute: 4,
    exitCode: 1,
  })
  const stranger = seal(party('stranger'), run.deploy.bundle.envelope.payload)
  const doubly = seal(run.who.github, run.build.bundle.envelope.payload)
  const files: readonly (readonly [string, readonly ChainLine[]])[] = [
    ['an honest run', run.lines],
    ['two runs that make the same', [...run.lines, ...other.lines]],
    ['a run with a fork and one without', [...run.lines, failed.bundle, ...other.lines]],
    ['a fork', [...run.lines, failed.bundle]],
    ['a hole and strangers', [...run.lines.filter((line) => line !== run.source.bundle), stranger, doubly]],
    ['twice the same', [...run.lines, ...run.lines]],
  ]
  /** All that is said, but for the place at which something was refused. */
  const said = (lines: readonly ChainLine[], contract: Contract | null) => {
    const chain = readChain(lines, trustOf(run.contract), nodeCrypto)
    const verdict = judge({ artifact: run.app.digest.sha256, chain, contract, now })
    return {
      ...verdict,
      steps: verdict.steps.map(({ step, ...rest }) => [step.link, step.signer, rest]),
      refused: verdict.refused.map(({ code, what }) => `${code} ${what}`).toSorted(),
    }
  }

  test.each(files)('%s', (_, lines) => {
    for (const contract of [run.contract, null]) {
      const expected = said(lines, contract)
      expect(said(lines.toReversed(), contract)).toEqual(expected)
      fc.assert(
        fc.property(fc.shuffledSubarray([...lines], { minLength: lines.length }), (shuffled) => {
          expect(said(shuffled, contract)).toEqual(expected)
        }),
        { numRuns: 10 },
      )
    }
  })

  test('red control: these files do not all get one verdict', () => {
    expect(files.map(([, lines]) => said(lines, run.contract).verdict)).toEqual([
      'pass',
      'pass',
      'pass',
      'fail',
      'fail',
      'pass',
    ])
  })
})

describe('two keys’ signatures on one statement', () => {
  const run = honestRun()
  const { who, contract } = run
  const cosigned = (by: Run['who']['github']) => seal(by, run.test.bundle.envelope.payload)
  const on = (bundles: readonly Bundle[], trust = trustOf(contract)) =>
    judged(
      contract,
      [run.source, run.build, run.deploy, ...bundles.map((bundle) => ({ bundle }))],
      run.app.digest.sha256,
      { trust },
    )

  test('are one attestation: it has one name and one place', () => {
    expect(linkOf(cosigned(who.azure))).toBe(run.test.link)
    const { codes, verdict, steps } = on([run.test.bundle, cosigned(who.azure)])
    expect([verdict, codes, steps.length]).toEqual(['pass', [], 4])
  })

  test('one of a stranger counts neither way', () => {
    const { verdict, refused } = on([cosigned(party('stranger')), run.test.bundle])
    expect([verdict, refused.map(({ code }) => code)]).toEqual(['pass', ['signer-unknown']])
  })

  test('who may not sign it is named, whosever key the hint names', () => {
    const { hint } = run.test.bundle.key as { hint: string }
    const forged: Bundle = { ...cosigned(who.azure), key: { kind: 'publicKey', hint } }
    expect(on([forged]).codes).toEqual(['signer-not-allowed'])
    expect(on([run.test.bundle]).codes).toEqual([])
  })

  test('which of them counts is for who trusts them to say, not for the order in which they come', () => {
    const signers = trustOf(contract).signers
    for (const trusted of [signers, signers.toReversed()]) {
      const both = [run.test.bundle, cosigned(who.azure)]
      const [one, other] = [both, both.toReversed()].map((bundles) => {
        const { steps } = on(bundles, { signers: trusted, countersigners: [] })
        return steps.find(({ step }) => step.link === run.test.link)?.step.signer.name
      })
      const first = trusted.find(({ name }) => name === 'cloudbuild' || name === 'azure')!.name
      expect([one, other]).toEqual([first, first])
    }
  })

  test('a receipt is of the statement as one party signed it, by whichever of its signatures', () => {
    const countersigned = honestRun({ who, countersigned: true })
    const { test: step, steps, receipts, contract } = countersigned
    const again = { ...step, bundle: seal(who.cloudbuild, step.bundle.envelope.payload) }
    const lines = [...steps.map((one) => (one === step ? again : one).bundle), ...receipts].map((line) => ({
      bundle: line,
    }))
    expect(judged(contract, lines, run.app.digest.sha256).verdict).toBe('pass')
    const another = countersign(party('another', 'ed25519'), step, 2)
    const other = [...lines.slice(0, -2), lines.at(-1)!, { bundle: another }]
    expect(judged(contract, other, run.app.digest.sha256).codes).toEqual(['receipt-missing'])
  })
})
