export {
  HASHEDREKORD_VERSIONS,
  type HashedRekord,
  hashedRekordRequestV1,
  hashedRekordRequestV2,
  type HashedRekordVersion,
  readHashedRekord,
  writeHashedRekord,
} from './hashedrekord.ts'
export { ANCHOR_MEDIA_TYPE, type AnchorKind, ANCHOR_KINDS, MAX_ANCHOR_BYTES } from './kinds.ts'
export {
  readRekor,
  readRekorEntry,
  type RekorAnchor,
  rekorBundle,
  type RekorEntry,
  rekorEntryJson,
  rekorJson,
  type RekorPromise,
} from './rekor.ts'
export {
  isWithin,
  looseOf,
  parseSigningConfig,
  readValidFor,
  servicesAt,
  type SigstoreService,
  type ValidFor,
} from './signing-config.ts'
