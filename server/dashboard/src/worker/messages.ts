import type { ErrorReport } from '@countersign/core'
import type { Deviation, RemarkKind, RemarkSubject } from '@countersign/formats'
import type { AnchorKind } from '@countersign/formats/anchor'
import type { LineKind, NodeState } from '@countersign/evidence-page/graph'

/** What is examined: an artifact by its SHA-256, hex, or a run by its chain id. */
export type Subject = { readonly artifact: string } | { readonly chain: string }

/** What the server gave, as it came: the worker reads it, and believes what it can verify. */
export interface Material {
  readonly subject: Subject
  /** Chain files. */
  readonly chains: readonly Uint8Array[]
  /** By the digests that they are asked by. */
  readonly contracts: readonly { readonly digest: string; readonly bytes: Uint8Array }[]
  /** `GET /v1/server`, `GET /v1/keys`, `GET /api/v2/trustBundle`. */
  readonly server: Uint8Array
  readonly keys: Uint8Array
  readonly authorities: Uint8Array | null
  /** Pages of `GET /v1/chains/{id}/coverage`. */
  readonly coverage: readonly Uint8Array[]
  /** Proofs of anchors. */
  readonly anchors: readonly Uint8Array[]
  readonly trust: NamedTrust
}

/** One party that the reader decided to believe about anchors. */
export interface KeptPin {
  /** Roots of that party alone, as JSON. */
  readonly roots: string
  /** ISO time. */
  readonly pinnedAt: string
}

/** Whom a server names about anchors (`GET /v1/anchors/trust`; null: nobody), and whom the reader pinned. */
export interface NamedTrust {
  readonly named: Uint8Array | null
  readonly pins: readonly KeptPin[]
}

/**
 * By whose word a party outside is what it is. `public`: these pages know it. `pinned`: the reader decided. `named`: this
 * server says so. `server`: of blocks, that this server calls them final. `changed`: it was something else before.
 */
export type AnchorWord = 'public' | 'pinned' | 'server' | 'named' | 'changed'

/** A party that anchors hang on. */
export interface SeenParty {
  readonly kind: AnchorKind
  readonly name: string
  /** SHA-256 of its keys or certificates, its contracts, or a network. */
  readonly fingerprints: readonly string[]
  readonly word: 'public' | 'pinned' | 'named' | 'changed'
  /** What it was, where it is another now. */
  readonly was: readonly string[] | null
  readonly pinnedAt: string | null
  /** Whether the server names it now. */
  readonly isNamed: boolean
  /** What to keep to pin it as it is named now. */
  readonly pin: string
  /** What is kept of it; null where it is not pinned. */
  readonly kept: string | null
}

/** A statement of the log, and what its anchors came to in this browser. */
export interface SeenStatement {
  /** Why the log did not sign it; null where it did. */
  readonly refused: ErrorReport | null
  readonly anchors: readonly SeenProof[]
}

/** A proof of an anchor by its name at the server. */
export interface SeenProof {
  readonly anchor: string
  /** Null where it does not verify. */
  readonly proved: SeenAnchor | null
  readonly report: ErrorReport | null
}

/** What this browser saw of the log the last time, and what the server shows of it now. */
export interface Watched {
  /** The note of the checkpoint; null where this browser never saw one. */
  readonly seen: string | null
  readonly now: string
  /** Verifier keys that this browser knew the log by; none where it never saw it. */
  readonly known: readonly string[]
  /** Those that the server names now, former ones too. */
  readonly vkeys: readonly string[]
}

/**
 * `new`: never seen before. `same`, `grown`: what was seen is still there. `split`: it is not, or somebody else signed: no
 * honest log does that. `unknown`: it could not be found out.
 */
export interface WatchResult {
  readonly state: 'new' | 'same' | 'grown' | 'split' | 'unknown'
  readonly origin: string | null
  /** Entries that were seen, and that are there now. */
  readonly from: number | null
  readonly to: number | null
  readonly report: ErrorReport | null
}

/** Somebody who signed, as his signature verified. */
export interface SeenSigner {
  readonly name: string
  readonly grade: string
  readonly algorithm: string
  readonly keyId: string
  /** What an authority vouches for; null for a bare key. */
  readonly identity: string | null
  readonly facts: readonly (readonly [string, string])[]
  readonly authority: string | null
}

export interface SeenResource {
  readonly name: string
  readonly sha256: string | null
  /** Link digest that it came from; null from outside, and where it is a product. */
  readonly from: string | null
  /** A checkout that is not as its commit. */
  readonly dirty: boolean
}

/** What a step says of itself; signed where the node says so. */
export interface SeenSaid {
  readonly pipeline: string
  readonly chain: string
  readonly contract: string | null
  readonly argv: string | null
  readonly end: string
  readonly succeeded: boolean
  readonly startedAt: string
  readonly finishedAt: string
  readonly workingDirectory: string | null
  readonly environment: readonly (readonly [string, string])[]
  readonly os: string
  readonly arch: string
  readonly tools: readonly (readonly [string, string])[]
  readonly actions: readonly (readonly [string, string])[]
  readonly claims: readonly (readonly [string, string])[]
  readonly materials: readonly SeenResource[]
  readonly products: readonly SeenResource[]
  readonly reports: readonly { readonly name: string; readonly sha256: string; readonly said: string }[]
  /** Fields that are sealed. */
  readonly sealed: readonly string[]
}

/** One thing that this browser checked of a step. */
export interface SeenCheck {
  readonly what: 'signature' | 'hand-over' | 'receipt' | 'anchor'
  /** Null: it is not there to be checked. */
  readonly ok: boolean | null
  readonly detail: string
}

export interface SeenNode {
  /** Link digest. */
  readonly id: string
  readonly state: NodeState
  readonly name: string
  readonly matrix: string | null
  readonly attempt: number
  readonly system: string | null
  readonly onWay: boolean
  readonly signer: SeenSigner | null
  readonly cosigners: readonly SeenSigner[]
  readonly said: SeenSaid | null
  readonly checks: readonly SeenCheck[]
  readonly findings: readonly ErrorReport[]
  readonly previous: readonly string[]
  /** Why it is withheld. */
  readonly withheld: string | null
}

export interface SeenLine {
  readonly from: string
  readonly to: string
  readonly kind: LineKind
}

export interface SeenAnchor {
  readonly statement: number
  readonly origin: string
  readonly kind: string
  readonly by: string
  readonly at: string
  readonly time: string | null
  readonly trusted: readonly string[]
  readonly word: 'public' | 'pinned' | 'server' | 'named'
}

/** A step of a run whose contract asks people to approve. */
export interface SeenApproval {
  readonly chain: string
  /** Digest of the contract. */
  readonly contract: string
  readonly pipeline: string
  readonly step: string
  /** How many different people must. */
  readonly atLeast: number
  /** Whom it asks, by the keys that they sign with; `link` is of the approval that they gave. */
  readonly people: readonly {
    readonly name: string
    readonly keyIds: readonly string[]
    readonly link: string | null
  }[]
  /** Links of what is approved. */
  readonly after: readonly string[]
  /** Steps that are to come before. */
  readonly waitsFor: readonly string[]
}

/** Who approves, of what. */
export interface ApprovalAsked {
  readonly chain: string
  readonly step: string
  readonly person: string
}

/** A statement that somebody is about to sign, and what stands in it; or why none can be made. */
export type Draft =
  | {
      readonly kind: 'draft'
      readonly payload: Uint8Array
      readonly pipeline: string
      readonly chain: string
      readonly contract: string
      readonly step: string
      readonly person: string
      readonly attempt: number
      readonly previous: readonly { readonly link: string; readonly step: string }[]
      readonly subjects: readonly SeenResource[]
    }
  | { readonly kind: 'refused'; readonly findings: readonly ErrorReport[] }

/** A signature that somebody adds to what several sign. */
export interface AddedSignature {
  readonly keyId: string
  readonly signature: Uint8Array
}

/** A deviation, and who of the contract's maintainers has signed it. */
export interface SeenDeviation extends Deviation {
  /** The document as it is handed on. */
  readonly line: Uint8Array
  /** What is signed: what is shown was read out of it. */
  readonly payload: Uint8Array
  readonly threshold: number
  /** `keyId` null for whom an authority vouches for. */
  readonly maintainers: readonly { readonly name: string; readonly keyId: string | null; readonly signed: boolean }[]
  readonly enough: boolean
  /** Whether it has expired. */
  readonly over: boolean
  /** Why other signatures do not count. */
  readonly refused: readonly ErrorReport[]
}

/** Signed notes as the server gave them, and what is needed to verify them. */
export interface NotesMaterial extends Pick<Material, 'server' | 'keys' | 'authorities'> {
  /** Pages of `GET /v1/notes`. */
  readonly pages: readonly Uint8Array[]
  /** Who signed which step, as this browser found out: they do not resolve what is said of it. */
  readonly signers: readonly { readonly link: string; readonly name: string; readonly keyId: string }[]
}

/** A signed note; one that did not verify says nothing. */
export interface SeenNote {
  readonly id: string
  readonly state: 'verified' | 'unverified' | 'erased'
  readonly kind: RemarkKind | null
  readonly about: readonly RemarkSubject[]
  readonly text: string
  /** When the log took it; where no log that is known proves it, when its author says. */
  readonly at: string | null
  readonly logged: boolean
  readonly by: { readonly name: string; readonly keyId: string; readonly grade: string } | null
  readonly supersedes: string | null
  readonly supersededBy: string | null
  /** Why it does not stand in the place of what it names. */
  readonly fault: string | null
  readonly report: ErrorReport | null
}

export interface SeenNotes {
  readonly notes: readonly SeenNote[]
  /** Where notes for this server belong. */
  readonly place: string
}

/** What came of verifying it in this browser. */
export interface Seen {
  readonly verdict: 'pass' | 'fail' | 'unknown'
  readonly criteria: readonly { readonly name: string; readonly met: boolean | null; readonly detail: string }[]
  readonly nodes: readonly SeenNode[]
  readonly lines: readonly SeenLine[]
  readonly findings: readonly ErrorReport[]
  /** What did not verify and counts for nothing. */
  readonly refused: readonly ErrorReport[]
  readonly chains: readonly string[]
  readonly pipelines: readonly string[]
  readonly contracts: readonly { readonly digest: string; readonly pipeline: string; readonly revision: number }[]
  /** Digests of contracts that steps are bound to, and that the server did not show. */
  readonly lacking: readonly string[]
  /** Where it passed: the run that it rests on, and the digest of the contract of that; null where it did not pass. */
  readonly passed: { readonly chain: string; readonly pipeline: string; readonly contract: string | null } | null
  /** The name under which a step vouches for the artifact. */
  readonly file: string | null
  readonly approvals: readonly SeenApproval[]
  readonly anchors: readonly SeenAnchor[]
  /** That would count if those were believed whom the server names, and nobody else. */
  readonly unpinned: readonly SeenAnchor[]
  /** Anchors that do not count, and why. */
  readonly unproven: readonly ErrorReport[]
  /** Notes of the checkpoints that receipts are under, each once. */
  readonly checkpoints: readonly string[]
  readonly trustRoot: string
  readonly signatures: number
  readonly ms: number
  /** ISO time it was judged at. */
  readonly at: string
  /** All of it in one file: see `countersign verify --evidence`. */
  readonly evidence: Uint8Array
}

/** Where a byte is changed: in what a step says, in its signature, or in a receipt. */
export type TamperTarget = 'payload' | 'signature' | 'receipt'

/** `link`: of which step; null for any. */
export type Asked =
  | { readonly kind: 'examine'; readonly material: Material }
  | { readonly kind: 'again'; readonly evidence: Uint8Array }
  | {
      readonly kind: 'tamper'
      readonly evidence: Uint8Array
      readonly target: TamperTarget
      readonly link: string | null
    }
  | { readonly kind: 'approval'; readonly evidence: Uint8Array; readonly asked: ApprovalAsked }
  | {
      readonly kind: 'deviation'
      readonly evidence: Uint8Array
      readonly line: Uint8Array
      readonly added: AddedSignature | null
    }
  | { readonly kind: 'notes'; readonly material: NotesMaterial }
  | { readonly kind: 'watch'; readonly watched: Watched }
  | { readonly kind: 'parties'; readonly trust: NamedTrust }
  | {
      readonly kind: 'statement'
      readonly note: Uint8Array
      /** `GET /v1/server`. */
      readonly server: Uint8Array
      readonly proofs: readonly { readonly anchor: string; readonly bytes: Uint8Array }[]
      readonly trust: NamedTrust
    }

/** What was changed by a request to tamper, and what came of it. */
export interface Tampering {
  readonly what: string
  readonly noticed: string
  readonly seen: Seen
}

export interface Answers {
  readonly examine: Seen
  readonly again: Seen
  readonly tamper: Tampering
  readonly approval: Draft
  readonly deviation: SeenDeviation
  readonly notes: SeenNotes
  readonly watch: WatchResult
  readonly parties: readonly SeenParty[]
  readonly statement: SeenStatement
}

export type Message =
  | { readonly id: number; readonly checked: number }
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly report: ErrorReport }
