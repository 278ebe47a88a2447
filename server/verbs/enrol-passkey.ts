import { CodedError, parsePasskey } from '@countersign/core'
import { isName, passkeyEnrolmentMessage } from '@countersign/formats'
import type { Person } from '../people.ts'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'

export interface EnrolPasskeyInput extends Administrator {
  readonly person: Pick<Person, 'id' | 'name'>
  /** As the page wrote it. Hostile. */
  readonly passkey: string
  readonly credential: Uint8Array
  /** What the passkey gave for `passkeyEnrolmentMessage`. */
  readonly proof: Uint8Array
  /** Of the pages of this server; null where nobody can tell. */
  readonly origin: string | null
}

/**
 * Enrols somebody's own passkey, under a name that is theirs. It may sign nothing by that: who is let in by an
 * administrator alone is a signer of whatever has no contract, and this is not (see `append-attestation`). Throws
 * `key-invalid`, `signature-invalid`, `request-invalid`, `signer-revoked`.
 */
export async function enrolPasskey(
  deps: Deps,
  { tenant, by, person, passkey, credential, proof, origin }: EnrolPasskeyInput,
): Promise<{ readonly keyId: string; readonly name: string }> {
  const key = parsePasskey(passkey)
  const { rpId, origin: its } = key.passkey!
  // Of another page's origin it is good for nothing here, and would be somebody's whom nobody here let in.
  if (origin === null || its !== origin || rpId !== new URL(origin).hostname)
    throw new CodedError(
      'key-invalid',
      `the passkey is not of the pages of this server, ${origin ?? 'which has none'}`,
      {
        fix: 'Open the page at the address that the server says is its own (--public-url).',
      },
    )
  if (!deps.crypto.verify(key, passkeyEnrolmentMessage(person.id, key.keyId), proof))
    throw new CodedError('signature-invalid', 'the proof is not what this passkey gives for its enrolment')
  const name = nameFor(person)
  const enrolledAt = deps.now()
  const by_ = `${by.kind} ${by.id}`
  const enrolment = { name, key, enrolledAt, by: by_, proven: true, person: person.id, credential }
  try {
    const known = await administer(deps, { tenant, by }, { act: 'passkey.enrolled', enrolment })
    if (!known) throw new CodedError('not-found', 'there is no such person')
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.verified.forgetTrust(tenant)
  }
  return { keyId: key.keyId, name }
}

/** Nobody chooses it: whoever is called like a job of the pipeline must not sign like one. */
function nameFor({ id, name }: Pick<Person, 'id' | 'name'>): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  const whole = `passkey/${words === '' ? 'person' : words}-${id.slice(0, 8)}`
  if (!isName(whole)) throw new CodedError('internal', 'the name of a passkey is none')
  return whole
}
