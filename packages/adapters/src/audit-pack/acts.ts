import type { Client, ListedAct } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { type ActsOfPeriod, MAX_ACTS, type Period } from '@countersign/evidence/pack'
import type { LoggedAct, NoteKey } from '@countersign/formats'
import { checkActsFollow, logKeys, verifyLoggedAct } from '@countersign/verify'

/** Acts that are asked for at once. */
const AT_ONCE = 8

/**
 * The administrative acts of a period with their proofs, oldest first, the one before and the one after it with them: by
 * these whoever reads them sees that none is missing. Null where who asks may not read the audit log.
 */
export async function fetchActs(client: Client, { since, until }: Period): Promise<readonly LoggedAct[] | null> {
  const wanted: ListedAct[] = []
  try {
    for (let cursor: string | null | undefined, last = false; !last && cursor !== null; ) {
      const page = await client.audit(cursor)
      for (const one of page.items) {
        // Of those that came later, the one that is next to the period.
        if (one.at >= until && wanted.every(({ at }) => at >= until)) wanted.length = 0
        wanted.push(one)
        if (wanted.length > MAX_ACTS) {
          throw new CodedError('input-too-large', `the period has more than ${MAX_ACTS} administrative acts`, {
            fix: 'Ask for a shorter period.',
          })
        }
        last = one.at < since
        if (last) break
      }
      cursor = page.next
    }
  } catch (error) {
    if (error instanceof CodedError && error.code === 'token-scope') return null
    throw error
  }
  const acts: LoggedAct[] = []
  const oldest = wanted.toReversed()
  for (let begin = 0; begin < oldest.length; begin += AT_ONCE) {
    acts.push(
      ...(await Promise.all(oldest.slice(begin, begin + AT_ONCE).map(({ digest }) => client.loggedAct(digest)))),
    )
  }
  return acts
}

/** What acts are held against. */
export interface ActsAsked {
  readonly period: Period
  /** Entries that the log had. */
  readonly size: number
  /** Keys of that log. */
  readonly logs: readonly NoteKey[]
}

/**
 * The acts of a period, verified: each is in the log, names the one before, and none is missing between the first and the
 * last. Throws `audit-broken` where one is missing, `pack-outside` for one that is not of the period, nor next to it, or is
 * behind the end of the log, and what the check of a leaf throws.
 */
export function verifyActs(
  acts: readonly LoggedAct[],
  { period: { since, until }, size, logs }: ActsAsked,
  crypto: Parameters<typeof verifyLoggedAct>[2],
): ActsOfPeriod {
  const trust = { signers: [], countersigners: logKeys(logs) }
  const verified = acts.map((one) => verifyLoggedAct(one, trust, crypto))
  checkActsFollow(verified)
  const [first, second] = verified
  const [last, before] = [verified.at(-1), verified.at(-2)]
  if (first !== undefined && first.act.number > 0 && first.act.at >= since)
    throw new CodedError('audit-broken', `act ${first.act.number - 1} is missing: act ${first.act.number} names it`)
  const stray =
    second !== undefined && second.act.at < since ? first : before !== undefined && before.act.at >= until ? last : null
  if (stray != null)
    throw new CodedError('pack-outside', `act ${stray.act.number} is neither of the period nor next to it`)
  const beyond = verified.find(({ index }) => index >= size)
  if (beyond !== undefined)
    throw new CodedError(
      'pack-outside',
      `act ${beyond.act.number} is entry ${beyond.index} of a log that is said to have ${size}`,
    )
  const items = verified.flatMap(({ act: { number, at, by, act, about } }) =>
    at >= since && at < until ? [{ number, at, by, act, about }] : [],
  )
  return { items, closed: last !== undefined && last.act.at >= until }
}
