/** Predicate type of a step attestation. */
export const STEP_PREDICATE = 'https://countersign.dev/step/v1'
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'
export const BUNDLE_V03 = 'application/vnd.dev.sigstore.bundle.v0.3+json'
/** Media type of a tree manifest; see SPEC.md, "Trees". */
export const TREE_MEDIA_TYPE = 'application/vnd.countersign.tree.v1'
/** Media type of a receipt: the server's countersignature on one attestation. */
export const RECEIPT_MEDIA_TYPE = 'application/vnd.countersign.receipt.v1+json'
/** Media type of what stands in a chain for an attestation whose content is not told. */
export const WITHHELD_MEDIA_TYPE = 'application/vnd.countersign.withheld.v1+json'
/** Media type of what opens a sealed field of a step. */
export const DISCLOSURE_MEDIA_TYPE = 'application/vnd.countersign.disclosure.v1+json'
/** Media type of what holds a report of a step beside it. */
export const ATTACHMENT_MEDIA_TYPE = 'application/vnd.countersign.attachment.v1+json'
/** Media type of a chain file (JSON lines of Sigstore bundles, receipts, withheld attestations, disclosures and attachments). */
export const CHAIN_MEDIA_TYPE = 'application/vnd.countersign.chain.v1+jsonl'

/** Most subjects, and most materials, of one attestation. */
export const MAX_RESOURCES = 10_000
/** Most bytes of one bundle. */
export const MAX_BUNDLE_BYTES = 8 * 1024 * 1024
/** Most bytes of one signed statement: as base64 it leaves a bundle room for certificates and log entries. */
export const MAX_PAYLOAD_BYTES = 6_000_000
/** Most arguments of a command that an attestation can tell. */
export const MAX_ARGUMENTS = 10_000
/** Most predecessors of one step. */
export const MAX_PREVIOUS = 1_000
