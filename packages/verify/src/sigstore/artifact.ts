import { CodedError, equal, hex, isHex, type JsonObject, parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { looseOf } from '@countersign/formats/anchor'
import type { ArtifactDigests } from './types.ts'

const TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'] as const
const MAX_SUBJECTS = 10_000
const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024

/**
 * Checks that a statement of anybody's (in-toto Statement v1 or v0.1) is about an artifact: one of its subjects has it by
 * every digest that both know, SHA-256 or SHA-512, and by one at least. Names are of no matter: two files of one name are
 * two files. Gives the predicate type. Throws `artifact-mismatch`, `subject-missing`, and `statement-invalid` for what
 * cannot be read.
 */
export function checkSubject(payload: Uint8Array, artifact: ArtifactDigests): string {
  const it = looseOf(new Shape('statement-invalid', parseStatement(payload), 'statement'), ['_type', 'predicateType'])
  it.exactly('_type', ...TYPES)
  const subjects = it.has('subject') ? it.get('subject').array(MAX_SUBJECTS) : []
  if (subjects.length === 0) throw new CodedError('subject-missing', 'the statement has no subject')
  if (!subjects.some((subject) => isAbout(looseOf(subject, ['digest']).get('digest').members(), artifact))) {
    throw new CodedError('artifact-mismatch', `the statement is about no sha256:${hex(artifact.sha256)}`)
  }
  return it.text('predicateType', 512)
}

function parseStatement(payload: Uint8Array) {
  try {
    return parseJson(payload, { maxBytes: MAX_PAYLOAD_BYTES })
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('statement-invalid', `the statement cannot be read: ${cause.what}`, { cause })
  }
}

function isAbout(digests: JsonObject, { sha256, sha512 }: ArtifactDigests): boolean {
  const known = [
    ['sha256', sha256],
    ['sha512', sha512],
  ] as const
  const both = known.filter(([algorithm, digest]) => digest !== null && Object.hasOwn(digests, algorithm))
  return both.length > 0 && both.every(([algorithm, digest]) => isDigest(digests[algorithm], digest!))
}

function isDigest(value: unknown, digest: Uint8Array): boolean {
  return typeof value === 'string' && isHex(value, digest.length * 2) && value === hex(digest)
}

/** Throws `artifact-mismatch` where a digest that came with a signature is of something else. */
export function checkDigest(claimed: Uint8Array | null, { sha256 }: ArtifactDigests): void {
  if (claimed !== null && !equal(claimed, sha256)) {
    throw new CodedError('artifact-mismatch', `the bundle is about sha256:${hex(claimed)}`)
  }
}
