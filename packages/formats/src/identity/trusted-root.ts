import { base64, type Crypto, type JsonObject, type JsonValue, type PublicKey } from '@countersign/core'
import type { ValidFor } from '../anchor/signing-config.ts'

/** Media types of Sigstore's trusted roots that are read; the first is written. */
export const TRUSTED_ROOT_MEDIA_TYPES = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
] as const
/** Media type of Sigstore's signing configurations. */
export const SIGNING_CONFIG_MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'

/** An authority, of signers or of timestamps, as others are to trust it. */
export interface PublishedAuthority {
  readonly uri: string
  readonly organization: string
  readonly commonName: string
  /** DER, each signed by the next. */
  readonly chain: readonly Uint8Array[]
  readonly validFor: ValidFor
}

/** A log of Certificate Transparency as others are to trust it. */
export interface PublishedCtLog {
  readonly baseUrl: string
  /** ECDSA P-256. */
  readonly key: PublicKey
  readonly validFor: ValidFor
}

/**
 * Sigstore's `trusted_root.json` (protobuf-specs, sigstore_trustroot.proto) for clients of Sigstore. It has no log of
 * signatures: clients that demand one are told where else.
 */
export function trustedRootJson(
  root: {
    readonly authorities: readonly PublishedAuthority[]
    readonly ctlogs: readonly PublishedCtLog[]
    readonly timestampAuthorities?: readonly PublishedAuthority[]
  },
  crypto: Pick<Crypto, 'sha256'>,
): JsonObject {
  return {
    mediaType: TRUSTED_ROOT_MEDIA_TYPES[0],
    tlogs: [],
    certificateAuthorities: root.authorities.map(authorityJson),
    ctlogs: root.ctlogs.map(({ baseUrl, key, validFor }) => ({
      baseUrl,
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: base64(key.spki),
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        validFor: validForJson(validFor),
      },
      logId: { keyId: base64(crypto.sha256(key.spki)) },
    })),
    timestampAuthorities: (root.timestampAuthorities ?? []).map(authorityJson),
  }
}

function authorityJson({ uri, organization, commonName, chain, validFor }: PublishedAuthority): JsonObject {
  return {
    subject: { organization, commonName },
    uri,
    certChain: { certificates: chain.map((der) => ({ rawBytes: base64(der) })) },
    validFor: validForJson(validFor),
  }
}

function validForJson({ start, end }: ValidFor): JsonObject {
  const text = (time: number) => new Date(time).toISOString()
  return { ...(start === null ? {} : { start: text(start) }), ...(end === null ? {} : { end: text(end) }) }
}

/** A service that clients are to use. */
export interface PublishedService {
  readonly url: string
  readonly majorApiVersion: number
  readonly validFor: ValidFor
  readonly operator: string
}

/** Sigstore's `signing_config.json` (protobuf-specs, SigningConfig v0.2) for clients of Sigstore. */
export function signingConfigJson(services: {
  readonly authorities: readonly PublishedService[]
  readonly oidc?: readonly PublishedService[]
  readonly rekor?: readonly PublishedService[]
  readonly timestampAuthorities?: readonly PublishedService[]
}): JsonObject {
  const { authorities, oidc = [], rekor = [], timestampAuthorities = [] } = services
  const list = (all: readonly PublishedService[]): JsonValue[] =>
    all.map(({ url, majorApiVersion, validFor, operator }) => ({
      url,
      majorApiVersion,
      validFor: validForJson(validFor),
      operator,
    }))
  return {
    mediaType: SIGNING_CONFIG_MEDIA_TYPE,
    caUrls: list(authorities),
    oidcUrls: list(oidc),
    rekorTlogUrls: list(rekor),
    tsaUrls: list(timestampAuthorities),
    // One of each is enough for whoever signs; how many a verifier demands is its policy.
    rekorTlogConfig: { selector: 'ANY' },
    tsaConfig: { selector: 'ANY' },
  }
}
