export { type ForeignInput, type VerifiedAttestation, verifyAttestation } from './attestation.ts'
export {
  type Attested,
  type AttestedVerdict,
  type AttesterTrust,
  judgeAttested,
  subjectNamed,
  verifyAttested,
} from './attested.ts'
