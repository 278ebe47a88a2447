import type { CountersignEvent } from '@countersign/client'
import { CodedError, utf8 } from '@countersign/core'
import type { Webhook, WebhookFormat } from '../event-store.ts'
import { plainJson } from '../plain-json.ts'
import { messageId, webhookHeaders } from './signature.ts'
import { eventLines, slackBody } from './slack.ts'

/** What came of telling somebody. */
export interface Outcome {
  /** `down`: nobody is told anything there now; `refused`: not this; `gone`: nothing ever again. */
  readonly kind: 'taken' | 'down' | 'refused' | 'gone'
  /** HTTP status; null where there was none. */
  readonly status: number | null
  /** Null where it was taken. */
  readonly fault: string | null
  readonly retryAfterMs: number | null
}

/** Sends a POST request as `outboundPost` does, and checks an address as it does. */
export interface Outbound {
  post(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<{ readonly status: number; readonly retryAfterMs: number | null }>
  /** Throws `address-refused` and `service-unreachable`. */
  check(url: string): Promise<void>
}

export interface Mail {
  readonly to: string
  /** The same for the same events. */
  readonly id: string
  readonly subject: string
  readonly text: string
}

/** Sends e-mail by the operator's server. */
export interface Mailer {
  /** Throws `request-invalid` for somebody who is not to be written to. */
  check(to: string): void
  /** Throws `service-unreachable` and `service-refused`. */
  send(mail: Mail): Promise<void>
}

export interface ChannelDeps {
  readonly outbound: Outbound
  /** Null where the operator has set up none. */
  readonly mailer: Mailer | null
  readonly publicUrl: string | null
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** How many events are told at once, and how long is waited between two times; milliseconds. */
export const GROUPS: Readonly<Record<WebhookFormat, { readonly most: number; readonly gapMs: number }>> = {
  cloudevents: { most: 1, gapMs: 0 },
  slack: { most: 20, gapMs: 1_000 },
  email: { most: 100, gapMs: 60_000 },
}

/** Tells a webhook of some events, at once. Never throws. */
export async function tell(deps: ChannelDeps, webhook: Webhook, events: readonly CountersignEvent[]): Promise<Outcome> {
  try {
    if (webhook.format === 'email') return await tellByMail(deps, webhook, events)
    return await tellByPost(deps, webhook, events)
  } catch (error) {
    if (!(error instanceof CodedError)) return failedBy('down', null, 'it failed unexpectedly')
    // What leads into the house, or to somebody who is not to be written to, may be mended there as it was broken there.
    return failedBy('down', null, `${error.code}: ${error.what}`)
  }
}

async function tellByPost(
  { outbound, publicUrl, now }: ChannelDeps,
  { format, own }: Webhook,
  events: readonly CountersignEvent[],
) {
  const [first] = events
  const slack = format === 'slack'
  // One event where it is not Slack.
  const body = utf8(plainJson(slack ? slackBody(events, publicUrl) : first))
  const id = messageId(first!.source, events.map((event) => event.id).join(' '))
  const headers = {
    'user-agent': 'countersign',
    'content-type': slack ? 'application/json' : 'application/cloudevents+json',
    ...(slack ? {} : webhookHeaders({ id, now: now(), body, own })),
  }
  const { status, retryAfterMs } = await outbound.post(new URL(own.url), headers, body)
  if (status >= 200 && status < 300) return { kind: 'taken', status, fault: null, retryAfterMs: null } as const
  const fault =
    status >= 300 && status < 400
      ? `it answered HTTP ${status}; redirects are not followed`
      : `it answered HTTP ${status}`
  if (status === 410) return failedBy('gone', status, fault)
  const down = status >= 500 || status < 400 || status === 408 || status === 425 || status === 429
  return failedBy(down ? 'down' : 'refused', status, fault, retryAfterMs)
}

async function tellByMail({ mailer, publicUrl }: ChannelDeps, { own }: Webhook, events: readonly CountersignEvent[]) {
  if (mailer === null) return failedBy('down', null, 'this server sends no mail')
  await mailer.send(mailOf(recipientOf(own.url), events, publicUrl))
  return { kind: 'taken', status: null, fault: null, retryAfterMs: null } as const
}

/** One mail for all of them. */
export function mailOf(to: string, events: readonly CountersignEvent[], publicUrl: string | null): Mail {
  const lines = eventLines(events, publicUrl)
  const worst = (['alert', 'warning', 'info'] as const).find((one) => events.some(({ severity }) => severity === one))!
  const [first] = events
  const subject = events.length === 1 ? lines[0]!.slice(2, 150) : `${events.length} events, ${worst}`
  const id = messageId(first!.source, events.map((event) => event.id).join(' '))
  const timed = lines.map((line, i) => `${events[i]!.time} ${line}`)
  return { to, id, subject: `[countersign] ${subject}`, text: `${timed.join('\n')}\n` }
}

/** Who a `mailto:` address leads to: one, without headers of its own (RFC 6068). Throws `request-invalid`. */
export function recipientOf(url: string): string {
  const to = /^mailto:([A-Za-z0-9.!#$&'*+/=^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?)$/i.exec(
    url,
  )?.[1]
  if (to === undefined) throw new CodedError('request-invalid', 'the address is not mailto: and one e-mail address')
  return to
}

function failedBy(
  kind: Outcome['kind'],
  status: number | null,
  fault: string,
  retryAfterMs: number | null = null,
): Outcome {
  return { kind, status, fault, retryAfterMs }
}
