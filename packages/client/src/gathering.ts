import { CodedError } from '@countersign/core'
import type { Coverage, SignedLogStatement } from '@countersign/formats'
import type { AnchorProof } from '@countersign/formats/anchor'
import type { Covered, StatementAnchors } from './anchored.ts'

/** Who has statements of a log: its server, near or far. */
export interface StatementSource {
  /** Throws `not-found`, `method-unknown` where nothing is stated. */
  coverage(chain: string, statement?: number): Promise<Covered>
  statementAnchors(number: number): Promise<StatementAnchors>
}

/** Statements that cover the entries of some chains, and what anchors prove of them. Nothing of it is verified. */
export interface GatheredStatements {
  readonly statements: readonly SignedLogStatement[]
  readonly coverage: readonly Coverage[]
  readonly anchors: readonly AnchorProof[]
}

/** How many statements after the first one are looked through for an anchor that the first did not get into. */
const MAX_LATER = 7

/**
 * The statements that first cover the entries of some chains, and their anchors. Where one of them is missing from an
 * anchor that it was meant for, a later statement that is in it does; it covers all that came before.
 */
export async function gatherStatements(
  source: StatementSource,
  chains: readonly string[],
): Promise<GatheredStatements> {
  const gathered = new Gathered(source)
  for (const chain of chains) {
    const first = await unlessMissing(source.coverage(chain), NOTHING)
    gathered.add(first)
    for (const { number } of first.statements) {
      let { waiting } = await gathered.anchorsOf(number)
      for (let later = number + 1; waiting.length > 0 && later <= number + MAX_LATER; later++) {
        const { proofs, waiting: still, missing } = await gathered.anchorsOf(later)
        if (missing) break
        if (proofs.length > 0 && waiting.some((name) => !still.includes(name))) {
          gathered.add(await unlessMissing(source.coverage(chain, later), NOTHING))
        }
        waiting = waiting.filter((name) => still.includes(name))
      }
    }
  }
  return gathered.statements()
}

const NOTHING: Covered = { statements: [], coverage: [] }

interface Found extends StatementAnchors {
  /** There is no such statement. */
  readonly missing: boolean
}

class Gathered {
  readonly #source: StatementSource
  readonly #statements = new Map<number, SignedLogStatement>()
  readonly #coverage: Coverage[] = []
  readonly #anchors = new Map<number, Promise<Found>>()

  constructor(source: StatementSource) {
    this.#source = source
  }

  add({ statements, coverage }: Covered): void {
    for (const statement of statements) this.#statements.set(statement.number, statement)
    this.#coverage.push(...coverage)
  }

  anchorsOf(number: number): Promise<Found> {
    const known = this.#anchors.get(number) ?? this.#fetch(number)
    this.#anchors.set(number, known)
    return known
  }

  async #fetch(number: number): Promise<Found> {
    const found = await unlessMissing(this.#source.statementAnchors(number), null)
    return found === null ? { proofs: [], waiting: [], missing: true } : { ...found, missing: false }
  }

  async statements(): Promise<GatheredStatements> {
    const anchors: AnchorProof[] = []
    for (const number of this.#statements.keys()) anchors.push(...(await this.anchorsOf(number)).proofs)
    return { statements: [...this.#statements.values()], coverage: this.#coverage, anchors }
  }
}

/** A server without statements, or one of before them, has nothing to say. */
async function unlessMissing<T, U>(asked: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'not-found' || error.code === 'method-unknown')) return otherwise
    throw error
  }
}
