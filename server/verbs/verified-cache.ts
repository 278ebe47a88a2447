import { CodedError } from '@countersign/core'
import { parseContract, type Contract } from '@countersign/contract'
import { parseBundle } from '@countersign/formats'
import { ANY_IDENTITY, type Trust, type VerifiedStep, verifyStep } from '@countersign/verify'
import type { IdentityCrypto } from '@countersign/verify/identity'
import type { Store, StoredBundle } from '../store.ts'
import { NOBODY_VOUCHES, type Vouching } from './vouching.ts'

/** Mostly the predecessor of a step came moments before it. */
const MAX_STEPS = 4_096
/** Bytes of their payloads: some steps name a hundred thousand files. Held, one takes several times as much. */
const MAX_STEP_BYTES = 16 * 1024 * 1024
const MAX_ERASED = 4_096
const MAX_CONTRACTS = 1_000
/** How long a tenant's keys may be remembered: another server may have revoked one. */
const TRUST_MS = 2_000

/**
 * What was verified lately, so that a predecessor is not verified anew for each of its successors. A step that is
 * not remembered is verified from its stored bundle: the store is not believed.
 */
export class VerifiedCache {
  readonly #store: Store
  readonly #crypto: IdentityCrypto
  readonly #vouching: Vouching
  readonly #clock: () => number
  readonly #steps = new Map<string, VerifiedStep>()
  #stepBytes = 0
  /** Erased lately: an append of it that is still being answered must not bring it back. */
  readonly #erased = new Map<string, true>()
  readonly #contracts = new Map<string, Contract>()
  readonly #trust = new Map<string, { trust: Trust; until: number }>()

  constructor(store: Store, crypto: IdentityCrypto, clock: () => number, vouching: Vouching = NOBODY_VOUCHES) {
    this.#store = store
    this.#crypto = crypto
    this.#clock = clock
    this.#vouching = vouching
  }

  /** Whose certificates are taken. */
  get vouching(): Vouching {
    return this.#vouching
  }

  /**
   * The tenant's enrolled keys, the revoked ones with their time; and everybody whom an authority vouches for: whether
   * that was for this tenant is asked of `vouching`.
   */
  async trust(tenant: string): Promise<Trust> {
    const held = this.#trust.get(tenant)
    if (held !== undefined && this.#clock() < held.until) return held.trust
    const keys = await this.#store.keys(tenant)
    const trust = {
      signers: keys.map(({ name, key, revokedAt }) => ({ name, key, revokedAt })),
      countersigners: this.#vouching.logs(),
      authorities: this.#vouching.authorities(),
      identities: [ANY_IDENTITY],
    }
    this.#trust.set(tenant, { trust, until: this.#clock() + TRUST_MS })
    return trust
  }

  /** To be called when the tenant's keys have changed. */
  forgetTrust(tenant: string): void {
    this.#trust.delete(tenant)
  }

  /** To be called when a step was erased: nothing goes on from it, whoever was about to remember it. */
  forgetStep(tenant: string, link: string): void {
    const name = `${tenant} ${link}`
    put(this.#erased, name, true, MAX_ERASED)
    const held = this.#steps.get(name)
    if (held === undefined) return
    this.#steps.delete(name)
    this.#stepBytes -= bytesOf(held)
  }

  remember(tenant: string, step: VerifiedStep): void {
    const name = `${tenant} ${step.link}`
    if (this.#steps.has(name) || this.#erased.has(name)) return
    this.#steps.set(name, step)
    this.#stepBytes += bytesOf(step)
    // Oldest out first; the newest stays, however large.
    for (const [oldest, held] of this.#steps) {
      const fits = this.#steps.size <= MAX_STEPS && this.#stepBytes <= MAX_STEP_BYTES
      if (fits || oldest === name) return
      this.#steps.delete(oldest)
      this.#stepBytes -= bytesOf(held)
    }
  }

  /** True for a step that was verified and stored lately. */
  has(tenant: string, link: string): boolean {
    return this.#steps.has(`${tenant} ${link}`)
  }

  /** The steps of these links that the tenant's store holds. Throws `store-failed` for one that does not verify (T-76). */
  async steps(tenant: string, links: readonly string[]): Promise<ReadonlyMap<string, VerifiedStep>> {
    const found = new Map<string, VerifiedStep>()
    const missing: string[] = []
    for (const link of links) {
      const step = this.#steps.get(`${tenant} ${link}`)
      if (step === undefined) missing.push(link)
      else found.set(link, step)
    }
    if (missing.length === 0) return found
    const trust = await this.trust(tenant)
    for (const stored of await this.#store.bundles(tenant, missing)) {
      const { link } = stored
      const step = this.#reverify(stored, trust)
      if (step.link !== link)
        throw new CodedError('store-failed', `the stored attestation ${link.slice(0, 12)} is not what it was`)
      this.remember(tenant, step)
      found.set(link, step)
    }
    return found
  }

  #reverify({ bundle, acceptedAt }: StoredBundle, trust: Trust): VerifiedStep {
    // It was accepted before a later revocation; whether it still counts is for the gate to say.
    const signers = trust.signers.map((known) => ({ ...known, revokedAt: null }))
    const authorities = (trust.authorities ?? []).map((known) => ({ ...known, revokedAt: null }))
    try {
      return verifyStep(parseBundle(bundle), { ...trust, signers, authorities }, this.#crypto, acceptedAt)
    } catch (cause) {
      throw new CodedError('store-failed', 'a stored attestation no longer verifies', { cause })
    }
  }

  /** A contract that the tenant's store holds, null when it does not. */
  async contract(tenant: string, digest: string): Promise<Contract | null> {
    const key = `${tenant} ${digest}`
    const held = this.#contracts.get(key)
    if (held !== undefined) return held
    const stored = await this.#store.contractByDigest(tenant, digest)
    if (stored === null) return null
    const contract = parseContract(stored.bytes)
    put(this.#contracts, key, contract, MAX_CONTRACTS)
    return contract
  }
}

function bytesOf({ bundle }: VerifiedStep): number {
  return bundle.envelope.payload.length
}

/** Oldest out first. */
function put<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.set(key, value)
  if (map.size <= most) return
  const oldest = map.keys().next().value
  if (oldest !== undefined) map.delete(oldest)
}
