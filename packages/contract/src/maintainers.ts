import { materialOf } from '@countersign/core'
import { durationOf } from './duration.ts'
import { shown } from './fault.ts'
import type { AuthorityRule, Maintainers, SignerRule } from './model.ts'
import type { Place } from './place.ts'
import { sameValue } from './signer-diff.ts'
import { readSigners } from './signers.ts'

const MAX_MAINTAINERS = 64
const DEFAULT_GRACE = 7 * 86_400_000

/**
 * Who must sign the next revision of a contract, and deviations from this one. A maintainer may sign steps as well; whoever
 * vouches for others, or countersigns, may not be one (T-39). `owners` holds whose key an id is over the contract's lists.
 */
export function readMaintainers(
  place: Place | undefined,
  authorities: ReadonlyMap<string, AuthorityRule> | null,
  owners: ReadonlyMap<string, string>,
  known: Known,
): Maintainers | null {
  const members = place?.members(['threshold', 'of'], ['threshold', 'of'])
  if (place === undefined || members == null) return null
  const threshold = members.get('threshold')?.integer(1, MAX_MAINTAINERS) ?? null
  const list = members.get('of')
  if (list === undefined) return null
  const count = list.entries()?.size ?? 0
  if (count > MAX_MAINTAINERS) {
    list.fault(`has more than ${MAX_MAINTAINERS} maintainers`, 'Shorten the list.')
    return null
  }
  const others = new Map([...owners].filter(([, owner]) => !owner.startsWith('signers')))
  const of = readSigners(list, authorities, others)
  lintParties(list, of)
  lintPeople(list, of, known)
  if (threshold === null) return null
  if (count > 0 && threshold > count) {
    members
      .get('threshold')!
      .fault(
        `is ${threshold}, and there are ${count} maintainers, so no contract could be signed again`,
        'Lower it, or name more maintainers.',
      )
  }
  return { threshold, of }
}

/** Whoever has two names would count twice, if nobody looked; and the second name would never be met. */
function lintParties(place: Place, of: ReadonlyMap<string, SignerRule>): void {
  const known: [string, SignerRule][] = []
  for (const [name, rule] of of) {
    const same = known.find(
      ([, other]) => rule.kind === 'identity' && other.kind === 'identity' && sameValue(rule.pattern, other.pattern),
    )
    if (same !== undefined) {
      place.entries()!.get(name)!.fault(`is the same identity as ${same[0]}`, 'Name each party once.')
    }
    known.push([name, rule])
  }
}

/** What else the contract says of keys and identities. */
interface Known {
  readonly signers: ReadonlyMap<string, SignerRule>
  /** Whose they are, by name. */
  readonly people: ReadonlyMap<string, string>
}

/** Whose signers are one person's is one maintainer with all of them. */
function lintPeople(place: Place, of: ReadonlyMap<string, SignerRule>, { signers, people }: Known): void {
  const known = new Map<string, string>()
  for (const [name, rule] of of) {
    const person = [...signers].find(([signer, other]) => people.has(signer) && isSame(rule, other))?.[0]
    const owner = person === undefined ? undefined : people.get(person)!
    if (owner === undefined) continue
    const other = known.get(owner)
    if (other === undefined) known.set(owner, name)
    else
      place
        .entries()!
        .get(name)!
        .fault(`is ${shown(owner)}, as ${shown(other)} is`, 'Name each person once.')
  }
}

function isSame(one: SignerRule, other: SignerRule): boolean {
  if (one.kind === 'key' || other.kind === 'key') {
    return one.kind === 'key' && other.kind === 'key' && materialOf(one.key) === materialOf(other.key)
  }
  return sameValue(one.pattern, other.pattern)
}

/** Milliseconds. */
export function readGrace(place: Place | undefined): number {
  if (place === undefined) return DEFAULT_GRACE
  const text = place.text(
    'none, or a time of 1m to 366d, like 90m, 36h or 7d',
    (t) => t === 'none' || durationOf(t) !== null,
  )
  return text === null || text === 'none' ? 0 : durationOf(text)!
}
