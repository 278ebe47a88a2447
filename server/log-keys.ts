import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createKeyFile, openKeyFile, publicKeyPath } from '@countersign/adapters/signer-file'
import { CodedError, type Crypto, type JsonValue, parseJson } from '@countersign/core'
import { type NoteKey, noteKey, parseCheckpoint, parseVkey, verifyCheckpoint, writeVkey } from '@countersign/formats'
import type { Signer } from '@countersign/sign'

/** What to do where the passphrase of the server's keys is missing or wrong. */
export const PASSPHRASE_FIX = 'Set COUNTERSIGN_SERVER_KEY_PASSPHRASE to the passphrase of the keys.'

/** A key that the log signed with once. */
export interface RetiredKey {
  readonly key: NoteKey
  /** ISO time. */
  readonly retiredAt: string
}

/** The keys of a log. */
export interface LogKeys {
  readonly signer: Signer
  /** Signs beside it while the log changes its key. */
  readonly next: Signer | null
  /** Newest first. */
  readonly retired: readonly RetiredKey[]
}

export interface LogKeysInput {
  /** The data directory. */
  readonly directory: string
  readonly origin: string
  readonly passphrase: string | null
  readonly crypto: Crypto
}

const currentFile = (directory: string) => join(directory, 'server.key')
const nextFile = (directory: string) => join(directory, 'server.next.key')
const retiredFile = (directory: string) => join(directory, 'retired-keys.json')

/** The log's keys, the first one made where there is none yet. Throws what `openKeyFile` throws, and `key-unreadable`. */
export async function openLogKeys(input: LogKeysInput): Promise<LogKeys> {
  const { directory, passphrase } = input
  const file = currentFile(directory)
  if (!existsSync(file)) await createKeyFile(file, { algorithm: 'ed25519', passphrase, fix: PASSPHRASE_FIX })
  const signer = await openKeyFile(file, passphrase, PASSPHRASE_FIX)
  const following = nextFile(directory)
  const next = existsSync(following) ? await openKeyFile(following, passphrase, PASSPHRASE_FIX) : null
  // A change of key that was cut off has named the one that is still there.
  const retired = readRetired(input).filter(({ key }) => key.publicKey.keyId !== signer.publicKey.keyId)
  return { signer, next, retired }
}

/** Every key that the log's signatures may be of. */
export function allKeys({ origin, crypto }: LogKeysInput, { signer, next, retired }: LogKeys): NoteKey[] {
  const own = next === null ? [signer] : [signer, next]
  return [
    ...own.map(({ publicKey }) => noteKey(origin, 'ed25519', publicKey, crypto)),
    ...retired.map(({ key }) => key),
  ]
}

/** Makes the key that is to follow, or finds the one that was made. From the next start on both sign. */
export async function addLogKey(input: LogKeysInput): Promise<NoteKey> {
  const { directory, origin, passphrase, crypto } = input
  const file = nextFile(directory)
  if (!existsSync(file)) await createKeyFile(file, { algorithm: 'ed25519', passphrase, fix: PASSPHRASE_FIX })
  return noteKey(origin, 'ed25519', (await openKeyFile(file, passphrase, PASSPHRASE_FIX)).publicKey, crypto)
}

/**
 * Puts the key that was to follow into the place of the log's key, which is deleted. `locked`: what the checkpoint
 * lock holds. Throws `key-unreadable` where none was made, and `signer-unknown` where the last checkpoint is not
 * signed with it yet: the log would not open again.
 */
export async function retireLogKey(
  input: LogKeysInput & { readonly locked: Uint8Array | null; readonly now: string },
): Promise<{ readonly retired: NoteKey; readonly key: NoteKey }> {
  const { directory, origin, crypto, locked, now } = input
  const { signer, next, retired } = await openLogKeys(input)
  if (next === null) {
    throw new CodedError('key-unreadable', `there is no ${nextFile(directory)} that could follow`, {
      fix: 'Make it with --new-log-key, start the server, and retire the old key when all who verify know the new one.',
    })
  }
  const [old, key] = [signer, next].map(({ publicKey }) => noteKey(origin, 'ed25519', publicKey, crypto)) as [
    NoteKey,
    NoteKey,
  ]
  try {
    if (locked === null) throw new CodedError('signer-unknown', 'nothing is signed yet')
    verifyCheckpoint(parseCheckpoint(locked), { origin, keys: [key], witnesses: [] }, crypto)
  } catch (cause) {
    throw new CodedError('signer-unknown', 'the last checkpoint is not signed with the new key', {
      fix: 'Start the server once: it signs with both keys. Then retire the old one.',
      cause,
    })
  }
  // In this order: cut off in between, the old key is named as retired and goes on all the same.
  writeRetired(directory, [{ key: old, retiredAt: now }, ...retired])
  renameSync(nextFile(directory), currentFile(directory))
  rmSync(publicKeyPath(currentFile(directory)), { force: true })
  renameSync(publicKeyPath(nextFile(directory)), publicKeyPath(currentFile(directory)))
  syncFile(directory)
  return { retired: old, key }
}

function readRetired({ directory, origin, crypto }: LogKeysInput): RetiredKey[] {
  const file = retiredFile(directory)
  if (!existsSync(file)) return []
  const bad = (cause?: unknown) => new CodedError('key-unreadable', `${file} does not list retired keys`, { cause })
  let value: JsonValue
  try {
    value = parseJson(new Uint8Array(readFileSync(file)))
  } catch (cause) {
    throw bad(cause)
  }
  if (!Array.isArray(value)) throw bad()
  return value.map((item: JsonValue) => {
    const { vkey, retiredAt } = (item ?? {}) as { vkey?: unknown; retiredAt?: unknown }
    if (typeof vkey !== 'string' || typeof retiredAt !== 'string' || Number.isNaN(Date.parse(retiredAt))) throw bad()
    const key = parseVkey(vkey, crypto)
    if (key.name !== origin || key.type !== 'ed25519') throw bad()
    return { key, retiredAt }
  })
}

function writeRetired(directory: string, retired: readonly RetiredKey[]): void {
  const file = retiredFile(directory)
  const list = retired.map(({ key, retiredAt }) => ({ vkey: writeVkey(key), retiredAt }))
  writeFileSync(`${file}.tmp`, `${JSON.stringify(list, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.tmp`, file)
  syncFile(dirname(file))
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
