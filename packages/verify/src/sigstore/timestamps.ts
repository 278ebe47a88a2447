import { CodedError, equal } from '@countersign/core'
import { parseTimestampResponse, parseTimestampToken, type TimestampToken } from '@countersign/formats/anchor'
import { basicConstraints } from '@countersign/formats/x509'
import { verifyTimestamp } from '../anchors/rfc3161.ts'
import type { CertificateCrypto } from '../x509/index.ts'
import type { SigstoreTimestampAuthority, SigstoreTrust } from './trusted-root.ts'
import type { TrustedTime } from './types.ts'

/** What was made of the timestamps of a bundle. */
export interface Timestamps {
  /** Each authority once, with its earliest time: it is one witness however often it says so (T-64). */
  readonly times: readonly TrustedTime[]
  /** Why the first that does not count does not; null where all do. */
  readonly fault: CodedError | null
}

/**
 * Verifies timestamps over a signature (RFC 3161), each under the authorities of the trust root. Those that do not verify
 * do not count, and are of no other matter: anybody can put one there.
 */
export function readTimestamps(
  timestamps: readonly Uint8Array[],
  signature: Uint8Array,
  { timestampAuthorities }: SigstoreTrust,
  crypto: CertificateCrypto,
): Timestamps {
  const imprint = crypto.sha256(signature)
  const times = new Map<string, TrustedTime>()
  let fault: CodedError | null = null
  for (const timestamp of timestamps) {
    try {
      const time = timeOf(tokenOf(timestamp), imprint, timestampAuthorities, crypto)
      const known = times.get(time.by)
      if (known === undefined || time.at < known.at) times.set(time.by, time)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      fault ??= error
    }
  }
  return { times: [...times.values()], fault }
}

function tokenOf(timestamp: Uint8Array): TimestampToken {
  const { status, token } = parseTimestampResponse(timestamp)
  // Granted, or granted with modifications.
  if (status > 1 || token === null) throw new CodedError('anchor-unproven', 'the authority gave no timestamp')
  return parseTimestampToken(token)
}

function timeOf(
  token: TimestampToken,
  imprint: Uint8Array,
  authorities: readonly SigstoreTimestampAuthority[],
  crypto: CertificateCrypto,
): TrustedTime {
  let first: CodedError | null = null
  for (const authority of authorities) {
    try {
      return timeBy(authority, token, imprint, crypto)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      first ??= error
    }
  }
  throw first ?? new CodedError('trust-missing', 'no timestamp authority is trusted')
}

function timeBy(
  { name, chain, validFor }: SigstoreTimestampAuthority,
  token: TimestampToken,
  imprint: Uint8Array,
  crypto: CertificateCrypto,
): TrustedTime {
  const trust = {
    authorities: [{ name, certificates: [chain.at(-1)!], from: validFor.start, until: validFor.end }],
  }
  const { info, path } = verifyTimestamp(token, chain.slice(0, -1), imprint, trust, crypto)
  // What else its CA has issued is not this authority.
  if (!basicConstraints(chain[0]).ca && !equal(path[0]!.der, chain[0].der)) {
    throw new CodedError('anchor-untrusted', `the timestamp is not signed by ${name}`)
  }
  return { source: 'timestamp', by: name, at: info.time.milliseconds }
}
