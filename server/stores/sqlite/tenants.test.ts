import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrated } from '../../../test/migrated.ts'
import { at } from '../../../test/pipeline.ts'
import { firstToken } from '../../first-run.ts'
import { type Tenants, tenantNamed, tellTenants } from '../../tenants.ts'
import { openSqlite } from './store.ts'
import { openTenants } from './tenants.ts'

let root: string
let file: string
let tenants: Tenants
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-tenants-'))
  file = migrated(join(root, 'countersign.db'))
  tenants = openTenants(file)
})
afterEach(() => {
  tenants.close()
  rmSync(root, { recursive: true, force: true })
})

const coded = (code: string) => expect.objectContaining({ code }) as Error

test('a tenant is made with its token, as the store finds it', async () => {
  const { token } = firstToken('acme')
  expect(tenants.add(token, at(1))).toBe(true)
  const store = await openSqlite(file)
  expect([await store.token(token.id), await store.tokens('acme')]).toEqual([
    token,
    [{ id: token.id, scopes: ['append', 'read', 'admin'], createdAt: at(1), expiresAt: null }],
  ])
  await store.close()
})

test('of two who make one by the same name one wins', () => {
  const other = openTenants(file)
  const [first, second] = [firstToken('acme').token, firstToken('acme').token]
  expect([tenants.add(first, at(1)), other.add(second, at(2)), tenants.add(firstToken('b').token, at(2))]).toEqual([
    true,
    false,
    true,
  ])
  expect(other.list()).toEqual([
    { tenant: 'acme', createdAt: at(1) },
    { tenant: 'b', createdAt: at(2) },
  ])
  other.close()
})

test('a tenant without a token is not left behind', () => {
  const { token } = firstToken('acme')
  expect(tenants.add(token, at(1))).toBe(true)
  // Its id is taken.
  expect(() => tenants.add({ ...token, tenant: 'other' }, at(2))).toThrow(coded('store-failed'))
  expect(tenants.list()).toEqual([{ tenant: 'acme', createdAt: at(1) }])
})

test('they are listed in lines, oldest first', () => {
  for (const [i, name] of ['local', 'acme'].entries()) tenants.add(firstToken(name).token, at(i))
  const asked = { newTenant: null, url: 'http://127.0.0.1:8440', json: false, now: at(3) }
  expect(tellTenants(() => openTenants(file), asked)).toBe(`local  made ${at(0)}\nacme  made ${at(1)}\n`)
})

test.each(['a', '7', 'acme', 'acme.eu', 'a_b-c', 'a'.repeat(64)])('%j names a tenant', (name) =>
  expect(tenantNamed(name)).toBe(name),
)

test.each(['', 'Acme', 'a b', 'a/b', '..', '.a', 'a-', 'ä', 'a\n', '\0', "a'; DROP TABLE tenants; --", 'a'.repeat(65)])(
  '%j does not',
  (name) => expect(() => tenantNamed(name)).toThrow(coded('usage')),
)
