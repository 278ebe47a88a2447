import { CodedError, concat, hex, utf8 } from '@countersign/core'
import { type EthereumSignature, type EthereumTransaction, transactionToSign } from '@countersign/formats/anchor'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'

/** Keccak-256 as Ethereum uses it, 32 bytes. */
export function keccak256(data: Uint8Array): Uint8Array {
  return keccak_256(data)
}

/** An address as text: `0x` and 40 lower-case hex digits. */
export function addressText(address: Uint8Array): string {
  return `0x${hex(address)}`
}

/** The address of a public key (65 bytes, uncompressed): the last 20 bytes of its hash. */
export function addressOf(publicKey: Uint8Array): Uint8Array {
  return keccak_256(publicKey.subarray(1)).slice(12)
}

/** Who signed a transaction, 20 bytes. Throws `anchor-unproven` where no key can have. */
export function senderOf(transaction: EthereumTransaction, signature: EthereumSignature): Uint8Array {
  return recoverAddress(keccak_256(transactionToSign(transaction)), signature)
}

/** Who signed a hash, 20 bytes. Throws `anchor-unproven` where no key can have. */
export function recoverAddress(hash: Uint8Array, { compact, yParity }: EthereumSignature): Uint8Array {
  try {
    const recovered = secp256k1.Signature.fromBytes(concat(Uint8Array.of(yParity), compact), 'recovered')
    return addressOf(recovered.recoverPublicKey(hash).toBytes(false))
  } catch (cause) {
    throw new CodedError('anchor-unproven', 'no key can have made the signature of the transaction', { cause })
  }
}

/**
 * An address in lower case, or in the mixed case that checks itself (EIP-55), in its one spelling here: lower case.
 * Null for anything else: of a mistyped address nobody has the key.
 */
export function readAddress(text: string): string | null {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return null
  const lower = text.toLowerCase()
  if (text === lower) return lower
  const digits = lower.slice(2)
  const hash = hex(keccak_256(utf8(digits)))
  const mixed = [...digits].map((digit, i) => (hash[i]! >= '8' ? digit.toUpperCase() : digit)).join('')
  return text === `0x${mixed}` ? lower : null
}
