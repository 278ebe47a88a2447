/** Media type of one anchor's proof, in JSON; its `kind` says of which. */
export const ANCHOR_MEDIA_TYPE = 'application/vnd.countersign.anchor.v1+json'

/** Who can vouch for a statement from outside. */
export const ANCHOR_KINDS = ['rekor', 'rfc3161', 'ethereum', 'opentimestamps'] as const
export type AnchorKind = (typeof ANCHOR_KINDS)[number]

/** Most bytes of one anchor's proof, JSON and all. */
export const MAX_ANCHOR_BYTES = 262_144
