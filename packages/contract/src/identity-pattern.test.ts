import { parseTextGlob } from '@countersign/core'
import { bareIdentity, type Identity, IDENTITY_FACTS } from '@countersign/formats/identity'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type IdentityPattern, matchesIdentity, matchesText, mismatchOf, type PatternFact } from './identity-pattern.ts'

const ISSUER = 'https://token.actions.githubusercontent.com'
const WORKFLOW = 'https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main'
const run: Identity = {
  ...bareIdentity(ISSUER, { kind: 'uri', value: WORKFLOW }),
  buildSignerURI: WORKFLOW,
  buildConfigURI: WORKFLOW,
  sourceRepositoryURI: 'https://github.com/acme/shop',
  sourceRepositoryIdentifier: '1000000001',
  sourceRepositoryRef: 'refs/heads/main',
}
const named: IdentityPattern = { issuer: ISSUER, subject: { kind: 'uri', value: WORKFLOW }, facts: new Map() }
const facts = (...entries: readonly (readonly [PatternFact, { exact: string } | { prefix: string }])[]) =>
  new Map(entries)

test('an identity is one of those that are meant, or it is told why not', () => {
  expect(mismatchOf(named, run)).toBeNull()
  const byId = { ...named, subject: null, facts: facts(['sourceRepositoryIdentifier', { exact: '1000000001' }]) }
  expect(mismatchOf(byId, run)).toBeNull()
  expect(mismatchOf(byId, { ...run, sourceRepositoryIdentifier: '1000000009' })).toContain('1000000009')
})

describe('T-58: issuer and subject are a pair', () => {
  test.each([
    ['a slash more', `${ISSUER}/`],
    ['a part more', `${ISSUER}/acme`],
    ['another case', ISSUER.replace('token', 'Token')],
    ['another scheme', ISSUER.replace('https', 'http')],
    ['another host', 'https://gitlab.com'],
  ])('%s', (_, issuer) => {
    expect(matchesIdentity(named, { ...run, issuer })).toBe(false)
    expect(matchesIdentity({ ...named, issuer }, { ...run, issuer })).toBe(true)
  })

  test('an issuer alone vouches for nobody in particular', () => {
    expect(matchesIdentity({ ...named, subject: null }, run)).toBe(false)
    const loose = facts(['sourceRepositoryIdentifier', { prefix: '1000000001' }], ['buildTrigger', { exact: 'push' }])
    expect(matchesIdentity({ ...named, subject: null, facts: loose }, { ...run, buildTrigger: 'push' })).toBe(false)
  })
})

describe('T-57: a near miss is another', () => {
  test.each([
    `${WORKFLOW}-evil`,
    `${WORKFLOW}/evil`,
    WORKFLOW.replace('acme/shop', 'acme/shop-evil'),
    WORKFLOW.replace('github.com', 'githubXcom'),
    WORKFLOW.replace('github.com', 'github.com.evil.example'),
    WORKFLOW.slice(0, -1),
    ` ${WORKFLOW}`,
    WORKFLOW.replace('main', 'Main'),
    `https://evil.example/?${WORKFLOW}`,
  ])('%s', (value) => {
    expect(matchesIdentity(named, { ...run, subject: { kind: 'uri', value } })).toBe(false)
  })

  test('an e-mail address is no URI', () => {
    const value = 'dev@acme.example'
    const mail: IdentityPattern = { ...named, subject: { kind: 'email', value } }
    expect(matchesIdentity(mail, { ...run, subject: { kind: 'email', value } })).toBe(true)
    expect(matchesIdentity(mail, { ...run, subject: { kind: 'uri', value } })).toBe(false)
  })

  test.each([
    ['https://github.com/acme', 'https://github.com/acme/shop', true],
    ['https://github.com/acme', 'https://github.com/acme', true],
    ['https://github.com/acme', 'https://github.com/acme-evil/shop', false],
    ['https://github.com/acme/', 'https://github.com/acme/shop', true],
    ['https://github.com', 'https://github.com.evil.example/acme', false],
    ['refs/heads/main', 'refs/heads/main-evil', false],
    ['repo:acme/shop', 'repo:acme/shop:ref:refs/heads/main', true],
    ['repo:acme/shop', 'repo:acme/shop2:ref:refs/heads/main', false],
    ['', 'anything', false],
    ['', '', false],
  ])('the prefix %j of %j: %j', (prefix, text, matches) => {
    expect(matchesText({ prefix }, text)).toBe(matches)
  })

  test.each([
    ['https://github.com/acme/*', 'https://github.com/acme/shop', true],
    ['https://github.com/acme/*', 'https://github.com/acme/shop/evil', false],
    ['https://github.com/acme/*', 'https://github.com/acme-evil/shop', false],
    ['https://*/acme/shop', 'https://evil.example/github.com/acme/shop', false],
    ['https://github.com/**', 'https://github.com/acme/shop', true],
    ['refs/heads/release-*', 'refs/heads/release-1', true],
    ['refs/heads/release-*', 'x/refs/heads/release-1', false],
    ['refs/heads/release-*', 'refs/heads/release-1/x', false],
    ['https://host/a?b', 'https://host/aXb', false],
    ['https://host/a.b', 'https://host/aXb', false],
    [
      'https://gitlab.com/acme/shop//*.yml@refs/heads/main',
      'https://gitlab.com/acme/shop//.ci.yml@refs/heads/main',
      true,
    ],
  ])('the glob %j of %j: %j', (glob, text, matches) => {
    expect(matchesText({ glob: parseTextGlob(glob) }, text)).toBe(matches)
  })

  test('what is not known matches nothing, not even a pattern of everything', () => {
    const all = new Map([['buildTrigger' as const, { glob: parseTextGlob('**') }]])
    expect(matchesIdentity({ ...named, facts: all }, run)).toBe(false)
    expect(matchesIdentity({ ...named, facts: all }, { ...run, buildTrigger: 'push' })).toBe(true)
    expect(matchesIdentity({ ...named, facts: all }, { ...run, buildTrigger: '' })).toBe(false)
    expect(matchesText({ exact: '' }, '')).toBe(false)
  })
})

describe('T-59: a reusable workflow signs for whoever calls it', () => {
  const shared = 'https://github.com/acme/shared/.github/workflows/release.yml@refs/tags/v1'
  const called: Identity = { ...run, subject: { kind: 'uri', value: shared }, buildSignerURI: shared }
  const caller: Identity = {
    ...called,
    sourceRepositoryURI: 'https://github.com/evil/shop',
    sourceRepositoryIdentifier: '666',
  }
  const callee: IdentityPattern = { ...named, subject: { kind: 'uri', value: shared } }
  const both = { ...callee, facts: facts(['sourceRepositoryIdentifier', { exact: '1000000001' }]) }

  test('so the pattern says whose source it may build', () => {
    expect(matchesIdentity(both, called)).toBe(true)
    expect(matchesIdentity(both, caller)).toBe(false)
    expect(matchesIdentity(callee, called)).toBe(false)
    expect(mismatchOf(callee, caller)).toContain('whose source')
  })

  test('whatever is known of the source; and a system without workflows of others tells no such thing', () => {
    const own: IdentityPattern = { ...named, subject: { kind: 'uri', value: WORKFLOW } }
    const borrowed = { ...run, buildConfigURI: `${WORKFLOW}-other` }
    for (const sourceRepositoryURI of [null, 'https://github.com/evil/shop']) {
      expect(mismatchOf(own, { ...borrowed, sourceRepositoryURI })).toContain('whose source')
      expect(mismatchOf(own, { ...borrowed, sourceRepositoryURI, buildSignerURI: null })).toBeNull()
      expect(mismatchOf(own, { ...borrowed, sourceRepositoryURI, buildConfigURI: null })).toBeNull()
      expect(mismatchOf(own, { ...run, sourceRepositoryURI })).toBeNull()
    }
  })

  test('a crossed pair is none', () => {
    expect(matchesIdentity(both, { ...run, sourceRepositoryIdentifier: '1000000001' })).toBe(false)
    expect(matchesIdentity(named, { ...called })).toBe(false)
  })

  test('a reusable workflow of the same repository needs no more', () => {
    const own = 'https://github.com/acme/shop/.github/workflows/reusable.yml@refs/heads/main'
    const inside: Identity = { ...run, subject: { kind: 'uri', value: own }, buildSignerURI: own }
    expect(matchesIdentity({ ...named, subject: { kind: 'uri', value: own } }, inside)).toBe(true)
    // Beginning with the same letters is not being inside.
    const beside = { ...inside, sourceRepositoryURI: 'https://github.com/acme/sho' }
    expect(matchesIdentity({ ...named, subject: { kind: 'uri', value: own } }, beside)).toBe(false)
  })
})

describe('for all identities', () => {
  const text = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', '/', '@', '-', '.', '*', '?') })
  const PATTERN_FACTS = IDENTITY_FACTS.filter((fact): fact is PatternFact => fact !== 'issuer')
  const identity = fc
    .record({
      issuer: text,
      subject: fc.record({ kind: fc.constantFrom('uri' as const, 'email' as const), value: text }),
      facts: fc.dictionary(fc.constantFrom(...PATTERN_FACTS), fc.option(text)),
    })
    .map(({ issuer, subject, facts: more }): Identity => ({ ...bareIdentity(issuer, subject), ...more }))

  const everything = (of: Identity): IdentityPattern => ({
    issuer: of.issuer,
    subject: of.subject,
    facts: new Map(PATTERN_FACTS.flatMap((fact) => (of[fact] === null ? [] : [[fact, { exact: of[fact]! }]]))),
  })

  test('a pattern of all that is known matches it, and nothing that differs in one fact', () => {
    fc.assert(
      fc.property(identity, text, fc.constantFrom(...PATTERN_FACTS), (one, other, fact) => {
        const sourced = { ...one, sourceRepositoryURI: one.sourceRepositoryURI ?? 'a/b' }
        const pattern = everything(sourced)
        expect(mismatchOf(pattern, sourced)).toBeNull()
        const changed = [
          { ...sourced, issuer: `${sourced.issuer}${other}` },
          { ...sourced, subject: { ...sourced.subject, value: `${sourced.subject.value}${other}` } },
          { ...sourced, subject: { ...sourced.subject, value: `${other}${sourced.subject.value}` } },
          {
            ...sourced,
            subject: { ...sourced.subject, kind: sourced.subject.kind === 'uri' ? 'email' : 'uri' } as const,
          },
        ]
        for (const near of changed) expect(matchesIdentity(pattern, near)).toBe(false)
        if (pattern.facts.has(fact)) {
          expect(matchesIdentity(pattern, { ...sourced, [fact]: null })).toBe(false)
          expect(matchesIdentity(pattern, { ...sourced, [fact]: `${sourced[fact]}${other}` })).toBe(false)
        }
      }),
    )
  })

  test('one fact more in a pattern never lets more in', () => {
    fc.assert(
      fc.property(identity, identity, fc.constantFrom(...PATTERN_FACTS), text, (of, one, fact, value) => {
        const wide = { ...everything(of), subject: null }
        const narrow = { ...wide, facts: new Map([...wide.facts, [fact, { exact: value }]]) }
        const stable = ['sourceRepositoryIdentifier', 'sourceRepositoryOwnerIdentifier'].includes(fact)
        const source = fact.startsWith('sourceRepository')
        if (wide.facts.has(fact) || stable || source) return
        if (matchesIdentity(narrow, one)) expect(matchesIdentity(wide, one)).toBe(true)
      }),
    )
  })

  test('a prefix ends where a part of the text does', () => {
    fc.assert(
      fc.property(text, text, (prefix, rest) => {
        const whole = prefix + rest
        const ends = /[/@:?#]$/.test(prefix) || /^[/@:?#]/.test(rest)
        expect(matchesText({ prefix }, whole)).toBe(ends)
        expect(matchesText({ prefix }, prefix)).toBe(true)
      }),
    )
  })
})
