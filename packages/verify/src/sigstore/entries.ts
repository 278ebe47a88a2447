import { CodedError, type Crypto, equal, hex } from '@countersign/core'
import { isWithin } from '@countersign/formats/anchor'
import type { LogEntry, SigstoreBundle } from '@countersign/formats/sigstore'
import { checkCheckpoint, checkInclusion, checkPromise } from '../anchors/rekor-proof.ts'
import { isIdOf, type RekorLog } from '../anchors/rekor-trust.ts'
import type { ProvenEntry, TrustedTime } from './types.ts'

/** What an entry has to be about. */
export interface Signed {
  /** SHA-256 of the bytes that were signed: the artifact, or the PAE of the envelope. */
  readonly signed: Uint8Array
  /** SHA-256 of the payload of the envelope; null where there is none. */
  readonly payload: Uint8Array | null
  readonly signature: Uint8Array
  /** DER of the signer's certificate, or of the key as SPKI. */
  readonly verifier: { readonly kind: 'certificate' | 'key'; readonly der: Uint8Array }
}

/** What was made of the entries of a bundle. */
export interface Entries {
  readonly proven: readonly ProvenEntry[]
  readonly times: readonly TrustedTime[]
  /** The logs behind them, each once. */
  readonly logs: readonly RekorLog[]
  /** Why the first that does not count does not; null where all do. */
  readonly fault: CodedError | null
}

/**
 * Verifies the entries of a bundle. Each must be about this signature, by this signer, over these bytes (T-63), whatever
 * log it is of. Those of logs that are not trusted do not count; what a trusted log does not prove refuses the bundle.
 *
 * Throws `entry-mismatch`, `entry-unproven`, `entry-untrusted` for a log that took no entries then, and `bundle-invalid`
 * where what the version of the bundle demands is not there.
 */
export function verifyEntries(
  { version, entries }: SigstoreBundle,
  about: Signed,
  trusted: readonly RekorLog[],
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
): Entries {
  const proven: ProvenEntry[] = []
  const times: TrustedTime[] = []
  const logs = new Map<string, RekorLog>()
  const places = new Set<string>()
  let fault: CodedError | null = null
  for (const entry of entries) {
    checkAbout(entry, about)
    checkMaterial(version, entry)
    const place = `${hex(entry.logId)} ${entry.logIndex}`
    if (places.size === places.add(place).size) throw new CodedError('bundle-invalid', 'the bundle has one entry twice')
    const log = trusted.find((one) => isIdOf(one, entry.logId, crypto))
    if (log === undefined) {
      fault ??= new CodedError('entry-untrusted', `the log ${hex(entry.logId).slice(0, 16)} is not in the trust root`)
      continue
    }
    const time = asEntry(() => prove(entry, log, crypto))
    if (time !== null) times.push({ source: 'log', by: log.name, at: time })
    logs.set(log.key.keyId, log)
    const { kind, logIndex, inclusion } = entry
    proven.push({ log: log.name, logIndex, kind: kind.name, included: inclusion !== null })
  }
  return { proven, times, logs: [...logs.values()], fault }
}

/** T-63: an entry that is in the log, and is somebody else's or about something else. */
function checkAbout({ kind, record }: LogEntry, { signed, payload, signature, verifier }: Signed): void {
  const mismatch = (what: string) => new CodedError('entry-mismatch', `the entry in the log is ${what}`)
  const digest = record.of === 'signed' ? signed : payload
  if (digest === null) throw mismatch(`of kind ${kind.name}, and no envelope was signed`)
  if (!equal(record.digest, digest)) throw mismatch('about something else than what was signed')
  if (!equal(record.signature, signature)) throw mismatch('of another signature')
  if (record.verifier.kind !== verifier.kind || !equal(record.verifier.der, verifier.der)) {
    throw mismatch(verifier.kind === 'key' ? 'of another key' : 'of another certificate')
  }
}

/** What bundles of a version must have (protobuf-specs, sigstore_bundle.proto): a promise in v0.1, a proof since. */
function checkMaterial(version: SigstoreBundle['version'], { inclusion, promise }: LogEntry): void {
  const missing = (what: string) =>
    new CodedError('bundle-invalid', `a bundle v${version} has an entry without ${what}`)
  if (version === '0.1' && promise === null) throw missing('the promise of its log')
  if (version !== '0.1' && inclusion === null) throw missing('a proof with a checkpoint')
}

/** When the log promises to have taken the entry, milliseconds since 1970; null where it does not say. */
function prove(entry: LogEntry, log: RekorLog, crypto: Pick<Crypto, 'sha256' | 'verify'>): number | null {
  const { body, inclusion, kind, promise } = entry
  if (inclusion !== null) {
    checkCheckpoint(inclusion.checkpoint, kind.generation, log, crypto)
    checkInclusion({ body, ...inclusion }, crypto)
  }
  return promise === null ? null : checkPromise({ ...entry, promise }, log, crypto)
}

/** The proofs are those of anchors, and here they are of entries. */
function asEntry<T>(judge: () => T): T {
  try {
    return judge()
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    if (cause.code === 'anchor-unproven') throw new CodedError('entry-unproven', cause.what, { cause })
    if (cause.code === 'anchor-untrusted') throw new CodedError('entry-untrusted', cause.what, { cause })
    throw cause
  }
}

/** Throws `entry-untrusted` where a log took no entries at a time when the signature was there. */
export function checkLogTimes(logs: readonly RekorLog[], times: readonly TrustedTime[]): void {
  for (const { name, validFor } of logs) {
    // A log that promised a time was judged by its own.
    if (times.some(({ by, source }) => source === 'log' && by === name)) continue
    for (const { at } of times) {
      if (!isWithin(at, validFor)) throw new CodedError('entry-untrusted', `${name} took no entries at that time`)
    }
  }
}

/** How many parties stand behind entries: two logs of one operator are one (T-64). */
export function countParties(logs: readonly RekorLog[]): number {
  return new Set(logs.map(({ key, operator }) => (operator === null ? `key ${key.keyId}` : `operator ${operator}`)))
    .size
}
