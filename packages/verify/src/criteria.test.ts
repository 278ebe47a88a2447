import { type Code, CodedError } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { file, newChainId, received, signStep } from '../../../test/pipeline.ts'
import { criteriaOf, deviationsCriterion, dirtyCriterion } from './criteria.ts'
import { ci, contractOf, opened } from './verify.test-kit.ts'
import type { Edge } from './types.ts'

const plain = contractOf('  build: { signers: [ci] }')
const demanding = contractOf('  source: { signers: [ci] }\n  build: { signers: [ci], after: [source], fresh: 1h }')
const chain = { id: newChainId(), pipeline: 'p', contract: plain.digest }
const end = opened(signStep(ci, { chain, name: 'build', subject: [file('app', 'app')] }))
const GIT = 'c1'.repeat(20)
const found = (code: Code) => new CodedError(code, `it is ${code}`).report()

const criteria = (codes: readonly Code[], contract: typeof plain | null = demanding, artifact: string | null = 'a') =>
  criteriaOf({ contract, artifact }, { path: [end], edges: [], ends: [end] }, codes.map(found))
/** The criteria that are not met, with what speaks against each. */
const unmet = (...given: Parameters<typeof criteria>) =>
  criteria(...given).flatMap(({ name, met, detail }) => (met === true ? [] : [`${name}: ${detail}`]))

test('what is judged is named, and met where nothing speaks against it', () => {
  const names = (...given: Parameters<typeof criteria>) =>
    criteria(...given).map(({ name, met }) => {
      expect(met).toBe(true)
      return name
    })
  const always = ['contract', 'signatures', 'order', 'hand-overs', 'outcome']
  expect(names([])).toEqual(['artifact', ...always, 'demands'])
  expect(names([], plain)).toEqual(['artifact', ...always])
  expect(names([], plain, null)).toEqual(['run', ...always])
  expect(names([], null)).toEqual(['artifact', ...always])
  expect(criteria([])[0]!.detail).toBe('step build vouches for it')
  expect(criteria([], plain, null)[0]!.detail).toBe('step build ends it')
  const unjudged = `none given: the run is bound to contract ${plain.digest.slice(0, 12)}, and is not judged by it`
  expect(criteria([], null)[1]!.detail).toBe(unjudged)
  const free = opened(
    signStep(ci, { chain: { ...chain, contract: null }, name: 'build', subject: [file('app', 'app')] }),
  )
  const unbound = criteriaOf({ contract: null, artifact: 'a' }, { path: [free], edges: [], ends: [free] }, [])
  expect(unbound[1]!.detail).toBe('none given: who may do what is not judged')
  expect(criteria([])[1]!.detail).toBe(`p revision 1 (${demanding.digest.slice(0, 12)})`)
})

describe('each finding speaks against one of them', () => {
  test.each<[string, readonly Code[]]>([
    ['artifact', ['artifact-unproven']],
    ['contract', ['contract-mismatch', 'contract-missing', 'contract-unknown']],
    ['signatures', ['signature-invalid', 'signer-unknown', 'signer-revoked', 'signer-not-allowed', 'grade-too-low']],
    ['signatures', ['identity-mismatch', 'receipt-missing', 'runner-not-allowed', 'approval-own', 'approval-missing']],
    ['order', ['previous-missing', 'previous-mismatch', 'step-order', 'step-skipped', 'step-unknown']],
    ['order', ['matrix-incomplete', 'attempt-mixed', 'place-taken', 'nonce-reused', 'time-order', 'time-future']],
    ['order', ['chain-mismatch', 'pipeline-mismatch']],
    ['hand-overs', ['edge-empty', 'material-unexplained', 'material-swapped', 'digest-conflict']],
    ['hand-overs', ['product-missing', 'product-unexpected', 'name-disallowed', 'material-unproven']],
    ['outcome', ['step-failed', 'predecessor-failed']],
    ['demands', ['evidence-missing', 'tests-failed', 'vulnerability-found', 'step-stale', 'condition-unmet']],
  ])('%s: %s', (name, codes) => {
    for (const code of codes) expect(unmet([code])).toEqual([`${name}: it is ${code}`])
    // Of several the first is told.
    if (codes.length > 1) expect(unmet(codes)).toEqual([`${name}: it is ${codes[0]}`])
  })

  test('but for those that have a criterion of their own', () => {
    expect(unmet(['step-withheld', 'anchor-missing', 'witness-quorum'])).toEqual([])
  })
})

test('what came from outside is told, though it may', () => {
  const [app, lib, more] = ['app', 'lib', 'more'].map((name) => file(name, name)) as [Resource, Resource, Resource]
  const handedOver = (...materials: readonly Resource[]) => {
    const previous = [{ link: end.link, step: 'build' }]
    const step = opened(signStep(ci, { chain, name: 'test', previous, materials, subject: [app] }))
    const edge = { from: end.link, to: step.link, found: 'digest', strength: 'strong', artifacts: [app.digest.sha256] }
    const judged = { path: [end, step], edges: [edge as Edge], ends: [step] }
    return criteriaOf({ contract: null, artifact: 'a' }, judged, []).find(({ name }) => name === 'hand-overs')!.detail
  }
  const all = 'every byte received was handed over by the step before'
  expect(handedOver(received(app, end.link))).toBe(all)
  // Handed over all the same, whatever is said of where it is from.
  expect(handedOver(received(app, null))).toBe(all)
  expect(handedOver(received(app, end.link), received(lib, null))).toBe(
    `${all}, but for lib for step test, from outside`,
  )
  expect(handedOver(received(lib, null), received(more, null))).toBe(
    `${all}, but for lib for step test and 1 more, from outside`,
  )
})

test('a source that is not as its commit is told, by whatever steps went on from it', () => {
  const clean: Resource = { name: 'source', uri: 'git+local:@c1', digest: { ...file('s', 's').digest, gitCommit: GIT } }
  const dirty: Resource = { ...clean, annotations: { dirty: true } }
  const begin = (source: Resource) => opened(signStep(ci, { chain, name: 'source', subject: [source] }))
  const next = (source: Resource) =>
    opened(signStep(ci, { chain, name: 'build', materials: [received(source, null)], subject: [file('app', 'app')] }))
  expect(dirtyCriterion([begin(clean), next(clean)])).toBeNull()
  const told = { name: 'source', met: true }
  expect(dirtyCriterion([begin(dirty), end])).toEqual({
    ...told,
    detail: 'not as its commit, for source; that alone denies nothing',
  })
  expect(dirtyCriterion([begin(dirty), next(dirty)])).toEqual({
    ...told,
    detail: 'not as its commit, for source, build; that alone denies nothing',
  })
})

test('demands are a criterion where a step asks for reports, for age or for conditions', () => {
  const asks = (demand: string) =>
    criteria([], contractOf(`  source: { signers: [ci] }\n  build: { signers: [ci], after: [source]${demand} }`)).some(
      ({ name }) => name === 'demands',
    )
  expect(asks('')).toBe(false)
  for (const demand of ['fresh: 1h', 'evidence: { sbom: present }', 'conditions: ["step.attempt == 1"]']) {
    expect(asks(`, ${demand}`), demand).toBe(true)
  }
})

test('what was let through is told with each code once, by whom, until when and why', () => {
  const deviation = {
    id: 'd'.repeat(64),
    by: ['ann', 'bob'],
    deviation: { reason: 'INC-42', expiresAt: '2026-11-01T12:00:00.000Z' },
  }
  const findings = (['step-order', 'step-skipped', 'step-order'] as const).map(found)
  const criterion = deviationsCriterion([
    { deviation, findings },
    { deviation: { ...deviation, id: 'e'.repeat(64) }, findings: [found('step-failed')] },
  ] as never)
  expect(criterion).toEqual({
    name: 'deviations',
    met: true,
    detail:
      'let through: step-order, step-skipped by ann, bob until 2026-11-01T12:00:00.000Z: INC-42 (dddddddddddd); ' +
      'step-failed by ann, bob until 2026-11-01T12:00:00.000Z: INC-42 (eeeeeeeeeeee)',
  })
})
