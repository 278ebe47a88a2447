import type { ErrorReport, KeyAlgorithm, PublicKey } from '@countersign/core'
import type { Bundle, Disclosure, NoteKey, Receipt, StepStatement, Withheld } from '@countersign/formats'

declare const verified: unique symbol

/** A key and the name its owner gave it. */
export interface TrustedKey {
  readonly name: string
  readonly key: PublicKey
  /** What is not known to have been signed before this time is refused; null while valid. */
  readonly revokedAt: string | null
}

/** The key of a server's log; its name is the log's origin. */
export interface TrustedLogKey {
  readonly key: NoteKey
  /** Receipts of this time or later are refused; null while valid. */
  readonly revokedAt: string | null
}

/** Whom a verifier believes: signers of steps, and servers that countersign. */
export interface Trust {
  readonly signers: readonly TrustedKey[]
  readonly countersigners: readonly TrustedLogKey[]
  /** Keys of witnesses, whose cosignatures on the logs' checkpoints are told; left out: none is known. */
  readonly witnesses?: readonly NoteKey[]
  /** Logs that are believed for when they had a step, beside the countersigners, and for nothing else. */
  readonly timekeepers?: readonly TrustedLogKey[]
}

/** How well an identity is known. A: CI OIDC. B: confirmed by the provider. C: workload. D: enrolled key. */
export type Grade = 'A' | 'B' | 'C' | 'D'

export interface Signer {
  readonly name: string
  readonly keyId: string
  readonly algorithm: KeyAlgorithm
  readonly grade: Grade
}

/** A step whose signature verified under a trusted key. Only `verifyStep` makes one. */
export interface VerifiedStep {
  readonly [verified]: 'step'
  /** Its link digest. */
  readonly link: string
  readonly signer: Signer
  /** Others who signed the same statement, each under another trusted key. */
  readonly cosigners: readonly Signer[]
  readonly statement: StepStatement
  readonly bundle: Bundle
}

/** A receipt that proves one step under a checkpoint of a trusted log. Only `verifyReceipt` makes one. */
export interface VerifiedReceipt {
  readonly [verified]: 'receipt'
  readonly receipt: Receipt
  /** The log's key, by the log's name. */
  readonly countersigner: Signer
  /** Known witnesses that cosigned its checkpoint, none twice. */
  readonly witnesses: readonly NoteKey[]
}

/**
 * That a trusted log holds a leaf of the chain for a step that is not shown. Only `verifyWithheld` makes one; it proves
 * nothing of what the step did.
 */
export interface VerifiedWithheld {
  readonly [verified]: 'withheld'
  readonly withheld: Withheld
  /** The log's key, by the log's name. */
  readonly countersigner: Signer
  /** Known witnesses that cosigned the checkpoint over its leaf, none twice. */
  readonly witnesses: readonly NoteKey[]
}

/** What a sealed field of a step holds. Only `verifyDisclosure` makes one. */
export interface VerifiedDisclosure {
  readonly [verified]: 'disclosure'
  readonly disclosure: Disclosure
}

export type EdgeStrength = 'strong' | 'medium' | 'weak'

/** One hand-over, and how it is known. */
export interface Edge {
  /** Link digest of the predecessor. */
  readonly from: string
  /** Link digest of the receiving step; null while it is not signed yet. */
  readonly to: string | null
  /**
   * `digest`: a material is a product of `from`. `order`: the signature names `from`, nothing was handed over. `word`:
   * `from` is withheld, and the signature says what it handed over.
   */
  readonly found: 'digest' | 'order' | 'word'
  readonly strength: EdgeStrength
  /** SHA-256 of what was handed over. */
  readonly artifacts: readonly string[]
}

/** The outcome of a handshake: it fits when there are no findings. */
export interface Handshake {
  readonly edges: readonly Edge[]
  readonly findings: readonly ErrorReport[]
}
