import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { base64, fromBase64, utf8 } from '@countersign/core'
import type { WebhookSecrets } from '../event-store.ts'

const SECRET = 'whsec_'
const PRIVATE = 'whsk_'
const PUBLIC = 'whpk_'
const SECRET_BYTES = 32
/** PKCS#8 of an Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const PKCS8 = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32])

/** What is signed: a request with its id and its time (Standard Webhooks 1.0.0). */
export interface Signing {
  /** Without a full stop. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly body: Uint8Array
  readonly own: Pick<WebhookSecrets, 'secrets' | 'key'>
}

/**
 * The headers of a signed request: `v1` (HMAC-SHA-256) by every secret that counts, the newest first, and `v1a` (Ed25519),
 * which whoever has the public key verifies and cannot make.
 */
export function webhookHeaders({ id, now, body, own }: Signing): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const signed = Buffer.concat([utf8(`${id}.${timestamp}.`), body])
  const secrets = own.secrets.filter(({ until }) => until === null || Date.parse(until) > now)
  const signatures = secrets.map(
    ({ secret }) =>
      `v1,${createHmac('sha256', fromBase64(secret.slice(SECRET.length)))
        .update(signed)
        .digest('base64')}`,
  )
  if (own.key !== null) signatures.push(`v1a,${sign(null, signed, privateKey(own.key)).toString('base64')}`)
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

/** The id of an event's requests: the same for each try and each replay, so that whoever has handled it knows it (T-96). */
export function messageId(source: string, event: string): string {
  return `msg_${createHash('sha256').update(`${source}\n${event}`).digest('hex').slice(0, 32)}`
}

export function newSecret(): string {
  return `${SECRET}${base64(new Uint8Array(randomBytes(SECRET_BYTES)))}`
}

export function newSigningKey(): string {
  return `${PRIVATE}${base64(new Uint8Array(randomBytes(32)))}`
}

/** What verifies `v1a` signatures: `whpk_` and base64 of 32 bytes. */
export function publicKeyOf(key: string): string {
  const { x } = createPublicKey(privateKey(key)).export({ format: 'jwk' })
  return `${PUBLIC}${Buffer.from(x!, 'base64url').toString('base64')}`
}

function privateKey(key: string): KeyObject {
  const der = Buffer.concat([PKCS8, fromBase64(key.slice(PRIVATE.length))])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}
