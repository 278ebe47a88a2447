import { describe, expect, test } from 'vitest'
import { utf8 } from '@countersign/core'
import { matchesIdentity, parseContract } from '@countersign/contract'
import { verified } from '../identity/asked.ts'
import { textOf } from '../workflows/templates.ts'

// T-13: an artifact that is signed, by another repository, branch, workflow or event than the one that is expected. The
// expectation is the one that the signing workflows tell their users to write.

const COMMIT = 'c'.repeat(40)

describe.each(['signer', 'record-build'])('T-13: the contract that %s.yml asks for', (name) => {
  const path = `.github/workflows/${name}.yml`
  const lines = textOf(path)
    .split('\n')
    .filter((line) => /^# {3}(?:buildSignerURI|sourceRepositoryIdentifier): /.test(line))
    .map((line) => line.slice(4).replace('<sha>', COMMIT).replace('<number>', '74123456'))
  const contract = parseContract(
    utf8(
      [
        'contract: v1',
        'pipeline: acme/widget',
        'revision: 1',
        `authorities: { public: { sigstore: ${'a'.repeat(64)} } }`,
        'signers:',
        '  signer:',
        '    issuer: https://token.actions.githubusercontent.com',
        '    sourceRepositoryRef: refs/heads/main',
        '    buildTrigger: push',
        ...lines.map((line) => `    ${line}`),
        'steps:',
        '  build: { signers: [signer], products: [app.tgz] }',
        'final: build',
        '',
      ].join('\n'),
    ),
  )
  const rule = contract.signers.get('signer')!
  if (rule.kind !== 'identity') throw new Error('it is an identity')
  const { pattern } = rule
  const called = `countersign/countersign/${path}@${COMMIT}`
  const fits = (claims: Readonly<Record<string, string>>) =>
    matchesIdentity(
      pattern,
      verified(
        'github-actions',
        { job_workflow_ref: called, ...claims },
        // A server that lets every run in: what is left is the contract.
        { claims: [] },
      ).identity,
    )

  test('has two lines', () => expect(lines).toHaveLength(2))

  test('is met by the signing job of the repository', () => expect(fits({})).toBe(true))

  test.each([
    ['another repository', { repository_id: '666', repository: 'mallory/widget' }],
    ['another of the same name', { repository_id: '74123457' }],
    ['another branch', { ref: 'refs/heads/mainline' }],
    ['a tag of the branch’s name', { ref: 'refs/tags/main', ref_type: 'tag' }],
    [
      'the repository’s own workflow',
      { job_workflow_ref: 'acme/widget/.github/workflows/release.yml@refs/heads/main' },
    ],
    ['a copy of the signing workflow', { job_workflow_ref: called.replace('countersign/', 'acme/') }],
    ['the signing workflow at another commit', { job_workflow_ref: called.replace(COMMIT, 'd'.repeat(40)) }],
    ['the signing workflow at a branch', { job_workflow_ref: called.replace(COMMIT, 'refs/heads/main') }],
    ['another workflow beside it', { job_workflow_ref: called.replace(name, 'gate-deploy') }],
    ['another event', { event_name: 'workflow_dispatch' }],
  ])('is not met by %s', (_, claims) => expect(fits(claims as Readonly<Record<string, string>>)).toBe(false))
})
