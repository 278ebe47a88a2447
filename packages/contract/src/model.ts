import type { Code, Glob, PublicKey } from '@countersign/core'
import type { NoteKey } from '@countersign/formats'
import type { AnchorKind } from '@countersign/formats/anchor'
import type { Grade } from '@countersign/formats/identity'
import type { Certificate } from '@countersign/formats/x509'
import type { Condition } from './condition/condition.ts'
import type { EvidenceRule } from './evidence-rule.ts'
import type { IdentityPattern } from './identity-pattern.ts'

/** Who may sign under a name: whoever holds a key, or whom an authority vouches for. */
export type SignerRule = KeyRule | IdentityRule

export interface KeyRule {
  readonly kind: 'key'
  readonly key: PublicKey
}

export interface IdentityRule {
  readonly kind: 'identity'
  readonly pattern: IdentityPattern
  /** How well it must be known at least; null: however it is. */
  readonly grade: Grade | null
  /** Names of the authorities that may vouch for it; never none. */
  readonly authorities: readonly string[]
  /** ISO time: what it signs then or later is refused; null while it is believed. */
  readonly revokedAt: string | null
}

/** Whose certificates are believed. */
export type AuthorityRule = OwnAuthorityRule | SigstoreRule

/** A CA that proves in a log what it issues. The contract holds all that it takes to verify it. */
export interface OwnAuthorityRule {
  readonly kind: 'countersign'
  /** SHA-256 of its root certificate, hex. */
  readonly id: string
  /** Each issued by the next; the root is the last. */
  readonly certificates: readonly Certificate[]
  /** Keys of the logs that prove what it issues; never none. */
  readonly logs: readonly NoteKey[]
  readonly revokedAt: string | null
}

/** Id of the Sigstore public-good instance, whichever trusted root it has now: no digest is spelled so. */
export const PUBLIC_SIGSTORE = 'public'

/** All authorities of a Sigstore trusted root, which the contract pins; or of the one that the public instance has. */
export interface SigstoreRule {
  readonly kind: 'sigstore'
  /** SHA-256 of the bytes of its `trusted_root.json`, hex; or {@link PUBLIC_SIGSTORE}. */
  readonly id: string
  readonly revokedAt: string | null
}

/** Which of a predecessor's products a step receives. */
export interface MaterialRule {
  /** Name of the step it must come from; that step is in `after`. */
  readonly from: string
  /** At least one material must match each pattern; defaults to `**`: at least one material of that step. */
  readonly match: readonly Glob[]
  /** Where its names are moved to: a material must be called as its maker called it, but for this. Null: names may change. */
  readonly moved: MovedRule | null
}

/** A directory whose files another directory has here: the prefixes of in-toto's MATCH. Empty is the directory itself. */
export interface MovedRule {
  /** Of the maker, without a slash at the end. */
  readonly of: string
  /** Here, without a slash at the end. */
  readonly to: string
}

/** A material that may come from outside the pipeline. */
export interface OutsideRule {
  /** Matched against the material's name. */
  readonly match: Glob
  /** The one digest it must have; null allows any bytes under that name. */
  readonly sha256: string | null
  /** SHA-256, hex, of the contract of another pipeline under which it must be proven; null: of none. */
  readonly contract: string | null
}

/** Who must have approved, each in a job of their name. */
export interface ApprovalRule {
  /** How many different people. */
  readonly atLeast: number
  /** Whom each of them may sign as: names of signers of the step, none of them of two people. */
  readonly people: ReadonlyMap<string, readonly string[]>
}

export interface StepRule {
  readonly name: string
  /** Steps that must have gone before, each signed into `previous`. Empty only for source steps. */
  readonly after: readonly string[]
  /** Names of signers, one of which must have signed. */
  readonly signers: readonly string[]
  /** How well the signer must be known at least; null: however it is. */
  readonly minimumGrade: Grade | null
  readonly materials: readonly MaterialRule[]
  readonly outside: readonly OutsideRule[]
  /** Patterns of what it makes: each matched by a product, each product matched. Null: makes nothing of its own, or is a source step. */
  readonly products: readonly Glob[] | null
  /** Names that nothing may have that it receives or makes, whatever lets it in. */
  readonly disallow: readonly Glob[]
  /** The exact matrix keys, all required; null for a step outside a matrix. */
  readonly matrix: readonly string[] | null
  /** Null: it is no approval. */
  readonly approvals: ApprovalRule | null
  /** When a step that comes after it may do without: always, or where this does not hold of whoever comes after. Null: never. */
  readonly optional: 'always' | Condition | null
  /** Reports that it must have recorded, and what they must say; null demands none. */
  readonly evidence: EvidenceRule | null
  /** How long what it says counts, milliseconds; null: for ever. */
  readonly fresh: number | null
  /** Whose machine it runs on, as its certificate says; null: whoever's. */
  readonly runner: 'hosted' | 'self-hosted' | null
  /** What must hold of it beside. */
  readonly conditions: readonly Condition[]
}

/** A parsed, lint-clean contract. Made only by `parseContract`. */
export interface Contract {
  /** Codes that no deviation excuses, under a baseline; left out: those that nothing ever does. */
  readonly kept?: readonly Code[]
  readonly pipeline: string
  readonly revision: number
  /** SHA-256 of the contract's bytes, hex: what `chain.contract` holds. */
  readonly digest: string
  /** In the order of the text: of two that fit one identity, the first names it. */
  readonly signers: ReadonlyMap<string, SignerRule>
  readonly authorities: ReadonlyMap<string, AuthorityRule>
  /** Log keys of servers, one of whose receipts every step must carry; empty demands none. */
  readonly countersigners: readonly NoteKey[]
  readonly steps: ReadonlyMap<string, StepRule>
  /** The step that must have vouched for an artifact before a gate lets it pass. */
  readonly final: string
  /** `same`: all steps on a path have one attempt. `carry`: an earlier attempt's predecessor may be used ("re-run failed jobs"). */
  readonly attempts: 'same' | 'carry'
  /** How far clocks may disagree, milliseconds. */
  readonly clockTolerance: number
  /** Outside evidence that every step must have; null demands none. */
  readonly anchored: AnchoredRule | null
  /** Who must sign the next revision, and deviations from this one; null: whoever may publish. */
  readonly maintainers: Maintainers | null
  /** How long runs that are bound to an older revision may go on once this one is published, milliseconds. */
  readonly grace: number
}

/** k of n parties. */
export interface Maintainers {
  /** How many of them must sign; 1 to as many as there are. */
  readonly threshold: number
  /** By name, no two of them the same party. */
  readonly of: ReadonlyMap<string, SignerRule>
}

/** How soon after its acceptance by the log a step must be proven by anchors to exist. */
export interface AnchoredRule {
  /** Milliseconds. */
  readonly within: number
  /** Kinds that must all be there; empty: one of any kind. */
  readonly by: readonly AnchorKind[]
}
