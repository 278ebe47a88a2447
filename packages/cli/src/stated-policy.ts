import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, fromHex, hex, isHex, readPublicKey } from '@countersign/core'
import type { PatternFact } from '@countersign/contract'
import { IDENTITY_FACTS } from '@countersign/formats/identity'
import { subjectNamed } from '@countersign/verify/foreign'
import type { ArtifactDigests, SigstorePolicy, SigstoreThresholds } from '@countersign/verify/sigstore'
import type { Context } from './context.ts'
import { readBounded, readText } from './files.ts'
import { plain } from './output.ts'

/** Up to here an artifact is held whole, which an Ed25519 signature over it needs. */
const MAX_HELD_BYTES = 64 * 1024 * 1024

/** Who must have signed what somebody else made, and what must stand behind the signature. */
export interface StatedPolicyOptions {
  readonly identity?: string
  readonly issuer?: string
  readonly fact?: readonly string[]
  readonly key?: string
  readonly minLogs: string
  readonly minTimestamps: string
}

/** Whom the options name; `keyOption` is what the key's is called. Throws `usage` where that is nobody, or not in full. */
export function policyOf(
  context: Context,
  { identity, issuer, fact = [], key }: Pick<StatedPolicyOptions, 'identity' | 'issuer' | 'fact' | 'key'>,
  keyOption = '--key',
): SigstorePolicy {
  if (key !== undefined) {
    if (identity === undefined && issuer === undefined && fact.length === 0) {
      return { key: readPublicKey(readText(resolve(context.cwd, key))) }
    }
    throw new CodedError('usage', 'a key has no identity: name one of the two')
  }
  if (identity === undefined || issuer === undefined || identity === '' || issuer === '') {
    throw new CodedError('usage', 'who must have signed is not said in full', {
      fix: `Name both --identity and --issuer, or ${keyOption}.`,
    })
  }
  const facts = new Map(fact.map(factOf))
  if (facts.size < fact.length) throw new CodedError('usage', 'a fact is named twice')
  return { identity: { issuer, subject: subjectNamed(identity), facts } }
}

function factOf(text: string): readonly [PatternFact, { readonly exact: string }] {
  const [name = '', ...rest] = text.split('=')
  const exact = rest.join('=')
  const fact = IDENTITY_FACTS.find((one) => one === name)
  if (fact === undefined || fact === 'issuer' || exact === '') {
    const names = IDENTITY_FACTS.filter((one) => one !== 'issuer')
    throw new CodedError('usage', `${plain(text)} is not NAME=VALUE of a fact`, {
      fix: `Facts are ${names.join(', ')}.`,
    })
  }
  return [fact, { exact }]
}

/** How much must stand behind a signature. Throws `usage`. */
export function thresholdsOf({
  minLogs,
  minTimestamps,
}: Pick<StatedPolicyOptions, 'minLogs' | 'minTimestamps'>): Required<SigstoreThresholds> {
  return { logs: countOf(minLogs, '--min-logs'), timestamps: countOf(minTimestamps, '--min-timestamps') }
}

function countOf(text: string, option: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(count)) throw new CodedError('usage', `${option} is not a number from 0 to 99`)
  return count
}

/** A file's digests, and its bytes where they are not too many; or the digest that was named. */
export async function readSigned(
  context: Context,
  text: string,
): Promise<{ readonly signed: Uint8Array | ArtifactDigests; readonly sha256: string }> {
  const path = resolve(context.cwd, text)
  const stat = statSync(path, { throwIfNoEntry: false })
  const digest = text.replace(/^sha256:/, '')
  if (stat === undefined && text.startsWith('sha256:') && isHex(digest, 64)) {
    return { signed: { sha256: fromHex(digest), sha512: null }, sha256: digest }
  }
  if (stat === undefined || stat.size <= MAX_HELD_BYTES) {
    const bytes = readBounded(path, MAX_HELD_BYTES)
    return { signed: bytes, sha256: hex(nodeCrypto.sha256(bytes)) }
  }
  if (!stat.isFile()) throw new CodedError('file-special', `${text} is not a regular file`)
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')]
  for await (const part of createReadStream(path)) {
    sha256.update(part as Uint8Array)
    sha512.update(part as Uint8Array)
  }
  const signed = { sha256: new Uint8Array(sha256.digest()), sha512: new Uint8Array(sha512.digest()) }
  return { signed, sha256: hex(signed.sha256) }
}
