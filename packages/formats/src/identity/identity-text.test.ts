import { expect, test } from 'vitest'
import { RUN } from '../../../../test/identity/local-ca.ts'
import { bareIdentity, type Identity, identityText } from './index.ts'

const of = (more: Partial<Identity>): string => identityText({ ...RUN, ...more })
const GITLAB = {
  sourceRepositoryURI: 'https://gitlab.example/acme/shop',
  sourceRepositoryRef: 'refs/tags/v1',
  buildConfigURI: 'https://gitlab.example/acme/shop//.gitlab-ci.yml@refs/tags/v1',
  runInvocationURI: 'https://gitlab.example/acme/shop/-/jobs/42',
}

test('an identity in a line', () => {
  expect(of({})).toBe('github.com/acme/shop@main · build.yml · run 7000000001/1')
  expect(of(GITLAB)).toBe('gitlab.example/acme/shop@v1 · .gitlab-ci.yml · run 42')
  expect(of({ sourceRepositoryRef: null, buildConfigURI: null, runInvocationURI: null })).toBe('github.com/acme/shop')
  expect(of({ runInvocationURI: 'https://ci.example/7' })).toContain('run ci.example/7')
  const mail = bareIdentity('https://accounts.google.com', { kind: 'email', value: 'ci@acme.example' })
  expect(identityText(mail)).toBe('ci@acme.example · by accounts.google.com')
})

test('keeps the host, and the part of a ref that is no prefix', () => {
  expect(of({ sourceRepositoryURI: 'https://evil.example/github.com/acme/shop' })).toContain('evil.example/github.com')
  expect(of({ sourceRepositoryRef: 'refs/pull/1/merge' })).toContain('@refs/pull/1/merge')
})

test('is no longer than a line, whatever its facts hold', () => {
  const text = of({ sourceRepositoryURI: `https://host/${'x'.repeat(4000)}` })
  expect([text.length, text.endsWith('…')]).toEqual([256, true])
})
