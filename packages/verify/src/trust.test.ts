import { describe, expect, test } from 'vitest'
import { hex, sha256, utf8 } from '@countersign/core'
import { type Contract, parseContract, PUBLIC_SIGSTORE } from '@countersign/contract'
import type { AuthorityRoot } from '@countersign/formats/identity'
import { LocalAuthority } from '../../../test/identity/local-ca.ts'
import { at, contractText, logKeyOf, parties, party } from '../../../test/pipeline.ts'
import { ANY_IDENTITY } from './keyless.ts'
import {
  authorityRootsOf,
  believesPublicSigstore,
  distinctRoots,
  identitiesOf,
  isLessened,
  logKeys,
  namedKeys,
  trustBrought,
  trustOf,
  withAuthorities,
  withRevocations,
} from './trust.ts'

const who = parties()
const contract = parseContract(utf8(contractText(who)))
const [ana, bob, carol] = ['ana', 'bob', 'carol'].map((name) => party(name)) as [
  ReturnType<typeof party>,
  ReturnType<typeof party>,
  ReturnType<typeof party>,
]
const signers = namedKeys(
  new Map([
    ['ana', ana.publicKey],
    ['bob', bob.publicKey],
  ]),
)
const [early, late] = [at(10), at(20)]
const revoked = ({ publicKey: { keyId } }: typeof ana, since: string) => ({ keyId, since })
/** A contract that these people maintain; only that counts of it here. */
const maintainedBy = (...people: readonly (typeof ana)[]) =>
  ({
    maintainers: {
      threshold: 1,
      of: new Map<string, object>([
        ...people.map(({ name, publicKey }) => [name, { kind: 'key', key: publicKey }] as const),
        ['dora', { kind: 'identity' }],
      ]),
    },
  }) as unknown as Contract

describe('trust, less what is revoked', () => {
  const trust = { signers, countersigners: [] }
  const times = (
    revocations: Parameters<typeof withRevocations>[1],
    of = trust as Parameters<typeof withRevocations>[0],
  ) => withRevocations(of, revocations).signers.map(({ revokedAt }) => revokedAt)

  test('takes away that key and no other, from then on', () => {
    expect(times([])).toEqual([null, null])
    expect(times([revoked(bob, late)])).toEqual([null, late])
    expect(times([revoked(carol, late)])).toEqual([null, null])
  })

  test('goes by the earliest of several times, and never gives back', () => {
    for (const both of [
      [revoked(ana, early), revoked(ana, late)],
      [revoked(ana, late), revoked(ana, early)],
    ]) {
      expect(times(both)).toEqual([early, null])
    }
    const before = (revokedAt: string) => ({ ...trust, signers: [{ ...signers[0]!, revokedAt }, signers[1]!] })
    expect(times([revoked(ana, late)], before(early))).toEqual([early, null])
    expect(times([revoked(ana, early)], before(late))).toEqual([early, null])
    expect(times([revoked(ana, early)], before(early))).toEqual([early, null])
  })

  test('counts for who maintains a contract and signs no step', () => {
    const maintained = [maintainedBy(carol, bob), maintainedBy(carol)]
    const without = (revocations: Parameters<typeof withRevocations>[1], more: object = {}) => {
      const { unmaintained } = withRevocations({ ...trust, maintained, ...more }, revocations)
      return unmaintained === undefined ? undefined : [...unmaintained]
    }
    const { keyId } = carol.publicKey
    expect(without([])).toBeUndefined()
    expect(without([revoked(ana, early)])).toBeUndefined()
    expect(without([revoked(carol, late)])).toEqual([[keyId, late]])
    expect(without([revoked(carol, late)], { unmaintained: new Map([[keyId, early]]) })).toEqual([[keyId, early]])
    expect(without([revoked(carol, early)], { unmaintained: new Map([[keyId, late]]) })).toEqual([[keyId, early]])
    expect(without([], { unmaintained: new Map([[keyId, late]]) })).toEqual([[keyId, late]])
    // Nobody asked them: they maintain nothing.
    expect(withRevocations(trust, [revoked(carol, late)])).not.toHaveProperty('unmaintained')
  })

  test('is told from what it was', () => {
    const maintained = [maintainedBy(carol)]
    const whole = { ...trust, maintained }
    const less = (of: Parameters<typeof isLessened>[0], before: Parameters<typeof isLessened>[1] = whole) =>
      isLessened(of, before)
    expect(less(withRevocations(whole, []))).toBe(false)
    for (const one of [ana, bob, carol]) expect(less(withRevocations(whole, [revoked(one, late)]))).toBe(true)
    const once = withRevocations(whole, [revoked(carol, late)])
    expect(less(withRevocations(once, [revoked(carol, late)]), once)).toBe(false)
    expect(less(withRevocations(once, [revoked(carol, early)]), once)).toBe(true)
  })
})

describe('authorities', () => {
  const [ours, theirs] = ['ours', 'theirs'].map((name) => new LocalAuthority({ name, seed: `trust ${name}` })) as [
    LocalAuthority,
    LocalAuthority,
  ]
  const logs = [logKeyOf(party('log.example', 'ed25519')), logKeyOf(party('other.example', 'ed25519'))]
  const own = (
    name: string,
    { chain }: { readonly chain: readonly Uint8Array[] },
    more: object = {},
  ): AuthorityRoot => ({
    kind: 'countersign',
    name,
    certificates: chain.slice(1),
    logs: [],
    revokedAt: null,
    ...more,
  })
  const sigstore = (trustedRoot: string, more: object = {}): AuthorityRoot => ({
    kind: 'sigstore',
    name: 'sigstore',
    trustedRoot,
    isPublic: false,
    revokedAt: null,
    ...more,
  })

  test('are each there once, by the first name, public where one says so', () => {
    const found = distinctRoots([sigstore('a'), sigstore('b'), sigstore('a', { name: 'again', isPublic: true })])
    expect(found).toEqual([sigstore('a', { isPublic: true }), sigstore('b')])
    expect(distinctRoots([sigstore('a', { isPublic: true }), sigstore('a')])).toEqual([
      sigstore('a', { isPublic: true }),
    ])
  })

  test.each([
    [null, null, null],
    [null, early, null],
    [early, null, null],
    [early, late, late],
    [late, early, late],
  ])('known twice, revoked %s and %s, are revoked when nobody believes them any longer', (one, two, both) => {
    const roots = [sigstore('a', { revokedAt: one }), sigstore('a', { revokedAt: two })]
    expect(distinctRoots(roots).map(({ revokedAt }) => revokedAt)).toEqual([both])
  })

  test('of our own kind stay as they were known first', () => {
    const first = own('ours', ours.issue(), { revokedAt: early })
    expect(distinctRoots([first, own('again', ours.issue()), own('theirs', theirs.issue())])).toMatchObject([
      { name: 'ours', revokedAt: early },
      { name: 'theirs' },
    ])
  })

  const naming = (...ids: readonly string[]) =>
    ({
      authorities: new Map(ids.map((id, i) => [`n${i}`, { kind: 'sigstore', id, revokedAt: null }])),
    }) as unknown as Contract

  test('of Sigstore are those that a contract pins, or the public one', () => {
    const [a, b] = [utf8('a'), utf8('b')]
    const id = hex(sha256(a))
    expect([naming(PUBLIC_SIGSTORE, id), naming(id), naming()].map(believesPublicSigstore)).toEqual([
      true,
      false,
      false,
    ])
    const found = (of: Contract, known?: Parameters<typeof authorityRootsOf>[1]) =>
      authorityRootsOf(of, known).map((root) => root.kind === 'sigstore' && [root.trustedRoot, root.isPublic])
    expect(found(naming(id), { trustedRoots: [b, a], publicRoot: null })).toEqual([['a', false]])
    expect(found(naming(id), { trustedRoots: [b], publicRoot: a })).toEqual([['a', false]])
    expect(found(naming(id), { trustedRoots: [b], publicRoot: null })).toEqual([])
    expect(found(naming(PUBLIC_SIGSTORE), { trustedRoots: [a], publicRoot: b })).toEqual([['b', true]])
    expect(found(naming(PUBLIC_SIGSTORE), { trustedRoots: [a], publicRoot: null })).toEqual([])
    expect(found(naming(id, PUBLIC_SIGSTORE), { trustedRoots: [a], publicRoot: a })).toEqual([['a', true]])
    expect(found(naming(id))).toEqual([])
  })

  test('let those sign whom the contract names, under those that it names for them', () => {
    const rules = {
      ...naming('x', 'y'),
      signers: new Map<string, object>([
        ['key', { kind: 'key', key: ana.publicKey }],
        ['ci', { kind: 'identity', pattern: 'p', authorities: ['n1', 'gone', 'n0'], revokedAt: late }],
      ]),
    } as unknown as Contract
    expect(identitiesOf(rules)).toEqual([{ name: 'ci', pattern: 'p', authorities: ['y', 'x'], revokedAt: late }])
  })

  test('bring the logs that prove what they issue, each once', () => {
    const [one, two] = logs as [(typeof logs)[0], (typeof logs)[0]]
    const trust = { signers, countersigners: logKeys([one]) }
    const roots = [own('ours', ours.issue(), { logs: [one, two] }), own('theirs', theirs.issue(), { logs: [two] })]
    const found = withAuthorities(trust, roots, [])
    expect(found.countersigners.map(({ key }) => key)).toEqual([one, two])
    expect(found.authorities!.map(({ authority: { name }, isPublic }) => [name, isPublic])).toEqual([
      ['ours', false],
      ['theirs', false],
    ])
    expect(found).not.toHaveProperty('timestamps')
    // One key under two names is two logs; one name with two keys, too.
    const renamed = { ...one, name: 'renamed.example' }
    const rekeyed = { ...one, publicKey: two.publicKey }
    const more = [own('ours', ours.issue(), { logs: [renamed, rekeyed, renamed] })]
    expect(withAuthorities(trust, more, []).countersigners.map(({ key }) => key)).toEqual([one, renamed, rekeyed])
  })

  test('that evidence brings vouch for whom its contracts name, and for anybody where it has none and they are ours', () => {
    const brought = { signers, logs: [], witnesses: [], authorities: [own('ours', ours.issue()), sigstore('{}')] }
    const plain = { signers, countersigners: [], witnesses: [] }
    expect(trustBrought({ ...brought, authorities: [] }, [contract])).toEqual(plain)
    const mine = [own('ours', ours.issue())]
    const anybody = trustBrought({ ...brought, authorities: mine }, [])
    expect(anybody.identities).toMatchObject([{ name: ANY_IDENTITY.name }])
    expect(anybody.identities![0]!.authorities).toEqual([hex(sha256(ours.issue().chain.at(-1)!))])
    expect(trustBrought({ ...brought, authorities: mine }, [contract]).identities).toEqual([])
  })
})

test('who maintains a contract is taken along with it, and nobody where nobody does', () => {
  expect(trustOf(contract)).not.toHaveProperty('maintained')
  const maintained = maintainedBy(ana)
  const brought = { signers: [], logs: [], witnesses: [], authorities: [] }
  expect(trustBrought(brought, [contract, maintained]).maintained).toEqual([maintained])
  expect(trustBrought(brought, [contract])).not.toHaveProperty('maintained')
  const whole = { ...contract, maintainers: maintained.maintainers }
  expect(trustOf(whole).maintained).toEqual([whole])
})
