import { CodedError, type Crypto, equal, type ErrorReport, hex, reportOf, utf8 } from '@countersign/core'
import {
  checkStatementsAgree,
  type Coverage,
  type Leaf,
  type SignedCheckpoint,
  type SignedLogStatement,
  type StatementDigests,
  statementDigests,
  type VerifiedLogStatement,
  verifyLogStatement,
  writeLeaf,
} from '@countersign/formats'
import type { AnchorKind } from '@countersign/formats/anchor'
import { leafHash, type TreeHash, verifyInclusion } from '@countersign/merkle'
import type { Chain } from '../chain.ts'
import type { Trust } from '../types.ts'
import type { AnchorProved } from './proved.ts'

declare const verified: unique symbol

/** A statement that its log signed, and what anchors proved of it. */
export interface AnchoredStatement {
  /** SHA-256 of its text, hex: the name that coverage and anchors call it by. */
  readonly id: string
  readonly verified: VerifiedLogStatement
  /** Distinct ones: whoever vouches twice counts once, with the earlier time (T-64). */
  readonly proved: readonly AnchorProved[]
}

/** That an entry is among those of a statement. */
export interface CoveredEntry {
  /** Place in its log. */
  readonly index: number
  /** When the log says that it accepted it; not later than the statement. ISO time. */
  readonly acceptedAt: string
  readonly statement: AnchoredStatement
}

/** What did not verify and so counts for nothing. */
export interface RefusedAnchor {
  readonly part: 'statement' | 'coverage' | 'anchor'
  /** Place in its list. */
  readonly index: number
  /** Of an anchor: its kind, and the statement that it names. */
  readonly kind: AnchorKind | null
  readonly statement: string | null
  readonly report: ErrorReport
}

/** What statements and their anchors prove of a chain. Only {@link verifyAnchored} makes one. */
export interface Anchored {
  readonly [verified]: 'anchored'
  /** By log and number. */
  readonly statements: readonly AnchoredStatement[]
  /** By link digest, of steps and of what is withheld: the statements that cover its entry. */
  readonly entries: ReadonlyMap<string, readonly CoveredEntry[]>
  /** That a log signed two histories: then none of its statements counts. */
  readonly forked: readonly ErrorReport[]
  /** Anchors that count, with a time that cannot be. */
  readonly doubts: readonly ErrorReport[]
  readonly refused: readonly RefusedAnchor[]
}

/** An anchor's proof as far as everybody needs to know it. */
export interface AnchorClaim {
  readonly kind: AnchorKind
  /** SHA-256 of the text of the statement that it is about, hex. */
  readonly statement: string
}

/** Verifies one anchor over one statement; throws `anchor-invalid`, `-mismatch`, `-unproven` or `-untrusted`. */
export type ProveAnchor<A extends AnchorClaim> = (
  anchor: A,
  statement: { readonly text: Uint8Array; readonly digests: StatementDigests },
) => AnchorProved

export interface AnchoredInput<A extends AnchorClaim> {
  /** The verified chain: its receipts hold the entries. */
  readonly chain: Chain
  readonly statements: readonly SignedLogStatement[]
  readonly coverage: readonly Coverage[]
  readonly anchors: readonly A[]
  readonly trust: Pick<Trust, 'countersigners'>
}

/** How far the clocks of a log and an anchor may differ, milliseconds. */
const TOLERANCE = 300_000

/**
 * From a step to its anchors (SPEC.md §14): its entry, as the receipt opens it, is under both roots of a statement that
 * a trusted log signed, and an anchor vouches for the text of that statement. Nothing is asked of anybody. What does not
 * verify is reported and counts for nothing.
 */
export function verifyAnchored<A extends AnchorClaim>(
  { chain, statements, coverage, anchors, trust }: AnchoredInput<A>,
  prove: ProveAnchor<A>,
  crypto: Crypto,
): Anchored {
  const refused: RefusedAnchor[] = []
  const guard = (place: Omit<RefusedAnchor, 'report'>, verify: () => void) => {
    try {
      verify()
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      refused.push({ ...place, report: reportOf(error) })
    }
  }
  const signed = new Map<string, Stated>()
  for (const [index, statement] of statements.entries()) {
    guard({ part: 'statement', index, kind: null, statement: null }, () => {
      const one = { text: utf8(statement.note.text), digests: statementDigests(statement.note.text, crypto) }
      signed.set(hex(one.digests.sha256), {
        ...one,
        verified: verifySigned(statement, trust, crypto),
        proved: new Map(),
      })
    })
  }
  const forked = forksAmong([...signed.values()], chain, crypto)
  for (const [id, { verified: one }] of signed) if (forked.has(one.statement.origin)) signed.delete(id)

  const doubts: ErrorReport[] = []
  for (const [index, anchor] of anchors.entries()) {
    const { kind, statement: id } = anchor
    guard({ part: 'anchor', index, kind, statement: id }, () => {
      const stated = signed.get(id)
      if (stated === undefined) throw nameless('anchor-mismatch', id)
      const proved = prove(anchor, stated)
      const name = `${proved.kind} ${proved.by}`
      const known = stated.proved.get(name)
      if (known === undefined || isEarlier(proved, known)) stated.proved.set(name, proved)
      const doubt = doubtOf(proved, stated.verified)
      if (doubt !== null) doubts.push(doubt)
    })
  }
  const anchored = new Map([...signed].map(([id, stated]) => [id, anchoredOf(id, stated)]))
  const leaves = leavesOf(chain)
  const entries = new Map<string, CoveredEntry[]>()
  for (const [place, one] of coverage.entries()) {
    guard({ part: 'coverage', index: place, kind: null, statement: one.statement }, () => {
      const statement = anchored.get(one.statement)
      if (statement === undefined) throw nameless('proof-invalid', one.statement)
      const { origin, time } = statement.verified.statement
      const known = leaves.get(`${one.index} ${origin}`)
      if (known === undefined) {
        throw new CodedError('proof-invalid', `entry ${one.index} of ${origin} has no receipt that verifies`)
      }
      for (const { link, leaf, acceptedAt } of known) {
        checkCovered(one, writeLeaf(leaf), statement.verified.statement, crypto)
        const earlier = acceptedAt < time ? acceptedAt : time
        const all = entries.get(link) ?? []
        entries.set(link, all)
        if (!all.some((other) => other.statement === statement)) {
          all.push({ index: one.index, acceptedAt: earlier, statement })
        }
      }
    })
  }
  return {
    statements: [...anchored.values()].toSorted(byNumber),
    entries,
    forked: [...forked.values()],
    doubts,
    refused,
  } as unknown as Anchored
}

interface Stated {
  readonly text: Uint8Array
  readonly digests: StatementDigests
  readonly verified: VerifiedLogStatement
  readonly proved: Map<string, AnchorProved>
}

function nameless(code: 'anchor-mismatch' | 'proof-invalid', id: string): CodedError {
  return new CodedError(code, `no statement that verifies has the digest ${id.slice(0, 12)}`)
}

function anchoredOf(id: string, { verified: one, proved }: Stated): AnchoredStatement {
  const all = [...proved.values()].toSorted((a, b) => compare(a.kind, b.kind) || compare(a.by, b.by))
  return { id, verified: one, proved: all }
}

/** Signed by a key of its log that was not revoked when it was made. */
function verifySigned(
  statement: SignedLogStatement,
  { countersigners }: Pick<Trust, 'countersigners'>,
  crypto: Crypto,
): VerifiedLogStatement {
  const { origin, time } = statement
  const trusted = countersigners.filter(({ key }) => key.name === origin)
  if (trusted.length === 0) throw new CodedError('signer-unknown', `no key of the log ${origin} is trusted`)
  const opened = verifyLogStatement(statement, { origin, keys: trusted.map(({ key }) => key) }, crypto)
  const valid = opened.signedBy.some(({ key }) => {
    const { revokedAt } = trusted.find((known) => known.key === key)!
    return revokedAt === null || time < revokedAt
  })
  if (!valid) throw new CodedError('signer-revoked', `the key of the log ${origin} was revoked before ${time}`)
  return opened
}

/** Logs whose statements are not of one history, by name, and why. */
function forksAmong(stated: readonly Stated[], chain: Chain, crypto: Crypto): Map<string, ErrorReport> {
  const forked = new Map<string, ErrorReport>()
  const held = (origin: string, check: () => void) => {
    try {
      check()
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'statement-forked') throw error
      if (!forked.has(origin)) forked.set(origin, reportOf(error))
    }
  }
  const all = stated
    .map(({ verified: one }) => one)
    .toSorted((a, b) => compare(a.statement.origin, b.statement.origin) || a.statement.number - b.statement.number)
  for (const [i, one] of all.entries()) {
    const before = all[i - 1]
    if (before?.statement.origin !== one.statement.origin) continue
    held(one.statement.origin, () => checkStatementsAgree(before, one, crypto))
  }
  const bySize = new Map(all.map(({ statement }) => [`${statement.size} ${statement.origin}`, statement]))
  // Each of them: whoever has signed two roots of one size may show the right one beside the other.
  for (const { origin, size, root } of checkpointsOf(chain)) {
    const stated = bySize.get(`${size} ${origin}`)
    if (stated === undefined || equal(root, stated.sha256)) continue
    const what = `${origin} signed a checkpoint and statement ${stated.number} of ${size} entries with two roots`
    held(origin, () => {
      throw new CodedError('statement-forked', what)
    })
  }
  return forked
}

/** Those that the proofs of the chain are under, of what is withheld and erased too. */
function checkpointsOf({ receipts, withheld }: Chain): readonly SignedCheckpoint[] {
  const closed = [...withheld.values()].flatMap(({ withheld: { proof, tombstone } }) =>
    tombstone === null ? [proof] : [proof, tombstone.proof],
  )
  const opened = [...receipts.values()].flat().map(({ receipt }) => receipt.proof)
  return [...opened, ...closed].map(({ checkpoint }) => checkpoint)
}

interface KnownLeaf {
  readonly link: string
  readonly leaf: Leaf
  readonly acceptedAt: string
}

/** The leaves that verified proofs of the chain hold, by place and log. */
function leavesOf({ receipts, withheld }: Chain): Map<string, KnownLeaf[]> {
  const leaves = new Map<string, KnownLeaf[]>()
  const add = (origin: string, index: number, leaf: KnownLeaf) => {
    const place = `${index} ${origin}`
    const known = leaves.get(place)
    if (known === undefined) leaves.set(place, [leaf])
    else known.push(leaf)
  }
  for (const { receipt } of [...receipts.values()].flat()) {
    const { link, leaf } = receipt.opening
    add(receipt.proof.checkpoint.origin, receipt.proof.index, { link, leaf, acceptedAt: leaf.acceptedAt })
  }
  for (const { withheld: one } of withheld.values()) {
    const { link, leaf } = one.unopened
    add(one.proof.checkpoint.origin, one.proof.index, { link, leaf, acceptedAt: leaf.acceptedAt })
  }
  return leaves
}

/** Throws `proof-invalid` unless the entry is under both roots: whoever breaks one hash has not broken the other. */
function checkCovered(
  { index, ...paths }: Coverage,
  entry: Uint8Array,
  { size, ...roots }: SignedLogStatement,
  crypto: Crypto,
): void {
  for (const tree of ['sha256', 'sha3_256'] as const) {
    const hash: TreeHash = { size: 32, hash: (bytes) => crypto[tree](bytes) }
    verifyInclusion({ index, size, leafHash: leafHash(entry, hash), path: paths[tree] }, roots[tree], hash)
  }
}

/**
 * By when what a statement covers existed, as far as one anchor says: the end of its time's margin, and not before the
 * statement itself says that it was made. So an anchor whose clock is behind proves nothing too early. Milliseconds
 * since 1970; null where the anchor names no time.
 */
export function existedBy({ verified: one }: AnchoredStatement, { time, within }: AnchorProved): number | null {
  if (time === null) return null
  return Math.max(Date.parse(time) + within * 1000, Date.parse(one.statement.time))
}

/** {@link existedBy} of an entry by the earliest of all its anchors; null where none names a time. */
export function provenBy(entries: readonly CoveredEntry[]): number | null {
  const times = entries.flatMap(({ statement }) => statement.proved.flatMap((one) => existedBy(statement, one) ?? []))
  return times.length === 0 ? null : Math.min(...times)
}

/** An anchor cannot have seen what did not exist yet: its clock is wrong, or the log's. */
function doubtOf({ kind, by, time, within }: AnchorProved, { statement }: VerifiedLogStatement): ErrorReport | null {
  if (time === null || Date.parse(time) + within * 1000 + TOLERANCE >= Date.parse(statement.time)) return null
  const what = `${kind} ${by} saw statement ${statement.number} at ${time}, and it was made at ${statement.time}: the later time counts`
  return new CodedError('time-order', what).report()
}

function isEarlier(one: AnchorProved, other: AnchorProved): boolean {
  if (one.time === null || other.time === null) return one.time !== null
  return Date.parse(one.time) + one.within * 1000 < Date.parse(other.time) + other.within * 1000
}

function byNumber(a: AnchoredStatement, b: AnchoredStatement): number {
  const [one, other] = [a.verified.statement, b.verified.statement]
  return compare(one.origin, other.origin) || one.number - other.number
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
