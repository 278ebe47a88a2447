import type { Identity } from '@countersign/formats/identity'
import { bareIdentity } from '@countersign/formats/identity'
import { describe, expect, test } from 'vitest'
import { file, newChainId, statement, type StepInput } from '../../../test/pipeline.ts'
import { contradictions, factsOf } from './claims.ts'
import type { SigningCertificate } from './types.ts'

const input: StepInput = {
  chain: { id: newChainId(), pipeline: 'p', contract: null },
  name: 'build',
  subject: [file('app', 'app')],
}
const identity: Identity = bareIdentity('https://ci.example', { kind: 'uri', value: 'https://ci.example/run' })
const certificate = (system: string | null): SigningCertificate => ({
  authorityId: 'a'.repeat(64),
  vouchedBy: ['b'.repeat(64)],
  serial: '01',
  system,
  notBefore: '2026-11-01T12:00:00.000Z',
  notAfter: '2026-11-01T12:10:00.000Z',
  signedAt: '2026-11-01T12:01:00.000Z',
})

/** What contradicts a certificate of a system in a step that says it ran on another. */
function contradicted(claimed: string, verified: string | null) {
  const step = statement(input)
  const runner = { ...step.predicate.runner, system: claimed }
  const said = { ...step, predicate: { ...step.predicate, runner } }
  return contradictions({ statement: said }, { identity, certificate: certificate(verified) })
}

describe('a step that says it ran elsewhere than its certificate was given out', () => {
  test.each([
    'github-actions',
    'gitlab-ci',
    'circleci',
    'buildkite',
    'azure-pipelines',
    'google-cloud-build',
    'aws-codebuild',
    'jenkins',
  ])('is contradicted by one of %s', (system) => {
    expect(contradicted('local', system)).toEqual([{ fact: 'system', claimed: 'local', verified: system }])
    expect(contradicted(system, system)).toEqual([])
  })

  test.each(['aws', 'gcp', 'azure', 'kubernetes', 'spiffe', 'oidc', null])(
    'is not by one of %s, on which any may run',
    (system) => {
      expect(contradicted('jenkins', system)).toEqual([])
    },
  )
})

test('a bare key is vouched for by nobody, at no time', () => {
  const signer = { name: 'ci', keyId: 'k', algorithm: 'ed25519', grade: 'D', identity: null, authority: null } as const
  expect(factsOf({ ...signer, certificate: null })).toEqual({
    keyId: 'k',
    identity: null,
    grade: 'D',
    authorities: [],
    signedAt: null,
  })
  expect(factsOf({ ...signer, certificate: certificate(null) })).toMatchObject({
    authorities: ['b'.repeat(64)],
    signedAt: '2026-11-01T12:01:00.000Z',
  })
})
