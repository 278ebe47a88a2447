import { signal } from '@preact/signals'
import { namedTrust } from './gather.ts'
import { dropPin, keepPin, keptPins } from './kept-pins.ts'
import type { SeenParty } from './messages.ts'
import { verifier } from './verifier.ts'

/** Whom the server names about its anchors, held against whom the reader pinned; null until it was looked at. */
export const parties = signal<readonly SeenParty[] | null>(null)

/** Looks whom the server names now. Throws `Problem`. */
export async function watchParties(): Promise<readonly SeenParty[]> {
  const found = await verifier({ kind: 'parties', trust: await namedTrust() })
  parties.value = found
  return found
}

/** {@link watchParties} where this browser has something to hold it against: on every visit, whatever page it is of. */
export async function watchPinned(): Promise<void> {
  if (keptPins().length > 0) await watchParties()
}

/** From now on the party counts as what it is named now. Throws `Problem`. */
export async function pinParty(party: SeenParty): Promise<void> {
  keepPin(party)
  await watchParties()
}

/** It counts no longer. Throws `Problem`. */
export async function forgetParty(party: SeenParty): Promise<void> {
  dropPin(party)
  await watchParties()
}
