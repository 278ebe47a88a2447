import { CodedError } from '@countersign/core'
import { Reading } from './answers.ts'
import type { Transport } from './transport.ts'

/** Who is told of events, as a list tells it. Times are ISO. */
export interface ListedWebhook {
  readonly id: string
  /** Without what may be a secret in it. */
  readonly url: string
  readonly format: string
  /** Names of events; empty for all but `admin.acted`. */
  readonly events: readonly string[]
  readonly createdAt: string
  /** `on`, `failing` or `off`. */
  readonly state: string
  readonly failingSince: string | null
  readonly fault: string | null
  readonly deliveredAt: string | null
  /** Verifies `v1a` signatures, `whpk_` and base64; null where nothing is signed. */
  readonly publicKey: string | null
}

export interface ListedDelivery {
  /** Id of the event. */
  readonly event: string
  /** `delivered`, `waiting` or `dead`. */
  readonly state: string
  readonly tries: number
  readonly at: string
  /** When it is tried again; null where it is not. */
  readonly due: string | null
  readonly status: number | null
  readonly fault: string | null
}

export interface NewWebhook {
  /** `https:`, or `mailto:`. */
  readonly url: string
  /** By default what the address is fit for. */
  readonly format?: string
  /** As `eventNames` takes them. */
  readonly types?: readonly string[]
}

/** A secret that is shown once; null where nothing is signed. */
export interface WebhookSecret {
  readonly secret: string | null
}

/** What the server is asked of webhooks, by one that may administrate. */
export interface WebhookCalls {
  webhooks(): Promise<readonly ListedWebhook[]>
  addWebhook(webhook: NewWebhook): Promise<ListedWebhook & WebhookSecret>
  removeWebhook(id: string): Promise<void>
  /** Sends a test now, and gives what came of it. */
  testWebhook(
    id: string,
  ): Promise<{ readonly ok: boolean; readonly status: number | null; readonly fault: string | null }>
  /** A new secret; the one before counts for another day. */
  rotateWebhook(id: string): Promise<WebhookSecret & { readonly until: string | null }>
  /** Newest first. */
  deliveries(id: string): Promise<readonly ListedDelivery[]>
  /** Tells again: the events since a time, these, or what could not be told; turns it on where it is off. */
  replayWebhook(
    id: string,
    what: { readonly since: string } | { readonly events: readonly string[] } | { readonly dead: true },
  ): Promise<{ readonly waiting: number }>
}

export function webhookCalls(transport: Transport): WebhookCalls {
  const path = (id: string, more = '') => `/v1/webhooks/${encodeURIComponent(id)}${more}`
  const post = async (to: string, value: object) => {
    const body = { type: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(value)) }
    // Twice is another one, or another secret.
    return new Reading((await transport.json({ method: 'POST', path: to, body, repeatable: false })).body)
  }
  const get = async (from: string) => new Reading((await transport.json({ method: 'GET', path: from })).body)
  return {
    webhooks: async () => (await get('/v1/webhooks')).list('items', listedOf),
    async addWebhook({ url, format, types = [] }) {
      const it = await post('/v1/webhooks', { url, types, ...(format === undefined ? {} : { format }) })
      return { ...listedOf(it), secret: it.textOrNull('secret') }
    },
    async removeWebhook(id) {
      await transport.send({ method: 'DELETE', path: path(id) })
    },
    async testWebhook(id) {
      const it = await post(path(id, '/test'), {})
      return { ok: it.boolean('ok'), status: countOrNull(it, 'status'), fault: it.textOrNull('fault') }
    },
    async rotateWebhook(id) {
      const it = await post(path(id, '/rotate'), {})
      return { secret: it.textOrNull('secret'), until: it.textOrNull('until') }
    },
    deliveries: async (id) =>
      (await get(path(id, '/deliveries'))).list('items', (it) => ({
        event: it.text('event'),
        state: it.text('state'),
        tries: it.integer('tries'),
        at: it.text('at'),
        due: it.textOrNull('due'),
        status: countOrNull(it, 'status'),
        fault: it.textOrNull('fault'),
      })),
    async replayWebhook(id, what) {
      return { waiting: (await post(path(id, '/replay'), what)).integer('waiting') }
    },
  }
}

function listedOf(it: Reading): ListedWebhook {
  return {
    id: it.text('id'),
    url: it.text('url'),
    format: it.text('format'),
    events: it.texts('events'),
    createdAt: it.text('createdAt'),
    state: it.text('state'),
    failingSince: it.textOrNull('failingSince'),
    fault: it.textOrNull('fault'),
    deliveredAt: it.textOrNull('deliveredAt'),
    publicKey: it.textOrNull('publicKey'),
  }
}

function countOrNull(it: Reading, key: string): number | null {
  return it.isMissing(key) ? null : it.integer(key)
}

/** What came with a request that says to be a webhook; hostile until it is verified. */
export interface WebhookRequest {
  readonly headers: { get(name: string): string | null }
  /** As it came: parsed and written again it is another. */
  readonly body: Uint8Array
}

/** Milliseconds by which the time of a request may be off. */
const TOLERANCE = 5 * 60_000

/**
 * Verifies a Standard Webhooks request by its secrets (`whsec_…`): one of its `v1` signatures is by one of them, and its
 * time is within five minutes of `now`. Gives its id: whoever has handled a request with that id handles it no second time,
 * for what is sent again has the same (T-96). Throws `webhook-unsigned`, and `webhook-invalid` for what has no such headers.
 */
export async function verifyWebhook(
  { headers, body }: WebhookRequest,
  secrets: readonly string[],
  now: number,
): Promise<{ readonly id: string }> {
  const id = headers.get('webhook-id')
  const time = headers.get('webhook-timestamp')
  const signatures = headers.get('webhook-signature')
  if (id === null || time === null || signatures === null || !/^[\w-]{1,64}$/.test(id) || !/^[0-9]{1,12}$/.test(time)) {
    throw new CodedError('webhook-invalid', 'the request has no headers of Standard Webhooks', {
      fix: 'Hand over the headers and the body as they came.',
    })
  }
  if (Math.abs(now - Number(time) * 1000) > TOLERANCE) {
    throw new CodedError('webhook-unsigned', 'the request is not of these five minutes', {
      fix: 'Set the clock; what is older was sent before, and is not to be acted on again.',
    })
  }
  const text = new TextEncoder().encode(`${id}.${time}.`)
  const signed = new Uint8Array(text.length + body.length)
  signed.set(text)
  signed.set(body, text.length)
  const given = signatures
    .split(' ', 16)
    .flatMap((one) => (one.startsWith('v1,') ? [bytesOf(one.slice(3))] : []))
    .filter((bytes) => bytes !== null)
  for (const secret of secrets) {
    const raw = secret.startsWith('whsec_') ? bytesOf(secret.slice(6)) : null
    if (raw === null) throw new CodedError('usage', 'the secret of a webhook is not whsec_ and base64')
    const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
    for (const signature of given) {
      // In constant time, by the platform.
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return { id }
    }
  }
  throw new CodedError('webhook-unsigned', 'no signature of the request is by a secret that is known', {
    fix: 'Give the secret that countersign webhook add, or rotate, has shown.',
  })
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]{1,200}={0,2}$/.test(text)) return null
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  } catch {
    return null
  }
}
