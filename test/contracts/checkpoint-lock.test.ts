import { memoryLock } from '../../packages/log/src/witness.test-kit.ts'
import { checkpointLockContract } from './checkpoint-lock.ts'

// The plainest lock there is: what the suite says holds without any database.
checkpointLockContract('in memory', async () => {
  const lock = memoryLock()
  return { lock, another: () => Promise.resolve(lock), remove: () => {} }
})
