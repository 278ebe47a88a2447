import { CodedError } from '@countersign/core'
import type { Receipt, Withheld } from '@countersign/formats'
import type { VerifiedStep } from './types.ts'

/**
 * Which leaf is whose, as far as it is told. A leaf that is open has no other attestation in it; one leaf is about one
 * attestation; and the log had it before it had any step that goes on from it, or somebody put it there afterwards.
 */
export class LeavesKnown {
  /** Links by leaf. */
  readonly #links = new Map<string, string>()
  readonly #contradicted = new Set<string>()
  /** Leaves of withheld attestations by log and link. */
  readonly #leaves = new Map<string, number>()
  /** Index of the first known follower, by log and link. */
  readonly #followers = new Map<string, number>()

  constructor(opened: readonly Receipt[], steps: ReadonlyMap<string, VerifiedStep>) {
    for (const { opening, proof } of opened) {
      const { origin } = proof.checkpoint
      this.#links.set(`${proof.index} ${origin}`, opening.link)
      for (const { link } of steps.get(opening.link)?.statement.predicate.previous ?? []) {
        const name = `${link} ${origin}`
        this.#followers.set(name, Math.min(proof.index, this.#followers.get(name) ?? proof.index))
      }
    }
  }

  add({ unopened: { link }, proof }: Withheld): void {
    const { origin } = proof.checkpoint
    const leaf = `${proof.index} ${origin}`
    const name = `${link} ${origin}`
    const other = this.#links.get(leaf)
    if (other === undefined) this.#links.set(leaf, link)
    else if (other !== link) this.#contradicted.add(leaf)
    const index = this.#leaves.get(name)
    if (index === undefined) this.#leaves.set(name, proof.index)
    else if (index !== proof.index) this.#contradicted.add(leaf).add(`${index} ${origin}`)
  }

  /** Throws `withheld-invalid`. */
  check({ unopened: { link }, proof }: Withheld): void {
    const { origin } = proof.checkpoint
    if (this.#contradicted.has(`${proof.index} ${origin}`)) {
      throw new CodedError('withheld-invalid', `entry ${proof.index} of ${origin} is said to be of two attestations`)
    }
    const follower = this.#followers.get(`${link} ${origin}`)
    if (follower !== undefined && follower <= proof.index) {
      const what = `the leaf of ${link.slice(0, 12)} came into the log after that of a step that goes on from it`
      throw new CodedError('withheld-invalid', what)
    }
  }
}
