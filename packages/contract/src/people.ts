import { isName } from '@countersign/formats'
import { NAME_FIX, shown } from './fault.ts'
import { useOneOf } from './nearest.ts'
import type { Place } from './place.ts'

/** The person whom a signer of this name is. */
export function personOf(people: ReadonlyMap<string, string>, signer: string): string {
  return people.get(signer) ?? signer
}

/** Signers by whose they are. */
export function byPerson(people: ReadonlyMap<string, string>, signers: readonly string[]): Map<string, string[]> {
  return Map.groupBy(signers, (name) => personOf(people, name))
}

const MAX_PEOPLE = 1_000
const MAX_SIGNERS = 100

/** Whose each signer is that belongs to somebody, by its name: whoever has several keys is one person with all of them (T-39). */
export function readPeople(place: Place | undefined, signers: Place | undefined): Map<string, string> {
  const people = new Map<string, string>()
  if (place === undefined) return people
  if (place.isEmpty()) {
    place.fault('is empty', 'Name a person with their signers, or leave the field out.', 'contract-empty')
    return people
  }
  const known = signers?.whole === true ? (signers.entries() ?? null) : null
  const entries = place.entries() ?? new Map<string, Place>()
  if (entries.size > MAX_PEOPLE) place.fault(`has more than ${MAX_PEOPLE} people`, 'Name those who approve alone.')
  for (const [person, item] of entries) {
    if (!isName(person)) item.faultKey('is not a name', NAME_FIX)
    if (item.isEmpty()) item.fault('is empty', 'Name their signers.', 'contract-empty')
    for (const place of item.isEmpty() ? [] : (item.items(MAX_SIGNERS) ?? [])) {
      const name = place.text('the name of a signer', () => true)
      if (name === null) continue
      const owner = people.get(name)
      if (known?.has(name) === false) {
        place.fault(`is ${shown(name)}, which is no signer`, () => useOneOf(name, [...known.keys()]))
      } else if (owner !== undefined) {
        place.fault(`is ${shown(name)}, a signer of ${shown(owner)} already`, 'Remove one of them.')
      } else people.set(name, person)
    }
    // Another's name for a signer would be two people of one name.
    if (known?.has(person) === true && people.get(person) !== person) {
      item.faultKey('has the name of a signer that is not theirs', 'Call the person otherwise, or list that signer.')
      for (const [name, owner] of people) if (owner === person) people.delete(name)
    }
  }
  return people
}
