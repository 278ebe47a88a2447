import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IssuerStore, KnownIssuer, Session, StoredIssuer, UsedToken } from '../../server/issuer-store.ts'
import { at } from '../pipeline.ts'

const DAY = 24 * 60 * 60 * 1000
const NOW = Date.parse(at(0))

export function issuerOf(more: Partial<StoredIssuer> = {}): StoredIssuer {
  return {
    tenant: 'acme',
    id: 'main',
    issuer: 'https://issuer.example',
    rule: '{"a":1}',
    addedAt: at(0),
    addedBy: 'admin',
    removedAt: null,
    ...more,
  }
}

export function usedToken(more: Partial<UsedToken> & { id?: number } = {}): UsedToken {
  const { id = 1, ...rest } = more
  return { issuer: 'https://issuer.example', hash: new Uint8Array(32).fill(id), expiresAt: NOW + 60_000, ...rest }
}

export function sessionOf(more: Partial<Session> = {}): Session {
  return {
    id: `s${'0'.repeat(24)}`,
    tenant: 'acme',
    rule: 1,
    hash: new Uint8Array(32).fill(7),
    scopes: ['append', 'read'],
    holder: 'f'.repeat(64),
    token: usedToken().hash,
    identity: 'e'.repeat(64),
    expiresAt: NOW + 3_600_000,
    ...more,
  }
}

const invalid = () => expect.objectContaining({ name: 'CodedError', code: 'request-invalid' }) as Error

/** What every {@link IssuerStore} promises. `reopen` closes and opens the same data again. */
export function issuerStoreContract(
  name: string,
  open: () => Promise<{ store: IssuerStore; reopen: () => Promise<IssuerStore>; remove: () => Promise<void> | void }>,
): void {
  describe(`${name}: a store of issuers`, () => {
    let store: IssuerStore
    let opened: Awaited<ReturnType<typeof open>>
    beforeEach(async () => {
      opened = await open()
      ;({ store } = opened)
    })
    afterEach(() => opened.remove())
    const add = (more: Partial<StoredIssuer> = {}, most = 10) => store.add(issuerOf(more), most)

    const bare = (known: readonly KnownIssuer[]) => known.map(({ serial: _serial, ...rest }) => rest)

    it('keeps rules, each for its tenant, and finds those of an issuer over all', async () => {
      await add()
      await add({ tenant: 'other' })
      await add({ id: 'another', rule: '{"a":2}', issuer: 'https://else.example', addedAt: at(1) })
      store = await opened.reopen()
      expect((await store.list('acme')).map(({ id }) => id)).toEqual(['main', 'another'])
      expect(bare(await store.list('other'))).toEqual([issuerOf({ tenant: 'other' })])
      expect(await store.list('nobody')).toEqual([])
      expect((await store.of('https://issuer.example')).map(({ tenant }) => tenant)).toEqual(['acme', 'other'])
      // Exactly: no slash more, no other case.
      for (const near of ['https://issuer.example/', 'https://ISSUER.example', 'https://issuer.exampl', '%', '']) {
        expect(await store.of(near)).toEqual([])
      }
    })

    it('takes the same rule again, gives its id to no other, and holds so many', async () => {
      await add({}, 1)
      await add({ addedAt: at(5), addedBy: 'else' }, 1)
      await expect(add({ rule: '{"a":2}' }, 10)).rejects.toThrow(invalid())
      await expect(add({ id: 'another', rule: '{"a":2}' }, 1)).rejects.toThrow(invalid())
      expect(bare(await store.list('acme'))).toEqual([issuerOf()])
      // Another tenant's do not count.
      await add({ tenant: 'other', rule: '{"a":2}' }, 1)
      expect(await store.list('other')).toHaveLength(1)
    })

    it('ends a rule for good: added again it is another, and its history stays', async () => {
      await add()
      expect(await store.remove('other', 'main', at(1))).toBe(false)
      expect(await store.remove('acme', 'another', at(1))).toBe(false)
      expect(await store.of('https://issuer.example')).toHaveLength(1)
      expect(await store.remove('acme', 'main', at(1))).toBe(true)
      expect(await store.remove('acme', 'main', at(9))).toBe(true)
      expect(await store.of('https://issuer.example')).toEqual([])
      await add({ rule: '{"a":2}', addedAt: at(2) }, 1)
      const known = await store.list('acme')
      expect(bare(known)).toEqual([issuerOf({ removedAt: at(1) }), issuerOf({ rule: '{"a":2}', addedAt: at(2) })])
      expect(known[0]!.serial).not.toBe(known[1]!.serial)
      expect(await store.remove('acme', 'main', at(3))).toBe(true)
      expect((await store.list('acme')).map(({ removedAt }) => removedAt)).toEqual([at(1), at(3)])
    })

    it('uses a token up once, of any number at once, and after it is opened again', async () => {
      expect(await store.used(usedToken())).toBe(false)
      const won = await Promise.all(Array.from({ length: 8 }, () => store.use(usedToken(), NOW)))
      expect(won.filter(Boolean)).toHaveLength(1)
      store = await opened.reopen()
      expect([await store.used(usedToken()), await store.used(usedToken({ id: 2 }))]).toEqual([true, false])
      expect(await store.use(usedToken(), NOW)).toBe(false)
      // Neither another expiry nor another time makes it new.
      expect(await store.use(usedToken({ expiresAt: NOW + DAY }), NOW + 1)).toBe(false)
      expect(await store.use(usedToken({ id: 2 }), NOW)).toBe(true)
      // The same id of another issuer is another token.
      expect(await store.use(usedToken({ issuer: 'https://else.example' }), NOW)).toBe(true)
    })

    it('remembers what was used for a day after it expired, and then lets go of it', async () => {
      expect(await store.use(usedToken({ expiresAt: NOW }), NOW)).toBe(true)
      for (const later of [0, 1, DAY]) {
        await store.use(usedToken({ id: 2 }), NOW + later)
        expect(await store.use(usedToken({ expiresAt: NOW }), NOW + later)).toBe(false)
      }
      expect(await store.use(usedToken({ expiresAt: NOW }), NOW + DAY + 1)).toBe(true)
    })

    it('opens sessions under rules in force only, and ends them with their rule', async () => {
      expect(await store.openSession(sessionOf(), NOW)).toBe(false)
      await add()
      const rule = (await store.list('acme'))[0]!.serial
      const own = (more: Partial<Session> = {}) => sessionOf({ rule, ...more })
      const theirs = own({ tenant: 'other', id: `s${'1'.repeat(24)}` })
      expect(await store.openSession(theirs, NOW)).toBe(false)
      expect(await store.openSession(own(), NOW)).toBe(true)
      // Repeated after an answer that was lost; with another secret it is not the same.
      expect(await store.openSession(own(), NOW)).toBe(true)
      expect(await store.openSession(own({ hash: new Uint8Array(32) }), NOW)).toBe(false)
      store = await opened.reopen()
      expect(await store.session(sessionOf().id)).toEqual(own())
      expect(await store.session(theirs.id)).toBeNull()
      await store.remove('other', 'main', at(1))
      expect(await store.session(sessionOf().id)).toEqual(own())
      await store.remove('acme', 'main', at(1))
      expect(await store.session(sessionOf().id)).toBeNull()
      expect(await store.openSession(own({ id: `s${'2'.repeat(24)}` }), NOW)).toBe(false)
      // The rule that comes after it does not bring them back.
      await add()
      expect(await store.session(sessionOf().id)).toBeNull()
    })

    it('resumes a session with the token that opened it, so often, while it lasts and its rule does', async () => {
      await add()
      const rule = (await store.list('acme'))[0]!.serial
      const { id, expiresAt } = sessionOf()
      const resume = (more: { id?: string; token?: UsedToken; most?: number; now?: number } = {}) =>
        store.resume(more.id ?? id, more.token ?? usedToken(), more.most ?? 9, more.now ?? NOW)
      expect(await resume()).toBe(false)
      await store.openSession(sessionOf({ rule }), NOW)
      for (const wrong of [
        { id: `s${'1'.repeat(24)}` },
        { id: "' OR 1=1; --" },
        { token: usedToken({ id: 2 }) },
        { token: usedToken({ issuer: 'https://else.example' }) },
        { token: usedToken({ hash: new Uint8Array() }) },
        { now: expiresAt },
        { most: 1 },
      ]) {
        expect([wrong, await resume(wrong)]).toEqual([wrong, false])
      }
      // None of these counted: four are left of five, of any number at once, and also after it is opened again.
      expect(await resume({ most: 5, now: expiresAt - 1 })).toBe(true)
      const all = await Promise.all(Array.from({ length: 8 }, () => resume({ most: 4 })))
      expect(all.filter(Boolean)).toHaveLength(2)
      store = await opened.reopen()
      expect([await resume({ most: 5 }), await resume({ most: 5 })]).toEqual([true, false])
      // One that was opened before its token was kept is never resumed, whatever is shown.
      const old = sessionOf({ id: `s${'3'.repeat(24)}`, rule, token: null, identity: null })
      await store.openSession(old, NOW)
      expect(await store.session(old.id)).toEqual(old)
      expect(await resume({ id: old.id })).toBe(false)
      expect(await resume({ id: old.id, token: usedToken({ hash: new Uint8Array() }) })).toBe(false)
      expect(await resume()).toBe(true)
      await store.remove('acme', 'main', at(1))
      expect(await resume()).toBe(false)
      await add()
      expect(await resume()).toBe(false)
    })

    it('lets go of sessions that have been over for a day', async () => {
      await add()
      const rule = (await store.list('acme'))[0]!.serial
      await store.openSession(sessionOf({ rule, expiresAt: NOW }), NOW)
      const next = (n: number, now: number) => store.openSession(sessionOf({ rule, id: `s${`${n}`.repeat(24)}` }), now)
      await next(1, NOW + DAY)
      expect(await store.session(sessionOf().id)).toEqual(sessionOf({ rule, expiresAt: NOW }))
      await next(2, NOW + DAY + 1)
      expect(await store.session(sessionOf().id)).toBeNull()
    })

    it('takes what looks like SQL as what it is (T-91)', async () => {
      const evil = "'; DROP TABLE issuers; --"
      await add()
      expect(await store.list(evil)).toEqual([])
      expect(await store.of(evil)).toEqual([])
      expect(await store.session(evil)).toBeNull()
      expect(await store.remove(evil, evil, evil)).toBe(false)
      expect(await store.use(usedToken({ issuer: evil }), NOW)).toBe(true)
      expect(await store.list('acme')).toHaveLength(1)
    })
  })
}
