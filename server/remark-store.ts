import type { RemarkKind } from '@countersign/formats'
import type { Telling } from './audit.ts'
import type { Buried, LogHead, Page } from './store.ts'

/** Most notes about one thing. */
export const MAX_REMARKS_ABOUT = 500

/** A signed note that is to be kept. */
export interface RemarkRecord {
  readonly tenant: string
  readonly id: string
  readonly at: string
  readonly kind: RemarkKind
  readonly supersedes: string | null
  /** What it is about, and the runs that it belongs to: `step/…`, `artifact/…`, `refusal/…`, `chain/…`. */
  readonly about: readonly string[]
  /** Its line, without a proof. */
  readonly document: Uint8Array
  /** DSSE PAE of its statement. */
  readonly signed: Uint8Array
  /** Name of who signed it, and SHA-256 of the key or certificate, hex. */
  readonly signer: string
  readonly under: string
}

export interface StoredRemark {
  readonly id: string
  /** Of its leaf in the log. */
  readonly index: number
  /** When it was taken. */
  readonly at: string
  readonly kind: RemarkKind
  readonly supersedes: string | null
  /** Id of what stands in its place; null where nothing does. */
  readonly supersededBy: string | null
  /** What it says and what opens its leaf; null where it was erased. */
  readonly held: {
    readonly document: Uint8Array
    readonly signer: string
    readonly under: string
    /** 32 bytes. */
    readonly salt: Uint8Array
  } | null
  readonly erased: { readonly at: string; readonly ground: string; readonly tombstone: number } | null
}

export interface RemarkErasure {
  readonly tenant: string
  readonly id: string
  readonly at: string
  readonly ground: string
  readonly telling: Telling
}

/** Signed notes, each tenant's for itself. What they say is sealed, and goes with its key. */
export interface RemarkStore {
  /**
   * Puts a note and its leaf into the log in one atomic write; the same again is no fault. Throws `remark-supersedes` where
   * what it supersedes was superseded meanwhile, and `remark-invalid` where there are {@link MAX_REMARKS_ABOUT} about it.
   */
  add(record: RemarkRecord): Promise<{ readonly index: number; readonly head: LogHead | null }>
  /** Takes away what it says, in backups of the database too, and puts a tombstone into the log. Null where there is none. */
  erase(erasure: RemarkErasure): Promise<Buried | null>
  one(tenant: string, id: string): Promise<StoredRemark | null>
  /** Newest first; about one thing, or (null) all; open disputes alone where that is asked. */
  page(
    tenant: string,
    asked: { readonly about: string | null; readonly open: boolean },
    limit: number,
    cursor: string | null,
  ): Promise<Page<StoredRemark>>
  /** Whether the tenant has what is named, and which runs it is of. */
  known(tenant: string, name: string): Promise<{ readonly chains: readonly string[] } | null>
}
