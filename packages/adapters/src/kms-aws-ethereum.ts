import { equal, fromHex, rawFromDer } from '@countersign/core'
import { addressOf, addressText } from '@countersign/verify/anchors'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { EthereumSigner } from './ethereum-key.ts'
import { type AwsKmsKey, foreign, noKey } from './kms-aws.ts'

/** SubjectPublicKeyInfo (RFC 5480) of an uncompressed point on secp256k1, up to the point. */
const SECP256K1_HEADER = fromHex('3056301006072a8648ce3d020106052b8104000a034200')

/** The account of a secp256k1 key. Throws `invalid` of its codes for a key that is none. */
export function awsKmsEthereumSigner(key: AwsKmsKey): EthereumSigner {
  const point = secp256k1PointOf(key)
  const address = addressText(addressOf(point))
  return {
    address,
    async sign(hash) {
      const compact = rawFromDer(await key.sign(hash))
      // KMS does not look which half s is in.
      if (compact === null || !secp256k1.verify(compact, hash, point, { prehash: false, lowS: false })) {
        throw foreign(key)
      }
      return compact
    },
  }
}

function secp256k1PointOf({ spki, id, codes }: AwsKmsKey): Uint8Array {
  const point = spki.slice(SECP256K1_HEADER.length)
  try {
    if (point.length === 65 && equal(spki.subarray(0, SECP256K1_HEADER.length), SECP256K1_HEADER)) {
      return secp256k1.Point.fromBytes(point).toBytes(false)
    }
  } catch {
    // Not on the curve: told below.
  }
  throw noKey(id, codes)
}
