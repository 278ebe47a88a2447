import { type Command, Option } from 'commander'
import type { DeploysOptions, RunsOptions } from './commands/views.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

const ASKED = 'Exit codes: 0 shown, 1 refused, 2 wrong usage or no answer.'

/** The commands that look things up at the server. What they show is its word; to verify: countersign verify. */
export function addViews(program: Command, context: Context, on: On): void {
  const listing = (command: Command) =>
    command
      .option('--pipeline <name>', 'of one pipeline alone')
      .option('--since <time>', 'a day or a time like 2026-01-31T12:00:00.000Z, UTC')
      .option('--until <time>', 'before a day or a time')
      .option('--limit <n>', 'how many, 1 to 200', '50')
      .option('--cursor <cursor>', 'where the page before has ended')
      .addOption(format())
  program
    .command('search')
    .description('Find whatever a text may mean at the server')
    .argument('<text>', 'digest, commit, tag, chain id, address of a run, name, ENVIRONMENT@{TIME}, ENVIRONMENT~N, …')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign search sha256:0a1b…
  countersign search https://github.com/acme/shop/actions/runs/42
  countersign search 'prod@{2 days ago}'

Exit codes: 0 found, 1 nothing found or refused, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (text: string, options: { format: string }) =>
        (await import('./commands/views.ts')).search(context, text, options),
      ),
    )
  listing(program.command('runs'))
    .description('List runs that the server holds, newest first')
    .option('--system <name>', 'of one CI system alone, such as github-actions')
    .option('--signer <name>', 'that this identity has signed in')
    .addHelpText('after', `\nExample:\n  countersign runs --pipeline shop/web --since 2026-11-01\n\n${ASKED}`)
    .action(on(async (options: RunsOptions) => (await import('./commands/views.ts')).runs(context, options)))
  listing(program.command('deploys'))
    .description('List what the gate was told about environments, newest first')
    .option('--environment <name>', 'of one environment alone')
    .addOption(new Option('--decision <decision>', 'one alone').choices(['allow', 'deny', 'unknown']))
    .option('--at <time>', 'of each pipeline what was let in last by then: a day, a time, or now')
    .addHelpText(
      'after',
      `
Examples:
  countersign deploys --environment prod
  countersign deploys --environment prod --at 2026-11-20

${ASKED}`,
    )
    .action(on(async (options: DeploysOptions) => (await import('./commands/views.ts')).deploys(context, options)))
}
