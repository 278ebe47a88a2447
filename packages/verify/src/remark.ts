import { CodedError, type ErrorReport, reportOf } from '@countersign/core'
import { signingKeys } from '@countersign/contract'
import { type Endorsed, parseRemark, parseRemarkLine, remarkId, writeRemarkLine } from '@countersign/formats'
import { bundleOf, loggedBy } from './endorsed.ts'
import type { IdentityCrypto } from './identity/index.ts'
import { CertificatesRead, timestampsOf } from './keyless.ts'
import { checkRevoked, checkStep, gradeD } from './open.ts'
import { isSameParty, partyOf } from './party.ts'
import { signedByAnother } from './receipt.ts'
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
  const id = remarkId(endorsed, crypto)
  let logged: VerifiedRemark['logged'] = null
  let unlogged: ErrorReport | null = null
  try {
    // Who signs what another said, and brings the other's proof, has not said it then.
    const by = endorsed.logged?.opening.signers.join()
    if (by !== undefined && by !== checked.under.digest) throw signedByAnother(id)
    logged = loggedBy(endorsed, own, crypto)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    unlogged = reportOf(error)
  }
  const proven = logged === null ? [] : [logged.at]
  const times = at === null ? [...proven, ...timestampsOf(bundle, own, crypto)] : [at]
  let signer: Signer
  if (checked.certified !== null) signer = new CertificatesRead(own, crypto).signer(checked.certified, times)
  else {
    checkRevoked(checked.key, times.toSorted()[0] ?? null)
    signer = gradeD(checked.key.name, checked.key.key)
  }
  const remark = parseRemark(endorsed.payload)
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

/** What is said, and by whom: anybody can sign what another has written, and it is not taken back with that. */
function voiceOf({ id, signer }: Remarked): string {
  return `${id} ${partyOf(signer)}`
}

/** Each once; of two copies the one that a log had first says more. */
function eachVoice(remarks: readonly VerifiedRemark[]): readonly VerifiedRemark[] {
  const known = new Map<string, VerifiedRemark>()
  for (const one of remarks) {
    const voice = voiceOf(one)
    const other = known.get(voice)?.logged?.at
    if (other === undefined || (one.logged !== null && one.logged.at < other)) known.set(voice, one)
  }
  return [...known.values()]
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
 * What stands of some notes, oldest first as their authors say; each once of each who signed it. `accusedOf` tells who signed
 * a step, where that is known. One that supersedes what is not here counts for itself.
 */
export function standingRemarks(
  remarks: readonly VerifiedRemark[],
  accusedOf: (link: string) => readonly Signer[],
): readonly StandingRemark[] {
  const all = eachVoice(remarks).toSorted((a, b) => compare(orderOf(a), orderOf(b)))
  const byId = Map.groupBy(all, ({ id }) => id)
  const faults = new Map<VerifiedRemark, string>()
  const successors = new Map<VerifiedRemark, VerifiedRemark[]>()
  for (const one of all) {
    const { supersedes, about } = one.remark
    const earlier = supersedes === null ? undefined : byId.get(supersedes)
    if (earlier === undefined) continue
    const accused = about.flatMap(({ kind, digest }) => (kind === 'step' ? accusedOf(digest) : []))
    const found = earlier.map((before) => ({ before, fault: supersedingFault(one, before, accused) }))
    for (const { before, fault } of found) {
      if (fault === null) successors.set(before, [...(successors.get(before) ?? []), one])
    }
    // Of what several signed it takes the place of those that it may.
    if (found.every(({ fault }) => fault !== null)) faults.set(one, found[0]!.fault!)
  }
  // Where a resolution is withdrawn, what it resolved is open again.
  const byWhom = (remark: VerifiedRemark): string | null => {
    const next = successors.get(remark)?.find((one) => one.remark.kind !== 'resolution' || !successors.has(one))
    return next?.id ?? null
  }
  return all.map((remark) => ({ remark, supersededBy: byWhom(remark), fault: faults.get(remark) ?? null }))
}

/** Disputes that nothing stands in the place of. */
export function openDisputes(remarks: readonly StandingRemark[]): readonly VerifiedRemark[] {
  return remarks.flatMap(({ remark, supersededBy }) =>
    remark.remark.kind === 'dispute' && supersededBy === null ? [remark] : [],
  )
}

function orderOf(one: VerifiedRemark): string {
  return `${one.logged?.at ?? one.remark.at} ${voiceOf(one)}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Most notes that are looked at of the lines of a chain: whoever may sign could write on and on. */
export const MAX_REMARKS_READ = 2_000

/** The notes among some lines that verify, each once of each who signed it, and why others do not. */
export function readRemarks(
  lines: readonly { readonly index: number; readonly endorsed: Endorsed }[],
  trust: Trust,
  crypto: IdentityCrypto,
): {
  readonly remarks: readonly VerifiedRemark[]
  readonly unknown: readonly { readonly index: number; readonly report: ErrorReport }[]
} {
  const verified: VerifiedRemark[] = []
  const unknown: { index: number; report: ErrorReport }[] = []
  for (const [i, { index, endorsed }] of lines.entries()) {
    try {
      if (i >= MAX_REMARKS_READ) throw new CodedError('remark-invalid', `more than ${MAX_REMARKS_READ} notes are here`)
      verified.push(verifyRemark(endorsed, { trust, at: null }, crypto))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      unknown.push({ index, report: reportOf(error) })
    }
  }
  return { remarks: eachVoice(verified), unknown }
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
