import type { Resource } from '@countersign/formats'
import { bareIdentity, type Identity } from '@countersign/formats/identity'
import { describe, expect, test } from 'vitest'
import { file, sha256 } from '../../../test/pipeline.ts'
import { isNeeded } from './check-demands.ts'
import { contractYaml, parse } from './contract.test-kit.ts'
import { evaluate, type SignerFacts, type StepFacts, type StepRule } from './index.ts'

const MAIN = 'refs/heads/main'
const identity: Identity = {
  ...bareIdentity('https://ci.example', { kind: 'uri', value: 'https://ci.example/run' }),
  sourceRepositoryRef: MAIN,
}
const signer = (more: Partial<SignerFacts> = {}): SignerFacts => ({
  keyId: 'f'.repeat(64),
  identity,
  grade: 'B',
  authorities: [],
  signedAt: null,
  ...more,
})
const tree = (name: string): Resource => ({ name, digest: { sha256: sha256(name) }, annotations: { mode: '040000' } })

/** What the contract asks of `build` and what is found of it, beside who signed it and what it made. */
function found(demand: string, more: Partial<StepFacts> = {}): string[] {
  const text = contractYaml(
    `  build:\n    signers: [ci]\n    products: ["**"]\n    materials: [{ outside: "**" }]\n${demand}`,
  )
  const facts: StepFacts = {
    signer: signer(),
    step: { name: 'build', attempt: 2, matrix: null, nonce: '0'.repeat(32) },
    previous: [],
    materials: [],
    subject: [file('app', 'app')],
    succeeded: true,
    ran: {
      reports: [],
      claimed: { system: 'local', os: 'linux', arch: 'x64', actions: {}, exitCode: 0, startedAt: 'a', finishedAt: 'b' },
    },
    reportsBefore: () => [],
    signersOf: () => [],
    ...more,
  }
  const own = new Set(['signer-not-allowed', 'product-missing', 'product-unexpected'])
  return evaluate(parse(text), facts, new Map())
    .filter(({ code }) => !own.has(code))
    .map(({ code, what }) => `${code}: ${what}`)
}

describe('a name that is disallowed', () => {
  const none = '    disallow: ["**/.env", node_modules]'
  const said = (verb: string, name: string, glob: string) =>
    `name-disallowed: step build ${verb} ${name}, and ${glob} is disallowed`

  test('is neither received nor made, wherever it comes from', () => {
    expect(found(none, { materials: [file('a/.env', 'x')] })).toEqual([said('received', 'a/.env', '**/.env')])
    expect(found(none, { subject: [file('app', 'x'), file('.env', 'x')] })).toEqual([said('made', '.env', '**/.env')])
    expect(found(none, { materials: [file('a/env', 'x')], subject: [file('.env.sample', 'x')] })).toEqual([])
    expect(found(none, { subject: null, materials: [file('.env', 'x')] })).toEqual([
      said('received', '.env', '**/.env'),
    ])
  })

  test('is that of a directory, too', () => {
    expect(found(none, { materials: [tree('node_modules/')] })).toEqual([
      said('received', 'node_modules/', 'node_modules'),
    ])
  })
})

test.each(['github-hosted', 'gitlab-hosted', 'buildkite-hosted'])(
  'a machine that is %s is the CI system’s own',
  (told) => {
    const runs = (runnerEnvironment: string | null) =>
      found('    runner: hosted', { signer: signer({ identity: { ...identity, runnerEnvironment } }) })
    expect(runs(told)).toEqual([])
    expect(runs('self-hosted')).toEqual([
      'runner-not-allowed: step build must run on a hosted runner; its certificate says self-hosted',
    ])
    expect(runs(null)).toEqual([
      'runner-not-allowed: step build must run on a hosted runner; its certificate says nothing of it',
    ])
  },
)

describe('a condition', () => {
  const holds = (condition: string, more: Partial<StepFacts> = {}) =>
    found(`    conditions: [${JSON.stringify(condition)}]`, more).length === 0

  test('sees who signed', () => {
    expect(holds('signer.identity.subject == "https://ci.example/run"')).toBe(true)
    expect(holds(`signer.identity.sourceRepositoryRef == "${MAIN}" && signer.grade == "B"`)).toBe(true)
    expect(holds(`signer.key == "${'f'.repeat(64)}"`)).toBe(true)
    expect(holds('signer.identity.sourceRepositoryRef == "other"')).toBe(false)
    expect(holds('signer.identity == null', { signer: signer({ identity: null }) })).toBe(true)
    expect(holds('signer.identity == null')).toBe(false)
  })

  test('sees what came from outside, and what from a step', () => {
    const from = { ...file('lib', 'x'), annotations: { mode: '100644', from: 'a'.repeat(64) } } as Resource
    const outside = 'materials.all(m, m.outside)'
    expect(holds(outside, { materials: [file('lib', 'x')] })).toBe(true)
    expect(holds(outside, { materials: [{ ...file('lib', 'x'), annotations: { from: null } } as Resource] })).toBe(true)
    expect(holds(outside, { materials: [from] })).toBe(false)
    expect(holds('materials.all(m, !m.outside)', { materials: [from] })).toBe(true)
    expect(holds(`materials.all(m, m.name == "lib" && m.sha256 == "${sha256('x')}")`, { materials: [from] })).toBe(true)
  })

  test('sees a checkout that is not as its commit', () => {
    const source = { name: 'source', digest: { sha256: sha256('s'), gitCommit: 'c1'.repeat(20) } }
    const dirty = { ...source, annotations: { dirty: true } } as Resource
    for (const list of ['materials', 'products'] as const) {
      const clean = `${list}.all(one, !one.dirty)`
      const as = (one: Resource) => (list === 'materials' ? { materials: [one] } : { subject: [one] })
      expect([holds(clean, as(source)), holds(clean, as(dirty))]).toEqual([true, false])
      const committed = `${list}.exists(one, one.commit != null && !one.dirty)`
      const all = [source, dirty, file('source', 's')].map((one) => holds(committed, as(one)))
      expect(all).toEqual([true, false, false])
    }
  })

  test('sees reports, and what is not told of them', () => {
    const report = { name: 'r.json', digest: { sha256: sha256('r') } }
    const ran = (reports: readonly unknown[] | null) => ({
      ran: {
        reports: reports as never,
        claimed: {
          system: 'local',
          os: 'linux',
          arch: 'x64',
          actions: {},
          exitCode: 0,
          startedAt: 'a',
          finishedAt: 'b',
        },
      },
    })
    expect(holds('reports.all(r, r.about.all(a, false))', ran([report]))).toBe(true)
    expect(holds('reports.all(r, r.type == null)', ran([report]))).toBe(true)
    expect(holds('reports.all(r, r.name == "other")', ran([report]))).toBe(false)
    // Sealed reports are unknown, and what is not known meets nothing.
    expect(holds('reports.all(r, true)', ran(null))).toBe(false)
    expect(holds('claimed.os == "linux"')).toBe(true)
  })
})

describe('a step that may be left out', () => {
  const optional = (text: string) =>
    parse(
      contractYaml(
        `  source:\n    signers: [ci]\n  audit:\n    after: [source]\n    signers: [ci]\n${text}  ship:\n    after: [source, audit]\n    signers: [ci]`,
      ),
    ).steps.get('audit') as StepRule

  test('is needed unless the contract says otherwise', () => {
    expect(isNeeded(optional(''), signer())).toBe(true)
    expect(isNeeded(optional(''), null)).toBe(true)
    expect(isNeeded(optional('    optional: always\n'), signer())).toBe(false)
  })

  test('is needed by those of whom its condition holds, or of whom nobody can say', () => {
    const rule = optional(`    optional: { unless: signer.identity.sourceRepositoryRef == "${MAIN}" }\n`)
    expect(isNeeded(rule, signer())).toBe(true)
    expect(isNeeded(rule, signer({ identity: { ...identity, sourceRepositoryRef: 'refs/heads/x' } }))).toBe(false)
    expect(isNeeded(rule, signer({ identity: null }))).toBe(true)
    // Whoever will sign is judged then.
    expect(isNeeded(rule, null)).toBe(false)
  })
})
