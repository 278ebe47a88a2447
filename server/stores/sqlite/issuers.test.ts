import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issuerStoreContract } from '../../../test/contracts/issuer-store.ts'
import { migrated } from '../../../test/migrated.ts'
import { openSqlite } from './store.ts'

issuerStoreContract('SQLite', async () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-issuers-'))
  const file = join(root, 'countersign.db')
  let store = await openSqlite(migrated(file))
  return {
    store: store.issuers,
    async reopen() {
      await store.close()
      store = await openSqlite(file)
      return store.issuers
    },
    async remove() {
      await store.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
})
