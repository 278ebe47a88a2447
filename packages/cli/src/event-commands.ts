import { type Command, Option } from 'commander'
import type { EventsOptions } from './commands/events.ts'
import type { WebhookAddOptions, WebhookReplayOptions } from './commands/webhook.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

const CODES = '\n\nExit codes: 0 done, 1 refused, 2 wrong usage or no answer.'
const WHICH = 'names of events, as step.refused; what they begin with, as key.*; or alerts'

/** The commands of events and of who is told of them. */
export function addEvents(program: Command, context: Context, on: On): void {
  program
    .command('events')
    .description('Show what happened at the server, or what happens')
    .option('--follow', 'go on with what happens from now on')
    .option('--since <time>', 'events since about this time, as 2026-11-22T02:00:00Z, or now')
    .option('--cursor <cursor>', 'go on from where a run before has ended')
    .option('--type <event...>', WHICH)
    .addOption(
      new Option('--format <format>', 'text, or a line of JSON an event: flat, CloudEvents 1.0, or OCSF for a SIEM')
        .choices(['text', 'json', 'cloudevents', 'ocsf'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `\nExample:\n  countersign events --follow --type alerts\n  countersign events --since 2026-11-01T00:00:00Z --format ocsf > events.jsonl${CODES}`,
    )
    .action(on(async (options: EventsOptions) => (await import('./commands/events.ts')).events(context, options)))
  const webhook = program.command('webhook').description('Have events sent to an address: https, Slack, or e-mail')
  const command = () => import('./commands/webhook.ts')
  webhook
    .command('add')
    .description('Have events sent to an address, from now on; the secret that signs them is shown once')
    .argument('<url>', 'https://…, or mailto:somebody@example.com where the server can send mail')
    .option('--type <event...>', `${WHICH}; default: all but admin.acted, of Slack and e-mail alerts`)
    .addOption(
      new Option('--as <format>', 'what is sent; default: what the address is fit for').choices([
        'cloudevents',
        'slack',
        'email',
      ]),
    )
    .addOption(format())
    .addHelpText(
      'after',
      `\nExample:\n  countersign webhook add https://hooks.example.com/countersign --type alerts${CODES}`,
    )
    .action(on(async (url: string, options: WebhookAddOptions) => (await command()).webhookAdd(context, url, options)))
  webhook
    .command('list')
    .description('List who is told of what, and how it goes')
    .addOption(format())
    .addHelpText('after', CODES)
    .action(on(async (options: { format: string }) => (await command()).webhookList(context, options)))
  webhook
    .command('test')
    .description('Have a test sent, now')
    .argument('<id>')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 taken, 1 not, 2 wrong usage or no answer.')
    .action(on(async (id: string, options: { format: string }) => (await command()).webhookTest(context, id, options)))
  webhook
    .command('rotate')
    .description('Make a new secret; the one before counts for another day')
    .argument('<id>')
    .addOption(format())
    .addHelpText('after', CODES)
    .action(
      on(async (id: string, options: { format: string }) => (await command()).webhookRotate(context, id, options)),
    )
  webhook
    .command('deliveries')
    .description('List what was told, what waits, and what could not be told, newest first')
    .argument('<id>')
    .addOption(format())
    .addHelpText('after', CODES)
    .action(
      on(async (id: string, options: { format: string }) => (await command()).webhookDeliveries(context, id, options)),
    )
  webhook
    .command('replay')
    .description('Tell again what could not be told, and turn it on where it is off')
    .argument('<id>')
    .option('--since <time>', 'everything since about this time')
    .option('--event <id...>', 'these events')
    .addOption(format())
    .addHelpText(
      'after',
      `\nExample:\n  countersign webhook replay wh_0a1b2c3d4e5f --since 2026-11-22T02:00:00Z${CODES}`,
    )
    .action(
      on(async (id: string, options: WebhookReplayOptions) => (await command()).webhookReplay(context, id, options)),
    )
  webhook
    .command('remove')
    .description('Send nothing there any more')
    .argument('<id>')
    .addOption(format())
    .addHelpText('after', CODES)
    .action(
      on(async (id: string, options: { format: string }) => (await command()).webhookRemove(context, id, options)),
    )
}
