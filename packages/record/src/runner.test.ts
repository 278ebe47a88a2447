import type { ClaimedIdentity } from '@countersign/formats'
import { expect, it } from 'vitest'
import { Redactor } from './redact.ts'
import { describeRunner } from './runner.ts'

const identity: ClaimedIdentity = {
  issuer: 'https://issuer.example',
  sourceRepositoryURI: 'https://me:hunter2@git.example/shop',
  sourceRepositoryDigest: 'a'.repeat(40),
  sourceRepositoryRef: 'refs/heads/token=hunter2',
  sourceRepositoryIdentifier: null,
  buildConfigURI: 'bad\u0007',
  buildTrigger: '',
  runInvocationURI: 'x'.repeat(5000),
  runnerEnvironment: 'github-hosted',
}

it('describes a runner, its claims without secrets and without what could not be written', () => {
  const ci = { system: 'github-actions', identity, run: null }
  const runner = describeRunner({ ci, os: 'linux', arch: 'x64', tools: { node: 'v24.21.0' } }, new Redactor({}))
  expect(runner).toEqual({
    system: 'github-actions',
    identity: {
      ...identity,
      sourceRepositoryURI: 'https://[redacted]@git.example/shop',
      sourceRepositoryRef: 'refs/heads/token=[redacted]',
      buildConfigURI: null,
      buildTrigger: null,
      runInvocationURI: null,
    },
    os: 'linux',
    arch: 'x64',
    tools: { node: 'v24.21.0' },
    actions: {},
  })
})

it('is local outside of any CI system', () => {
  const runner = describeRunner({ ci: null, os: 'linux', arch: 'x64', tools: {} }, new Redactor({}))
  expect([runner.system, runner.identity]).toEqual(['local', null])
})
