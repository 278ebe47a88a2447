import { describe, expect, it } from 'vitest'
import { readIssuerRule } from '@countersign/identity'
import { RULE_SYSTEMS, type RuleOptions, ruleOf } from './issuer-rule.ts'

const OWN: Readonly<Record<string, RuleOptions>> = {
  github: { repositoryId: '74123456' },
  gitlab: { projectId: '20' },
  circleci: { orgId: '11111111-2222-4333-8444-555555555555' },
  buildkite: { orgId: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee' },
  'azure-pipelines': { orgId: '11111111-2222-4333-8444-555555555555' },
  cloudbuild: { subject: '1' },
  codebuild: { subject: 'arn:aws:iam::1:role/x', issuer: 'https://0a.tokens.sts.global.api.aws' },
  jenkins: { subject: 'https://ci.example.com/job/web/', issuer: 'https://ci.example.com/oidc' },
  aws: { subject: 'arn:aws:iam::1:role/x', issuer: 'https://0a.tokens.sts.global.api.aws' },
  gcp: { subject: '1' },
  azure: { subject: '1', issuer: 'https://sts.windows.net/11111111-2222-4333-8444-555555555555/' },
  kubernetes: { subject: 'system:serviceaccount:ci:web', issuer: 'https://oidc.example.com' },
  spiffe: { subject: 'spiffe://example.com/ci', issuer: 'https://spire.example.com' },
  oidc: { subject: 'u-1', issuer: 'https://login.example.com' },
}

describe('a rule from options', () => {
  it.each(RULE_SYSTEMS)('of %s is one that the server takes', (system) => {
    const rule = readIssuerRule(ruleOf(system, OWN[system]!))
    expect(rule).toMatchObject({ pullRequests: 'refuse', forks: 'refuse', selfHosted: 'allow', audience: null })
    expect(rule.claims).toHaveLength(1)
    // The name that a step has for its runner is understood as well.
    expect(ruleOf(rule.system, OWN[system]!)).toMatchObject({ system: rule.system, issuer: rule.issuer })
  })

  it('holds all that was said', () => {
    const rule = ruleOf('github', {
      ownerId: '7',
      claim: ['ref=refs/heads/main', 'environment=a=b'],
      allow: ['pull-requests', 'forks'],
      refuse: ['self-hosted'],
      audience: 'sigstore',
      session: '7200',
      url: 'https://github.example.com',
      issuer: 'https://github.example.com/_services/token',
      name: 'main',
    })
    expect(rule).toEqual({
      id: 'main',
      system: 'github-actions',
      issuer: 'https://github.example.com/_services/token',
      audience: 'sigstore',
      url: 'https://github.example.com',
      claims: [
        { name: 'repository_owner_id', value: '7' },
        { name: 'ref', value: 'refs/heads/main' },
        { name: 'environment', value: 'a=b' },
      ],
      pullRequests: 'allow',
      forks: 'allow',
      selfHosted: 'refuse',
      session: 7200,
    })
  })

  it.each([
    ['github', { repositoryId: '74123456' }, 'github-74123456'],
    [
      'jenkins',
      { subject: 'https://CI.example.com/job/Web UI/', issuer: 'https://ci' },
      'jenkins-https-ci.example.com-job-web-ui',
    ],
    ['gitlab', { claim: [`a=${'x'.repeat(99)}`] }, `gitlab-${'x'.repeat(57)}`],
    ['jenkins', { issuer: 'https://ci' }, 'jenkins-all'],
  ] as const)('%s %o has the name %s', (system, options, name) => {
    expect(ruleOf(system, options)['id']).toBe(name)
  })

  it.each([
    ['travis', {}],
    ['__proto__', {}],
    ['jenkins', {}],
    ['azure-pipelines', {}],
    ['github', { projectId: '20' }],
    ['jenkins', { issuer: 'https://ci', repositoryId: '1' }],
    ['github', { repositoryId: '1', claim: ['ref'] }],
    ['github', { repositoryId: '1', claim: ['=x'] }],
    ['github', { repositoryId: '1', claim: ['ref='] }],
    ['github', { repositoryId: '1', allow: ['everything'] }],
    ['github', { repositoryId: '1', allow: ['toString'] }],
    ['github', { repositoryId: '1', allow: ['forks'], refuse: ['forks'] }],
    ['github', { repositoryId: '1', session: '1h' }],
    ['github', { repositoryId: '1', session: '0' }],
  ] as [string, RuleOptions][])('%s %o is wrong usage', (system, options) => {
    expect(() => ruleOf(system, options)).toThrow(expect.objectContaining({ code: 'usage' }) as Error)
  })
})
