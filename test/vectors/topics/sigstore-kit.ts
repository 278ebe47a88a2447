import { base64, type Code, type JsonObject, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { certificate, seededKey } from '../../anchors/certificates.ts'
import { RUN } from '../../identity/local-ca.ts'
import {
  ARTIFACT,
  type EntryOptions,
  LocalSigstore,
  rekorV1,
  rekorV2,
  SIGNED,
  type SignOptions,
  statementOf,
} from '../../identity/local-sigstore.ts'
import { OTHER_PAIR } from './note-signers.ts'
import { mutated, type Mutation } from './topic.ts'

export const local = new LocalSigstore()
export const { v1, v2 } = local
export const stranger = {
  v1: rekorV1('rekor.example.com', seededKey('stranger')),
  v2: rekorV2('log2026.rekor.example.com', OTHER_PAIR),
}
export const SECOND = 1000
export const ROOT = local.trustedRoot

/** What a vector holds beside the bundle. */
export interface Rest {
  /** Name of a vector of the topic `sigstore-root`; the good one where there is none. */
  readonly trustedRoot?: string
  readonly artifact?: Uint8Array
  readonly policy?: object
  readonly thresholds?: { readonly logs?: number; readonly timestamps?: number }
}

export const IDENTITY = { issuer: RUN.issuer, subject: RUN.subject, facts: {} }
export const KEY = { key: base64(local.key.spki) }

export function vector(
  bundle: JsonValue,
  { trustedRoot = 'good', artifact = ARTIFACT, policy, thresholds }: Rest,
  expected: object,
) {
  return {
    bundle,
    artifact: base64(artifact),
    trustedRoot,
    policy: policy ?? IDENTITY,
    ...(thresholds === undefined ? {} : { thresholds }),
    ...expected,
  }
}

export const times = (...all: readonly (readonly [source: string, by: string, at: number])[]) =>
  all.map(([source, by, at]) => ({ source, by, at: new Date(at).toISOString() }))
export const BY_LOG = ['log', 'rekor.example.com', SIGNED] as const
export const BY_TSA = ['timestamp', 'tsa.example.com/api/v1/timestamp', SIGNED] as const
export const good = (options: SignOptions, rest: Rest = {}, ...found: readonly (typeof BY_LOG | typeof BY_TSA)[]) =>
  vector(local.sign(options), rest, { verified: { times: times(...(found.length === 0 ? [BY_LOG] : found)) } })
export const bad = (code: Code, options: SignOptions, rest: Rest = {}) =>
  vector(local.sign(options), rest, { error: code })

export const inV2 = (more: EntryOptions = {}): EntryOptions => ({ log: v2, ...more })
export const stamped: SignOptions = { entries: [inV2()], stamps: [{}] }
export const dsse: SignOptions = { content: 'dsse' }
export const byKey: SignOptions = { issue: null }
export const relogged = (record: EntryOptions['record'], more: EntryOptions = {}): SignOptions => ({
  entries: [{ ...more, ...(record === undefined ? {} : { record }) }],
})
/** A record with one place in it changed. */
export const put = (place: string, value: JsonValue) => (body: JsonObject) => {
  const keys = place.split('.')
  const change = (whole: JsonValue, [key, ...rest]: readonly string[]): JsonValue => {
    if (key === undefined) return value
    const copy = (Array.isArray(whole) ? [...(whole as JsonValue[])] : { ...(whole as JsonObject) }) as Record<
      string,
      JsonValue
    >
    copy[key] = change(copy[key] ?? null, rest)
    return copy
  }
  return change(body, keys)
}
export const statement = (
  change: (good: JsonObject) => JsonValue,
  entries: readonly EntryOptions[] = [{ kind: 'dsse' }],
): SignOptions => ({
  content: 'dsse',
  entries,
  statement: change(statementOf(ARTIFACT)),
})

export const other = local.authority.issue({
  key: seededKey('other signer'),
  serial: 9,
  grade: null,
  system: null,
  proof: null,
})
export const pem = (label: string, der: Uint8Array) =>
  base64(
    utf8(
      `-----BEGIN ${label}-----\n${base64(der)
        .match(/.{1,64}/g)!
        .join('\n')}\n-----END ${label}-----\n`,
    ),
  )
export const sha256 = (bytes: Uint8Array) => portableCrypto.sha256(bytes)
export const expiredTsa = certificate({
  name: 'tsa',
  key: seededKey('tsa'),
  issuer: local.tsaRoot,
  serial: 5,
  until: '2026-11-21T12:00:59Z',
})
export const strangeTsa = certificate({ name: 'strange tsa', key: seededKey('strange tsa'), issuer: null })
export const siblingTsa = certificate({ name: 'sibling', key: seededKey('sibling'), issuer: local.tsaRoot, serial: 6 })

/** Changes of the JSON of a bundle that was good. */
export function changed(options: SignOptions, rest: Rest, changes: readonly Mutation[]): Record<string, object> {
  const vectors: Record<string, object> = {}
  for (const [name, made] of Object.entries(mutated('bundle', local.sign(options), changes))) {
    const { bundle, error } = made as { bundle: JsonValue; error?: string }
    if (name !== 'good')
      vectors[name] = vector(bundle, rest, error === undefined ? { verified: { times: times(BY_LOG) } } : { error })
  }
  return vectors
}

export const MATERIAL = 'verificationMaterial'
export const ENTRY = `${MATERIAL}.tlogEntries.0`
export const PROOF = `${ENTRY}.inclusionProof`
export const INVALID = 'bundle-invalid'
export const flip = (text: string) => {
  const bytes = Buffer.from(text, 'base64')
  bytes[bytes.length - 1]! ^= 1
  return bytes.toString('base64')
}
