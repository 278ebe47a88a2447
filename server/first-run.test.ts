import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { keysFound, openHome } from './first-run.ts'
import { openSqlite } from './stores/sqlite/store.ts'

const NOW = '2026-11-01T12:00:00.000Z'
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-first-run-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const input = () => ({ directory, origin: 'log.example', passphrase: null, crypto: nodeCrypto })

it('makes no key for who only looks', async () => {
  await expect(keysFound(input())).rejects.toThrow(expect.objectContaining({ code: 'key-unreadable' }))
  expect(readdirSync(directory)).toEqual([])
})

it('goes on where the first run was cut off while the token was written', async () => {
  const store = await openSqlite(join(directory, 'countersign.db'))
  writeFileSync(join(directory, 'token.tmp'), 'cst_')
  const { token, tokenFile } = await openHome(input(), store, NOW)
  expect([readFileSync(tokenFile, 'utf8'), statSync(tokenFile).mode & 0o777]).toEqual([`${token}\n`, 0o600])
  expect(existsSync(join(directory, 'token.tmp'))).toBe(false)
  await store.close()
})
