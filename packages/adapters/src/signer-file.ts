import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  pbkdf2,
  randomBytes,
  sign,
} from 'node:crypto'
import { promisify } from 'node:util'
import {
  base64,
  CodedError,
  concat,
  fromHex,
  type KeyAlgorithm,
  parsePublicKey,
  type PublicKey,
  publicKeyPem,
} from '@countersign/core'
import type { Signer } from '@countersign/sign'

const MAX_KEY_FILE = 65_536

/** PBKDF2-HMAC-SHA256 rounds (OWASP 2023); Node's own encrypted export has 2,048. */
const ITERATIONS = 600_000

/** Where the public half of a key file is. */
export function publicKeyPath(path: string): string {
  return `${path}.pub`
}

/**
 * Makes a key: PKCS#8 PEM at `path` (mode 0600; with a passphrase AES-256-CBC under PBKDF2, RFC 8018) and its
 * public key beside it as `.pub`. Nothing is overwritten, links are not followed. Throws `key-exists`,
 * `key-passphrase` for an empty passphrase, `file-write-failed`. `fix`: what to do about the passphrase.
 */
export async function createKeyFile(
  path: string,
  options: { readonly algorithm: KeyAlgorithm; readonly passphrase: string | null; readonly fix?: string },
): Promise<PublicKey> {
  const { algorithm, passphrase } = options
  if (passphrase === '') throw locked('the passphrase is empty', options.fix)
  const pair =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = publicKeyOf(pair.publicKey)
  const pkcs8 = new Uint8Array(pair.privateKey.export({ type: 'pkcs8', format: 'der' }))
  const text =
    passphrase === null ? pem('PRIVATE KEY', pkcs8) : pem('ENCRYPTED PRIVATE KEY', await encrypt(pkcs8, passphrase))
  await writeNew(path, text, 0o600)
  try {
    await writeNew(publicKeyPath(path), publicKeyPem(publicKey), 0o644)
  } catch (error) {
    // The key was made just now and nobody has used it: without its public half it would only be in the way.
    await rm(path, { force: true })
    throw error
  }
  return publicKey
}

/**
 * Opens a private key file (PEM: PKCS#8, or what else OpenSSL reads) for signing. Throws `key-unreadable`,
 * `key-passphrase` when it is encrypted and the passphrase is missing or wrong, `key-invalid` for other algorithms.
 * `fix`: what to do about the passphrase.
 */
export async function openKeyFile(path: string, passphrase: string | null, fix?: string): Promise<Signer> {
  return signerOfPem(await readKeyText(path), passphrase, path, fix)
}

/** {@link openKeyFile} of what would be in the file; `path` is what errors call it. */
export function signerOfPem(text: string, passphrase: string | null, path: string, fix?: string): Signer {
  if (text.includes('-----BEGIN PUBLIC KEY-----')) {
    throw new CodedError('key-invalid', `${path} is a public key; signing takes the private one`, {
      fix: 'Name the file without .pub.',
    })
  }
  const privateKey = parsePrivateKey(path, text, passphrase, fix)
  const type = privateKey.asymmetricKeyType
  const good = type === 'ed25519' || (type === 'ec' && privateKey.asymmetricKeyDetails?.namedCurve === 'prime256v1')
  if (!good) throw new CodedError('key-invalid', `${path} is a key of another kind (${type ?? 'unknown'})`)
  const publicKey = publicKeyOf(createPublicKey(privateKey))
  const digest = publicKey.algorithm === 'ed25519' ? null : 'sha256'
  return {
    key: { kind: 'publicKey', hint: publicKey.keyId },
    publicKey,
    async sign(pae) {
      try {
        return new Uint8Array(sign(digest, pae, privateKey))
      } catch (cause) {
        throw new CodedError('sign-failed', `the key in ${path} did not sign`, { cause })
      }
    },
  }
}

function publicKeyOf(key: KeyObject): PublicKey {
  return parsePublicKey(key.export({ type: 'spki', format: 'der' }))
}

function parsePrivateKey(path: string, text: string, passphrase: string | null, fix?: string): KeyObject {
  const encrypted = /^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(text)
  if (encrypted && passphrase === null) throw locked(`${path} is encrypted`, fix)
  try {
    return createPrivateKey(encrypted ? { key: text, passphrase: passphrase! } : { key: text })
  } catch (cause) {
    // OpenSSL tells a wrong passphrase from a damaged file by the padding only, so neither do we.
    if (encrypted) throw locked(`${path} does not open with this passphrase`, fix, cause)
    throw new CodedError('key-unreadable', `${path} is not a private key in PEM`, { cause })
  }
}

function locked(what: string, fix?: string, cause?: unknown): CodedError {
  return new CodedError('key-passphrase', what, { ...(fix === undefined ? {} : { fix }), cause })
}

async function readKeyText(path: string): Promise<string> {
  let file: FileHandle | null = null
  try {
    // Without O_NONBLOCK a FIFO in the key's place would hang us for ever.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const { size } = await file.stat().then((stat) => (stat.isFile() ? stat : { size: -1 }))
    if (size < 0) throw new CodedError('key-unreadable', `${path} is not a regular file`)
    if (size > MAX_KEY_FILE) throw new CodedError('key-unreadable', `${path} is too large for a key`)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_KEY_FILE), 0, MAX_KEY_FILE, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw new CodedError('key-unreadable', `${path}: ${reason(cause)}`, { cause })
  } finally {
    await file?.close()
  }
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  let made = false
  try {
    const file = await open(path, 'wx', mode)
    made = true
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await syncDirectory(dirname(path))
  } catch (cause) {
    // Half a key is of no use and would keep its name taken.
    if (made) await rm(path, { force: true })
    if (codeOf(cause) === 'EEXIST') throw new CodedError('key-exists', `${path} exists`, { cause })
    throw new CodedError('file-write-failed', `${path}: ${reason(cause)}`, { cause })
  }
}

async function syncDirectory(path: string): Promise<void> {
  let directory: FileHandle
  try {
    directory = await open(path, 'r')
  } catch (error) {
    // Windows cannot open a directory; its file systems keep the entry without being asked.
    if (codeOf(error) === 'EISDIR' || codeOf(error) === 'EPERM') return
    throw error
  }
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** EncryptedPrivateKeyInfo (RFC 5958 §3) under PBES2 (RFC 8018 §6.2): PBKDF2-HMAC-SHA256, AES-256-CBC. */
async function encrypt(pkcs8: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const salt = new Uint8Array(randomBytes(16))
  const iv = new Uint8Array(randomBytes(16))
  const key = await promisify(pbkdf2)(passphrase, salt, ITERATIONS, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const data = concat(cipher.update(pkcs8), cipher.final())
  const rounds = fromHex(ITERATIONS.toString(16).padStart(6, '0'))
  const prf = sequence(der(0x06, HMAC_SHA256), der(0x05))
  const kdf = sequence(der(0x06, PBKDF2), sequence(der(0x04, salt), der(0x02, rounds), prf))
  const scheme = sequence(der(0x06, AES_256_CBC), der(0x04, iv))
  return sequence(sequence(der(0x06, PBES2), sequence(kdf, scheme)), der(0x04, data))
}

// Object identifiers: 1.2.840.113549.1.5.13, .1.5.12, .2.9 and 2.16.840.1.101.3.4.1.42.
const PBES2 = fromHex('2a864886f70d01050d')
const PBKDF2 = fromHex('2a864886f70d01050c')
const HMAC_SHA256 = fromHex('2a864886f70d0209')
const AES_256_CBC = fromHex('60864801650304012a')

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(0x30, concat(...parts))
}

/** One DER element (X.690 §8.1) of less than 64 KiB. */
function der(tag: number, content: Uint8Array = new Uint8Array()): Uint8Array {
  const { length } = content
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content)
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), content)
  return concat(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), content)
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = base64(bytes).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What the system said, without the path again. */
function reason(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'no such file or directory'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'EISDIR':
      return 'is a directory'
    case 'ENOSPC':
      return 'no space left'
    default:
      return codeOf(error) ?? 'failed'
  }
}
