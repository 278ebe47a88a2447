import { readIssuerRule } from '@countersign/identity'
import { describe, expect, test } from 'vitest'
import { verified } from '../identity/asked.ts'
import { ruleFor } from '../identity/claims.ts'

// T-15: a machine that is used again carries what the last job left on it. Whose it is, is a fact of the identity, and a
// rule may ask for the CI system's own.

const refused = expect.objectContaining({ code: 'identity-refused' }) as Error
const hostedOnly = { selfHosted: 'refuse' } as const

describe.each([
  ['github-actions', 'github-hosted'],
  ['gitlab-ci', 'gitlab-hosted'],
  ['buildkite', 'buildkite-hosted'],
] as const)('T-15: under a rule for machines of %s', (system, hosted) => {
  test('one of them signs', () => {
    const { identity } = verified(system, { runner_environment: hosted }, hostedOnly)
    expect(identity.runnerEnvironment).toBe(hosted)
  })

  test.each(['self-hosted', `${hosted} `, hosted.toUpperCase(), `${hosted}-2`, 'hosted'])(
    'a runner that is %j does not',
    (runner) => {
      expect(() => verified(system, { runner_environment: runner }, hostedOnly)).toThrow(refused)
      // Red control: without the rule it signs, and its certificate says what it ran on.
      expect(verified(system, { runner_environment: runner }).identity.runnerEnvironment).toBe(runner)
    },
  )

  test('a runner that is not named does not', () => {
    expect(() => verified(system, { runner_environment: undefined }, hostedOnly)).toThrow()
    expect(() => verified(system, { runner_environment: '' }, hostedOnly)).toThrow()
  })
})

test.each(['circleci', 'azure-pipelines', 'google-cloud-build', 'aws-codebuild', 'jenkins', 'kubernetes'] as const)(
  'T-15: nobody writes such a rule for %s, whose tokens do not say it',
  (system) => {
    const rule = (selfHosted: string) => readIssuerRule({ ...ruleFor(system), selfHosted } as never)
    expect(() => rule('refuse')).toThrow(expect.objectContaining({ code: 'issuer-invalid' }))
    expect(() => rule('allow')).not.toThrow()
  },
)
