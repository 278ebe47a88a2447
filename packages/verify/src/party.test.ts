import type { Identity } from '@countersign/formats/identity'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { workflow } from '../../../test/keyless.ts'
import { at, file, newChainId, party, signStep } from '../../../test/pipeline.ts'
import type { Signer, Trust, VerifiedStep } from './index.ts'
import { cosigned, isSameParty } from './party.ts'
import { ci, opened, trustIn } from './verify.test-kit.ts'

const [ann, bob] = ['ann', 'bob'].map((name) => party(name))
const step = opened(
  signStep(ci, {
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: [file('app', 'app')],
  }),
)
const bare = (name: string, keyId: string): Signer => ({ ...step.signer, name, keyId })

/** Somebody under a certificate for a key that they use once. */
function under(name: string, identity: Identity, more: { keyId?: string; id?: string; minute?: number } = {}): Signer {
  const { keyId = name.padEnd(64, '0'), id = 'a'.repeat(64), minute = 1 } = more
  const certificate = {
    authorityId: id,
    vouchedBy: [id],
    serial: '01',
    system: null,
    notBefore: at(0),
    notAfter: at(10),
    signedAt: at(minute),
  }
  return { ...step.signer, name, keyId, grade: 'A', identity, authority: 'ours', certificate }
}

const [build, deploy] = [workflow('build'), workflow('deploy')]
const known: Trust = {
  ...trustIn([ann!, bob!]),
  identities: [
    { name: 'deploy', pattern: null, authorities: null, revokedAt: null },
    { name: 'build', pattern: null, authorities: null, revokedAt: null },
    { name: null, pattern: null, authorities: null, revokedAt: null },
  ],
}
const [first, second] = known.signers.map(({ name, key }) => bare(name, key.keyId))

/** Who counts, and who cosigned, in whatever order they are read. */
function signersOf(signers: readonly Signer[], trust = known): readonly string[] {
  const read = (all: readonly Signer[]) => {
    const one = cosigned(
      all.map((signer): VerifiedStep => ({ ...step, signer })),
      trust,
    )
    return [one.signer, ...one.cosigners]
  }
  const told = read(signers)
  fc.assert(
    fc.property(fc.shuffledSubarray([...signers], { minLength: signers.length }), (all) => {
      expect(read(all)).toEqual(told)
    }),
    { numRuns: 20 },
  )
  return told.map(({ name }) => name)
}

describe('of several who signed one statement', () => {
  test.each<[string, readonly Signer[], readonly string[]]>([
    ['the best known counts first', [first!, under('build', build)], ['build', 'ann']],
    ['of keys the one that is named first', [second!, first!], ['ann', 'bob']],
    ['of identities too', [under('build', build), under('deploy', deploy)], ['deploy', 'build']],
    [
      'and one that has no name here after them, before one that is not named at all',
      [under('zoe', build, { id: 'b'.repeat(64) }), under('build', build)],
      ['build', 'zoe'],
    ],
    [
      'a key goes before an identity that is known as well',
      [{ ...under('deploy', deploy), grade: 'D' }, second!],
      ['bob', 'deploy'],
    ],
    [
      'of two certificates of one name the one that signed first',
      [
        under('build', build, { keyId: '1'.repeat(64), minute: 2 }),
        under('build', deploy, { keyId: '2'.repeat(64), minute: 1 }),
      ],
      ['build', 'build'],
    ],
  ])('%s', (_, signers, names) => {
    expect(signersOf(signers)).toEqual(names)
  })

  test('the earlier of two certificates tells the time', () => {
    const late = under('build', build, { keyId: '1'.repeat(64), minute: 2 })
    const early = under('build', build, { keyId: '2'.repeat(64), minute: 1 })
    const one = cosigned(
      [late, early].map((signer): VerifiedStep => ({ ...step, signer })),
      known,
    )
    expect([one.signer, one.cosigners]).toEqual([early, []])
  })

  test('one who is trusted as the eleventh comes after the second', () => {
    const many = Array.from({ length: 11 }, (_, i) => party(`key-${i}`))
    const trust = trustIn(many)
    const signers = trust.signers.map(({ name, key }) => bare(name, key.keyId))
    expect(signersOf([signers[10]!, signers[2]!], trust)).toEqual(['key-2', 'key-10'])
  })

  test('no more than so many are told', () => {
    const many = Array.from({ length: 70 }, (_, i) => bare(`n${i}`, `${i}`.padStart(64, '0')))
    const one = cosigned(
      many.map((signer): VerifiedStep => ({ ...step, signer })),
      known,
    )
    expect(one.cosigners).toHaveLength(64)
  })
})

// T-39: whoever is asked for twice is not two.
describe('one party', () => {
  const again = under('build', build, { keyId: '1'.repeat(64) })
  const others: readonly [string, Signer, Signer, boolean][] = [
    ['signs twice with one key', first!, { ...first! }, true],
    ['has two keys that nobody vouches for', first!, second!, false],
    ['has two certificates for one identity', under('build', build), again, true],
    ['has one key under a certificate and without', again, bare('x', again.keyId), true],
    ['has one key for two identities', again, under('deploy', deploy, { keyId: again.keyId }), true],
    ['is of another identity', under('build', build), under('deploy', deploy), false],
    ['is vouched for by another authority', again, under('build', build, { id: 'b'.repeat(64) }), false],
  ]
  test.each(others)('%s', (_, a, b, same) => {
    expect([isSameParty(a, b), isSameParty(b, a)]).toEqual([same, same])
    expect(signersOf([a, b])).toHaveLength(same ? 1 : 2)
  })

  test('is the same in whichever order its identity is spelled', () => {
    const turned = Object.fromEntries(Object.entries(build).toReversed()) as unknown as Identity
    expect(isSameParty(again, under('other', turned))).toBe(true)
  })

  test('does not bridge two: who shares a key with one and an identity with another is either', () => {
    const shared = under('build', build, { keyId: first!.keyId, minute: 0 })
    expect(signersOf([first!, shared, again])).toHaveLength(1)
  })
})
