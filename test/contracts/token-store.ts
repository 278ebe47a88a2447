import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../server/store.ts'
import { at } from '../pipeline.ts'

/** What every store promises of API tokens. */
export function tokenContract(
  name: string,
  open: () => Promise<{ store: Store; reopen: () => Promise<Store>; remove: () => Promise<void> }>,
): void {
  describe(`${name}: API tokens`, () => {
    let store: Store
    let opened: Awaited<ReturnType<typeof open>>
    beforeEach(async () => {
      opened = await open()
      ;({ store } = opened)
      for (const tenant of ['acme', 'other']) await store.createTenant(tenant, at(0))
    })
    afterEach(() => opened.remove())

    it('takes the same token again, and gives its id to no other', async () => {
      const token = { id: 't', tenant: 'acme', hash: new Uint8Array(32).fill(1), scopes: ['read', 'append'] } as const
      expect(await store.token('t')).toBeNull()
      await store.createToken(token, at(1))
      await store.createToken(token, at(2))
      const others = [{ tenant: 'other' }, { hash: new Uint8Array(32) }, { scopes: ['read', 'admin'] }] as const
      for (const other of others) {
        await expect(store.createToken({ ...token, ...other }, at(3))).rejects.toThrow(
          expect.objectContaining({ code: 'request-invalid' }),
        )
      }
      expect(await store.token('t')).toEqual(token)
    })

    it('lists the tokens of a tenant, oldest first, and ends one for that tenant alone', async () => {
      const made = (id: string, tenant: string) =>
        store.createToken({ id, tenant, hash: new Uint8Array(32).fill(1), scopes: ['read', 'append'] }, at(1))
      for (const [id, tenant] of [
        ['t', 'acme'],
        ['u', 'acme'],
        ['v', 'other'],
      ] as const)
        await made(id, tenant)
      const ids = async (tenant: string) => (await store.tokens(tenant)).map(({ id }) => id)
      expect(await store.tokens('acme')).toEqual([
        { id: 't', scopes: ['read', 'append'], createdAt: at(1), expiresAt: null },
        { id: 'u', scopes: ['read', 'append'], createdAt: at(1), expiresAt: null },
      ])
      // Neither another tenant's, nor one that is not there.
      for (const id of ['v', 'w', "t' OR '1'='1", '%'])
        expect([id, await store.revokeToken('acme', id)]).toEqual([id, false])
      expect([await ids('acme'), await ids('other')]).toEqual([['t', 'u'], ['v']])
      expect([await store.revokeToken('acme', 't'), await store.token('t'), await ids('acme')]).toEqual([
        true,
        null,
        ['u'],
      ])
      expect(await store.revokeToken('acme', 't')).toBe(false)
      // Its id may be given again: nobody holds the old secret's hash any more.
      await made('t', 'other')
      expect((await store.token('t'))?.tenant).toBe('other')
    })
  })
}
