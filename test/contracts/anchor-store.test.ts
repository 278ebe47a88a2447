import { memoryAnchorStore } from '../../packages/anchor/src/store.test-kit.ts'
import { anchorStoreContract } from './anchor-store.ts'

// The plainest store there is: what the suite says holds without any database.
anchorStoreContract('in memory', async () => {
  const store = memoryAnchorStore()
  return { store, reopen: () => Promise.resolve(store), remove: () => {} }
})
