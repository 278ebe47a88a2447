import { resolve } from 'node:path'
import type { Client, Covered } from '@countersign/client'
import { CodedError, type Crypto } from '@countersign/core'
import type { Coverage, SignedLogStatement } from '@countersign/formats'
import {
  type AnchorProof,
  type AnchorRoots,
  ANCHOR_KINDS,
  joinAnchorRoots,
  MAX_ANCHOR_TRUST_BYTES,
  NO_ANCHOR_ROOTS,
} from '@countersign/formats/anchor'
import type { AnchorDemand, Chain, Trust } from '@countersign/verify'
import type { Anchored, Statements } from '@countersign/verify/anchors'
import type { Context } from './context.ts'
import { readBounded } from './files.ts'
import { plain } from './output.ts'

/** What `--require-anchors` demands: kinds that must all be there, or how many different ones. Throws `usage`. */
export function anchorDemands(text: string | undefined): readonly AnchorDemand[] {
  if (text === undefined) return []
  if (/^[1-4]$/.test(text)) return [{ kinds: [], count: Number(text), within: null }]
  const kinds = text.split(',').map((name) => {
    const kind = ANCHOR_KINDS.find((one) => one === name)
    if (kind !== undefined) return kind
    throw new CodedError('usage', `--require-anchors ${plain(text, 80)} is neither kinds of anchors nor their number`, {
      fix: `Name them with commas between: ${ANCHOR_KINDS.join(',')}; or how many different ones: 1 to 4.`,
    })
  })
  if (new Set(kinds).size !== kinds.length) throw new CodedError('usage', '--require-anchors names a kind twice')
  return [{ kinds, count: kinds.length, within: null }]
}

/** Whom to believe among anchors, by the files of `--anchor-trust`; null where none is named. */
export async function readAnchorRootsFrom(
  context: Context,
  files: readonly string[] | undefined,
  crypto: Pick<Crypto, 'sha256'>,
): Promise<AnchorRoots | null> {
  if (files === undefined) return null
  const { parseAnchorTrust } = await import('@countersign/verify/anchors')
  return files
    .map((file) => parseAnchorTrust(readBounded(resolve(context.cwd, file), MAX_ANCHOR_TRUST_BYTES), crypto))
    .reduce(joinAnchorRoots, NO_ANCHOR_ROOTS)
}

/** What was brought forward of a chain, verified; null where nothing was. */
export async function anchoredOf(
  chain: Chain,
  outside: Statements,
  trust: Pick<Trust, 'countersigners'>,
  roots: AnchorRoots,
  crypto: Crypto,
): Promise<Anchored | null> {
  if (outside.statements.length + outside.coverage.length + outside.anchors.length === 0) return null
  const { anchorTrustOf, verifyAnchors } = await import('@countersign/verify/anchors')
  const { countersigners } = trust
  return verifyAnchors(chain, outside, { countersigners, anchors: anchorTrustOf(roots, crypto) }, crypto)
}

/** How many statements after the first one are looked through for an anchor that the first did not get into. */
const MAX_LATER = 7

/**
 * The statements that first cover the entries of some chains, and their anchors. Where one of them is missing from an
 * anchor that it was meant for, a later statement that is in it does: it covers all that came before.
 */
export async function fetchStatements(client: Client, chains: readonly string[]): Promise<Statements> {
  const gathered = new Gathered(client)
  for (const chain of chains) {
    const first = await unlessMissing(client.coverage(chain), NOTHING)
    gathered.add(first)
    for (const { number } of first.statements) {
      let { waiting } = await gathered.anchorsOf(number)
      for (let later = number + 1; waiting.length > 0 && later <= number + MAX_LATER; later++) {
        const { proofs, waiting: still, missing } = await gathered.anchorsOf(later)
        if (missing) break
        if (proofs.length > 0 && waiting.some((name) => !still.includes(name))) {
          gathered.add(await unlessMissing(client.coverage(chain, later), NOTHING))
        }
        waiting = waiting.filter((name) => still.includes(name))
      }
    }
  }
  return gathered.statements()
}

const NOTHING: Covered = { statements: [], coverage: [] }

interface Found {
  readonly proofs: readonly AnchorProof[]
  readonly waiting: readonly string[]
  /** There is no such statement. */
  readonly missing: boolean
}

class Gathered {
  readonly #client: Client
  readonly #statements = new Map<number, SignedLogStatement>()
  readonly #coverage: Coverage[] = []
  readonly #anchors = new Map<number, Promise<Found>>()

  constructor(client: Client) {
    this.#client = client
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
    const found = await unlessMissing(this.#client.statementAnchors(number), null)
    return found === null ? { proofs: [], waiting: [], missing: true } : { ...found, missing: false }
  }

  async statements(): Promise<Statements> {
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

/** See `rootsFor` of `verify/anchors`, which is loaded only where there are anchors. */
export async function rootsFor(
  own: AnchorRoots | null,
  anchors: readonly AnchorProof[],
  served: boolean,
  crypto: Pick<Crypto, 'sha256'>,
): Promise<AnchorRoots> {
  if (anchors.length === 0) return NO_ANCHOR_ROOTS
  const { rootsFor: found } = await import('@countersign/verify/anchors')
  return found(own, anchors, served, crypto)
}
