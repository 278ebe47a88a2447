import { base64, fromBase64, type JsonValue } from '@countersign/core'
import { MAX_PROOF_HASHES } from './lines.ts'
import type { Shape } from './shape.ts'

/**
 * Proof that an entry of a log is among those that one of its statements covers, under both roots of the statement. The
 * entry itself stands in the receipt of its attestation. Nothing in it is verified.
 */
export interface Coverage {
  /** SHA-256 of the statement's text, hex. */
  readonly statement: string
  /** Place of the entry in the log. */
  readonly index: number
  /** RFC 6962 inclusion proofs at the statement's size, from the leaf's sibling up, in the tree of each hash; at most 63 of 32 bytes. */
  readonly sha256: readonly Uint8Array[]
  readonly sha3_256: readonly Uint8Array[]
}

const FIELDS = ['index', 'sha256', 'sha3_256', 'statement']

/** Coverage from its JSON. Throws the shape's code, and `base64-invalid`. */
export function readCoverage(shape: Shape): Coverage {
  const it = shape.object(FIELDS)
  const proof = (key: string) =>
    it
      .get(key)
      .array(MAX_PROOF_HASHES)
      .map((item) => {
        const hash = fromBase64(item.string(44))
        if (hash.length !== 32) item.fail('has not 32 bytes')
        return hash
      })
  return {
    statement: it.hex('statement', 64),
    index: it.integer('index', 0, Number.MAX_SAFE_INTEGER),
    sha256: proof('sha256'),
    sha3_256: proof('sha3_256'),
  }
}

/** {@link readCoverage} the other way. */
export function coverageJson({ statement, index, sha256, sha3_256 }: Coverage): { readonly [key: string]: JsonValue } {
  return { index, sha256: sha256.map(base64), sha3_256: sha3_256.map(base64), statement }
}
