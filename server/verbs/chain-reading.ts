import { CodedError, hex } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import { type ChainLine, parseBundle, receiptOf } from '@countersign/formats'
import type { Signer } from '@countersign/sign'
import { type Chain, readChainConcurrently, type Trust, trustToday } from '@countersign/verify'
import type { Anchored } from '@countersign/verify/anchors'
import type { StoredAct } from '../acts.ts'
import type { ChainAnchors } from './chain-anchors.ts'
import { loggedDeviation, MAX_DEVIATIONS } from './admit-deviation.ts'
import type { Deps } from './deps.ts'

/** Chains that one decision looks into, the newest first: as many as `countersign gate` fetches. */
const MAX_CHAINS = 20
/** Bytes of their attestations. */
const MAX_BYTES = 64 * 1024 * 1024
/** What is kept of what was read: chains, and bytes of their payloads. Held, a step takes several times as much. */
const MAX_KEPT = 2_048
const MAX_KEPT_BYTES = 16 * 1024 * 1024

type Sources = Pick<Deps, 'store' | 'log' | 'verified' | 'crypto' | 'now'>

/** What a gate judges. */
export interface ChainReading {
  readonly chain: Chain
  /** Null where the contract asks for no anchors, or nothing was stated yet. */
  readonly anchored: Anchored | null
}

/** What a gate needs beside what every verb has. */
export interface GateParts {
  readonly readings: ChainReadings
  /** The key of the log: it signs what gates are told too. */
  readonly signer: Signer
}

export function gateParts(sources: Sources, anchors: ChainAnchors, signer: Signer): GateParts {
  return { readings: new ChainReadings(sources, anchors), signer }
}

interface Kept {
  readonly chain: Chain
  /** ISO time from which a revocation counts that was said already; null where there is none to come. */
  readonly until: string | null
  readonly bytes: number
}

/**
 * What the store has of an artifact, verified under a contract. Kept is what cannot change: signatures and receipts that
 * were good stay good under the same keys. It is kept by how far each chain has come, what was erased of it, the contract's
 * digest, every revocation and every trusted root; whatever depends on the time is judged anew for each decision.
 */
export class ChainReadings {
  readonly #deps: Sources
  readonly #anchors: ChainAnchors
  readonly #kept = new Map<string, Kept>()
  #bytes = 0
  /** Spelled out once for each trust that the tenant had. */
  readonly #spelled = new WeakMap<Trust, string>()

  constructor(deps: Sources, anchors: ChainAnchors) {
    this.#deps = deps
    this.#anchors = anchors
  }

  /** Throws `trust-missing`, `trust-root-expired`, `trust-root-invalid`, `input-too-large`, and what the store throws. */
  async of(tenant: string, artifact: string, contract: Contract): Promise<ChainReading> {
    const { store, verified, crypto, now } = this.#deps
    const found = (await store.lookup(tenant, [artifact], MAX_CHAINS)).map(({ chain }) => chain)
    const deviations = new Map<string, readonly StoredAct[]>()
    if (contract.maintainers !== null) {
      for (const chain of found)
        deviations.set(chain, await store.acts.about(tenant, 'deviation', chain, MAX_DEVIATIONS))
    }
    const standings = found.map((chain) => {
      const { length, erased } = store.decisions.standing(tenant, chain)
      return [chain, length, erased, ...(deviations.get(chain) ?? []).map(({ digest }) => digest)].join(':')
    })
    const today = await verified.trust(tenant)
    const roots = verified.vouching.rootsFor(contract)
    const revoked = today.signers.flatMap(({ key, revokedAt }) =>
      revokedAt === null ? [] : [{ keyId: key.keyId, since: revokedAt }],
    )
    const trust = trustToday(contract, { roots, revoked, timekeepers: verified.vouching.logs() })
    const known = [...roots.trustedRoots, ...(roots.publicRoot === null ? [] : [roots.publicRoot])]
    const key = [
      tenant,
      contract.digest,
      this.#revocationsIn(today),
      known.map((root) => this.#idOf(root)).join(),
      roots.publicRoot === null ? '' : 'public',
      ...standings,
    ].join(' ')
    const at = now()
    const read = async (chain: Chain) => {
      const anchored = contract.anchored === null ? null : await this.#anchors.of(tenant, chain, found, trust)
      return { chain, anchored }
    }
    const kept = this.#kept.get(key)
    if (kept !== undefined && (kept.until === null || at < kept.until)) return read(kept.chain)
    const timed = trust.countersigners.length + (trust.timekeepers?.length ?? 0) > 0
    const { lines, whole, bytes } = await this.#lines(tenant, found, timed)
    for (const act of [...deviations.values()].flat()) lines.push(await loggedDeviation(this.#deps.log, act))
    const chain = await readChainConcurrently(lines, trust, crypto, at)
    const coming = revoked.map(({ since }) => since).filter((since) => since > at)
    // What no checkpoint covers yet is no part of it, and will be without anything else being different.
    if (whole) this.#keep(key, { chain, until: coming.toSorted()[0] ?? null, bytes })
    return read(chain)
  }

  async #lines(tenant: string, chains: readonly string[], timed: boolean) {
    const { store, log } = this.#deps
    const lines: ChainLine[] = []
    let bytes = 0
    let whole = true
    for (const id of chains) {
      for await (const { link, bundle } of store.chain(tenant, id)) {
        bytes += bundle?.length ?? 0
        if (bytes > MAX_BYTES) {
          throw new CodedError('input-too-large', `the chains of the artifact have more than ${MAX_BYTES} bytes`)
        }
        // A receipt says nothing to whom no log is known.
        const proof = bundle === null || !timed ? null : log.prove(tenant, link)
        if (bundle !== null && proof !== null) lines.push(parseBundle(bundle), receiptOf(proof))
        else if (bundle !== null && (timed ? log.isUnprovable(tenant, link) : log.covers(tenant, link))) {
          lines.push(parseBundle(bundle))
        } else {
          // Erased, it may be just now; or nobody was told yet that it was accepted.
          const closed = log.withheld(tenant, link)
          if (closed === null) whole = false
          else lines.push(closed)
        }
      }
    }
    return { lines, whole, bytes }
  }

  #keep(key: string, kept: Kept): void {
    this.#drop(key)
    if (kept.bytes > MAX_KEPT_BYTES) return
    this.#kept.set(key, kept)
    this.#bytes += kept.bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT && this.#bytes <= MAX_KEPT_BYTES) return
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }

  #revocationsIn(trust: Trust): string {
    const known = this.#spelled.get(trust)
    if (known !== undefined) return known
    const revoked = trust.signers.flatMap(({ key, revokedAt }) =>
      revokedAt === null ? [] : [`${key.keyId}@${revokedAt}`],
    )
    const logs = trust.countersigners.map(({ key, revokedAt }) => `${key.name}+${key.keyId}@${revokedAt}`)
    const spelled = [...revoked.toSorted(), ...logs].join()
    this.#spelled.set(trust, spelled)
    return spelled
  }

  readonly #ids = new WeakMap<Uint8Array, string>()

  #idOf(root: Uint8Array): string {
    const known = this.#ids.get(root) ?? hex(this.#deps.crypto.sha256(root))
    this.#ids.set(root, known)
    return known
  }
}
