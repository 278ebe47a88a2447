import { CATALOGUE, type Code } from './codes.ts'

/** What every failure looks like outside the process: no stack, no internals. */
export interface ErrorReport {
  readonly code: Code
  /** What happened, in one line. */
  readonly what: string
  /** Why it is refused or failed: the attack or rule behind it. */
  readonly why: string
  /** What the user can do about it. */
  readonly fix: string
}

/**
 * The only error that leaves a room. `code` is from the closed union {@link Code};
 * `what` names the concrete thing, `why` and `fix` come from the catalogue unless
 * the thrower knows better.
 */
export class CodedError extends Error {
  override readonly name = 'CodedError'
  readonly code: Code
  readonly what: string
  readonly why: string
  readonly fix: string

  constructor(code: Code, what: string, more: { fix?: string; cause?: unknown } = {}) {
    super(`${code}: ${what}`, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.what = what
    this.why = CATALOGUE[code].why
    this.fix = more.fix ?? CATALOGUE[code].fix
  }

  /** The four fields users see; safe to serialise. */
  report(): ErrorReport {
    return { code: this.code, what: this.what, why: this.why, fix: this.fix }
  }
}

/** Most findings that are told of one thing: each costs whoever keeps and reads it, and whoever sends the thing pays nothing. */
export const MAX_FINDINGS = 100

/** What stands against one thing, each finding once, the first hundred of them in words and the rest as a number. */
export class Findings {
  /** Made when there is a first: almost everything that is judged has none. */
  #kept: Map<string, ErrorReport> | null = null
  #more: { readonly code: Code; count: number } | null = null

  readonly find = (code: Code, what: string): void => {
    const key = `${code} ${what}`
    this.#kept ??= new Map()
    if (this.#kept.has(key)) return
    if (this.#kept.size < MAX_FINDINGS) this.#kept.set(key, reportFor(code, what))
    else if (this.#more === null) this.#more = { code, count: 1 }
    else this.#more.count++
  }

  get list(): ErrorReport[] {
    if (this.#kept === null) return []
    const kept = [...this.#kept.values()]
    return this.#more === null ? kept : [...kept, reportFor(this.#more.code, `and ${this.#more.count} more findings`)]
  }
}

/** A report without an error to throw, for what is found and not thrown. */
function reportFor(code: Code, what: string): ErrorReport {
  return { code, what, ...CATALOGUE[code] }
}

/** Any thrown value as a report; what is not ours becomes `internal` with its details withheld. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CodedError) return error.report()
  return new CodedError('internal', 'an unexpected error').report()
}
