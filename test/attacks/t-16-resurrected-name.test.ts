import { readIssuerRule } from '@countersign/identity'
import { describe, expect, test } from 'vitest'
import { verified } from '../identity/asked.ts'
import { ruleFor } from '../identity/claims.ts'

// T-16: somebody takes a name that was given up, and has tokens that read as those of its old owner. Ids do not come
// back; `sub` has two forms at GitHub, in one of which the heir's is the same letter by letter.

const unknown = expect.objectContaining({ code: 'issuer-unknown' }) as Error

describe.each([
  ['github-actions', { repository_id: '99999999' }, ['repository', 'acme/widget']],
  ['gitlab-ci', { project_id: '21' }, ['project_path', 'acme/widget']],
  ['buildkite', { pipeline_id: '00000000-0000-4000-8000-000000000000' }, ['pipeline_slug', 'widget']],
  ['google-cloud-build', { sub: '2' }, ['email', 'builder@acme-build.iam.gserviceaccount.com']],
  ['kubernetes', { 'kubernetes.io': kubernetes() }, ['sub', 'system:serviceaccount:ci:builder']],
] as const)('T-16: at %s', (system, heir, [name, value]) => {
  test('the heir of a name does not fit the rule of its old owner', () => {
    expect(() => verified(system, heir)).toThrow(unknown)
    expect(() => verified(system)).not.toThrow()
    // Red control: a rule by the name alone lets both in.
    const byName = { claims: [{ name, value }] }
    expect(verified(system, heir, byName).identity.subject).toEqual(verified(system, {}, byName).identity.subject)
  })
})

describe('T-16: at GitHub', () => {
  const old = 'repo:acme/widget:ref:refs/heads/main'
  const immutable = 'repo:acme@1234567/widget@74123456:ref:refs/heads/main'

  test('both forms of the subject sign, and none of them is who signs', () => {
    const [one, other] = [old, immutable].map((sub) => verified('github-actions', { sub }))
    expect(one!.identity.subject).toEqual(other!.identity.subject)
    expect([one!.identity.tokenSubject, other!.identity.tokenSubject]).toEqual([old, immutable])
  })

  test('no rule can be written that counts on a subject or on names', () => {
    const rule = (...names: readonly string[]) =>
      readIssuerRule({ ...ruleFor('github-actions'), claims: names.map((name) => ({ name, value: '1' })) } as never)
    const invalid = expect.objectContaining({ code: 'issuer-invalid' }) as Error
    for (const names of [['sub'], ['repository'], ['repository_owner', 'repository'], ['repository_id', 'sub'], []]) {
      expect(() => rule(...names), names.join()).toThrow(invalid)
    }
    expect(() => rule('repository_id', 'repository')).not.toThrow()
  })

  test('the ids are facts of the certificate', () => {
    const { identity } = verified('github-actions')
    expect(identity).toMatchObject({
      sourceRepositoryIdentifier: '74123456',
      sourceRepositoryOwnerIdentifier: '1234567',
    })
  })

  test.each(['0x46b0dc0', '74123456.0', ' 74123456', '+74123456', '7.4123456e7', '٧٤', '-1', '', '1'.repeat(41)])(
    'an id that is %j is none',
    (repository_owner_id) => {
      expect(() => verified('github-actions', { repository_owner_id })).toThrow(
        expect.objectContaining({ code: 'identity-token-invalid' }),
      )
    },
  )
})

/** A service account that was deleted and made again. */
function kubernetes() {
  return { namespace: 'ci', serviceaccount: { name: 'builder', uid: '00000000-0000-4000-8000-000000000000' } }
}
