import { resolve } from 'node:path'
import { type KeptTrust, PUBLIC_MIRROR, readKeptTrust } from '@countersign/adapters/sigstore-cache'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import { parseSigstoreTrust, type SigstoreTrust } from '@countersign/verify/sigstore'
import type { Context } from './context.ts'
import { readBounded } from './files.ts'

const MAX_TRUSTED_ROOT_BYTES = 4_000_000

/** Which trust root of Sigstore is meant. */
export interface SigstoreTrustOptions {
  readonly sigstoreTrust?: string
  readonly cache?: string
  readonly mirror?: string
  readonly allowExpiredTrust?: boolean
}

/** Whom of Sigstore to believe, and by whose word. */
export interface NamedTrust {
  readonly trust: SigstoreTrust
  readonly from: string
  /** ISO time until when it is fresh; null for a file, which is as good as whoever names it says. */
  readonly expires: string | null
}

/** Where fetched trust roots are kept. */
export function cacheOf(context: Context, { cache }: Pick<SigstoreTrustOptions, 'cache'>): string {
  return cache === undefined ? context.settings.sigstoreCache : resolve(context.cwd, cache)
}

/**
 * The trust root in a file that is named, or the one that was last fetched, where it is fresh: whoever holds back newer
 * ones could keep a stolen key believed (T-70). Throws `trust-missing`, `trust-root-expired`, `trust-root-invalid`, and
 * what reading files throws.
 */
export function readSigstoreTrust(context: Context, options: SigstoreTrustOptions): NamedTrust {
  if (options.sigstoreTrust !== undefined) {
    const bytes = readBounded(resolve(context.cwd, options.sigstoreTrust), MAX_TRUSTED_ROOT_BYTES)
    return { trust: parseSigstoreTrust(bytes, nodeCrypto), from: options.sigstoreTrust, expires: null }
  }
  const kept = keptTrust(context, options)
  if (!isFresh(kept, context.now()) && options.allowExpiredTrust !== true) {
    throw new CodedError('trust-root-expired', `the trust root of ${kept.mirror} was fresh until ${kept.expires}`, {
      fix: 'Fetch it again: countersign trust update; or, where you may not, say --allow-expired-trust.',
    })
  }
  return { trust: parseSigstoreTrust(kept.trustedRoot, nodeCrypto), from: kept.mirror, expires: kept.expires }
}

/** What was last fetched. Throws `trust-missing` and `trust-root-invalid`. */
export function keptTrust(context: Context, options: SigstoreTrustOptions): KeptTrust {
  const mirror = options.mirror ?? PUBLIC_MIRROR
  const kept = readKeptTrust(cacheOf(context, options), mirror)
  if (kept !== null) return kept
  throw new CodedError('trust-missing', `no trust root of ${mirror} was fetched yet`, {
    fix: 'Fetch it: countersign trust update; or name a file: --sigstore-trust FILE',
  })
}

export function isFresh({ expires }: Pick<KeptTrust, 'expires'>, now: string): boolean {
  return Date.parse(now) < Date.parse(expires)
}
