import type { Contract, IdentityPattern } from '@countersign/contract'
import type { ErrorReport, PublicKey } from '@countersign/core'
import type {
  Attachment,
  Bundle,
  Deviation,
  Disclosure,
  Endorsed,
  NoteKey,
  Receipt,
  Remark,
  ReportRef,
  StepStatement,
  Withheld,
} from '@countersign/formats'
import type { Grade, Identity } from '@countersign/formats/identity'
import type { Report } from '@countersign/formats/report'
import type { Rfc3161Trust } from './anchors/rfc3161-trust.ts'
import type { TrustedAuthority } from './identity/index.ts'

export type { Grade }

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

/** An authority whose certificates are believed. */
export interface BelievedAuthority {
  /**
   * SHA-256, hex, of its root certificate, or of the trusted root of Sigstore that it is in: what a contract knows it by,
   * whatever it is called.
   */
  readonly id: string
  /** Whether contracts may also know it as the public Sigstore. */
  readonly isPublic: boolean
  readonly authority: TrustedAuthority
  /** ISO time: what is proven to be signed then or later under its certificates is refused; null while it is believed. */
  readonly revokedAt: string | null
}

/** Whose certificates are believed: an authority vouches for many who have no business here. */
export interface TrustedIdentity {
  /** What it is called here; null: as its certificate describes it. */
  readonly name: string | null
  /** Null: whoever it is. */
  readonly pattern: IdentityPattern | null
  /** Ids of the authorities that may vouch for it; null: any that is believed. */
  readonly authorities: readonly string[] | null
  /** ISO time: what it is proven to have signed then or later is refused; null while it is believed. */
  readonly revokedAt: string | null
}

/** Whom a verifier believes: signers of steps, and servers that countersign. */
export interface Trust {
  readonly signers: readonly TrustedKey[]
  readonly countersigners: readonly TrustedLogKey[]
  /** Keys of witnesses, whose cosignatures on the logs' checkpoints are told; left out: none is known. */
  readonly witnesses?: readonly NoteKey[]
  /** Left out: no certificate is believed. */
  readonly authorities?: readonly BelievedAuthority[]
  /** Of several that mean one identity, the first names it. Left out: no certificate is believed. */
  readonly identities?: readonly TrustedIdentity[]
  /** Timestamp authorities that may say when a signature was there; left out: none. */
  readonly timestamps?: Rfc3161Trust
  /** Contracts whose maintainers may let through what those refuse; left out: nobody may. */
  readonly maintained?: readonly Contract[]
  /** Of their maintainers' keys those that were revoked, by id, and since when; left out: none. */
  readonly unmaintained?: ReadonlyMap<string, string>
  /** Logs that are believed for when they had a step, beside the countersigners, and for nothing else. */
  readonly timekeepers?: readonly TrustedLogKey[]
}

/** The certificate that somebody signed under. */
export interface SigningCertificate {
  /** See {@link BelievedAuthority}. */
  readonly authorityId: string
  /** Every id by which contracts may know who vouches for it: it may be in several trusted roots, and in the public one. */
  readonly vouchedBy: readonly string[]
  /** Hex of its two's complement. */
  readonly serial: string
  /** The CI system or platform that it names; null where it names none. */
  readonly system: string | null
  /** ISO times, both included. */
  readonly notBefore: string
  readonly notAfter: string
  /** ISO time at which the signature is proven to have been there, by somebody else than the signer. */
  readonly signedAt: string
}

export interface Signer {
  readonly name: string
  readonly keyId: string
  readonly algorithm: PublicKey['algorithm']
  readonly grade: Grade
  /** Whom the authority vouches for; null for a bare key. */
  readonly identity: Identity | null
  /** Name of the authority; null for a bare key. */
  readonly authority: string | null
  /** Null for a bare key. */
  readonly certificate: SigningCertificate | null
}

/** What a signature is under: the certificate in its bundle, else its key. What a log's leaf commits to beside the statement. */
export interface SignedUnder {
  readonly der: Uint8Array
  /** SHA-256 of it, hex. Of a key it is the key's id. */
  readonly digest: string
}

/** A step whose signature verified under a trusted key, or under a certificate at a trusted time. Only `verifyStep` makes one. */
export interface VerifiedStep {
  readonly [verified]: 'step'
  /** Its link digest. */
  readonly link: string
  readonly signer: Signer
  readonly under: SignedUnder
  /** Others who signed the same statement, each another trusted key or identity. */
  readonly cosigners: readonly Signer[]
  /** What each of these signed, in their order. */
  readonly cosignatures: readonly Bundle[]
  readonly statement: StepStatement
  readonly bundle: Bundle
}

/** A receipt of a log that nobody trusts: it commits to its step, and nothing else of it was checked. */
export interface UnjudgedReceipt {
  readonly receipt: Receipt
  /** The step as the log took it: as one of those who signed it. */
  readonly step: VerifiedStep
}

/** A receipt that proves one step under a checkpoint of a trusted log. Only `verifyReceipt` makes one. */
export interface VerifiedReceipt {
  readonly [verified]: 'receipt'
  readonly receipt: Receipt
  /** The step as the log took it: as one of those who signed it. */
  readonly step: VerifiedStep
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

/** A report that lies beside the step that recorded it. Only `verifyAttachment` makes one. */
export interface VerifiedAttachment {
  readonly [verified]: 'attachment'
  readonly attachment: Attachment
  /** What the step says of it; at least one. */
  readonly refs: readonly ReportRef[]
  /** What it says, read again; null where the step did not read it. */
  readonly report: Report | null
}

/**
 * That enough maintainers of a contract let something through. Only `verifyDeviation` makes one; whether it has expired, and
 * what it is about, is asked for each judgement.
 */
export interface VerifiedDeviation {
  readonly [verified]: 'deviation'
  readonly deviation: Deviation
  readonly endorsed: Endorsed
  /** See `deviationId`. */
  readonly id: string
  /** Names of the maintainers who signed, as the contract has them. */
  readonly by: readonly string[]
  readonly signers: ReadonlyMap<string, Signer>
  /** SHA-256 of the key or certificate of each, sorted. */
  readonly under: readonly string[]
}

/** What somebody trusted says under signature. Only `verifyRemark` makes one; whether it stands, `standingRemarks` says. */
export interface VerifiedRemark {
  readonly [verified]: 'remark'
  readonly remark: Remark
  readonly endorsed: Endorsed
  /** Link digest of its statement. */
  readonly id: string
  readonly signer: Signer
  readonly under: SignedUnder
  /** The log that has it, and since when; null where none that is believed does. */
  readonly logged: { readonly log: Signer; readonly at: string } | null
  /** Why its proof counts for nothing; null where it counts, or there is none. */
  readonly unlogged: ErrorReport | null
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
