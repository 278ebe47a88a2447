import { describe, expect, test } from 'vitest'
import { verified } from '../identity/asked.ts'

// T-03: a workflow that runs over somebody else's code has the identity of the repository. What the token says of how
// the run was set off decides, and nothing that the job could set.

const refused = expect.objectContaining({ code: 'identity-refused' }) as Error
const heads = { head_ref: 'main', base_ref: 'main' }

describe('T-03: at GitHub', () => {
  test.each([
    ['pull_request', { ...heads, ref: 'refs/pull/7/merge' }, 'pullRequests'],
    ['pull_request_review', { ...heads, ref: 'refs/pull/7/merge' }, 'pullRequests'],
    ['pull_request_target', heads, 'forks'],
    ['workflow_run', {}, 'forks'],
    ['issue_comment', {}, 'forks'],
    ['discussion', {}, 'forks'],
    ['one-of-next-year', {}, 'forks'],
  ] as const)('a run of %s does not sign, whatever else is as in a push', (event_name, claims, name) => {
    const overrides = { event_name, ...claims }
    expect(() => verified('github-actions', overrides)).toThrow(refused)
    // Neither does it where the other kind is let in.
    const other = name === 'forks' ? 'pullRequests' : 'forks'
    expect(() => verified('github-actions', overrides, { [other]: 'allow' })).toThrow(refused)
    // Red control: nothing but the switch stands in its way, and then the certificate says what it was.
    const { identity, grade } = verified('github-actions', overrides, { [name]: 'allow' })
    expect({ trigger: identity.buildTrigger, grade }).toEqual({ trigger: event_name, grade: 'A' })
  })

  test.each(['push', 'release', 'schedule', 'workflow_dispatch', 'merge_group'])('a run of %s signs', (event_name) => {
    expect(verified('github-actions', { event_name }).identity.buildTrigger).toBe(event_name)
  })

  test('a pull request that calls itself a push is known by its ref, and by its head', () => {
    expect(() => verified('github-actions', { ref: 'refs/pull/7/merge' })).toThrow(refused)
    expect(() => verified('github-actions', { head_ref: 'topic' })).toThrow(refused)
    expect(() => verified('github-actions', { head_ref: '' })).not.toThrow()
  })
})

describe('T-03: elsewhere', () => {
  test.each([
    ['gitlab-ci', { pipeline_source: 'merge_request_event', ref_path: 'refs/merge-requests/7/head' }, 'pullRequests'],
    ['gitlab-ci', { pipeline_source: 'external_pull_request_event' }, 'pullRequests'],
    ['azure-pipelines', { rpo_ref: 'refs/pull/7/merge' }, 'pullRequests'],
    ['circleci', { 'oidc.circleci.com/vcs-ref': 'refs/heads/pull/7' }, 'forks'],
    ['buildkite', { build_branch: 'mallory:main' }, 'forks'],
  ] as const)('%s with %j does not sign', (system, overrides, name) => {
    expect(() => verified(system, overrides)).toThrow(refused)
    expect(() => verified(system, overrides, { [name]: 'allow' })).not.toThrow()
    expect(() => verified(system)).not.toThrow()
  })

  test('the branch of a fork does not take the name of the branch it wants to be merged into', () => {
    const overrides = { pipeline_source: 'merge_request_event', ref: 'main', ref_path: 'refs/merge-requests/7/head' }
    const { identity } = verified('gitlab-ci', overrides, { pullRequests: 'allow' })
    expect(identity.sourceRepositoryRef).toBe('refs/merge-requests/7/head')
    expect(verified('gitlab-ci').identity.sourceRepositoryRef).toBe('refs/heads/main')
  })

  test('a job that a person has a shell in does not sign', () => {
    const overrides = { 'oidc.circleci.com/ssh-rerun': true }
    expect(() => verified('circleci', overrides)).toThrow(refused)
    expect(verified('circleci', overrides, { sshRerun: 'allow' }).identity.runnerEnvironment).toBe('ssh-rerun')
  })
})
