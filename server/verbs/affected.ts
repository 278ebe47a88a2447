import { CodedError } from '@countersign/core'
import { parseBundle, parseStep } from '@countersign/formats'
import type { Affected, SignedBy } from '../enrolment.ts'
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
  readonly signer: SignedBy
  readonly since: string | null
  readonly limit: number
  readonly cursor: string | null
}

const MAX_ARTIFACTS = 100
/** Bytes of bundles that one page opens: some name a hundred thousand files. */
const MAX_OPENED = 8 * 1024 * 1024

/**
 * What is in doubt where a signer is: the attestations that he signed since a time, by when the log had them, each with
 * what goes on from it. A signer is a key, or all or some whom an authority or an issuer vouched for. Throws `not-found`
 * where there is no such key, and where nothing is held that such a signer signed: a name mistyped must not look harmless.
 */
export async function affected(deps: Deps, input: AffectedInput): Promise<AffectedPage> {
  const { tenant, signer, limit, cursor } = input
  const { store } = deps
  const revokedAt = await revocationOf(deps, input)
  const since = input.since ?? revokedAt
  const page = await store.enrolment.affected(tenant, signer, since, limit, cursor)
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

/** As of when a key was revoked; null where it was not, and for whom an authority vouched for: contracts revoke them. */
async function revocationOf(deps: Deps, { tenant, signer, cursor }: AffectedInput): Promise<string | null> {
  const { enrolment } = deps.store
  if (signer.by === 'key') {
    const key = await enrolment.key(tenant, signer.value)
    if (key === null) throw new CodedError('not-found', 'there is no such key')
    return key.revokedAt
  }
  if (cursor !== null || (await enrolment.hasSigned(tenant, signer))) return null
  if (signer.by !== 'authority') throw new CodedError('not-found', 'nothing is held that such an identity signed')
  const known = deps.verified.vouching.authorities().map(({ id, authority }) => `${authority.name} (${id})`)
  throw new CodedError('not-found', 'nothing is held that was signed under an authority of this name or id', {
    fix: known.length === 0 ? 'This server believes no authority.' : `It is one of: ${known.join('; ')}.`,
  })
}

function artifactsOf(bundle: Uint8Array): AffectedStep['artifacts'] {
  const { subject } = parseStep(parseBundle(bundle).envelope.payload)
  return subject.slice(0, MAX_ARTIFACTS).map(({ name, digest }) => ({ name, sha256: digest.sha256 }))
}
