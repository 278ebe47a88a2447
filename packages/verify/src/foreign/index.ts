export { type ForeignInput, type VerifiedAttestation, verifyAttestation } from './attestation.ts'
