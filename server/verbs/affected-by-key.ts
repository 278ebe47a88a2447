import { CodedError } from '@countersign/core'
import { parseBundle, parseStep } from '@countersign/formats'
import type { Affected } from '../enrolment.ts'
import type { Deps } from './deps.ts'

export interface AffectedStep extends Omit<Affected, 'position'> {
  /** Of what it made or vouches for, the first; `subjects` says of how many. */
  readonly artifacts: readonly { readonly name: string; readonly sha256: string }[]
}

export interface AffectedPage {
  /** As of when: what was asked for, else the time of the revocation; null: everything that it ever signed. */
  readonly since: string | null
  readonly items: readonly AffectedStep[]
  readonly next: string | null
}

export interface AffectedInput {
  readonly tenant: string
  readonly keyId: string
  readonly since: string | null
  readonly limit: number
  readonly cursor: string | null
}

const MAX_ARTIFACTS = 100
/** Bytes of bundles that one page opens: some name a hundred thousand files. */
const MAX_OPENED = 8 * 1024 * 1024

/**
 * What is in doubt where a key is: the attestations that it signed since a time, by when the log had them, each with
 * what goes on from it. Throws `not-found`.
 */
export async function affectedByKey(deps: Deps, input: AffectedInput): Promise<AffectedPage> {
  const { tenant, keyId, limit, cursor } = input
  const { store } = deps
  const key = await store.enrolment.key(tenant, keyId)
  if (key === null) throw new CodedError('not-found', 'there is no such key')
  const since = input.since ?? key.revokedAt
  const page = await store.enrolment.affected(tenant, { by: 'key', value: keyId }, since, limit, cursor)
  const items: AffectedStep[] = []
  let opened = 0
  for (const { position, ...item } of page.items) {
    const [stored] = await store.bundles(tenant, [item.link])
    opened += stored?.bundle.length ?? 0
    items.push({ ...item, artifacts: stored === undefined ? [] : artifactsOf(stored.bundle) })
    if (opened > MAX_OPENED && items.length < page.items.length) return { since, items, next: position }
    // Opening holds up whoever appends meanwhile.
    await new Promise(setImmediate)
  }
  return { since, items, next: page.next }
}

function artifactsOf(bundle: Uint8Array): AffectedStep['artifacts'] {
  const { subject } = parseStep(parseBundle(bundle).envelope.payload)
  return subject.slice(0, MAX_ARTIFACTS).map(({ name, digest }) => ({ name, sha256: digest.sha256 }))
}
