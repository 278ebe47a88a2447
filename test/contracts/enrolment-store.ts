import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeBundle } from '@countersign/formats'
import { handshake, namedKeys, verifyStep } from '@countersign/verify'
import type { Affected, Invitation } from '../../server/enrolment.ts'
import type { Store } from '../../server/store.ts'
import { at, file, newChainId, type Party, party, type Signed, signStep } from '../pipeline.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code }) as Error

/** What every store promises of the life of keys. `reopen` closes and opens the same data again. */
export function enrolmentContract(
  name: string,
  open: () => Promise<{ store: Store; reopen: () => Promise<Store>; remove: () => Promise<void> }>,
): void {
  describe(`${name}: the life of keys`, () => {
    let store: Store
    let opened: Awaited<ReturnType<typeof open>>
    const [build, next, other] = [party('build'), party('next', 'ed25519'), party('other')]
    const id = build.publicKey.keyId
    const enrolment = { name: 'build', key: build.publicKey, enrolledAt: at(1), by: 'token a', proven: true }
    const revocation = (minute: number, since: number | null, reason: 'compromised' | 'retired' | null = null) => ({
      at: at(minute),
      by: 'token b',
      since: since === null ? null : at(since),
      reason,
    })

    beforeEach(async () => {
      opened = await open()
      ;({ store } = opened)
      for (const tenant of ['acme', 'foreign']) await store.createTenant(tenant, at(0))
    })
    afterEach(() => opened.remove())

    const kinds = async (keyId = id) => (await store.enrolment.events('acme', keyId)).map(({ kind }) => kind)
    const revokedAt = async () => (await store.enrolment.key('acme', id))?.revokedAt

    describe('enrolment', () => {
      it('keeps a key under its first name, and tells of it once', async () => {
        await store.enrolKey('acme', enrolment)
        await store.enrolKey('acme', { ...enrolment, enrolledAt: at(2), by: 'token b', proven: false })
        await expect(store.enrolKey('acme', { ...enrolment, name: 'evil' })).rejects.toThrow(coded('request-invalid'))
        const held = { name: 'build', key: build.publicKey, enrolledAt: at(1), revokedAt: null, reason: null }
        expect(await store.keys('acme')).toEqual([{ ...held, steps: 0, lastUsedAt: null }])
        expect(await store.enrolment.key('acme', id)).toEqual((await store.keys('acme'))[0])
        expect(await store.enrolment.events('acme', id)).toEqual([
          { at: at(1), by: 'token a', kind: 'enrolled', proven: true, replaces: null },
        ])
      })

      it('is of one tenant', async () => {
        await store.enrolKey('acme', enrolment)
        expect(await store.keys('foreign')).toEqual([])
        expect(await store.enrolment.key('foreign', id)).toBeNull()
        expect(await store.enrolment.events('foreign', id)).toEqual([])
        expect(await store.revokeKey('foreign', id, revocation(2, null))).toBe(false)
        const rotation = { from: id, to: next.publicKey, at: at(2), by: 'x', proven: false, until: at(3) }
        expect(await store.enrolment.rotate('foreign', rotation)).toBe(false)
        expect(await store.keys('foreign')).toEqual([])
        expect(await kinds()).toEqual(['enrolled'])
      })

      it('does not bring a revoked key back', async () => {
        await store.enrolKey('acme', enrolment)
        await store.revokeKey('acme', id, revocation(2, null))
        await expect(store.enrolKey('acme', enrolment)).rejects.toThrow(coded('signer-revoked'))
        expect(await kinds()).toEqual(['enrolled', 'revoked'])
      })
    })

    describe('revocation', () => {
      beforeEach(() => store.enrolKey('acme', enrolment))

      it('moves back, and never forth', async () => {
        expect(await store.revokeKey('acme', id, revocation(9, null, 'retired'))).toBe(true)
        expect(await revokedAt()).toBe(at(9))
        // Again, and without a time: as it is.
        expect(await store.revokeKey('acme', id, revocation(12, null))).toBe(true)
        expect(await store.revokeKey('acme', id, revocation(12, 9))).toBe(true)
        expect(await revokedAt()).toBe(at(9))
        expect(await store.revokeKey('acme', id, revocation(13, 5, 'compromised'))).toBe(true)
        expect(await revokedAt()).toBe(at(5))
        for (const later of [6, 9, 20]) {
          await expect(store.revokeKey('acme', id, revocation(14, later))).rejects.toThrow(coded('request-invalid'))
        }
        store = await opened.reopen()
        expect(await store.enrolment.key('acme', id)).toMatchObject({ revokedAt: at(5), reason: 'compromised' })
        expect(await store.enrolment.events('acme', id)).toMatchObject([
          { kind: 'enrolled' },
          { kind: 'revoked', at: at(9), asOf: at(9), reason: 'retired', by: 'token b' },
          { kind: 'revoked', at: at(13), asOf: at(5), reason: 'compromised' },
        ])
      })

      it('takes another reason for the same time, and one that is to come', async () => {
        await store.revokeKey('acme', id, revocation(2, 30, 'retired'))
        expect(await revokedAt()).toBe(at(30))
        await store.revokeKey('acme', id, revocation(3, 30, 'compromised'))
        await store.revokeKey('acme', id, revocation(4, null))
        expect(await store.enrolment.key('acme', id)).toMatchObject({ revokedAt: at(4), reason: 'compromised' })
        expect(await kinds()).toEqual(['enrolled', 'revoked', 'revoked', 'revoked'])
      })
    })

    describe('rotation', () => {
      const rotation = { from: id, to: next.publicKey, at: at(5), by: 'token a', proven: true, until: at(20) }
      beforeEach(() => store.enrolKey('acme', enrolment))

      it('enrols the new key under the name of the old, which counts until the overlap is over', async () => {
        expect(await store.enrolment.rotate('acme', rotation)).toBe(true)
        // The same again.
        expect(await store.enrolment.rotate('acme', { ...rotation, at: at(6), until: at(40) })).toBe(true)
        expect(await store.keys('acme')).toMatchObject([
          { name: 'build', key: build.publicKey, revokedAt: at(20), reason: 'rotated' },
          { name: 'build', key: next.publicKey, revokedAt: null, reason: null, enrolledAt: at(5) },
        ])
        expect(await store.enrolment.events('acme', id)).toMatchObject([
          { kind: 'enrolled' },
          { kind: 'rotated', asOf: at(20), to: next.publicKey.keyId },
        ])
        expect(await store.enrolment.events('acme', next.publicKey.keyId)).toEqual([
          { at: at(5), by: 'token a', kind: 'enrolled', proven: true, replaces: id },
        ])
        // Found out later that it was stolen.
        await store.revokeKey('acme', id, revocation(30, 10, 'compromised'))
        expect(await revokedAt()).toBe(at(10))
      })

      it('leaves an earlier end as it is, and takes no key that is there already', async () => {
        await store.revokeKey('acme', id, revocation(2, null))
        expect(await store.enrolment.rotate('acme', rotation)).toBe(true)
        expect(await revokedAt()).toBe(at(2))
        await store.enrolKey('acme', { ...enrolment, name: 'other', key: other.publicKey })
        await expect(store.enrolment.rotate('acme', { ...rotation, to: other.publicKey })).rejects.toThrow(
          coded('request-invalid'),
        )
        await expect(store.enrolment.rotate('acme', { ...rotation, to: build.publicKey })).rejects.toThrow(
          coded('request-invalid'),
        )
        expect(await store.enrolment.rotate('acme', { ...rotation, from: 'f'.repeat(64) })).toBe(false)
        expect(await store.keys('acme')).toHaveLength(3)
      })
    })

    describe('invitations', () => {
      const invitation: Invitation = {
        id: 'abcdef012345',
        tenant: 'acme',
        hash: new Uint8Array(32).fill(7),
        name: 'runner',
        createdAt: at(1),
        by: 'token a',
        expiresAt: at(10),
        uses: 1,
      }
      const redeem = (by: Party, minute = 2, code = invitation.id) =>
        store.enrolment.redeem(code, by.publicKey, at(minute))

      it('lets in as many keys as it says, and the same one again', async () => {
        await store.enrolment.invite({ ...invitation, uses: 2 })
        for (const by of [build, next, build, next]) await redeem(by)
        await expect(redeem(other)).rejects.toThrow(coded('enrolment-invalid'))
        expect((await store.keys('acme')).map(({ name: held }) => held)).toEqual(['runner', 'runner'])
        expect(await store.enrolment.invitation(invitation.id)).toEqual({
          ...invitation,
          uses: 2,
          used: 2,
          withdrawnAt: null,
        })
        expect(await store.enrolment.events('acme', id)).toEqual([
          { at: at(2), by: `code ${invitation.id}`, kind: 'enrolled', proven: true, replaces: null },
        ])
        expect(await store.keys('foreign')).toEqual([])
      })

      it('has one winner of two at once', async () => {
        await store.enrolment.invite(invitation)
        const all = [build, next, other]
        const told = await Promise.allSettled(all.map((by) => redeem(by)))
        expect(told.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
        for (const one of told) if (one.status === 'rejected') expect(one.reason).toEqual(coded('enrolment-invalid'))
        expect(await store.keys('acme')).toHaveLength(1)
        expect(await store.enrolment.invitation(invitation.id)).toMatchObject({ used: 1 })
      })

      it('ends by its time, by being withdrawn, and with the key that it let in', async () => {
        await store.enrolment.invite(invitation)
        await expect(redeem(build, 10)).rejects.toThrow(coded('enrolment-invalid'))
        await expect(redeem(build, 2, '000000000000')).rejects.toThrow(coded('enrolment-invalid'))
        expect(await store.enrolment.invitations('acme', at(9))).toHaveLength(1)
        expect(await store.enrolment.invitations('acme', at(10))).toEqual([])
        expect(await store.enrolment.invitations('foreign', at(9))).toEqual([])
        expect(await store.enrolment.withdraw('foreign', invitation.id, at(3))).toBe(false)
        await redeem(build, 9)
        // A repeat that comes late is a repeat all the same.
        await redeem(build, 50)
        await store.revokeKey('acme', id, revocation(51, null))
        await expect(redeem(build, 52)).rejects.toThrow(coded('enrolment-invalid'))

        await store.enrolment.invite({ ...invitation, id: '111111111111' })
        expect(await store.enrolment.withdraw('acme', '111111111111', at(3))).toBe(true)
        expect(await store.enrolment.withdraw('acme', '111111111111', at(4))).toBe(true)
        await expect(redeem(next, 2, '111111111111')).rejects.toThrow(coded('enrolment-invalid'))
        expect(await store.enrolment.invitation('111111111111')).toMatchObject({ withdrawnAt: at(3), used: 0 })
      })

      it('lets no key in that is there already, and is not used up by it', async () => {
        await store.enrolKey('acme', enrolment)
        await store.enrolment.invite(invitation)
        await expect(redeem(build)).rejects.toThrow(coded('request-invalid'))
        expect(await store.enrolment.invitation(invitation.id)).toMatchObject({ used: 0 })
        await redeem(next)
      })

      it('takes the same again, and gives its id to no other', async () => {
        await store.enrolment.invite(invitation)
        await store.enrolment.invite(invitation)
        const others = [{ tenant: 'foreign' }, { name: 'evil' }, { hash: new Uint8Array(32) }]
        for (const one of others) {
          await expect(store.enrolment.invite({ ...invitation, ...one })).rejects.toThrow(coded('request-invalid'))
        }
        expect(await store.enrolment.invitation('other')).toBeNull()
      })
    })

    describe('what a key signed', () => {
      const by = [build, next, other]
      const signers = namedKeys(new Map(by.map((one) => [one.name, one.publicKey])))
      const verified = (signed: Signed) => verifyStep(signed.bundle, { signers, countersigners: [] }, nodeCrypto)
      beforeEach(async () => {
        for (const { name: called, publicKey } of by)
          await store.enrolKey('acme', { ...enrolment, name: called, key: publicKey })
      })

      /** A chain of steps, each by whom it says, each after the one before it or after those that it names. */
      async function chain(tenant: string, ...plan: readonly [Party, minute: number, after?: readonly number[]][]) {
        const ref = { id: newChainId(), pipeline: 'p', contract: null }
        const steps: Signed[] = []
        for (const [i, [signer, minute, after = i === 0 ? [] : [i - 1]]] of plan.entries()) {
          const previous = after.map((n) => steps[n]!)
          const signed = signStep(signer, {
            chain: ref,
            name: `s${i}`,
            previous: previous.map(({ link, statement }) => ({ link, step: statement.predicate.step.name })),
            materials: previous.flatMap(({ link, statement }) =>
              statement.subject.map((one) => ({ ...one, annotations: { ...one.annotations, from: link } })),
            ),
            subject: [file(`f${i}`, `${ref.id} ${i}`)],
          })
          steps.push(signed)
          const known = new Map(previous.map((one) => [one.link, verified(one)]))
          const { edges } = handshake({ step: verified(signed), previous: known, contract: null, now: at(60) })
          await store.append([
            {
              tenant,
              step: verified(signed),
              edges,
              bundle: writeBundle(signed.bundle),
              acceptedAt: at(minute),
              late: false,
              idempotency: null,
            },
          ])
        }
        return steps
      }

      const affected = async (since: number | null, tenant = 'acme', limit = 100) => {
        const items: Affected[] = []
        let cursor: string | null = null
        do {
          const signer = { by: 'key', value: id } as const
          const from: string | null = since === null ? null : at(since)
          const page = await store.enrolment.affected(tenant, signer, from, limit, cursor)
          expect(page.items.length).toBeLessThanOrEqual(limit)
          items.push(...page.items)
          cursor = page.next
        } while (cursor !== null)
        return items.map(({ link, after }) => [link, after] as const)
      }

      it('is counted, by key and tenant', async () => {
        await chain('acme', [build, 2], [next, 3], [build, 4])
        await chain('foreign', [build, 9])
        const [first] = await chain('acme', [build, 5])
        await store.erase({ tenant: 'acme', link: first!.link, at: at(6), ground: 'a' })
        store = await opened.reopen()
        expect((await store.keys('acme')).map((key) => [key.name, key.steps, key.lastUsedAt])).toEqual(
          expect.arrayContaining([
            ['build', 3, at(5)],
            ['next', 1, at(3)],
            ['other', 0, null],
          ]),
        )
      })

      it('is told in order, each with what goes on from it up to the next of the same', async () => {
        // build ─ next ─ other      0 1 2
        //      └─ build ─ other     3 4
        const [s0, s1, s2, s3, s4] = await chain(
          'acme',
          [build, 2],
          [next, 3],
          [other, 4],
          [build, 5, [0]],
          [other, 6, [3]],
        )
        const [t0] = await chain('acme', [build, 1])
        await chain('acme', [next, 2], [other, 3])
        await chain('foreign', [build, 7], [next, 8])
        const all = [
          [t0!.link, null],
          [s0!.link, null],
          [s1!.link, s0!.link],
          [s2!.link, s0!.link],
          [s3!.link, null],
          [s4!.link, s3!.link],
        ]
        expect(await affected(null)).toEqual(all)
        for (const limit of [1, 2, 3, 5, 6]) expect(await affected(null, 'acme', limit)).toEqual(all)
        expect(await affected(2)).toEqual(all.slice(1))
        expect(await affected(3)).toEqual(all.slice(4))
        expect(await affected(6)).toEqual([])
        expect((await affected(null, 'foreign')).length).toBe(2)
        expect(await affected(null, 'nobody')).toEqual([])
      })

      it('counts what came before the time as good, and what goes on from it too', async () => {
        // The first of them is older than the theft: only what follows the second is in doubt.
        const [, , s2, s3] = await chain('acme', [build, 1], [next, 2], [build, 5], [next, 6])
        expect(await affected(5)).toEqual([
          [s2!.link, null],
          [s3!.link, s2!.link],
        ])
      })

      it('finds what joins several of them once for each', async () => {
        const [s0, s1, s2] = await chain('acme', [build, 1], [build, 2, []], [next, 3, [0, 1]])
        expect(await affected(null)).toEqual([
          [s0!.link, null],
          [s2!.link, s0!.link],
          [s1!.link, null],
          [s2!.link, s1!.link],
        ])
      })

      it('goes on behind what was erased', async () => {
        const [s0, s1, s2, s3] = await chain('acme', [build, 1], [next, 2], [other, 3], [next, 4])
        await store.erase({ tenant: 'acme', link: s1!.link, at: at(6), ground: 'a' })
        expect(await affected(null)).toEqual([
          [s0!.link, null],
          [s2!.link, s0!.link],
          [s3!.link, s0!.link],
        ])
      })

      it('refuses a cursor that no page gave', async () => {
        for (const cursor of ['x', '', '1', '1.2', '-1.0.0', '1.-2.0', '1.0.0.0', '1.0.99999999999999999']) {
          const asking = store.enrolment.affected('acme', { by: 'key', value: id }, null, 2, cursor)
          await expect(asking).rejects.toThrow(coded('request-invalid'))
        }
      })
    })
  })
}
