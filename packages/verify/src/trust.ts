import { fromUtf8, hex, type PublicKey, sha256, utf8 } from '@countersign/core'
import { type Contract, signingKeys } from '@countersign/contract'
import type { NoteKey, Revocation } from '@countersign/formats'
import { authorityId, type AuthorityRoot } from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import { timestampAuthoritiesIn } from './anchors/trust-file.ts'
import { parseTrustedAuthorities } from './identity/index.ts'
import { ANY_IDENTITY } from './keyless.ts'
import type { BelievedAuthority, Trust, TrustedIdentity, TrustedKey, TrustedLogKey } from './types.ts'

/**
 * Trust in the keys a contract names, its signers for steps, its countersigners for receipts; and in its authorities with
 * the logs that prove what these issue, which tell the time of what is signed under certificates. Of Sigstore a contract
 * only pins trusted roots by their digest: those among `trustedRoots`, the bytes of files, that it pins are believed, and
 * what is signed under others is refused. Throws `trust-root-invalid` for one that is pinned and none.
 */
export function trustOf(contract: Contract, trustedRoots: readonly Uint8Array[] = []): Trust {
  const roots = authorityRootsOf(contract, trustedRoots)
  const trust = { signers: namedKeys(signingKeys(contract)), countersigners: logKeys(contract.countersigners) }
  return contract.authorities.size === 0 ? trust : withAuthorities(trust, roots, identitiesOf(contract))
}

/** The authorities of a contract in their wire form: those of which all is known that it takes. */
export function authorityRootsOf(contract: Contract, trustedRoots: readonly Uint8Array[] = []): AuthorityRoot[] {
  return [...contract.authorities].flatMap(([name, rule]): AuthorityRoot[] => {
    const { id, revokedAt } = rule
    if (rule.kind === 'countersign') {
      const certificates = rule.certificates.map(({ der }) => der)
      return [{ kind: 'countersign', name, certificates, logs: rule.logs, revokedAt }]
    }
    const bytes = trustedRoots.find((file) => hex(sha256(file)) === id)
    return bytes === undefined ? [] : [{ kind: 'sigstore', name, trustedRoot: fromUtf8(bytes), revokedAt }]
  })
}

/** The identities that a contract lets sign, in its order. */
export function identitiesOf({ signers, authorities }: Contract): TrustedIdentity[] {
  return [...signers].flatMap(([name, rule]) => {
    if (rule.kind !== 'identity') return []
    const ids = rule.authorities.flatMap((authority) => authorities.get(authority)?.id ?? [])
    return [{ name, pattern: rule.pattern, authorities: ids, revokedAt: rule.revokedAt }]
  })
}

/**
 * Trust in these authorities too, as far as they vouch for one of the identities; and in what goes with them to tell the
 * time: the logs that prove what they issue, the timestamp authorities of a trusted root of Sigstore. Throws
 * `certificate-invalid` and `trust-root-invalid`.
 */
export function withAuthorities(
  trust: Trust,
  roots: readonly AuthorityRoot[],
  identities: readonly TrustedIdentity[],
): Trust {
  const logs = roots.flatMap((root) => (root.kind === 'countersign' ? logKeys(root.logs) : []))
  const known = (key: NoteKey, among: readonly TrustedLogKey[]) =>
    among.some((other) => other.key.name === key.name && other.key.publicKey.keyId === key.publicKey.keyId)
  const more = logs.filter(({ key }, i) => !known(key, trust.countersigners) && !known(key, logs.slice(0, i)))
  const timestamps = roots.flatMap((root) =>
    root.kind === 'sigstore' ? timestampAuthoritiesIn(utf8(root.trustedRoot)) : [],
  )
  return {
    ...trust,
    countersigners: [...trust.countersigners, ...more],
    authorities: roots.flatMap(believedOf),
    identities,
    ...(timestamps.length === 0 ? {} : { timestamps: { authorities: timestamps } }),
  }
}

/** Trust roots as evidence brings them. */
export interface BroughtRoots {
  readonly signers: readonly TrustedKey[]
  readonly logs: readonly TrustedLogKey[]
  readonly witnesses: readonly NoteKey[]
  readonly authorities: readonly AuthorityRoot[]
}

/**
 * Trust in what evidence brings. Its authorities vouch for the identities of its contracts; where it brings none, our own
 * kind, which vouches for one house, vouches for whomever it likes. A Sigstore vouches for half the world.
 */
export function trustBrought(
  { signers, logs, witnesses, authorities }: BroughtRoots,
  contracts: readonly Contract[],
): Trust {
  const trust = { signers, countersigners: logs, witnesses }
  if (authorities.length === 0) return trust
  const own = authorities.filter(({ kind }) => kind === 'countersign').map(authorityId)
  const identities = contracts.length > 0 ? contracts.flatMap(identitiesOf) : [{ ...ANY_IDENTITY, authorities: own }]
  return withAuthorities(trust, authorities, identities)
}

function believedOf(root: AuthorityRoot): BelievedAuthority[] {
  const { name, revokedAt } = root
  const id = authorityId(root)
  if (root.kind === 'countersign') {
    const chain = root.certificates.map((der) => parseCertificate(der, 'certificate-invalid'))
    const validFor = { start: null, end: null }
    return [{ id, authority: { kind: 'countersign', name, chain, validFor, logs: root.logs }, revokedAt }]
  }
  return parseTrustedAuthorities(root.trustedRoot, { sha256 }).map((authority) => ({
    id,
    authority: { ...authority, name: `${name} (${authority.name})` },
    revokedAt,
  }))
}

/** Keys under their names, none revoked. */
export function namedKeys(keys: ReadonlyMap<string, PublicKey>): TrustedKey[] {
  return [...keys].map(([name, key]) => ({ name, key, revokedAt: null }))
}

/** Keys of logs, none revoked. */
export function logKeys(keys: readonly NoteKey[]): TrustedLogKey[] {
  return keys.map((key) => ({ key, revokedAt: null }))
}

/** The trust, less what is revoked: whoever says so can only take it away, and the earlier of two times counts. */
export function withRevocations(trust: Trust, revocations: readonly Pick<Revocation, 'keyId' | 'since'>[]): Trust {
  const ends = new Map<string, string>()
  for (const { keyId, since } of revocations) {
    const known = ends.get(keyId)
    if (known === undefined || since < known) ends.set(keyId, since)
  }
  const signers = trust.signers.map((known): TrustedKey => {
    const since = ends.get(known.key.keyId)
    return since === undefined || (known.revokedAt !== null && known.revokedAt <= since)
      ? known
      : { ...known, revokedAt: since }
  })
  return { ...trust, signers }
}
