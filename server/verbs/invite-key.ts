import { createHash, randomBytes } from 'node:crypto'
import { writeEnrolmentCode } from '@countersign/formats'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'

export interface InviteInput extends Administrator {
  /** Under which the key will be enrolled. */
  readonly name: string
  /** Milliseconds for which the code lets in. */
  readonly lifetime: number
  /** How many keys it lets in. */
  readonly uses: number
}

export interface Invited {
  readonly id: string
  /** Shown once: only its hash is kept. */
  readonly code: string
  readonly expiresAt: string
}

/** Makes a code that lets keys in under one name. */
export async function inviteKey(deps: Deps, { tenant, name, by, lifetime, uses }: InviteInput): Promise<Invited> {
  const createdAt = deps.now()
  const expiresAt = new Date(Date.parse(createdAt) + lifetime).toISOString()
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('hex')
  const hash = hashCode(secret)
  const invitation = { id, tenant, hash, name, createdAt, by: `${by.kind} ${by.id}`, expiresAt, uses }
  await administer(deps, { tenant, by }, { act: 'invitation.made', invitation })
  return { id, code: writeEnrolmentCode({ id, secret }), expiresAt }
}

/** The secret of a code as it is stored: it has 256 bits of chance, so no slow hash is needed. */
export function hashCode(secret: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret).digest())
}
