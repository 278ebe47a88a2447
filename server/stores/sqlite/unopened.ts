import { CodedError } from '@countersign/core'
import { fullDisk } from './full-disk.ts'

/** The files of a store: what each is called, how its place is named, and what to do where it is damaged. */
const FILES = {
  directory: {
    name: 'the data directory',
    option: '--data DIR',
    damaged: 'Delete the file serving.lock in it: nothing is kept there.',
  },
  database: {
    name: 'the database',
    option: '--data DIR',
    damaged: 'Bring it back from a backup (SECURITY.md, Backups), or name another directory: --data DIR',
  },
  keyring: {
    name: 'the keyring',
    option: '--keys FILE',
    damaged: 'Bring back the newest copy of the keys (--keys FILE). SECURITY.md says it step by step: Backups.',
  },
  lock: {
    name: 'the checkpoint lock',
    option: '--lock FILE',
    damaged:
      'Point the server to the lock of this log (--lock FILE), and never make it anew while there is data. SECURITY.md: When the log refuses to start.',
  },
} as const

/** What is told of a file that cannot be opened: why, and what to do about it. */
export function unopened(of: keyof typeof FILES, file: string, cause: unknown): CodedError {
  const full = fullDisk(cause)
  if (full !== null) return full
  const { name, option, damaged } = FILES[of]
  const reason = reasonOf(cause)
  return new CodedError('store-failed', `${name} ${file} cannot be opened${reason === '' ? '' : `: ${reason}`}`, {
    fix: fixOf(reason, option, damaged),
    cause,
  })
}

function fixOf(reason: string, option: string, damaged: string): string {
  if (/not a database|malformed/.test(reason)) return damaged
  if (/is locked/.test(reason)) return `Stop the other program that has it open, or name another: ${option}`
  return `Name a place that this user may write to: ${option}`
}

/** What the system said, or SQLite, without the path again. From another thread it comes as the cause. */
function reasonOf(cause: unknown): string {
  const said = cause instanceof CodedError ? cause.cause : cause
  return said instanceof Error ? said.message.replace(/, \w+ '[^]*$/, '') : ''
}
