import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { storeContract } from '../../../test/contracts/store.ts'
import { openSqlite } from './store.ts'

storeContract('SQLite', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'countersign.db')
  let store = await openSqlite(file)
  return {
    store,
    async reopen() {
      await store.close()
      store = await openSqlite(file)
      return store
    },
    async remove() {
      await store.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
})

it('says that a file which is no database cannot be opened', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
  const file = join(root, 'noise.db')
  writeFileSync(file, 'noise '.repeat(1000))
  await expect(openSqlite(file)).rejects.toThrow(expect.objectContaining({ code: 'store-failed' }))
  await expect(openSqlite(join(file, 'below'))).rejects.toThrow(expect.objectContaining({ code: 'store-failed' }))
  rmSync(root, { recursive: true, force: true })
})
