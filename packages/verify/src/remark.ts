import { CodedError, type ErrorReport, reportOf } from '@countersign/core'
import { signingKeys } from '@countersign/contract'
import { type Endorsed, parseRemark, parseRemarkLine, remarkId, writeRemarkLine } from '@countersign/formats'
import { bundleOf, loggedBy } from './endorsed.ts'
import type { IdentityCrypto } from './identity/index.ts'
import { CertificatesRead, timestampsOf } from './keyless.ts'
import { checkRevoked, checkStep, gradeD } from './open.ts'
import type { Signer, Trust, VerifiedRemark } from './types.ts'

/**
 * Verifies a signed note: its one signature is that of somebody who is trusted, be it as a maintainer, over a statement of
 * this predicate; and the log that has it. `at` is when the caller has the signature; null where the log, or a timestamp,
 * must say so. That it is right to say so, and about what, is not asked here. Throws `signature-invalid`, `signer-unknown`,
 * `signer-revoked`, `receipt-invalid` and what reading it throws.
 */
export function verifyRemark(
  endorsed: Endorsed,
  { trust, at }: { readonly trust: Trust; readonly at: string | null },
  crypto: IdentityCrypto,
): VerifiedRemark {
  const own = remarkTrust(trust)
  const bundle = bundleOf(endorsed, endorsed.endorsements[0]!)
  const checked = checkStep(bundle, own, crypto)
  let logged: { readonly log: Signer; readonly at: string } | null = null
  let unlogged: ErrorReport | null = null
  try {
    logged = loggedBy(endorsed, own, crypto)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    unlogged = reportOf(error)
  }
  const known = logged !== null && endorsed.logged!.opening.signers.includes(checked.under.digest)
  const proven = known ? [logged!.at] : []
  const times = at === null ? [...proven, ...timestampsOf(bundle, own, crypto)] : [at]
  let signer: Signer
  if (checked.certified !== null) signer = new CertificatesRead(own, crypto).signer(checked.certified, times)
  else {
    checkRevoked(checked.key, times.toSorted()[0] ?? null)
    signer = gradeD(checked.key.name, checked.key.key)
  }
  const remark = parseRemark(endorsed.payload)
  const id = remarkId(endorsed, crypto)
  return { endorsed, remark, id, signer, under: checked.under, logged, unlogged } as unknown as VerifiedRemark
}

/** Whoever may let something through may also say something. */
function remarkTrust(trust: Trust): Trust {
  const { maintained = [], unmaintained, countersigners, timekeepers = [] } = trust
  const maintainers = maintained.flatMap((contract) => {
    const signers = contract.maintainers?.of ?? new Map()
    return [...signingKeys({ ...contract, signers })]
  })
  const known = new Set(trust.signers.map(({ key }) => key.keyId))
  const others = maintainers
    .filter(([, key]) => !known.has(key.keyId))
    .map(([name, key]) => ({ name, key, revokedAt: unmaintained?.get(key.keyId) ?? null }))
  return { ...trust, signers: [...trust.signers, ...others], countersigners: [...countersigners, ...timekeepers] }
}

/** Whether two signatures are of one party: one key, or one identity by one authority. */
export function isSameParty(a: Signer, b: Signer): boolean {
  if (a.keyId === b.keyId) return true
  const named = (one: Signer) =>
    one.certificate === null
      ? null
      : JSON.stringify([one.certificate.authorityId, ...Object.entries(one.identity ?? {}).toSorted()])
  const own = named(a)
  return own !== null && own === named(b)
}

/** What has to be known of a note to say whether another stands in its place. */
export type Remarked = Pick<VerifiedRemark, 'id' | 'remark' | 'signer'>

/**
 * Why a note cannot stand in the place of an earlier one; null where it does. A note is corrected, and a dispute restated, by
 * its author; whatever stands is withdrawn by its author; a dispute is resolved by somebody else who signed nothing of what
 * is disputed: `accused`. All of it says so under signature, and what was superseded stays.
 */
export function supersedingFault(later: Remarked, earlier: Remarked, accused: readonly Signer[]): string | null {
  const [kind, before] = [later.remark.kind, earlier.remark.kind]
  if (later.remark.supersedes !== earlier.id) return 'it names another note'
  if (JSON.stringify(later.remark.about) !== JSON.stringify(earlier.remark.about)) return 'it is about something else'
  const own = isSameParty(later.signer, earlier.signer)
  if (kind === 'resolution') {
    if (before !== 'dispute') return `a resolution is of a dispute, not of a ${before}`
    if (own) return 'who disputes does not resolve that: a withdrawal takes it back'
    const one = accused.find((signer) => isSameParty(signer, later.signer))
    return one === undefined ? null : `${one.name} signed what is disputed`
  }
  if (!own) return `it was signed by ${earlier.signer.name}, who alone takes it back`
  if (kind === 'withdrawal') return before === 'withdrawal' ? 'what is withdrawn stays so' : null
  return kind === before ? null : `a ${kind} does not stand in the place of a ${before}`
}

export interface StandingRemark {
  readonly remark: VerifiedRemark
  /** Id of what stands in its place; null where nothing does. */
  readonly supersededBy: string | null
  /** Why what it says of an earlier one does not count; null where it does, or says nothing. */
  readonly fault: string | null
}

/**
 * What stands of some notes, oldest first as their authors say; each once. `accusedOf` tells who signed a step, where that is
 * known. One that supersedes what is not here counts for itself.
 */
export function standingRemarks(
  remarks: readonly VerifiedRemark[],
  accusedOf: (link: string) => readonly Signer[],
): readonly StandingRemark[] {
  const byId = new Map(remarks.map((one) => [one.id, one]))
  const all = [...byId.values()].toSorted((a, b) => compare(orderOf(a), orderOf(b)))
  const faults = new Map<string, string>()
  const successors = new Map<string, VerifiedRemark[]>()
  for (const one of all) {
    const { supersedes, about } = one.remark
    const earlier = supersedes === null ? undefined : byId.get(supersedes)
    if (earlier === undefined) continue
    const accused = about.flatMap(({ kind, digest }) => (kind === 'step' ? accusedOf(digest) : []))
    const fault = supersedingFault(one, earlier, accused)
    if (fault !== null) faults.set(one.id, fault)
    else successors.set(earlier.id, [...(successors.get(earlier.id) ?? []), one])
  }
  // Where a resolution is withdrawn, what it resolved is open again.
  const byWhom = (id: string): string | null => {
    const next = successors.get(id)?.find((one) => one.remark.kind !== 'resolution' || !successors.has(one.id))
    return next?.id ?? null
  }
  return all.map((remark) => ({ remark, supersededBy: byWhom(remark.id), fault: faults.get(remark.id) ?? null }))
}

/** Disputes that nothing stands in the place of. */
export function openDisputes(remarks: readonly StandingRemark[]): readonly VerifiedRemark[] {
  return remarks.flatMap(({ remark, supersededBy }) =>
    remark.remark.kind === 'dispute' && supersededBy === null ? [remark] : [],
  )
}

function orderOf({ remark, id, logged }: VerifiedRemark): string {
  return `${logged?.at ?? remark.at} ${id}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Most notes that are looked at of the lines of a chain: whoever may sign could write on and on. */
export const MAX_REMARKS_READ = 2_000

/** The notes among some lines that verify, each once, and why others do not. */
export function readRemarks(
  lines: readonly { readonly index: number; readonly endorsed: Endorsed }[],
  trust: Trust,
  crypto: IdentityCrypto,
): {
  readonly remarks: readonly VerifiedRemark[]
  readonly unknown: readonly { readonly index: number; readonly report: ErrorReport }[]
} {
  const verified = new Map<string, VerifiedRemark>()
  const unknown: { index: number; report: ErrorReport }[] = []
  for (const [i, { index, endorsed }] of lines.entries()) {
    try {
      if (i >= MAX_REMARKS_READ) throw new CodedError('remark-invalid', `more than ${MAX_REMARKS_READ} notes are here`)
      const one = verifyRemark(endorsed, { trust, at: null }, crypto)
      // Of two copies the one that a log has says more.
      if (verified.get(one.id)?.logged == null) verified.set(one.id, one)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      unknown.push({ index, report: reportOf(error) })
    }
  }
  return { remarks: [...verified.values()], unknown }
}

/** A note from its line, verified. See {@link verifyRemark}. */
export function openRemark(
  line: Uint8Array | string,
  given: { readonly trust: Trust; readonly at: string | null },
  crypto: IdentityCrypto,
): VerifiedRemark {
  return verifyRemark(parseRemarkLine(line), given, crypto)
}

/** The line that a verified note was read from. */
export function remarkLine({ endorsed }: Pick<VerifiedRemark, 'endorsed'>): Uint8Array {
  return writeRemarkLine(endorsed)
}
