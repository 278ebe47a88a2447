import { resolve } from 'node:path'
import {
  type AllowedHosts,
  outboundAddresses,
  outboundPost,
  outboundUrl,
  type Resolve,
} from '@countersign/adapters/outbound-post'
import { CodedError } from '@countersign/core'
import type { Administered, Administration } from './audit.ts'
import type { EventStore } from './event-store.ts'
import type { Outbound } from './events/channel.ts'
import { Events, type EventsDeps, publishedSize } from './events/events.ts'
import type { MailSettings } from './mail-settings.ts'
import type { Anchors } from './verbs/anchors.ts'

/** What the server was told of whom it may tell. */
export interface EventSettings {
  /** Hosts inside that webhooks may lead to. */
  readonly allowed: AllowedHosts
  /** Null where no mail is sent. */
  readonly mail: MailSettings | null
}

/** From the look-up of a webhook's host to its answer; milliseconds. */
const PATIENCE = 10_000
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/

/** What arguments and environment say, the arguments first. Throws `usage`, and what the mail settings throw. */
export async function readEventSettings(
  values: { readonly allow: readonly string[] | undefined; readonly mail: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Promise<EventSettings> {
  const allowed = (values.allow ?? [env['COUNTERSIGN_WEBHOOK_ALLOW'] ?? ''])
    .flatMap((text) => text.split(','))
    .map((text) => text.trim().toLowerCase())
    .filter((text) => text !== '')
  const wrong = allowed.find((host) => !HOST.test(host))
  if (wrong !== undefined) {
    throw new CodedError('usage', `${JSON.stringify(wrong.slice(0, 100))} is not a host, or a host and a port`, {
      fix: 'For example: --webhook-allow hooks.internal.example.com:8443',
    })
  }
  const mail = values.mail ?? env['COUNTERSIGN_MAIL'] ?? ''
  // Read only where there is one: few servers send mail.
  return {
    allowed,
    mail: mail === '' ? null : (await import('./mail-settings.ts')).readMailSettings(resolve(mail), env),
  }
}

/** How webhooks are sent requests: to addresses that were checked, and no others (T-89). */
export function outboundTo(allowed: AllowedHosts, resolveHost?: Resolve): Outbound {
  const by = resolveHost === undefined ? {} : { resolve: resolveHost }
  return {
    post: (url, headers, body) => outboundPost({ url, headers, body, timeoutMs: PATIENCE, allowed, ...by }),
    async check(text) {
      await outboundAddresses(outboundUrl(text, allowed), allowed, resolveHost)
    },
  }
}

export interface EventHouse {
  readonly store: EventStore
  readonly log: { readonly size: number }
  readonly origin: string
  readonly anchors: Pick<Anchors, 'gaps'>
  readonly publicUrl: string | null
  /** Asked only once all is put together. */
  readonly administer: (administration: Administration) => Promise<Administered>
  /** ISO time. */
  readonly now: () => string
}

/** Who is told of what happens, as the settings say; `failed` where the store failed what runs by itself. */
export async function openEvents(
  { allowed, mail }: EventSettings,
  house: EventHouse,
  failed: EventsDeps['failed'],
): Promise<Events> {
  const { log, anchors, administer, ...rest } = house
  return new Events({
    ...rest,
    failed,
    administer: async (who, doing) => (await administer({ ...who, at: house.now(), doing })).done,
    size: publishedSize(log),
    gaps: () => anchors.gaps(),
    outbound: outboundTo(allowed),
    mailer: mail === null ? null : (await import('./smtp.ts')).smtpMailer(mail, house.origin),
  })
}
