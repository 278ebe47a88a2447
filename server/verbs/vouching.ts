import { fromUtf8, hex, sha256 } from '@countersign/core'
import {
  type BelievedAuthority,
  type SigningCertificate,
  type Trust,
  type TrustedLogKey,
  withAuthorities,
} from '@countersign/verify'
import type { CountersignAuthority } from '@countersign/verify/identity'

/** The authority that this server runs. */
export interface OwnAuthority {
  /** As a verifier trusts it, one entry for each root that is in use. */
  authorities(): readonly CountersignAuthority[]
  /** Whether it issued a certificate for a tenant; the serial number as `verify` tells it. */
  hasIssued(tenant: string, serial: string): Promise<boolean>
}

/** Whose certificates this server takes. */
export interface Vouching {
  authorities(): readonly BelievedAuthority[]
  /** Keys of its log, which sign no steps. */
  logs(): readonly TrustedLogKey[]
  /**
   * Whether an authority issued a certificate for a tenant. Null where it issues for the whole world: then only a contract
   * can say who may sign.
   */
  isFor(tenant: string, certificate: SigningCertificate): Promise<boolean | null>
}

/** No certificate is taken. */
export const NOBODY_VOUCHES: Vouching = { authorities: () => [], logs: () => [], isFor: async () => false }

const NOTHING: Trust = { signers: [], countersigners: [] }

/**
 * The server's own authority, where it has one, and those of trusted roots of Sigstore (the bytes of their
 * `trusted_root.json`). Throws `trust-root-invalid`.
 */
export function vouchingOf(
  own: OwnAuthority | null,
  trustedRoots: readonly Uint8Array[],
  logs: () => readonly TrustedLogKey[],
): Vouching {
  const roots = trustedRoots.map((bytes) => ({
    kind: 'sigstore' as const,
    name: 'sigstore',
    trustedRoot: fromUtf8(bytes),
    revokedAt: null,
  }))
  const outside = withAuthorities(NOTHING, roots, []).authorities ?? []
  const idOf = ({ chain }: CountersignAuthority) => hex(sha256(chain.at(-1)!.der))
  return {
    logs,
    authorities: () => [
      ...(own?.authorities() ?? []).map((authority) => ({ id: idOf(authority), authority, revokedAt: null })),
      ...outside,
    ],
    isFor: async (tenant, { authorityId, serial }) => {
      if (outside.some(({ id }) => id === authorityId)) return null
      return own !== null && (await own.hasIssued(tenant, serial))
    },
  }
}
