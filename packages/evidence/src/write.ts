import { base64, canonicalJson, CodedError, fromUtf8, type JsonValue } from '@countersign/core'
import { coverageJson, writeChainLine, writeNote, writeVkey } from '@countersign/formats'
import { anchorJson, anchorRootsJson, writeAnchor } from '@countersign/formats/anchor'
import { authorityRootsJson } from '@countersign/formats/identity'
import { type Evidence, EVIDENCE_MEDIA_TYPE, MAX_EVIDENCE_BYTES, type TrustRoots } from './evidence.ts'
import { placeOf, readEvidence } from './parse.ts'

/**
 * Bytes of evidence, in their one spelling: lists in order, each line once. Throws `input-too-large`, and what
 * `parseEvidence` throws at what no reader would take.
 */
export function writeEvidence(evidence: Evidence): Uint8Array {
  const { subject, createdAt, lines, contracts, trust, statements, coverage, anchors } = evidence
  const texts = new Set(lines.map((line) => fromUtf8(writeChainLine(line))))
  const value: JsonValue = {
    mediaType: EVIDENCE_MEDIA_TYPE,
    subject: { artifact: subject.artifact, chains: subject.chains.toSorted() },
    createdAt,
    lines: [...texts].toSorted(),
    contracts: contracts
      .map(({ digest, bytes }) => ({ digest, text: fromUtf8(bytes) }))
      .toSorted((a, b) => compare(a.digest, b.digest)),
    trust: trustJson(trust),
    statements: [...new Set(statements.map(({ note }) => fromUtf8(writeNote(note))))].toSorted(),
    coverage: [...new Map(coverage.map((one) => [placeOf(one), one]))]
      .toSorted(([a], [b]) => compare(a, b))
      .map(([, one]) => coverageJson(one)),
    anchors: [...new Map(anchors.map((one) => [fromUtf8(writeAnchor(one)), anchorJson(one)]))]
      .toSorted(([a], [b]) => compare(a, b))
      .map(([, one]) => one),
  }
  const bytes = canonicalJson(value)
  if (bytes.length > MAX_EVIDENCE_BYTES) {
    throw new CodedError('input-too-large', `${bytes.length} bytes of evidence exceed ${MAX_EVIDENCE_BYTES}`)
  }
  readEvidence(value)
  return bytes
}

/** Trust roots as they stand in the file. */
export function trustJson({ signers, logs, witnesses, authorities, anchors }: TrustRoots) {
  return {
    signers: signers
      .map(({ name, key, revokedAt }) => ({ name, publicKey: base64(key.spki), revokedAt }))
      .toSorted((a, b) => compare(a.publicKey, b.publicKey)),
    logs: logs
      .map(({ key, revokedAt }) => ({ vkey: writeVkey(key), revokedAt }))
      .toSorted((a, b) => compare(a.vkey, b.vkey)),
    witnesses: [...new Set(witnesses.map(writeVkey))].toSorted(),
    authorities: authorityRootsJson(authorities),
    anchors: anchorRootsJson(anchors),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
