import type { NoteKey } from '@countersign/formats'
import { readVkey } from './authorities.ts'
import type { Place } from './place.ts'
import { claimKey } from './signers.ts'

const MAX_SERVERS = 100

/** Verifier keys of servers' logs. */
export function readServers(place: Place | undefined, owners: Map<string, string>): NoteKey[] {
  if (place?.isEmpty()) {
    place.fault('is empty', 'Name a server by its verifier key, or leave the field out.', 'contract-empty')
    return []
  }
  const keys: NoteKey[] = []
  for (const item of place?.items(MAX_SERVERS) ?? []) {
    const key = readVkey(item)
    if (key === null) continue
    // A server that may sign steps, or stands there twice, would vouch for itself (T-39).
    claimKey(item, key.publicKey.keyId, owners)
    keys.push(key)
  }
  return keys
}
