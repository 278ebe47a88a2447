import { CodedError, equal } from '@countersign/core'
import type { CheckpointLock } from '@countersign/log'
import { checkpointLockContract } from './checkpoint-lock.ts'

/** The plainest lock there is: what the suite says holds without any database. */
function memoryLock(): CheckpointLock {
  const held = new Map<string, Uint8Array>()
  return {
    async read(origin) {
      const note = held.get(origin)
      return note === undefined ? null : new Uint8Array(note)
    },
    async swap(origin, old, next) {
      const note = held.get(origin) ?? null
      const same = note === null || old === null ? note === old : equal(note, old)
      if (!same) throw new CodedError('checkpoint-conflict', 'another checkpoint is there')
      held.set(origin, new Uint8Array(next))
    },
  }
}

checkpointLockContract('in memory', async () => {
  const lock = memoryLock()
  return { lock, another: () => Promise.resolve(lock), remove: () => {} }
})
