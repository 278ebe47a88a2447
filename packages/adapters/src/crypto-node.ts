import { constants, createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { type ConcurrentCrypto, hmac, openedAssertion, type PublicKey, rawFromDer } from '@countersign/core'
import type { CertificateCrypto } from '@countersign/verify/x509'

/** Parsing an SPKI costs more than a verification, and one key signs many steps. */
const parsed = new WeakMap<PublicKey, KeyObject>()

/** {@link Crypto} by OpenSSL: ten times the speed of the portable one, with the same answers. */
export const nodeCrypto: ConcurrentCrypto & CertificateCrypto = {
  sha256(data) {
    return bytesOf(hash('sha256', data, 'binary'))
  },
  sha3_256(data) {
    return bytesOf(hash('sha3-256', data, 'binary'))
  },
  hmac(name, key, data) {
    return hmac(name, name === 'sha256' ? nodeCrypto.sha256 : nodeCrypto.sha3_256, key, data)
  },
  verify(key, message, signature) {
    try {
      if (key.passkey !== undefined) {
        const opened = openedAssertion(key.passkey, message, signature, nodeCrypto)
        return opened !== null && nodeCrypto.verify(opened.key, opened.signed, opened.signature)
      }
      if (key.algorithm === 'ed25519') {
        return signature.length === 64 && verify(null, message, keyObject(key), signature)
      }
      // One reader of DER decides for every Crypto; OpenSSL 3 is as strict today, and need not stay so. The bytes go
      // in as they are: asking for raw r‖s costs a third of the speed.
      return rawFromDer(signature) !== null && verify('sha256', message, keyObject(key), signature)
    } catch {
      return false
    }
  },
  verifySigned(scheme, spki, message, signature) {
    try {
      const key = issuerKey(spki)
      if (scheme.name !== 'rsa-pss') return verify(scheme.hash, message, key, signature)
      const padding = constants.RSA_PKCS1_PSS_PADDING
      return verify(scheme.hash, message, { key, padding, saltLength: scheme.salt }, signature)
    } catch {
      return false
    }
  },
  verifyLater(key, message, signature) {
    if (key.passkey !== undefined) {
      const opened = openedAssertion(key.passkey, message, signature, nodeCrypto)
      if (opened === null) return Promise.resolve(false)
      return nodeCrypto.verifyLater(opened.key, opened.signed, opened.signature)
    }
    const edwards = key.algorithm === 'ed25519'
    if (edwards ? signature.length !== 64 : rawFromDer(signature) === null) return Promise.resolve(false)
    return new Promise((done) => {
      try {
        verify(edwards ? null : 'sha256', message, keyObject(key), signature, (error, valid) => done(!error && valid))
      } catch {
        done(false)
      }
    })
  },
}

/**
 * The same, for a process that has so many cores. With two they all have work of their own: handing a P-256 check over
 * to another thread then costs half as much again as the check. What is asked for in one turn of the event loop is
 * checked there instead, one after another: the code that checks stays in the processor's caches, which is a tenth of
 * what an append costs.
 */
export function nodeCryptoFor(cores: number): typeof nodeCrypto {
  if (cores > 2) return nodeCrypto
  let turn: Promise<void> | null = null
  const endTurn = (done: () => void) => {
    turn = null
    done()
  }
  return {
    ...nodeCrypto,
    async verifyLater(key, message, signature) {
      await (turn ??= new Promise((done) => setImmediate(endTurn, done)))
      return nodeCrypto.verify(key, message, signature)
    },
  }
}

/** A digest from its text of a byte a character: half the price of a Buffer and its copy, which trees pay twice a leaf. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

function keyObject(key: PublicKey): KeyObject {
  let object = parsed.get(key)
  if (object === undefined) {
    object = createPublicKey({ key: key.spki as Buffer, format: 'der', type: 'spki' })
    parsed.set(key, object)
  }
  return object
}

/** Keys that sign certificates: few, and each signs many. */
const issuers = new Map<string, KeyObject>()
const MAX_ISSUERS = 256

function issuerKey(spki: Uint8Array): KeyObject {
  const name = hash('sha256', spki, 'base64')
  let key = issuers.get(name)
  if (key === undefined) {
    key = createPublicKey({ key: spki as Buffer, format: 'der', type: 'spki' })
    if (issuers.size >= MAX_ISSUERS) issuers.clear()
    issuers.set(name, key)
  }
  return key
}
