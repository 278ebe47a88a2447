import { type Code, CodedError } from '@countersign/core'
import type { Made } from './verbs/make-statement.ts'

export interface StatementTimerInput {
  /** Makes what is due. */
  readonly make: () => Promise<Made>
  /** Milliseconds. */
  readonly period: number
  readonly made: (facts: { number: number; start: string; end: string; covers: number; size: number }) => void
  readonly failed: (code: Code, error: unknown) => void
}

/** Longest time, in milliseconds, that a statement is late because nobody looked. */
const LOOK_EVERY = 60_000

/** Looks now, and then again and again, whether a statement is due. What failed is tried again at the next look. */
export function keepStating({ make, period, made, failed }: StatementTimerInput): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | null = null
  let stopped = false
  const look = async () => {
    try {
      const outcome = await make()
      if (outcome.made && outcome.statement !== null) {
        const { number, start, end, covers, size } = outcome.statement
        made({ number, start, end, covers, size })
      }
    } catch (error) {
      failed(error instanceof CodedError ? error.code : 'internal', error)
    }
    if (!stopped) timer = setTimeout(begin, Math.min(LOOK_EVERY, period / 4))
  }
  const begin = () => {
    running = look()
  }
  begin()
  return {
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}

/** Milliseconds of a period that is given in seconds. */
export function periodOf(text: string): number {
  const seconds = Number(text)
  if (!/^[1-9][0-9]{0,7}$/.test(text) || seconds > 31_536_000)
    throw new CodedError('usage', `the statement period ${text} is not a number of seconds from 1 to 31536000`)
  return seconds * 1000
}
