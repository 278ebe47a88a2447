import { base64, CodedError, type PublicKey, publicKeyPem, readSigningKey } from '@countersign/core'
import { isRevocationReason, isTime, type RevocationReason } from '@countersign/formats'
import { Reading } from './answers.ts'
import type { Page } from './client.ts'
import { type Request, Transport, type TransportOptions } from './transport.ts'

/** A key that the server trusts, or trusted until it was revoked. Times are ISO times. */
export interface ListedKey {
  readonly keyId: string
  readonly name: string
  readonly publicKey: PublicKey
  readonly enrolledAt: string
  /** As of when it counts no more, which may be still to come; null while it is valid. */
  readonly revokedAt: string | null
  readonly reason: RevocationReason | null
  /** Attestations of it that were accepted. */
  readonly steps: number
  readonly lastUsedAt: string | null
}

/** What happened to a key. */
export type ListedEvent = { readonly at: string; readonly by: string } & (
  | { readonly kind: 'enrolled'; readonly proven: boolean; readonly replaces: string | null }
  | { readonly kind: 'rotated'; readonly asOf: string; readonly to: string }
  | { readonly kind: 'revoked'; readonly asOf: string; readonly reason: RevocationReason | null }
)

export interface ShownKey extends ListedKey {
  /** Oldest first. */
  readonly events: readonly ListedEvent[]
}

/** A code that lets keys in. */
export interface Invited {
  readonly id: string
  /** Secret, and shown once. */
  readonly code: string
  readonly name: string
  readonly expiresAt: string
  readonly uses: number
}

/** Whose steps are asked about: those of a key, or of whom an authority or an issuer vouched for. */
export type AskedSigner =
  | { readonly keyId: string }
  /** Its name at the server, or its id. */
  | { readonly authority: string }
  | { readonly issuer: string; readonly subject?: string; readonly repository?: string }

/** A step that a signer signed, or that goes on from one. */
export interface AffectedStep {
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly attempt: number
  readonly matrix: string | null
  readonly signer: string
  readonly acceptedAt: string
  readonly index: number
  /** How many things it made or vouches for. */
  readonly subjects: number
  /** The first of them. */
  readonly artifacts: readonly { readonly name: string; readonly sha256: string }[]
  /** Link of the one of the signer that it goes on from, near or far; null for one of his own. */
  readonly after: string | null
}

export interface Affected extends Page<AffectedStep> {
  /** Since when; null: ever. */
  readonly since: string | null
}

export interface KeyCalls {
  keys(): Promise<readonly ListedKey[]>
  key(keyId: string): Promise<ShownKey>
  /** `proof`: the key's signature over `enrolmentMessage(null, …)`. */
  enrol(name: string, key: PublicKey, proof?: Uint8Array): Promise<void>
  /** Seconds for which the code lets in, and how many keys. */
  invite(name: string, lifetime: number, uses: number): Promise<Invited>
  /** `overlap`: seconds for which both count. Gives the old key. */
  rotate(keyId: string, to: PublicKey, overlap: number, proof?: Uint8Array): Promise<ShownKey>
  /** Left out, `since` is now. What was accepted from then on counts no more. Safe to repeat. */
  revoke(keyId: string, more?: { readonly since?: string; readonly reason?: RevocationReason }): Promise<ShownKey>
  /** In the order in which they were accepted; left out, `since` is as of when the key was revoked, else ever. */
  affected(signer: AskedSigner, more?: { readonly since?: string; readonly cursor?: string }): Promise<Affected>
}

/** The calls of keys. */
export function keyCalls(transport: Transport): KeyCalls {
  const get = async (path: string) => new Reading((await transport.json({ method: 'GET', path })).body)
  const post = async (path: string, value: unknown, more: Pick<Request, 'repeatable'> = {}) =>
    new Reading((await transport.json({ method: 'POST', path, body: jsonBody(value), ...more })).body)
  const pathOf = (keyId: string, more = '') => `/v1/keys/${encodeURIComponent(keyId)}${more}`
  const proven = (proof: Uint8Array | undefined) => (proof === undefined ? {} : { proof: base64(proof) })

  return {
    async keys() {
      return (await get('/v1/keys')).list('items', listedKeyOf)
    },

    async key(keyId) {
      return shownKeyOf(await get(pathOf(keyId)), keyId)
    },

    async enrol(name, key, proof) {
      const body = { name, publicKey: publicKeyPem(key), ...proven(proof) }
      await post('/v1/keys', body, { repeatable: false })
    },

    async invite(name, lifetime, uses) {
      // Twice is two codes, and one of them nobody has.
      const it = await post('/v1/invitations', { name, lifetime, uses }, { repeatable: false })
      return {
        id: it.text('id'),
        code: it.text('code'),
        name: it.text('name'),
        expiresAt: timeOf(it.text('expiresAt')),
        uses: it.integer('uses'),
      }
    },

    async rotate(keyId, to, overlap, proof) {
      const body = { publicKey: publicKeyPem(to), overlap, ...proven(proof) }
      return shownKeyOf((await post(pathOf(keyId, '/rotate'), body)).object('from'), keyId)
    },

    async revoke(keyId, more = {}) {
      // Without a time a second one would be of another moment.
      return shownKeyOf(await post(pathOf(keyId, '/revoke'), more, { repeatable: more.since !== undefined }), keyId)
    },

    async affected(signer, more = {}) {
      const [path, asked] = 'keyId' in signer ? [pathOf(signer.keyId, '/affected'), {}] : ['/v1/affected', signer]
      const it = await get(`${path}?${new URLSearchParams({ limit: '200', ...asked, ...more }).toString()}`)
      return { since: timeOrNull(it, 'since'), items: it.list('items', affectedOf), next: it.textOrNull('next') }
    },
  }
}

/**
 * Enrols a key by a code, with no token; gives the name it is enrolled under. Safe to repeat. `proof`: the key's signature
 * over `enrolmentMessage(code id, …)`. Throws as the calls of a client do.
 */
export async function enrolByCode(
  options: Omit<TransportOptions, 'token'>,
  code: string,
  key: PublicKey,
  proof: Uint8Array,
): Promise<string> {
  const { body } = await new Transport({ ...options, token: null }).json({
    method: 'POST',
    path: '/v1/enrolments',
    body: jsonBody({ code, publicKey: publicKeyPem(key), proof: base64(proof) }),
  })
  const it = new Reading(body)
  if (it.hex('keyId', 64) === key.keyId) return it.text('name')
  throw new CodedError('server-answer', 'the server has enrolled another key than was sent')
}

function jsonBody(value: unknown): NonNullable<Request['body']> {
  return { type: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(value)) }
}

function listedKeyOf(it: Reading): ListedKey {
  const publicKey = publicKeyOf(it.text('publicKey'))
  const keyId = it.hex('keyId', 64)
  // Trust goes by the key; an id beside it that is another's would be revoked or shown in its stead.
  if (publicKey.keyId !== keyId) throw new CodedError('server-answer', 'the server lists a key under the id of another')
  return {
    keyId,
    name: it.text('name'),
    publicKey,
    enrolledAt: timeOf(it.text('enrolledAt')),
    revokedAt: timeOrNull(it, 'revokedAt'),
    reason: reasonOrNull(it),
    steps: it.integer('steps'),
    lastUsedAt: timeOrNull(it, 'lastUsedAt'),
  }
}

function shownKeyOf(it: Reading, keyId: string): ShownKey {
  const key = listedKeyOf(it)
  if (key.keyId !== keyId) throw new CodedError('server-answer', 'the server answered with another key')
  return { ...key, events: it.list('events', eventOf) }
}

function eventOf(it: Reading): ListedEvent {
  const done = { at: timeOf(it.text('at')), by: it.text('by') }
  const kind = it.text('kind')
  if (kind === 'enrolled') return { ...done, kind, proven: it.boolean('proven'), replaces: it.textOrNull('replaces') }
  const asOf = timeOf(it.text('asOf'))
  if (kind === 'rotated') return { ...done, kind, asOf, to: it.hex('to', 64) }
  if (kind === 'revoked') return { ...done, kind, asOf, reason: reasonOrNull(it) }
  throw new CodedError('server-answer', `in the server's answer, ${kind} is nothing that happens to a key`)
}

function affectedOf(it: Reading): AffectedStep {
  const after = it.textOrNull('after')
  return {
    link: it.hex('link', 64),
    chain: it.hex('chain', 32),
    pipeline: it.text('pipeline'),
    step: it.text('step'),
    attempt: it.integer('attempt'),
    matrix: it.textOrNull('matrix'),
    signer: it.text('signer'),
    acceptedAt: timeOf(it.text('acceptedAt')),
    index: it.integer('index'),
    subjects: it.integer('subjects'),
    artifacts: it.list('artifacts', (one) => ({ name: one.text('name'), sha256: one.hex('sha256', 64) })),
    after: after === null ? null : it.hex('after', 64),
  }
}

/** Times are compared as text: what is none would never have come. */
function timeOf(text: string): string {
  if (isTime(text)) return text
  throw new CodedError('server-answer', "in the server's answer, a time is none")
}

function timeOrNull(it: Reading, field: string): string | null {
  const text = it.textOrNull(field)
  return text === null ? null : timeOf(text)
}

function reasonOrNull(it: Reading): RevocationReason | null {
  const text = it.textOrNull('reason')
  return text !== null && isRevocationReason(text) ? text : null
}

function publicKeyOf(pem: string): PublicKey {
  try {
    return readSigningKey(pem)
  } catch (cause) {
    throw new CodedError('server-answer', 'the server answered with a public key that is not usable', { cause })
  }
}
