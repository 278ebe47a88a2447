import { describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { bareIdentity } from '@countersign/formats/identity'
import { deviationFrom, hastyRun, maintained, signDeviation, WITHOUT_TESTS } from '../../../../test/acts.ts'
import { at, honestRun, parties, party, type Party } from '../../../../test/pipeline.ts'
import { readChain } from '../chain.ts'
import { judge, type Verdict } from '../judge.ts'
import { trustOf } from '../trust.ts'
import type { Signer } from '../types.ts'
import { slsaSummary } from './summary.ts'

const run = honestRun()
const artifact = run.app.digest.sha256
const verdict = judge({
  artifact,
  chain: readChain(run.lines, trustOf(run.contract), portableCrypto),
  contract: run.contract,
  now: at(60),
})
const told = (of: Verdict): { predicate: Record<string, unknown> } =>
  JSON.parse(
    new TextDecoder().decode(
      slsaSummary({
        verdict: of,
        contract: run.contract.digest,
        verifier: 'https://gate.example',
        resource: 'pkg:generic/app',
        name: 'app.tgz',
        now: at(60),
        version: '1.2.3',
      }),
    ),
  ) as { predicate: Record<string, unknown> }
const levels = (of: Verdict) => told(of).predicate['verifiedLevels']

/** The verdict with its steps signed otherwise, by their place on the way. */
function signedBy(change: (signer: Signer, at: number) => Partial<Signer>): Verdict {
  const steps = verdict.steps.map((judged, i) => {
    const { step } = judged
    return { ...judged, step: { ...step, signer: { ...step.signer, ...change(step.signer, i) } } }
  })
  return { ...verdict, steps }
}

const on = (runnerEnvironment: string | null): Partial<Signer> => ({
  grade: 'A',
  identity: {
    ...bareIdentity('https://ci.example', { kind: 'uri', value: 'https://ci.example/1' }),
    runnerEnvironment,
  },
})

test('of a pass: every field as SLSA 1.1 has it, and each step by its link', () => {
  expect(verdict.verdict).toBe('pass')
  expect(told(verdict)).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'app.tgz', digest: { sha256: artifact } }],
    predicateType: 'https://slsa.dev/verification_summary/v1',
    predicate: {
      verifier: { id: 'https://gate.example', version: { countersign: '1.2.3' } },
      timeVerified: at(60),
      resourceUri: 'pkg:generic/app',
      policy: {
        uri: `https://countersign.dev/contracts/sha256:${run.contract.digest}`,
        digest: { sha256: run.contract.digest },
      },
      inputAttestations: run.steps.map(({ link }) => ({
        uri: `https://countersign.dev/chains/${run.chain.id}/${link}`,
        digest: { sha256: link },
      })),
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_1'],
      slsaVersion: '1.1',
    },
  })
})

test.each(['fail', 'unknown'] as const)('a verdict that is %s did not pass, whoever signed the steps', (other) => {
  const of = { ...signedBy(() => on('github-hosted')), verdict: other }
  expect(told(of).predicate).toMatchObject({ verificationResult: 'FAILED', verifiedLevels: ['FAILED'] })
})

test('there is none of a run that was judged without an artifact', () => {
  expect(() => told({ ...verdict, artifact: null })).toThrow(CodedError)
  expect(() => told({ ...verdict, artifact: null })).toThrow(expect.objectContaining({ code: 'artifact-unproven' }))
})

describe('level 2 is for those that a CI system vouches for, on its own runners', () => {
  test.each(['github-hosted', 'gitlab-hosted'])('%s, every step', (environment) => {
    expect(levels(signedBy(() => on(environment)))).toEqual(['SLSA_BUILD_LEVEL_2'])
  })

  test.each<[string, Partial<Signer>]>([
    ['on a runner of its owner', on('self-hosted')],
    ['on a runner that nobody names', on(null)],
    ['on a runner with an empty name', on('')],
    ['known by its key', { grade: 'D', identity: null }],
    ['of the best grade, and without an identity', { grade: 'A', identity: null }],
    ['of a lower grade on a hosted runner', { ...on('github-hosted'), grade: 'B' }],
  ])('one step %s makes it level 1', (_, weak) => {
    for (const last of [0, run.steps.length - 1]) {
      expect(levels(signedBy((_signer, i) => (i === last ? weak : on('github-hosted'))))).toEqual([
        'SLSA_BUILD_LEVEL_1',
      ])
    }
  })

  test('and no step at all is no hosted one', () => {
    expect(levels({ ...verdict, steps: [] })).toEqual(['SLSA_BUILD_LEVEL_1'])
  })
})

test('what passed by a deviation says so beside its level, and names it', () => {
  const who = parties()
  const [ann, bob] = [party('ann'), party('bob')] as [Party, Party]
  const contract = maintained(who, { threshold: 2, of: [ann, bob] })
  const hasty = hastyRun(who, contract)
  const deviation = signDeviation(deviationFrom(contract, { chain: hasty.chain.id, excuses: WITHOUT_TESTS }), [
    ann,
    bob,
  ])
  const chain = readChain([...hasty.steps.map(({ bundle }) => bundle), deviation], trustOf(contract), portableCrypto)
  const excused = judge({ artifact: hasty.app.digest.sha256, chain, contract, now: at(60) })
  const [
    {
      deviation: { id },
    },
  ] = excused.deviations as [Verdict['deviations'][number]]
  const { predicate } = told(excused)
  expect(predicate).toMatchObject({
    verificationResult: 'PASSED',
    verifiedLevels: ['SLSA_BUILD_LEVEL_1', 'COUNTERSIGN_BY_DEVIATION'],
  })
  expect((predicate['inputAttestations'] as unknown[]).slice(hasty.steps.length)).toEqual([
    { uri: `https://countersign.dev/deviations/${id}`, digest: { sha256: id } },
  ])
})
