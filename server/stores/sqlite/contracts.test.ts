import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { enrolmentContract } from '../../../test/contracts/enrolment-store.ts'
import { remarkContract } from '../../../test/contracts/remark-store.ts'
import { storeContract } from '../../../test/contracts/store.ts'
import { tokenContract } from '../../../test/contracts/token-store.ts'
import { vouchedContract } from '../../../test/contracts/vouched-store.ts'
import { migrated } from '../../../test/migrated.ts'
import { openSqlite } from './store.ts'

storeContract('SQLite', opened)
remarkContract('SQLite', opened)
enrolmentContract('SQLite', opened)
tokenContract('SQLite', opened)
vouchedContract('SQLite', opened)

async function opened() {
  const root = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'))
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
}
