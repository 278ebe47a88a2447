import { canonicalJson, CodedError } from '@countersign/core'
import { parseStatement, STATEMENT_TYPE } from '@countersign/formats'
import { MANIFEST, PACK_MEDIA_TYPE } from './manifest.ts'

/** Predicate type of what signs a pack. */
export const PACK_PREDICATE = 'https://countersign.dev/audit-pack/v1'

/** Payload bytes of the statement that a pack is signed by: its one subject is the manifest. `sha256`: of its bytes, hex. */
export function packStatement(sha256: string): Uint8Array {
  return canonicalJson({
    _type: STATEMENT_TYPE,
    subject: [{ name: MANIFEST, digest: { sha256 } }],
    predicateType: PACK_PREDICATE,
    predicate: { mediaType: PACK_MEDIA_TYPE },
  })
}

/**
 * Throws `predicate-type` unless a payload is such a statement, and `pack-altered` where it is about another manifest.
 * Also what `parseStatement` throws.
 */
export function checkPackStatement(payload: Uint8Array, sha256: string): void {
  const { subject, predicateType } = parseStatement(payload)
  if (predicateType !== PACK_PREDICATE) {
    throw new CodedError('predicate-type', `${JSON.stringify(predicateType.slice(0, 80))} signs no audit pack`)
  }
  if (subject.length === 1 && subject[0]!.name === MANIFEST && subject[0]!.digest.sha256 === sha256) return
  throw new CodedError('pack-altered', 'what is signed is another manifest')
}
