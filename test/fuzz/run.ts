import { CodedError } from '@countersign/core'
import { Dice, mutate } from './mutate.ts'
import type { Target } from './targets.ts'

/** An input that a reader did not answer as it must. */
export interface Found {
  readonly input: Uint8Array
  readonly what: string
}

export interface Outcome {
  readonly execs: number
  /** How many were read to the end. */
  readonly read: number
  readonly found: Found | null
}

export interface RunOptions {
  readonly seed: number
  /** Asked before each input, with the number of those done. */
  go(execs: number): boolean
  /** Told each input before it is read. */
  onInput?(input: Uint8Array): void
}

const MAX_CORPUS = 500
const SLOW_MS = 2000

/** Feeds a reader its seeds and then mutations of them, until told to stop or until something is found. */
export function fuzz(target: Target, options: RunOptions): Outcome {
  const dice = new Dice(options.seed)
  const corpus = [...target.seeds]
  let execs = 0
  let read = 0
  while (options.go(execs)) {
    const input = execs < target.seeds.length ? target.seeds[execs]! : mutate(dice, corpus, target.words)
    options.onInput?.(input)
    const began = performance.now()
    execs++
    const what = judge(target, input)
    if (what !== null && what !== '') return { execs, read, found: { input, what } }
    if (performance.now() - began > SLOW_MS)
      return { execs, read, found: { input, what: `took more than ${SLOW_MS} ms` } }
    if (what !== null) continue
    read++
    // What is read to the end leads deeper than what is refused at the door.
    if (corpus.length < MAX_CORPUS) corpus.push(input)
    else corpus[target.seeds.length + dice.below(MAX_CORPUS - target.seeds.length)] = input
  }
  return { execs, read, found: null }
}

/** null: read. Empty: refused with a code, as is right. Else what is wrong. */
export function judge(target: Target, input: Uint8Array): string | null {
  try {
    target.run(input)
    return null
  } catch (error) {
    if (error instanceof CodedError) return ''
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}
