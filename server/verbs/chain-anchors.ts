import { gatherStatements, type StatementSource } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { type AnchorRoots, MAX_ANCHOR_BYTES, parseAnchor } from '@countersign/formats/anchor'
import type { Chain, Trust } from '@countersign/verify'
import type { Anchored } from '@countersign/verify/anchors'
import type { CertificateCrypto } from '@countersign/verify/x509'
import { coverChain } from './cover-chain.ts'
import type { Deps } from './deps.ts'

/** How long the gate goes on with what it saw, milliseconds: an anchor that comes meanwhile lets nothing out too early. */
const KEPT_MS = 10_000
/** Entries of a chain that are proven at once. */
const PAGE = 200

type Sources = Pick<Deps, 'store' | 'log' | 'statements' | 'now'> & {
  readonly crypto: Deps['crypto'] & CertificateCrypto
}

/**
 * Whom this server believes about its own anchors, as its settings name them: logs, authorities, contracts, and which of
 * Bitcoin's networks. No blocks: those are what its nodes found final.
 */
export type AnchorBelief = AnchorRoots

/**
 * What this server's statements and their anchors prove of a chain, verified as everybody else would. Blocks are believed
 * that its own nodes found final, for nobody else is asked: whoever does not want to take its word has `countersign gate`.
 */
export class ChainAnchors {
  readonly #deps: Sources
  readonly #belief: AnchorBelief
  readonly #kept = new WeakMap<Chain, { readonly anchored: Anchored | null; readonly until: number }>()

  constructor(deps: Sources, belief: AnchorBelief) {
    this.#deps = deps
    this.#belief = belief
  }

  /** Null where nothing was stated yet. Throws what the store throws, and `log-corrupt`. */
  async of(
    tenant: string,
    chain: Chain,
    ids: readonly string[],
    trust: Pick<Trust, 'countersigners'>,
  ): Promise<Anchored | null> {
    const now = Date.parse(this.#deps.now())
    const kept = this.#kept.get(chain)
    if (kept !== undefined && now < kept.until) return kept.anchored
    const anchored = await this.#verify(tenant, chain, ids, trust)
    this.#kept.set(chain, { anchored, until: now + KEPT_MS })
    return anchored
  }

  async #verify(
    tenant: string,
    chain: Chain,
    ids: readonly string[],
    { countersigners }: Pick<Trust, 'countersigners'>,
  ): Promise<Anchored | null> {
    const { crypto } = this.#deps
    const outside = await gatherStatements(this.#sourceFor(tenant), ids)
    if (outside.statements.length === 0) return null
    const { anchorTrustOf, rootsServed, verifyAnchors } = await import('@countersign/verify/anchors')
    const anchors = anchorTrustOf(rootsServed(this.#belief, outside.anchors, crypto), crypto)
    return verifyAnchors(chain, outside, { countersigners, anchors }, crypto)
  }

  #sourceFor(tenant: string): StatementSource {
    const { store } = this.#deps
    return {
      coverage: async (chain, number = undefined) => {
        const statements = new Map<number, ReturnType<typeof coverChain>['statements'][number]>()
        const coverage: ReturnType<typeof coverChain>['items'][number][] = []
        for (let cursor: number | null = null; ; ) {
          const page = coverChain(this.#deps, tenant, chain, { number: number ?? null, limit: PAGE, cursor })
          for (const statement of page.statements) statements.set(statement.number, statement)
          coverage.push(...page.items)
          if (page.next === null) return { statements: [...statements.values()], coverage }
          cursor = Number(page.next)
        }
      },
      statementAnchors: async (number) => {
        if (store.statements.note(number) === null) throw new CodedError('not-found', `there is no statement ${number}`)
        const entries = await store.anchors.of(number)
        const final = entries.filter(({ finalAt }) => finalAt !== null)
        const proofs = await Promise.all(final.map(({ anchor }) => store.anchors.proof(anchor, number)))
        return {
          proofs: proofs.flatMap((bytes) =>
            bytes === null || bytes.length > MAX_ANCHOR_BYTES ? [] : [parseAnchor(bytes)],
          ),
          waiting: entries.filter(({ finalAt }) => finalAt === null).map(({ anchor }) => anchor),
        }
      },
    }
  }
}
