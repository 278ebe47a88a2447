import { expect, it } from 'vitest'
import { bareIdentity, type Identity } from '@countersign/formats/identity'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { holderOf } from './holder.ts'

const run: Identity = {
  ...bareIdentity('https://token.actions.githubusercontent.com', {
    kind: 'uri',
    value: 'https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/main',
  }),
  sourceRepositoryIdentifier: '74123456',
}
const holder = (more: Partial<Identity>) => holderOf({ ...run, ...more }, nodeCrypto)
const subject = (kind: 'uri' | 'email', value: string) => ({
  sourceRepositoryIdentifier: null,
  subject: { kind, value },
})

it('is the repository by its number, whatever runs there and whatever it is called', () => {
  const renamed = {
    subject: { kind: 'uri', value: 'https://github.com/acme/gadget/.github/workflows/test.yml@refs/heads/x' },
    sourceRepositoryURI: 'https://github.com/acme/gadget',
    buildTrigger: 'schedule',
  } as const
  expect(holder(renamed)).toBe(holder({}))
  expect(holder({})).toMatch(/^[0-9a-f]{64}$/)
})

it('is another for another issuer or number', () => {
  const others = [
    { issuer: 'https://token.actions.githubusercontent.com/' },
    { issuer: 'https://gitlab.com' },
    { sourceRepositoryIdentifier: '74123457' },
    { sourceRepositoryIdentifier: null },
  ]
  expect(new Set([{}, ...others].map(holder)).size).toBe(5)
})

it('is the subject with its kind where there is no number', () => {
  const one = holder(subject('email', 'a@acme.example'))
  expect(holder({ ...subject('email', 'a@acme.example'), runInvocationURI: 'https://ci.example/1' })).toBe(one)
  for (const other of [
    subject('uri', 'a@acme.example'),
    subject('email', 'b@acme.example'),
    subject('email', '74123456'),
  ]) {
    expect(holder(other)).not.toBe(one)
  }
  // A subject that reads like a number of a repository is none.
  expect(holder(subject('uri', '74123456'))).not.toBe(holder({}))
})
