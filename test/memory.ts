import { existsSync, statfsSync } from 'node:fs'

/** Where writing is quick, in memory. */
const MEMORY = '/dev/shm'

/** A directory in memory with so many bytes free, where there is one: what is written there waits for no disk. */
export function memoryWith(bytes: number): string | null {
  if (!existsSync(MEMORY)) return null
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize >= bytes ? MEMORY : null
}
