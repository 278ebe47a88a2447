import { CodedError, type Crypto } from '@countersign/core'
import { verifyCheckpoint, writeLeaf } from '@countersign/formats'
import { ISSUANCE_PROOF_OID, issuanceLeaf, loggedTbs, readIssuanceProof } from '@countersign/formats/identity'
import type { Certificate } from '@countersign/formats/x509'
import { leafHash, verifyInclusion } from '@countersign/merkle'
import type { CountersignAuthority } from './authority.ts'

/**
 * Checks that a log of the authority holds the certificate (SPEC.md §15): a leaf over what it was before the proof went
 * in, under both hashes and with the time from which it is valid, is under a checkpoint that the log signed. Throws
 * `issuance-unproven`.
 */
export function checkIssuance(certificate: Certificate, authority: CountersignAuthority, crypto: Crypto): void {
  const { extensions, notBefore, serial } = certificate
  const extension = extensions.get(ISSUANCE_PROOF_OID)
  const unproven = (what: string, cause?: unknown) =>
    new CodedError('issuance-unproven', `the certificate ${serial} ${what}`, { cause })
  if (extension === undefined) throw unproven('holds no proof that it was logged')
  try {
    const { index, hashes, checkpoint } = readIssuanceProof(extension.value)
    const keys = authority.logs.filter(({ name }) => name === checkpoint.origin)
    if (keys.length === 0) throw unproven(`is proven by the log ${checkpoint.origin}, which ${authority.name} has not`)
    verifyCheckpoint(checkpoint, { origin: checkpoint.origin, keys, witnesses: [] }, crypto)
    const entry = writeLeaf(issuanceLeaf(loggedTbs(certificate), notBefore, crypto))
    const hash = { size: 32, hash: (bytes: Uint8Array) => crypto.sha256(bytes) }
    const place = { index, size: checkpoint.size, leafHash: leafHash(entry, hash), path: hashes }
    verifyInclusion(place, checkpoint.root, hash)
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === 'issuance-unproven') throw error
    throw unproven(`is not proven to be logged: ${error.what}`, error)
  }
}
