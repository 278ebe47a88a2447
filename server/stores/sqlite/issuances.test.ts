import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issuanceContract } from '../../../test/contracts/issuance-store.ts'
import { migrated } from '../../../test/migrated.ts'
import { openSqlite } from './store.ts'

issuanceContract('SQLite', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-issuances-'))
  const file = join(root, 'countersign.db')
  let store = await openSqlite(migrated(file))
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
