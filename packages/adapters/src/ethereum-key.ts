import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { CodedError, fromHex } from '@countersign/core'
import type { EthereumSignature } from '@countersign/formats/anchor'
import { addressOf, addressText, recoverAddress } from '@countersign/verify/anchors'
import { secp256k1 } from '@noble/curves/secp256k1.js'

const MAX_KEY_FILE = 4096
const HALF_ORDER = secp256k1.Point.Fn.ORDER >> 1n

/** Who pays: an account on an EVM chain. Its private key stays behind this port: in memory, a key service, a card. */
export interface EthereumSigner {
  /** `0x` and 40 lower-case hex digits. */
  readonly address: string
  /** ECDSA over secp256k1 of a 32-byte hash: r‖s, 64 bytes. Either s will do, so that any key service can stand behind it. */
  sign(hash: Uint8Array): Promise<Uint8Array>
}

/**
 * A signer with its private key in memory: 64 hex digits, with or without `0x`, as wallets export it. Throws
 * `key-invalid`, which never says what was given.
 */
export function ethereumSigner(text: string): EthereumSigner {
  const digits = text.trim().toLowerCase().replace(/^0x/, '')
  const good = /^[0-9a-f]{64}$/.test(digits) && secp256k1.utils.isValidSecretKey(fromHex(digits))
  if (!good) {
    throw new CodedError('key-invalid', 'the private key of the Ethereum account is not 64 hex digits of a key', {
      fix: 'Give the private key as 64 hex digits.',
    })
  }
  const key = fromHex(digits)
  const address = addressText(addressOf(secp256k1.getPublicKey(key, false)))
  // In a closure: nothing that prints or serialises the signer can reach the key.
  return {
    address,
    async sign(hash) {
      return secp256k1.sign(hash, key, { prehash: false, lowS: true })
    },
  }
}

/** {@link ethereumSigner} with the key from a file. Throws `key-unreadable` and `key-invalid`. */
export async function openEthereumKey(path: string): Promise<EthereumSigner> {
  return ethereumSigner(await readText(path))
}

async function readText(path: string): Promise<string> {
  try {
    // A named pipe would wait for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stat = await file.stat()
      if (!stat.isFile() || stat.size > MAX_KEY_FILE) throw new CodedError('key-unreadable', `${path} is no key file`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw new CodedError('key-unreadable', `${path} cannot be read`, { cause })
  }
}

/**
 * What a signer made of a hash, as a transaction needs it: s in the lower half, with the parity that leads to the
 * signer's address. Throws `anchor-refused` for what is no signature of this account.
 */
export async function signHash(signer: EthereumSigner, hash: Uint8Array): Promise<EthereumSignature> {
  const refused = (what: string, cause?: unknown) =>
    new CodedError('anchor-refused', `the signer of ${signer.address} ${what}`, {
      fix: 'Check the key of the Ethereum account, and the service that keeps it.',
      ...(cause === undefined ? {} : { cause }),
    })
  const made = await signer.sign(hash)
  let compact: Uint8Array
  try {
    const { r, s } = secp256k1.Signature.fromBytes(made, 'compact')
    const low = s > HALF_ORDER ? secp256k1.Point.Fn.ORDER - s : s
    compact = new secp256k1.Signature(r, low).toBytes('compact')
  } catch (cause) {
    throw refused('returned no signature', cause)
  }
  for (const yParity of [0, 1] as const) {
    try {
      if (addressText(recoverAddress(hash, { compact, yParity })) === signer.address) return { compact, yParity }
    } catch {
      // No point with this parity: then it is the other one.
    }
  }
  throw refused('signed with another key')
}
