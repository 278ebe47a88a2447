export type { AnchorProved } from './proved.ts'
export {
  countRekorLogs,
  logNameOf,
  parseRekorVkey,
  parseTrustedRoot,
  type RekorLog,
  rekorLog,
  type RekorTrust,
  rekorTrust,
} from './rekor-trust.ts'
export { verifyRekor } from './rekor.ts'
