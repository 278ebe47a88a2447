import type { Code } from '@countersign/core'

/** A fault in a contract, where it is, and what to write instead. Lines and columns count from 1. */
export interface Fault {
  readonly line: number
  readonly column: number
  readonly code: Code
  readonly what: string
  readonly fix: string
}

/** What a name must be. */
export const NAME_FIX = 'Use 1 to 128 letters, digits, . _ - /, with a letter or digit at both ends.'

/** Advice, or how to find it: looked for only where the fault is kept. */
export type Fix = string | (() => string)

/** Most faults that one run reports; a text with more is no contract with mistakes. */
const MAX_FAULTS = 100

/** The faults of one text, by offset (UTF-16 units). */
export class Faults {
  readonly list: Fault[] = []
  /** Offset of the first character of each line. */
  readonly #starts: number[] = [0]
  readonly #unreadable = new Set<number>()

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1)
  }

  get full(): boolean {
    return this.list.length >= MAX_FAULTS
  }

  add(at: number, code: Code, what: string, fix: Fix): void {
    if (this.full || this.#unreadable.has(at)) return
    const line = this.line(at)
    const column = at - this.#starts[line - 1]! + 1
    this.list.push({ line, column, code, what, fix: typeof fix === 'string' ? fix : fix() })
  }

  /** A fault after which nothing more is said of the value there: it would only repeat this one. */
  addUnreadable(at: number, code: Code, what: string, fix: Fix): void {
    this.add(at, code, what, fix)
    this.#unreadable.add(at)
  }

  line(at: number): number {
    let low = 0
    let high = this.#starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#starts[middle]! <= at) low = middle
      else high = middle
    }
    return low + 1
  }

  /** In the order of the text. */
  sorted(): Fault[] {
    return this.list.toSorted((a, b) => a.line - b.line || a.column - b.column)
  }
}

/** Text of the contract inside a message: short, on one line, nothing invisible. */
export function shown(text: string): string {
  if (text.length <= 128 && /^[\w./@*?+-]+$/.test(text)) return text
  return JSON.stringify(text.slice(0, 60)).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
