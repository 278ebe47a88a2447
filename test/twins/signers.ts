import type { Grade, Identity } from '@countersign/formats/identity'

/**
 * The slow twin of how a verifier finds out who signed, and whether he may: CONTRACT.md "Identities" and SPEC.md §15, rule
 * by rule, over facts that are known because they were made up. It reads no certificate.
 */

/** One signature, as whoever made it knows it. */
export type Made =
  | { readonly by: 'key'; readonly key: string }
  | {
      readonly by: 'certificate'
      readonly authority: string
      /** Whether the proof that it was logged is in it. */
      readonly logged: boolean
      readonly identity: Identity
      readonly grade: Grade
      readonly system: string
      /** Minutes, both included. */
      readonly from: number
      readonly until: number
    }

/** What a contract says of one name. */
export type Rule = { readonly name: string } & (
  | { readonly key: string }
  | {
      readonly key: null
      readonly issuer: string
      readonly repository: string
      /** A whole ref, or how it begins, up to the end of a part; null: whichever. */
      readonly ref: { readonly exact: string } | { readonly prefix: string } | null
      readonly grade: Grade | null
      readonly authorities: readonly string[]
      /** Minute; null: not revoked. */
      readonly revoked: number | null
    }
)

export interface Asked {
  readonly rules: readonly Rule[]
  /** Names that may sign the step. */
  readonly signers: readonly string[]
  readonly minimumGrade: Grade | null
  /** Authorities of the contract, with the minute of their revocation. */
  readonly authorities: ReadonlyMap<string, number | null>
  /** Minutes at which logs that are trusted accepted the step, and as whose signature. */
  readonly accepted: readonly { readonly minute: number; readonly as: Made }[]
  readonly made: readonly Made[]
  /** Facts that the step claims of itself. */
  readonly claims: { readonly system: string; readonly ref: string | null }
}

export interface Told {
  /** Codes of the signatures that do not count, sorted. */
  readonly refused: readonly string[]
  /** Who signed, best known first; null where nobody did. */
  readonly signer: string | null
  /** What speaks against the signer, sorted. */
  readonly findings: readonly string[]
}

interface Known {
  readonly name: string
  readonly made: Made
  readonly grade: Grade
  /** Minute; null for a key. */
  readonly at: number | null
}

export function signersSlowly(asked: Asked): Told {
  const refused: string[] = []
  const known: Known[] = []
  for (const made of asked.made) {
    const found = made.by === 'key' ? keyed(made, asked) : certified(made, asked)
    if (typeof found === 'string') refused.push(found)
    else known.push(found)
  }
  if (known.length === 0) return { refused: refused.toSorted(), signer: null, findings: [] }
  const place = ({ name }: Known) => asked.rules.findIndex((rule) => rule.name === name)
  const [first] = known.toSorted(
    (a, b) =>
      (a.grade < b.grade ? -1 : a.grade > b.grade ? 1 : 0) ||
      Number(a.at !== null) - Number(b.at !== null) ||
      place(a) - place(b),
  )
  const faults = known.map((one) => faultOf(one, asked))
  // One that may sign and of whom the step tells the truth is enough; then one that may sign; then the first.
  const best = known.findIndex((one, i) => faults[i] === null && !lies(one, asked))
  const allowed = known.findIndex((_, i) => faults[i] === null)
  const judged = best >= 0 ? known[best]! : allowed >= 0 ? known[allowed]! : first!
  const fault = faultOf(judged, asked)
  const findings = [...(fault === null ? [] : [fault]), ...(lies(judged, asked) ? ['identity-mismatch'] : [])]
  return { refused: refused.toSorted(), signer: first!.name, findings: findings.toSorted() }
}

function keyed({ key }: Made & { by: 'key' }, { rules }: Asked): Known | string {
  const rule = rules.find((one) => one.key === key)
  return rule === undefined ? 'signer-unknown' : { name: rule.name, made: { by: 'key', key }, grade: 'D', at: null }
}

function certified(made: Made & { by: 'certificate' }, { rules, authorities, accepted }: Asked): Known | string {
  const identities = rules.filter((rule) => rule.key === null)
  if (!authorities.has(made.authority)) return 'certificate-untrusted'
  if (!made.logged) return 'issuance-unproven'
  // One certificate may be on two signatures; no two certificates are one.
  const own = accepted.filter(({ as }) => JSON.stringify(as) === JSON.stringify(made)).map(({ minute }) => minute)
  if (own.length === 0) return 'time-untrusted'
  const times = own.filter((minute) => minute >= made.from && minute <= made.until)
  if (times.length === 0) return 'certificate-expired'
  const at = Math.min(...times)
  const rule = identities.find((one) => means(one, made))
  if (rule === undefined) return 'signer-unknown'
  const ends = [rule.key === null ? rule.revoked : null, authorities.get(made.authority)!]
  if (ends.some((end) => end !== null && at >= end)) return 'signer-revoked'
  return { name: rule.name, made, grade: made.grade, at }
}

function means(rule: Rule, { identity, authority }: Made & { by: 'certificate' }): boolean {
  if (rule.key !== null || !rule.authorities.includes(authority)) return false
  if (rule.issuer !== identity.issuer || rule.repository !== identity.sourceRepositoryIdentifier) return false
  const ref = identity.sourceRepositoryRef ?? ''
  if (rule.ref === null) return true
  if ('exact' in rule.ref) return ref === rule.ref.exact
  return ref === rule.ref.prefix || ref.startsWith(`${rule.ref.prefix}/`)
}

function faultOf({ made, grade, at }: Known, { rules, signers, minimumGrade, authorities }: Asked): string | null {
  const meant = rules.filter(
    (rule) =>
      signers.includes(rule.name) &&
      (made.by === 'key' ? rule.key === made.key : rule.key === null && means(rule, made)),
  )
  const standing = meant.filter((rule) => {
    if (rule.key !== null || made.by === 'key') return true
    const ends = [rule.revoked, authorities.get(made.authority)!].filter((end) => end !== null)
    return ends.every((end) => at! < end)
  })
  const good = (least: Grade | null) => least === null || grade <= least
  if (standing.some((rule) => good(rule.key === null ? rule.grade : null) && good(minimumGrade))) return null
  if (standing.length > 0) return 'grade-too-low'
  return meant.length > 0 ? 'signer-revoked' : 'signer-not-allowed'
}

function lies({ made }: Known, { claims }: Asked): boolean {
  if (made.by === 'key') return false
  const ref = made.identity.sourceRepositoryRef
  return made.system !== claims.system || (claims.ref !== null && ref !== null && claims.ref !== ref)
}
