import { eventNames } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { paintFor, plain, table } from '../output.ts'

interface Format {
  readonly format: string
}

export interface WebhookAddOptions extends Format {
  readonly type?: readonly string[]
  readonly as?: string
}

/** Has events sent to an address. The secret alone goes to stdout, so that it can go into a secret store. */
export async function webhookAdd(context: Context, url: string, options: WebhookAddOptions): Promise<ExitCode> {
  const types = (options.type ?? []).flatMap((word) => word.split(','))
  if (eventNames(types) === null) {
    throw new CodedError('usage', 'a type names no events', {
      fix: 'Name some as step.refused, as key.* or as alerts.',
    })
  }
  const client = await clientFor(context)
  const made = await client.addWebhook({ url, types, ...(options.as === undefined ? {} : { format: options.as }) })
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(made)}\n`)
    return 0
  }
  const events =
    made.events.length === 0
      ? 'all events but those of the audit log'
      : made.events.map((one) => plain(one, 40)).join(', ')
  const shown = made.secret === null ? '' : '; its secret is shown this once:'
  context.stderr(`${paintFor(context).green('✓')} webhook ${plain(made.id)} is told of ${events}${shown}\n`)
  if (made.secret !== null) context.stdout(`${plain(made.secret)}\n`)
  return 0
}

export async function webhookList(context: Context, { format }: Format): Promise<ExitCode> {
  const items = await (await clientFor(context)).webhooks()
  if (format === 'json') context.stdout(`${JSON.stringify({ items })}\n`)
  else if (items.length === 0) context.stdout('Nobody is told of events yet: countersign webhook add URL\n')
  else {
    context.stdout(
      table(
        items.map(({ id, state, format: as, events, url, fault }) => [
          plain(id),
          plain(state),
          plain(as),
          events.length === 0 ? 'all' : plain(events.join(' '), 60),
          `${plain(url)}${fault === null ? '' : `  ${plain(fault)}`}`,
        ]),
      ),
    )
  }
  return 0
}

export async function webhookRemove(context: Context, id: string, { format }: Format): Promise<ExitCode> {
  await (await clientFor(context)).removeWebhook(id)
  if (format === 'json') context.stdout(`${JSON.stringify({ id, removed: true })}\n`)
  else context.stdout(`${paintFor(context).green('✓')} webhook ${plain(id)} is removed\n`)
  return 0
}

/** Has a test sent, now. */
export async function webhookTest(context: Context, id: string, { format }: Format): Promise<ExitCode> {
  const outcome = await (await clientFor(context)).testWebhook(id)
  const { ok, status, fault } = outcome
  if (format === 'json') context.stdout(`${JSON.stringify(outcome)}\n`)
  else {
    const paint = paintFor(context)
    const mark = ok ? paint.green('✓') : paint.red('✗')
    context.stdout(
      `${mark} ${fault === null ? `taken${status === null ? '' : ` with HTTP ${status}`}` : plain(fault)}\n`,
    )
  }
  return ok ? 0 : 1
}

export async function webhookRotate(context: Context, id: string, { format }: Format): Promise<ExitCode> {
  const made = await (await clientFor(context)).rotateWebhook(id)
  if (format === 'json') {
    context.stdout(`${JSON.stringify(made)}\n`)
    return 0
  }
  const until = made.until === null ? '' : `; the one before counts until ${plain(made.until)}`
  context.stderr(`${paintFor(context).green('✓')} webhook ${plain(id)} has a new secret${until}\n`)
  if (made.secret !== null) context.stdout(`${plain(made.secret)}\n`)
  return 0
}

export async function webhookDeliveries(context: Context, id: string, { format }: Format): Promise<ExitCode> {
  const items = await (await clientFor(context)).deliveries(id)
  if (format === 'json') context.stdout(`${JSON.stringify({ items })}\n`)
  else {
    context.stdout(
      table(
        items.map(({ event, state, tries, at, due, fault }) => [
          plain(event),
          plain(state),
          `${tries}×`,
          plain(at),
          `${fault === null ? '' : plain(fault)}${due === null ? '' : `  again at ${plain(due)}`}`,
        ]),
      ),
    )
  }
  return 0
}

export interface WebhookReplayOptions extends Format {
  readonly since?: string
  readonly event?: readonly string[]
}

/** Has told again what could not be told, or these events, or those since a time. */
export async function webhookReplay(context: Context, id: string, options: WebhookReplayOptions): Promise<ExitCode> {
  const { since, event, format } = options
  if (since !== undefined && event !== undefined) throw new CodedError('usage', 'give one of --since and --event')
  const what = since !== undefined ? { since } : event !== undefined ? { events: event } : ({ dead: true } as const)
  const outcome = await (await clientFor(context)).replayWebhook(id, what)
  if (format === 'json') context.stdout(`${JSON.stringify(outcome)}\n`)
  else {
    const told = since === undefined ? `${outcome.waiting} wait to be told again` : `told again since ${plain(since)}`
    context.stdout(`${paintFor(context).green('✓')} webhook ${plain(id)}: ${told}\n`)
  }
  return 0
}
