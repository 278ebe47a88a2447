import { type Code, CodedError } from '@countersign/core'
import type { ViewStore } from './view-store.ts'

export interface CountingInput {
  readonly views: Pick<ViewStore, 'count' | 'standing'>
  readonly failed: (code: Code, error: unknown) => void
  /** Milliseconds. */
  readonly lookEvery?: number
}

const STOPPED = Symbol('stopped')
/** How often is looked whether somebody writes, milliseconds; whoever has not meanwhile is let alone by what is counted. */
const LOOK_EVERY = 100
/** How often something is counted all the same where somebody always writes. */
const LOOKS_WITHOUT = 2
/** What is counted at once where nobody writes, and where somebody does: as many as a deploy that waits does not notice. */
const MANY = 1_000
const FEW = 64

/**
 * Counts what screens show behind the log: at once where nobody writes, and a little each second where somebody always
 * does. What fails is tried again.
 */
export function keepCounting({ views, failed, lookEvery = LOOK_EVERY }: CountingInput): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | null | typeof STOPPED = null
  let seen = -1
  let looks = 0
  const look = async () => {
    const { behind, busy, writes } = views.standing()
    const quiet = !busy && writes === seen
    seen = writes
    looks += 1
    if (!behind || !(quiet || looks >= LOOKS_WITHOUT)) return
    looks = 0
    let more = true
    while (more) {
      const before = views.standing().writes
      const done = await views.count(quiet ? MANY : FEW)
      seen = views.standing().writes
      // Its own call is one.
      more = done > 0 && quiet && seen === before + 1 && timer !== STOPPED
    }
  }
  const begin = () => {
    running = look()
      .catch((error: unknown) => failed(error instanceof CodedError ? error.code : 'internal', error))
      .then(() => {
        if (timer !== STOPPED) timer = setTimeout(begin, lookEvery)
      })
  }
  begin()
  return {
    async stop() {
      if (timer !== null && timer !== STOPPED) clearTimeout(timer)
      timer = STOPPED
      await running
    },
  }
}
