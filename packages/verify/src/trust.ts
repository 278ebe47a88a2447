import { fromUtf8, hex, type PublicKey, sha256, utf8 } from '@countersign/core'
import { type Contract, PUBLIC_SIGSTORE, signingKeys } from '@countersign/contract'
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
 * only pins trusted roots by their digest, or says that it is the public one: those of `known` that it means are believed,
 * and what is signed under others is refused. Throws `trust-root-invalid` for one that is meant and none.
 */
export function trustOf(contract: Contract, known: KnownRoots = NO_ROOTS): Trust {
  const roots = authorityRootsOf(contract, known)
  const trust = {
    signers: namedKeys(signingKeys(contract)),
    countersigners: logKeys(contract.countersigners),
    ...maintainedBy([contract]),
  }
  return contract.authorities.size === 0 ? trust : withAuthorities(trust, roots, identitiesOf(contract))
}

/** Trusted roots of Sigstore, the bytes of their `trusted_root.json`. Which of them count, a contract says. */
export interface KnownRoots {
  readonly trustedRoots: readonly Uint8Array[]
  /** What the public instance has, as somebody made sure; null where nobody did. */
  readonly publicRoot: Uint8Array | null
}

const NO_ROOTS: KnownRoots = { trustedRoots: [], publicRoot: null }

/** True where a contract believes whatever trusted root the public Sigstore has. */
export function believesPublicSigstore({ authorities }: Pick<Contract, 'authorities'>): boolean {
  return [...authorities.values()].some(({ id }) => id === PUBLIC_SIGSTORE)
}

/** The authorities of a contract in their wire form: those of which all is known that it takes. */
export function authorityRootsOf(
  contract: Contract,
  { trustedRoots, publicRoot }: KnownRoots = NO_ROOTS,
): AuthorityRoot[] {
  const all = publicRoot === null ? trustedRoots : [...trustedRoots, publicRoot]
  const roots = [...contract.authorities].flatMap(([name, rule]): AuthorityRoot[] => {
    const { id, revokedAt } = rule
    if (rule.kind === 'countersign') {
      const certificates = rule.certificates.map(({ der }) => der)
      return [{ kind: 'countersign', name, certificates, logs: rule.logs, revokedAt }]
    }
    const isPublic = id === PUBLIC_SIGSTORE
    const bytes = isPublic ? publicRoot : all.find((file) => hex(sha256(file)) === id)
    if (bytes === null || bytes === undefined) return []
    return [{ kind: 'sigstore', name, trustedRoot: fromUtf8(bytes), isPublic, revokedAt }]
  })
  return distinctRoots(roots)
}

/**
 * Each authority once, by its first name. Two contracts, or one, may know a trusted root by its digest and as the public
 * one: it is both then, and revoked when nobody believes it any longer.
 */
export function distinctRoots(roots: readonly AuthorityRoot[]): AuthorityRoot[] {
  const distinct = new Map<string, AuthorityRoot>()
  for (const root of roots) {
    const id = authorityId(root)
    const known = distinct.get(id)
    if (known === undefined) distinct.set(id, root)
    else if (known.kind === 'sigstore' && root.kind === 'sigstore') {
      const isPublic = known.isPublic || root.isPublic
      distinct.set(id, { ...known, isPublic, revokedAt: later(known.revokedAt, root.revokedAt) })
    }
  }
  return [...distinct.values()]
}

/** Of two times (ISO), null for never. */
function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null
  return a < b ? b : a
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
  const trust = { signers, countersigners: logs, witnesses, ...maintainedBy(contracts) }
  if (authorities.length === 0) return trust
  const own = authorities.filter(({ kind }) => kind === 'countersign').map(authorityId)
  const identities = contracts.length > 0 ? contracts.flatMap(identitiesOf) : [{ ...ANY_IDENTITY, authorities: own }]
  return withAuthorities(trust, authorities, identities)
}

/** Contracts that somebody may deviate from. */
function maintainedBy(contracts: readonly Contract[]): Pick<Trust, 'maintained'> {
  const maintained = contracts.filter(({ maintainers }) => maintainers !== null)
  return maintained.length === 0 ? {} : { maintained }
}

function believedOf(root: AuthorityRoot): BelievedAuthority[] {
  const { name, revokedAt } = root
  const id = authorityId(root)
  if (root.kind === 'countersign') {
    const chain = root.certificates.map((der) => parseCertificate(der, 'certificate-invalid'))
    const validFor = { start: null, end: null }
    const authority = { kind: 'countersign', name, chain, validFor, logs: root.logs } as const
    return [{ id, isPublic: false, authority, revokedAt }]
  }
  return parseTrustedAuthorities(root.trustedRoot, { sha256 }).map((authority) => ({
    id,
    isPublic: root.isPublic,
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
  // Who only maintains a contract is among no signers of steps.
  const unmaintained = new Map(trust.unmaintained)
  for (const { maintainers } of trust.maintained ?? []) {
    for (const rule of maintainers?.of.values() ?? []) {
      const since = rule.kind === 'key' ? ends.get(rule.key.keyId) : undefined
      if (rule.kind !== 'key' || since === undefined) continue
      const known = unmaintained.get(rule.key.keyId)
      if (known === undefined || since < known) unmaintained.set(rule.key.keyId, since)
    }
  }
  return unmaintained.size === 0 ? { ...trust, signers } : { ...trust, signers, unmaintained }
}

/** Whether some key is believed for less time than before. */
export function isLessened(trust: Trust, before: Trust): boolean {
  return (
    trust.signers.some(({ revokedAt }, i) => revokedAt !== before.signers[i]!.revokedAt) ||
    [...(trust.unmaintained ?? [])].some(([keyId, since]) => before.unmaintained?.get(keyId) !== since)
  )
}
