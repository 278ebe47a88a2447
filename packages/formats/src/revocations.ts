import { canonicalJson, parseJson } from '@countersign/core'
import { Shape } from './shape.ts'

/** Media type of a list of keys that were revoked. */
export const REVOCATIONS_MEDIA_TYPE = 'application/vnd.countersign.revocations.v1+json'
export const MAX_REVOCATIONS_BYTES = 16 * 1024 * 1024

/** Most keys of a list. */
export const MAX_REVOCATIONS = 100_000
export const REVOCATION_REASONS = ['compromised', 'retired', 'rotated'] as const

/** Why a key counts no more. */
export type RevocationReason = (typeof REVOCATION_REASONS)[number]

/** A key that counts no more as of a time: what it signed from then on is refused, what it signed before stays good. */
export interface Revocation {
  readonly keyId: string
  /** ISO time. May be before the moment it was said, or after it. */
  readonly since: string
  readonly reason: RevocationReason | null
}

export function isRevocationReason(text: string): text is RevocationReason {
  return (REVOCATION_REASONS as readonly string[]).includes(text)
}

/** The list as canonical JSON, by key id. Throws `revocations-invalid` for what no reader would take. */
export function writeRevocations(revocations: readonly Revocation[]): Uint8Array {
  const sorted = revocations.toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
  const items = sorted.map(({ keyId, since, reason }) => ({ keyId, reason, since }))
  const bytes = canonicalJson({ mediaType: REVOCATIONS_MEDIA_TYPE, revocations: items })
  parseRevocations(bytes)
  return bytes
}

/**
 * List from its bytes, in any spelling of JSON. It only ever takes trust away, so nobody signs it: whoever judges
 * chooses the file. Throws `revocations-invalid`, and what strict JSON reading throws.
 */
export function parseRevocations(bytes: Uint8Array): Revocation[] {
  const value = parseJson(bytes, { maxBytes: MAX_REVOCATIONS_BYTES })
  const it = new Shape('revocations-invalid', value, 'revocations').object(['mediaType', 'revocations'])
  it.exactly('mediaType', REVOCATIONS_MEDIA_TYPE)
  let last = ''
  return it
    .get('revocations')
    .array(MAX_REVOCATIONS)
    .map((item) => {
      const one = item.object(['keyId', 'reason', 'since'])
      const keyId = one.hex('keyId', 64)
      if (keyId <= last) item.fail(keyId === last ? 'is there twice' : 'is out of order')
      last = keyId
      return {
        keyId,
        since: one.time('since'),
        reason: one.get('reason').nullable((text) => text.exactly(...REVOCATION_REASONS)),
      }
    })
}
