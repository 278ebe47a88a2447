import type { CheckpointLock } from '@countersign/log'
import type { openSqliteLock } from './lock.ts'
import { Threaded } from './thread.ts'

/** The lock of `openSqliteLock` in a thread of its own: each checkpoint waits for the disk, and requests must not. */
export function openThreadedLock(file: string): CheckpointLock & { close(): Promise<void> } {
  const thread = new Threaded<ReturnType<typeof openSqliteLock>>(
    new URL('./lock-thread.ts', import.meta.url),
    file,
    'the thread of the checkpoint lock',
  )
  let opened = false
  const call: typeof thread.call = (...called) => {
    opened = true
    return thread.call(...called)
  }
  return {
    read: (origin) => call('read', origin),
    swap: (origin, old, next) => call('swap', origin, old, next),
    async close() {
      try {
        // One that was never asked for anything is not made now.
        if (opened) await call('close')
      } finally {
        await thread.stop()
      }
    },
  }
}
