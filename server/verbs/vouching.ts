import type { Contract } from '@countersign/contract'
import { CodedError, fromUtf8, hex, sha256 } from '@countersign/core'
import {
  type BelievedAuthority,
  believesPublicSigstore,
  type KnownRoots,
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
   * can say who may sign. Throws `trust-root-expired` where that is the public Sigstore, and nobody has kept it current.
   */
  isFor(tenant: string, certificate: SigningCertificate): Promise<boolean | null>
  /** Throws `trust-missing` and `trust-root-expired` where nobody could sign under a contract that believes the public Sigstore. */
  checkPublic(): void
  /** What of Sigstore a contract may mean. Throws what `checkPublic` throws where it believes the public one. */
  rootsFor(contract: Contract): KnownRoots
  /** What of Sigstore is held, fresh or not: for whoever is to verify what was taken under it while it was. */
  heldRoots(): KnownRoots
}

/** No certificate is taken. */
export const NOBODY_VOUCHES: Vouching = {
  authorities: () => [],
  logs: () => [],
  checkPublic: () => {
    throw new CodedError('trust-missing', NO_PUBLIC, { fix: BELIEVE_PUBLIC })
  },
  isFor: async () => false,
  rootsFor(contract) {
    if (believesPublicSigstore(contract)) this.checkPublic()
    return { trustedRoots: [], publicRoot: null }
  },
  heldRoots: () => ({ trustedRoots: [], publicRoot: null }),
}

const NOTHING: Trust = { signers: [], countersigners: [] }

/** Port: what the public Sigstore has now, as somebody keeps it current. */
export interface PublicSigstoreSource {
  current(): {
    readonly trustedRoot: Uint8Array
    /** False where newer news may be held back. */
    readonly isFresh: boolean
    /** ISO time. */
    readonly expires: string
  }
}

/**
 * The server's own authority, where it has one; those of trusted roots of Sigstore (the bytes of their
 * `trusted_root.json`); and the public one's, where it is believed. Throws `trust-root-invalid`.
 */
export function vouchingOf(
  own: OwnAuthority | null,
  trustedRoots: readonly Uint8Array[],
  logs: () => readonly TrustedLogKey[],
  publicSigstore: PublicSigstoreSource | null = null,
): Vouching {
  const outside = trustedRoots.flatMap((bytes) => believedIn(bytes))
  const idOf = ({ chain }: CountersignAuthority) => hex(sha256(chain.at(-1)!.der))
  let known: { readonly trustedRoot: Uint8Array; readonly believed: readonly BelievedAuthority[] } | null = null
  /** What is stale vouches for what it has vouched for, and is no longer the public one to any contract. */
  const ofPublic = (): readonly BelievedAuthority[] => {
    if (publicSigstore === null) return []
    const { trustedRoot, isFresh: isPublic } = publicSigstore.current()
    if (known?.trustedRoot !== trustedRoot) known = { trustedRoot, believed: believedIn(trustedRoot) }
    return known.believed.map((one) => ({ ...one, isPublic }))
  }
  return {
    logs,
    authorities: () => [
      ...(own?.authorities() ?? []).map((authority) => ({
        id: idOf(authority),
        isPublic: false,
        authority,
        revokedAt: null,
      })),
      ...outside,
      ...ofPublic(),
    ],
    checkPublic() {
      if (publicSigstore === null) throw new CodedError('trust-missing', NO_PUBLIC, { fix: BELIEVE_PUBLIC })
      checkFresh(publicSigstore)
    },
    rootsFor(contract) {
      if (!believesPublicSigstore(contract)) {
        // Of no matter unless the contract pins just that.
        const kept = publicSigstore === null ? [] : [publicSigstore.current().trustedRoot]
        return { trustedRoots: [...trustedRoots, ...kept], publicRoot: null }
      }
      this.checkPublic()
      return { trustedRoots, publicRoot: publicSigstore!.current().trustedRoot }
    },
    heldRoots: () => ({ trustedRoots, publicRoot: publicSigstore?.current().trustedRoot ?? null }),
    isFor: async (tenant, { vouchedBy, serial }) => {
      if (outside.some(({ id }) => vouchedBy.includes(id))) return null
      if (publicSigstore !== null && ofPublic().some(({ id }) => vouchedBy.includes(id))) {
        checkFresh(publicSigstore)
        return null
      }
      return own !== null && (await own.hasIssued(tenant, serial))
    },
  }
}

const NO_PUBLIC = 'the contract believes the public Sigstore, and this server does not'
const BELIEVE_PUBLIC =
  'Fetch its trust root as who runs the server, countersign trust update, and start it with --sigstore-trust public.'

function checkFresh(publicSigstore: PublicSigstoreSource): void {
  const { isFresh, expires } = publicSigstore.current()
  if (isFresh) return
  throw new CodedError(
    'trust-root-expired',
    `the server’s trust root of the public Sigstore was fresh until ${expires}`,
    {
      fix: 'Let who runs the server fetch it again: countersign trust update',
    },
  )
}

function believedIn(trustedRoot: Uint8Array): readonly BelievedAuthority[] {
  const root = {
    kind: 'sigstore',
    name: 'sigstore',
    trustedRoot: fromUtf8(trustedRoot),
    isPublic: false,
    revokedAt: null,
  } as const
  return withAuthorities(NOTHING, [root], []).authorities ?? []
}
