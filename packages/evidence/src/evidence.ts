import type { PublicKey } from '@countersign/core'
import type { ChainLine, Coverage, NoteKey, SignedLogStatement } from '@countersign/formats'
import type { AnchorProof, AnchorRoots } from '@countersign/formats/anchor'
import type { AuthorityRoot } from '@countersign/formats/identity'

export const EVIDENCE_MEDIA_TYPE = 'application/vnd.countersign.evidence.v1+json'

/** Most bytes of one file of evidence: what a browser still opens as a page. */
export const MAX_EVIDENCE_BYTES = 128 * 1024 * 1024
export const MAX_CHAINS = 100
export const MAX_CONTRACTS = 100
/** Most bytes of one contract, as a server takes it. */
export const MAX_CONTRACT_BYTES = 1024 * 1024
export const MAX_SIGNERS = 10_000
export const MAX_LOGS = 100
export const MAX_WITNESSES = 100
export const MAX_STATEMENTS = 1000
export const MAX_ANCHORS = 1000
export const MAX_NAME = 256

/** What the evidence is said to be about. A claim, as all of it is. */
export interface EvidenceSubject {
  /** SHA-256 of the artifact, hex; of a directory, its tree's. Null: it is about one whole run. */
  readonly artifact: string | null
  /** Ids of the runs that the lines are of; exactly one where no artifact is named. */
  readonly chains: readonly string[]
}

/** A contract in its own bytes. That they are those of the digest was checked. */
export interface EvidenceContract {
  /** SHA-256 of the bytes, hex: what `chain.contract` of a step holds. */
  readonly digest: string
  readonly bytes: Uint8Array
}

/** Somebody who was believed to sign steps when the evidence was exported. */
export interface TrustedSigner {
  readonly name: string
  readonly key: PublicKey
  /** ISO time; null while it was valid. */
  readonly revokedAt: string | null
}

/** The key of a log that was believed to countersign. */
export interface TrustedLog {
  readonly key: NoteKey
  /** ISO time; null while it was valid. */
  readonly revokedAt: string | null
}

/** Whom the exporter believed. Whoever makes the file chooses them: see `trustRootOf`. */
export interface TrustRoots {
  readonly signers: readonly TrustedSigner[]
  readonly logs: readonly TrustedLog[]
  /** Keys of witnesses, of type `cosignature-v1`. */
  readonly witnesses: readonly NoteKey[]
  /** Whose certificates were believed. */
  readonly authorities: readonly AuthorityRoot[]
  /** Outside parties, and blocks, that vouch for statements. */
  readonly anchors: AnchorRoots
}

/**
 * All that is needed to verify how something was built, in one file: no server, no login, no network. Nothing in it is
 * verified; its shape is, and that each contract has its digest.
 */
export interface Evidence {
  readonly subject: EvidenceSubject
  /** ISO time, the exporter's word. */
  readonly createdAt: string
  /** Attestations and receipts, what stands for withheld ones, and what opens sealed fields. */
  readonly lines: readonly ChainLine[]
  readonly contracts: readonly EvidenceContract[]
  readonly trust: TrustRoots
  /** Signed statements of the logs, and proofs that they cover entries of the lines. */
  readonly statements: readonly SignedLogStatement[]
  readonly coverage: readonly Coverage[]
  /** Outside evidence for the statements. */
  readonly anchors: readonly AnchorProof[]
}
