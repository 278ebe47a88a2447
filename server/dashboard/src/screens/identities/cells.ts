import type { IdentityRow } from '@countersign/client/views'
import type { GridCell } from '../../pictures/grid.tsx'
import { countText, dayText, shortCount, stepOf } from '../../pictures/scale.ts'

/** What happened to keys of a name, beside what they signed. */
export interface Rotation {
  readonly name: string
  /** ISO time. */
  readonly at: string
}

const WEEK = 7 * 86_400_000

/**
 * `host/owner/`, where all repositories that sign are of one owner: what tells nobody apart need not be read. Where one
 * is of another, all are written out, for that is what should be seen.
 */
export function sharedOwner(signers: readonly string[]): string {
  const owners = new Set(signers.flatMap((signer) => /^[^/@ ]+\.[^/@ ]+\/[^/@ ]+\//.exec(signer)?.[0] ?? []))
  const [only] = owners
  return owners.size === 1 && only !== undefined ? only : ''
}

/** The fields of identity × week. A week in which a signer was seen for the first time has a corner, one after its revocation is struck. */
export function identityCells(
  identities: readonly IdentityRow[],
  weeks: readonly string[],
  rotations: readonly Rotation[],
  hrefOf: (row: IdentityRow) => string,
): readonly GridCell[] {
  const most = identities.reduce((top, { counts }) => Math.max(top, ...counts), 0)
  return identities.flatMap((identity, row) =>
    weeks.flatMap((week, column) => {
      const count = identity.counts[column] ?? 0
      const [start, end] = [Date.parse(week), Date.parse(week) + WEEK]
      const within = (time: string | null) => time !== null && Date.parse(time) >= start && Date.parse(time) < end
      const { revokedAt, firstAt, signer } = identity
      const first = count > 0 && within(firstAt)
      const rotated = rotations.some(({ name, at }) => name === signer && within(at))
      const revoked = within(revokedAt)
      if (count === 0 && !revoked && !rotated) return []
      const after = revokedAt !== null && Date.parse(revokedAt) < start
      const facts = [
        count === 0 ? 'nothing signed' : `${countText(count)} signed`,
        first ? 'seen for the first time' : '',
        rotated ? 'key rotated' : '',
        revoked ? 'revoked' : after ? 'after it was revoked' : '',
      ]
      const told = `${signer}, week of ${dayText(week)}: ${facts.filter((fact) => fact !== '').join(', ')}`
      return [
        {
          row,
          column,
          tone: after ? ('bad' as const) : rotated && count === 0 ? ('warn' as const) : ('info' as const),
          shape: count === 0 ? (rotated ? ('diamond' as const) : ('ring' as const)) : ('square' as const),
          step: stepOf(count, most),
          text: count === 0 ? null : shortCount(count),
          told,
          href: hrefOf(identity),
          corner: first,
          struck: revoked,
          turned: rotated && count > 0,
        },
      ]
    }),
  )
}
