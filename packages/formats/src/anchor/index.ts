export { ANCHOR_MEDIA_TYPE, type AnchorKind, ANCHOR_KINDS, MAX_ANCHOR_BYTES } from './kinds.ts'
