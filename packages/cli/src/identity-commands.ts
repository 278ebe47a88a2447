import type { Command } from 'commander'
import type { IdentityOptions } from './commands/identity.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The command that tells who a job is. */
export function addIdentity(program: Command, context: Context, on: On): void {
  program
    .command('identity')
    .description('Show which CI system or platform this is, whether it vouches for this job, and the rule to let it in')
    .option('--system <system>', 'auto, github, gitlab, circleci, buildkite, azure-pipelines, cloud-build, …', 'auto')
    .option('--audience <audience>', 'whom to; default: COUNTERSIGN_AUDIENCE, else what the server says')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign identity

Asks the CI system for a token and shows what is in it, unverified; the token itself is never shown, and the server
is not shown it either. Exit codes: 0 a token can be had, 1 not, 2 no system is found.`,
    )
    .action(on(async (options: IdentityOptions) => (await import('./commands/identity.ts')).identity(context, options)))
}
