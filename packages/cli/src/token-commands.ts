import { type Command, Option } from 'commander'
import type { TokenNewOptions } from './commands/token.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The commands of API tokens. */
export function addTokens(program: Command, context: Context, on: On): void {
  const token = program.command('token').description('Make, list and revoke API tokens of the server')
  token
    .command('new')
    .description('Make an API token that may do this and no more; it is shown once')
    .addOption(
      new Option('--scope <scope...>', 'what it may do')
        .choices(['read', 'append', 'note', 'audit', 'maintain', 'admin'])
        .makeOptionMandatory(),
    )
    .option('--expires <duration>', 'for how long, like 12h, 30d; default: until it is revoked')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign token new --scope read --expires 30d\n\nIt takes a token that may administrate.\n\nExit codes: 0 done, 1 refused, 2 wrong usage or no answer.',
    )
    .action(on(async (options: TokenNewOptions) => (await import('./commands/token.ts')).tokenNew(context, options)))
  token
    .command('list')
    .description('List the API tokens and what each may do')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign token list\n\nExit codes: 0 done, 1 refused, 2 wrong usage or no answer.',
    )
    .action(
      on(async (options: { format: string }) => (await import('./commands/token.ts')).tokenList(context, options)),
    )
  token
    .command('revoke')
    .description('Revoke an API token, for good')
    .argument('<id>', 'its id: what is between the first two underscores')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign token revoke 0a1b2c3d4e5f\n\nExit codes: 0 done, 1 refused, 2 wrong usage or no answer.',
    )
    .action(
      on(async (id: string, options: { format: string }) =>
        (await import('./commands/token.ts')).tokenRevoke(context, id, options),
      ),
    )
}
