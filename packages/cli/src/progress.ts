import type { Progress } from '@countersign/record'
import type { Context } from './context.ts'

const WIDTH = 24

/** Draws long hashing on one line of a terminal; nothing elsewhere, nothing for short work. */
export function progressBar(
  context: Context,
  what: string,
): { update: (progress: Progress) => void; clear: () => void } {
  if (!context.interactive) return { update: () => undefined, clear: () => undefined }
  const begun = Date.parse(context.now())
  let drawn = false
  return {
    update({ files, bytes, totalBytes }) {
      const seconds = (Date.parse(context.now()) - begun) / 1000
      if (seconds < 0.5) return
      drawn = true
      const amount = `${files.toLocaleString('en-US')} files, ${size(bytes)}, ${size(bytes / seconds)}/s`
      context.stderr(
        `\r\u001b[K${what} ${totalBytes === null || totalBytes === 0 ? '' : `${bar(bytes / totalBytes)} `}${amount}`,
      )
    },
    clear() {
      if (drawn) context.stderr('\r\u001b[K')
    },
  }
}

/** Draws long work of so many like parts on one line of a terminal; nothing elsewhere, nothing for short work. */
export function stepsBar(
  context: Context,
  what: string,
  total: number,
): { update: (done: number) => void; clear: () => void } {
  const begun = performance.now()
  let drawn = false
  return {
    update(done) {
      if (!context.interactive || performance.now() - begun < 500) return
      drawn = true
      context.stderr(
        `\r\u001b[K${what} ${bar(done / total)} ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`,
      )
    },
    clear() {
      if (drawn) context.stderr('\r\u001b[K')
    },
  }
}

function bar(done: number): string {
  const full = Math.round(Math.min(1, done) * WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.floor(Math.min(1, done) * 100)).padStart(3)}%`
}

function size(bytes: number): string {
  for (const [unit, amount] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const) {
    if (bytes >= amount) return `${(bytes / amount).toFixed(1)} ${unit}`
  }
  return `${Math.round(bytes)} B`
}
