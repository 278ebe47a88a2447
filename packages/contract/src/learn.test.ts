import fc from 'fast-check'
import { utf8 } from '@countersign/core'
import { type Resource } from '@countersign/formats'
import { bareIdentity } from '@countersign/formats/identity'
import { describe, expect, test } from 'vitest'
import { file, newChainId, party, received, sha256, source } from '../../../test/pipeline.ts'
import {
  adviseContract,
  evaluate,
  learnContract,
  lintContract,
  parseContract,
  required,
  type SeenRun,
  type SeenStep,
} from './index.ts'
import { generalise } from './learn-names.ts'

const [ci, security, stranger] = ['ci', 'security', 'stranger'].map((name) => party(name))
const by = (who = ci!): SeenStep['signer'] => ({
  name: who.name,
  keyId: who.publicKey.keyId,
  spki: who.publicKey.spki,
  identity: null,
  grade: 'D',
  authorities: [],
  signedAt: null,
  system: null,
})

interface Made {
  readonly name: string
  readonly previous?: readonly SeenStep[]
  readonly materials?: readonly Resource[]
  readonly subject: readonly Resource[]
  readonly signer?: SeenStep['signer']
  readonly matrix?: string
  readonly reports?: SeenStep['reports']
}

function step({ name, previous = [], materials = [], subject, signer = by(), matrix, reports = [] }: Made): SeenStep {
  return {
    link: sha256(`${name} ${matrix ?? ''} ${JSON.stringify(subject)}`),
    step: { name, attempt: 1, matrix: matrix ?? null, nonce: 'a'.repeat(32) },
    previous: previous.map(({ link, step: { name: own } }) => ({ link, step: own })),
    materials,
    subject,
    signer,
    reports,
    succeeded: true,
  }
}

/** source → build (two jobs) → scan → release, of a version. */
function runOf(version: string, lock = 'locked'): SeenRun {
  const checkout = source(version)
  const first = step({ name: 'source', subject: [checkout] })
  const jobs = ['linux', 'macos'].map((matrix) => {
    const app = file(`dist/app-${version}-${matrix}.tgz`, `app of ${version} for ${matrix}`)
    const materials = [received(checkout, first.link), file('package-lock.json', lock)]
    return step({ name: 'build', matrix, previous: [first], materials, subject: [app] })
  })
  const apps = jobs.flatMap(({ subject }) => subject)
  const scan = step({
    name: 'scan',
    previous: jobs,
    materials: apps,
    subject: [file('report.json', `of ${version}`)],
    signer: by(security),
  })
  const release = step({ name: 'release', previous: [...jobs, scan], materials: apps, subject: apps })
  return { id: newChainId(), pipeline: 'shop/web', steps: [first, ...jobs, scan, release], logs: [] }
}

const learned = (runs: readonly SeenRun[], more: { final?: string; optional?: readonly string[] } = {}) =>
  learnContract(runs, { authorities: [], final: more.final ?? null, optional: more.optional ?? [], revision: 1 })
const runs = ['1.0.0', '1.2.10', '2.0.0-1'].map((version) => runOf(version))

const ranOf = ({ reports }: SeenStep) => ({
  reports,
  claimed: { system: 'x', os: 'linux', arch: 'x64', actions: {}, exitCode: 0, startedAt: '', finishedAt: '' },
})

/** Codes against a run under a contract, whatever it is bound to. */
function against(text: string, { steps }: SeenRun): string[] {
  const contract = parseContract(utf8(text))
  const known = new Map(
    steps.map(
      (one) =>
        [
          one.link,
          { statement: { subject: one.subject, predicate: { step: one.step, previous: one.previous } } },
        ] as const,
    ),
  )
  const present = new Set(steps.map((one) => one.step.name))
  const missing = [...required(contract.steps, contract.final)].filter((name) => !present.has(name))
  return [
    ...steps.flatMap((one) =>
      evaluate(contract, { ...one, ran: ranOf(one), reportsBefore: () => [], signersOf: () => [] }, known).map(
        ({ code }) => code,
      ),
    ),
    ...missing,
  ]
}

describe('a contract that is learned', () => {
  const text = learned(runs)

  test('says what the runs have in common, and is as narrow as they are', () => {
    expect(lintContract(utf8(text))).toEqual([])
    expect(adviseContract(utf8(text))).toEqual([])
    expect(text).toContain('# Learned from 3 runs of shop/web')
    const contract = parseContract(utf8(text))
    expect([...contract.steps.keys()]).toEqual(['source', 'build', 'scan', 'release'])
    const build = contract.steps.get('build')!
    expect(build.matrix).toEqual(['linux', 'macos'])
    expect(build.outside).toMatchObject([{ match: { pattern: 'package-lock.json' }, sha256: sha256('locked') }])
    expect(contract.steps.get('scan')!.signers).toEqual(['security'])
    expect(contract.steps.get('release')!.products).toBe(null)
    expect(contract.steps.get('release')!.materials.map(({ from }) => from)).toEqual(['build'])
  })

  test('lets every one of them through, and another of their kind', () => {
    for (const run of [...runs, runOf('3.1.4')]) expect(against(text, run)).toEqual([])
  })

  test('a step that a run went without is optional where somebody says so', () => {
    const [first] = runs
    const lacking = { ...runOf('4.2.10'), id: newChainId() }
    const scan = lacking.steps.find((one) => one.step.name === 'scan')!
    const less: SeenRun = {
      ...lacking,
      steps: lacking.steps.flatMap((one) => {
        if (one === scan) return []
        return [{ ...one, previous: one.previous.filter(({ link }) => link !== scan.link) }]
      }),
    }
    expect(() => learned([...runs, less])).toThrow(expect.objectContaining({ code: 'runs-differ' }))
    const lax = learned([...runs, less], { optional: ['scan'] })
    expect(lintContract(utf8(lax))).toEqual([])
    expect(lax).toContain('    optional: always # 1 of the runs went without it\n')
    for (const run of [...runs, less, runOf('3.1.4')]) expect(against(lax, run)).toEqual([])
    // One that does not run stays as it was; and what is there is still held to its own rules.
    expect(against(text, less)).toContain('step-skipped')
    const forged = first!.steps.map((one) => (one.step.name === 'scan' ? { ...one, signer: by(stranger) } : one))
    expect(against(lax, { ...first!, steps: forged })).toContain('signer-not-allowed')
    for (const name of ['source', 'release']) {
      expect(() => learned(runs, { optional: [name] }), name).toThrow(expect.objectContaining({ code: 'runs-differ' }))
    }
    expect(() => learned(runs, { optional: ['none'] })).toThrow(expect.objectContaining({ code: 'usage' }))
  })

  test('reports are asked for as strictly as all of them meet it', () => {
    const report = (
      type: string,
      facts: Readonly<Record<string, number | string | boolean>>,
      about: readonly string[] = [],
    ) => {
      const { name, digest } = file(`${type}.json`, `${type} ${JSON.stringify(facts)}`)
      return { name, digest, annotations: { type, facts, about, size: 1, signer: null } }
    }
    const reporting = (version: string, reports: (of: SeenStep) => readonly object[] | null): SeenRun => {
      const run = runOf(version)
      const steps = run.steps.map((one) =>
        one.step.name === 'scan' ? { ...one, reports: reports(one) as SeenStep['reports'] } : one,
      )
      return { ...run, steps }
    }
    const passed = report('junit', { tests: 12, failures: 0, errors: 0, skipped: 2 })
    const bom = (of: SeenStep) =>
      report(
        'cyclonedx',
        { components: 3 },
        of.subject.map(({ digest }) => digest.sha256!),
      )
    const both = ['1.0.0', '1.0.1'].map((version) =>
      reporting(version, (of) => [passed, bom(of), report('openvex', {})]),
    )
    const asking = learned(both)
    expect(asking).toContain('    evidence:\n      tests: passed\n      sbom: products\n      reports: [openvex]\n')
    expect(lintContract(utf8(asking))).toEqual([])
    for (const run of both) expect(against(asking, run)).toEqual([])
    expect(against(asking, runOf('1.0.2'))).toContain('evidence-missing')
    const failing = reporting('1.0.2', (of) => [
      report('junit', { tests: 12, failures: 1, errors: 0, skipped: 0 }),
      bom(of),
      report('openvex', {}),
    ])
    expect(against(asking, failing)).toContain('tests-failed')
    // What one of them lacks, or does not tell, is asked of none.
    const lax = learned([
      both[0]!,
      reporting('1.0.3', () => [report('cyclonedx', { components: 1 }, ['0'.repeat(64)])]),
    ])
    expect(lax).toContain('    evidence:\n      sbom: present\n')
    expect(lax).not.toContain('tests:')
    expect(learned([both[0]!, reporting('1.0.4', () => null)])).not.toContain('evidence:')
    expect(learned([both[0]!, failing])).not.toContain('tests:')
  })

  test('what differs from outside is let in by name, and says so', () => {
    const lax = learned([runOf('1.0.0'), runOf('1.0.1', 'other')])
    expect(lax).toContain('- outside: "package-lock.json" # any bytes')
    expect(against(lax, runOf('1.0.2', 'third'))).toEqual([])
    expect(against(text, runOf('1.0.2', 'third'))).toContain('material-unexplained')
  })

  test('refuses every run that was tampered with', () => {
    type Tamper = (run: SeenRun, i: number) => SeenRun
    const changed = (run: SeenRun, i: number, change: (one: SeenStep) => SeenStep): SeenRun => ({
      ...run,
      steps: run.steps.map((one, j) => (j === i ? change(one) : one)),
    })
    const tampers: Record<string, Tamper> = {
      'a step is left out': (run, i) => ({ ...run, steps: run.steps.filter((_, j) => j !== i) }),
      'a step is signed by somebody else': (run, i) => changed(run, i, (one) => ({ ...one, signer: by(stranger) })),
      'a step goes by another name': (run, i) =>
        changed(run, i, (one) => ({ ...one, step: { ...one.step, name: `${one.step.name}x` } })),
      'a step is of another job': (run, i) =>
        changed(run, i, (one) => ({ ...one, step: { ...one.step, matrix: 'windows' } })),
      'a step makes more': (run, i) =>
        changed(run, i, (one) => ({ ...one, subject: [...one.subject, file('backdoor', 'x')] })),
      'a step receives more': (run, i) =>
        changed(run, i, (one) => ({ ...one, materials: [...one.materials, file('implant', 'x')] })),
      'a step follows another': (run, i) =>
        changed(run, i, (one) => ({
          ...one,
          previous: [{ link: run.steps.at(-1)!.link, step: 'release' }, ...one.previous],
        })),
    }
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[1-9][0-9]?(?:\.[0-9]{1,2}){2}$/), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.constantFrom(...Object.keys(tampers)),
        (versions, at, name) => {
          const honest = versions.map((version) => runOf(version))
          const own = learned(honest)
          for (const run of honest) {
            expect(against(own, run)).toEqual([])
            expect(against(own, tampers[name]!(run, at % run.steps.length)), name).not.toEqual([])
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a step that nobody else follows ends the run; of several somebody has to say', () => {
    const [first] = runs
    const deploys = ['eu', 'us'].map((place) =>
      step({
        name: `deploy-${place}`,
        previous: [first!.steps.at(-1)!],
        materials: first!.steps.at(-1)!.subject,
        subject: first!.steps.at(-1)!.subject,
      }),
    )
    const two = { ...first!, steps: [...first!.steps, ...deploys] }
    expect(() => learned([two])).toThrow(expect.objectContaining({ code: 'runs-differ' }))
    const chosen = learned([two], { final: 'release' })
    expect(against(chosen, two)).toEqual([])
    expect(chosen).toContain('final: release')
  })

  test('identities of one workflow are one signer, by the id of their repository', () => {
    const identity = (ref: string) => ({
      ...bareIdentity('https://token.example', { kind: 'uri', value: `https://git.example/acme/shop/ci.yml@${ref}` }),
      sourceRepositoryIdentifier: '1000000001',
      sourceRepositoryURI: 'https://git.example/acme/shop',
      sourceRepositoryRef: ref,
      buildConfigURI: `https://git.example/acme/shop/.github/workflows/ci.yml@${ref}`,
      runnerEnvironment: 'github-hosted',
    })
    const certified = (run: SeenRun, ref: string): SeenRun => ({
      ...run,
      steps: run.steps.map((one) => ({
        ...one,
        signer: {
          ...one.signer,
          identity: identity(ref),
          spki: null,
          grade: 'A',
          authorities: ['public'],
          signedAt: '2026-11-01T12:00:00.000Z',
          system: 'github-actions',
        },
      })),
    })
    const authorities = [{ name: 'public', ids: ['public'], yaml: ['sigstore: public'] }]
    const both = [certified(runs[0]!, 'refs/heads/main'), certified(runs[1]!, 'refs/tags/v1')]
    const text = learnContract(both, { authorities, final: null, optional: [], revision: 4 })
    expect(lintContract(utf8(text))).toEqual([])
    const [[name, rule] = ['', null]] = parseContract(utf8(text)).signers
    if (rule?.kind !== 'identity') throw new Error('no identity was learned')
    expect(name).toBe('github-actions/ci')
    expect(Object.fromEntries(rule.pattern.facts)).toEqual({
      sourceRepositoryIdentifier: { exact: '1000000001' },
      buildConfigURI: { prefix: 'https://git.example/acme/shop/.github/workflows/ci.yml' },
      runnerEnvironment: { exact: 'github-hosted' },
    })
    expect(rule.grade).toBe('A')
    const one = learnContract([both[0]!], { authorities, final: null, optional: [], revision: 1 })
    expect(one).toContain('sourceRepositoryRef: "refs/heads/main"')
    expect(() => learnContract(both, { authorities: [], final: null, optional: [], revision: 1 })).toThrow(
      expect.objectContaining({ code: 'trust-missing' }),
    )
  })

  test.each([
    ['no runs', []],
    ['runs of two pipelines', [runs[0]!, { ...runs[1]!, pipeline: 'other' }]],
    ['a step that one does not have', [runs[0]!, { ...runs[1]!, steps: runs[1]!.steps.slice(0, -1) }]],
    [
      'a step that failed',
      [{ ...runs[0]!, steps: runs[0]!.steps.with(0, { ...runs[0]!.steps[0]!, succeeded: false }) }],
    ],
    [
      'another order',
      [
        runs[0]!,
        {
          ...runs[1]!,
          steps: runs[1]!.steps.with(4, { ...runs[1]!.steps[4]!, previous: runs[1]!.steps[4]!.previous.slice(0, 2) }),
        },
      ],
    ],
  ])('none is guessed from %s', (_, some) => {
    expect(() => learned(some)).toThrow(expect.objectContaining({ code: expect.stringMatching(/runs-differ|usage/) }))
  })
})

describe('names that differ between runs', () => {
  test.each<[string[][], string[] | null]>([
    [[['a.txt'], ['a.txt']], ['a.txt']],
    [[['app-1.2.3.tgz'], ['app-1.3.0.tgz']], ['app-*.tgz']],
    [
      [
        ['dist/app-1.2.tgz', 'dist/sum'],
        ['dist/app-2.0.tgz', 'dist/sum'],
      ],
      ['dist/app-*.tgz', 'dist/sum'],
    ],
    [[['x/0a1b2c3d4e5f.bin'], ['x/ffeeddccbbaa.bin']], ['x/*.bin']],
    [[['out/one.bin'], ['out/two.bin']], ['out/*.bin']],
    [[['out/a/one'], ['out/b/two']], ['out/**']],
    [[['2026-11-01/x'], ['2026-11-02/x']], ['*/x']],
    [[['a'], ['b']], null],
    [[['a', 'b'], ['a']], null],
    [[['wei*rd'], ['wei*rd']], ['wei?rd']],
  ])('%j', (times, patterns) => {
    expect(generalise(times)).toEqual(patterns)
  })
})
