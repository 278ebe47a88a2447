/**
 * Port: whoever vouches for what runs here: a CI system for its job, a platform for its workload. Consumed by signers
 * that have no key of their own.
 */
export interface IdentityTokens {
  /** `github-actions`, …, `aws`, …; `oidc` for a token that somebody put here. */
  readonly system: string
  /** The one audience that it vouches to; null where any can be asked for. */
  readonly audience: string | null
  /** False where the job was given one token for all of its life: each counts once. */
  readonly renewable: boolean
  /** Whether a later process of the same job may be given the same token again: from a variable, a file or a cache. */
  readonly repeats: boolean
  /**
   * What the system's own API calls the run, where its tokens may not say: the environment's word. Null where they do, or
   * where it is not known.
   */
  readonly run?: string | null
  /**
   * A token for this audience, a compact JWT (RFC 7519), unverified. A secret: who has it is this job, for minutes.
   * Throws `identity-unavailable` with what is to be done in this very system, and never with a secret in it.
   */
  token(audience: string): Promise<string>
}
