import { Findings } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { RUN } from '../../../test/identity/local-ca.ts'
import { keylessContract, WORKFLOWS, workflow } from '../../../test/keyless.ts'
import { file, sha256 } from '../../../test/pipeline.ts'
import { contractYaml, keyOf, parse } from './contract.test-kit.ts'
import { evaluate, otherContractsOf, requiredJobs } from './evaluate.ts'
import { type Contract, type PreviousFacts, signingKeys, type StepRule } from './index.ts'

const NONCE = '0'.repeat(32)
const app = file('app', 'app')
const linkOf = (name: string, job: string | null) => sha256(`${name} ${job}`)

/** What is found of a step that received `app` from each of `before`, of which those that are `hidden` are not shown. */
function found(
  contract: Contract,
  [name, matrix]: readonly [string, string | null],
  before: readonly (readonly [name: string, job: string | null, hidden?: 'hidden'])[],
): string[] {
  const links = before.map(([step, job]) => ({ step, link: linkOf(step, job) }))
  const shown = before.flatMap(([step, job, hidden]): [string, PreviousFacts][] =>
    hidden === undefined
      ? [
          [
            linkOf(step, job),
            {
              statement: {
                subject: [app],
                predicate: { step: { name: step, attempt: 1, matrix: job, nonce: NONCE }, previous: [] },
              },
            },
          ],
        ]
      : [],
  )
  const withheld = new Set(before.flatMap(([step, job, hidden]) => (hidden === undefined ? [] : [linkOf(step, job)])))
  const from = before[0] === undefined ? null : linkOf(before[0][0], before[0][1])
  const facts = {
    signer: null,
    step: { name, attempt: 1, matrix, nonce: NONCE },
    previous: links,
    materials: from === null ? [] : [{ ...app, annotations: { ...app.annotations, from } }],
    subject: null,
    succeeded: true,
    withheld,
    ran: null,
    reportsBefore: () => [],
    signersOf: () => [],
  }
  return evaluate(contract, facts, new Map(shown), new Findings()).map(({ code, what }) => `${code}: ${what}`)
}

describe('the jobs that a step follows', () => {
  const contract = parse(
    contractYaml(`  build:
    signers: [ci]
    products: [app]
    matrix: [linux, macos]
  pack:
    after: [build]
    signers: [ci]
    matrix: [linux, arm]
  ship:
    after: [build, pack]
    signers: [ci]
    materials: [{ from: build }, { from: pack }]`),
  )
  const [build, pack, ship] = ['build', 'pack', 'ship'].map((name) => contract.steps.get(name)!) as [
    StepRule,
    StepRule,
    StepRule,
  ]

  test('are its own where both have it, and else all of them', () => {
    expect(requiredJobs(build, pack, 'linux')).toEqual(['linux'])
    expect(requiredJobs(build, pack, 'arm')).toEqual(['linux', 'macos'])
    expect(requiredJobs(build, pack, null)).toEqual(['linux', 'macos'])
    // Whoever has no matrix cannot choose by saying that it is one of a job.
    expect(requiredJobs(build, ship, 'linux')).toEqual(['linux', 'macos'])
    expect(requiredJobs({ ...build, matrix: null }, pack, 'linux')).toEqual([null])
  })

  test('are told where they are others, or missing', () => {
    expect(found(contract, ['pack', 'linux'], [['build', 'linux']])).toEqual([])
    const order = (all: readonly string[]) => all.filter((one) => !one.startsWith('edge-empty'))
    const strange = [
      ['build', 'linux'],
      ['build', 'macos'],
    ] as const
    expect(order(found(contract, ['pack', 'linux'], strange))).toEqual([
      'step-order: step pack (linux) follows the jobs macos of step build',
    ])
    const plain = parse(
      contractYaml('  a:\n    signers: [ci]\n    products: [app]\n  b:\n    after: [a]\n    signers: [ci]'),
    )
    expect(found(plain, ['b', null], [['a', null]])).toEqual([])
    expect(
      order(
        found(
          plain,
          ['b', null],
          [
            ['a', null],
            ['a', 'x'],
          ],
        ),
      ),
    ).toEqual(['step-order: step b follows the jobs x of step a'])
    expect(found(plain, ['b', null], [['a', 'x']])).toEqual([
      'matrix-incomplete: step b lacks the jobs (none) of step a',
    ])
    expect(order(found(contract, ['pack', 'arm'], [['build', 'linux']]))).toEqual([
      'matrix-incomplete: step pack lacks the jobs macos of step build',
    ])
  })

  test('may be those that are not shown, each for one and no more', () => {
    expect(
      found(
        contract,
        ['pack', 'arm'],
        [
          ['build', 'linux', 'hidden'],
          ['build', 'macos', 'hidden'],
        ],
      ),
    ).toEqual([])
    expect(
      found(
        contract,
        ['pack', 'arm'],
        [
          ['build', 'linux', 'hidden'],
          ['build', 'macos'],
        ],
      ),
    ).toEqual([])
    expect(
      found(
        contract,
        ['pack', 'linux'],
        [
          ['build', 'linux', 'hidden'],
          ['build', 'linux'],
        ],
      ).filter((one) => one.startsWith('step-order')),
    ).toEqual(['step-order: step pack follows step build more often than it has jobs'])
    expect(found(contract, ['pack', 'arm'], [['build', 'linux', 'hidden']])).toContain(
      'matrix-incomplete: step pack lacks the jobs linux, macos of step build',
    )
    // One that is not shown stands for one that is missing: another that is shown and strange is one too many.
    expect(
      found(
        contract,
        ['pack', 'linux'],
        [
          ['build', 'macos'],
          ['build', 'linux', 'hidden'],
        ],
      ).some((one) => one.startsWith('step-order')),
    ).toBe(true)
  })
})

describe('what came in from outside', () => {
  const digest = (text: string) => sha256(text)
  const contract = parse(
    contractYaml(`  build:
    signers: [ci]
    materials:
      - outside: "base/**"
        contract: ${digest('one')}
      - outside: base/os.tar
        contract: ${digest('two')}
      - outside: base/free.tar`),
  )
  const rule = contract.steps.get('build')!

  test('must be proven by the contracts that are named for it, and by none where it may come in without', () => {
    const of = (name: string, content = 'x') => otherContractsOf(rule, file(name, content))
    expect(of('base/any.tar')).toEqual([digest('one')])
    expect(of('base/os.tar')).toEqual([digest('one'), digest('two')])
    expect(of('base/free.tar')).toBeNull()
    expect(of('other')).toBeNull()
  })

  test('is the very bytes, where those are named', () => {
    const [outside] = rule.outside
    const pinned = { ...rule, outside: [{ ...outside!, sha256: digest('x') }] }
    expect(otherContractsOf(pinned, file('base/a', 'x'))).toEqual([digest('one')])
    expect(otherContractsOf(pinned, file('base/a', 'y'))).toBeNull()
    expect(otherContractsOf(pinned, file('off/a', 'x'))).toBeNull()
  })
})

describe('who may sign', () => {
  const NOON = '2026-11-01T12:00:00.000Z'
  const NIGHT = '2026-11-02T00:00:00.000Z'
  const root = 'ab'.repeat(32)
  const facts = (at: string) => ({
    signer: {
      keyId: 'f'.repeat(64),
      identity: workflow('source'),
      grade: 'C' as const,
      authorities: [root],
      signedAt: at,
    },
    step: { name: 'source', attempt: 1, matrix: null, nonce: NONCE },
    previous: [],
    materials: [],
    subject: [],
    succeeded: true,
    ran: null,
    reportsBefore: () => [],
    signersOf: () => [],
  })
  const codes = (contract: Contract, at: string) =>
    evaluate(contract, facts(at), new Map()).map(({ code, what }) => [code, what] as const)

  test.each([
    [null, null, null],
    [NOON, null, NOON],
    [null, NOON, NOON],
    [NOON, NIGHT, NOON],
    [NIGHT, NOON, NOON],
    [NIGHT, NIGHT, NIGHT],
  ] as const)('until it is revoked (%s), or who vouches for it (%s): whichever is first', (own, authority, since) => {
    const revoked = (at: string | null) => (at === null ? '' : `, revokedSince: "${at}"`)
    const contract = parse(
      keylessContract({
        signers: {
          ...WORKFLOWS,
          source: `${WORKFLOWS.source}${own === null ? '' : `\n    revokedSince: "${own}"`}`,
        },
        authorities: `  a: { sigstore: "${root}"${revoked(authority)} }`,
      }),
    )
    expect(codes(contract, '2026-11-01T11:59:59.999Z')).toEqual([])
    for (const at of [NOON, NIGHT]) {
      const expected = since !== null && at >= since
      expect(codes(contract, at).map(([code]) => code)).toEqual(expected ? ['signer-revoked'] : [])
      if (expected) expect(codes(contract, at)[0]![1]).toContain(`revoked since ${since}`)
    }
  })

  test.each([
    [null, null, []],
    ['B', null, ['B']],
    [null, 'B', ['B']],
    ['A', 'B', ['A']],
    ['B', 'A', ['A']],
    ['D', 'B', ['B']],
    ['C', 'D', []],
  ] as const)('as well as it is known: %s of the signer, %s of the step', (own, step, least) => {
    const contract = parse(
      keylessContract({
        signers: { ...WORKFLOWS, source: `${WORKFLOWS.source}${own === null ? '' : `\n    grade: ${own}`}` },
        authorities: `  a: { sigstore: "${root}" }`,
        ...(step === null ? {} : { step: `    minimumGrade: ${step}` }),
      }),
    )
    expect(codes(contract, NOON).map(([, what]) => what)).toEqual(
      least.map((grade) => expect.stringContaining(`needs a signer of grade ${grade}; `)),
    )
  })

  test('is told why not where one identity alone was meant, and never of a key', () => {
    const of = (source: string) =>
      parse(keylessContract({ signers: { ...WORKFLOWS, source }, authorities: `  a: { sigstore: "${root}" }` }))
    const other = `    issuer: ${RUN.issuer}\n    sourceRepositoryIdentifier: "7"`
    expect(codes(of(other), NOON)).toEqual([
      ['signer-not-allowed', expect.stringMatching(/: sourceRepositoryIdentifier is \d+$/)],
    ])
    const elsewhere = of(WORKFLOWS.source)
    const stranger = { ...facts(NOON), signer: { ...facts(NOON).signer, authorities: [] } }
    expect(evaluate(elsewhere, stranger, new Map())[0]!.what).toMatch(/: another authority vouches for it$/)
    const key = of(keyOf('k'))
    expect(codes(key, NOON)[0]![1]).toMatch(/ by source, not by [^:]*(?:https:[^ ]*)?[^:]*$/)
    expect(signingKeys(key).has('source')).toBe(true)
    const several = of(other)
    const steps = new Map(several.steps)
    steps.set('source', { ...several.steps.get('source')!, signers: ['source', 'build'] })
    expect(codes({ ...several, steps }, NOON)[0]![1]).not.toContain('sourceRepositoryIdentifier is')
  })
})
