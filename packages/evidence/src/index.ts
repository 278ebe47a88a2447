export {
  type Evidence,
  EVIDENCE_MEDIA_TYPE,
  type EvidenceContract,
  type EvidenceSubject,
  MAX_EVIDENCE_BYTES,
  type TrustedLog,
  type TrustedSigner,
  type TrustRoots,
} from './evidence.ts'
export { parseEvidence } from './parse.ts'
export { type About, linesAbout, type Wanted } from './select.ts'
export { trustRootOf } from './trust-root.ts'
export { writeEvidence } from './write.ts'
