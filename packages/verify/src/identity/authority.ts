import type { PublicKey } from '@countersign/core'
import type { NoteKey } from '@countersign/formats'
import type { ValidFor } from '@countersign/formats/anchor'
import type { Certificate } from '@countersign/formats/x509'

/** A log of Certificate Transparency whose SCTs count. */
export interface TrustedCtLog {
  /** SHA-256 of its key as SPKI: 32 bytes. */
  readonly logId: Uint8Array
  /** ECDSA P-256; any other makes no SCT that counts. */
  readonly key: PublicKey
  /** When its SCTs count, by their own time. */
  readonly validFor: ValidFor
}

/** What every authority has that a verifier trusts. */
interface Authority {
  readonly name: string
  /** The certificates of the authority, each signed by the next; the last is the one that is trusted. At least one. */
  readonly chain: readonly Certificate[]
  /** When what it certifies counts, by the trusted time of the signature. */
  readonly validFor: ValidFor
}

/** An authority of Countersign: what it issues must prove that one of its logs has it. */
export interface CountersignAuthority extends Authority {
  readonly kind: 'countersign'
  /** Keys of the logs that prove issuance; none makes everything unproven. */
  readonly logs: readonly NoteKey[]
}

/** A Fulcio, such as the public one: what it issues must hold an SCT of one of its logs. */
export interface FulcioAuthority extends Authority {
  readonly kind: 'fulcio'
  /** None makes everything unproven. */
  readonly ctlogs: readonly TrustedCtLog[]
}

/** Whoever may vouch for signers. */
export type TrustedAuthority = CountersignAuthority | FulcioAuthority
