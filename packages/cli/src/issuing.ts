import { type Command, Option } from 'commander'
import type { AddOptions, TestOptions } from './commands/issuer.ts'
import type { Context } from './context.ts'
import { RULE_SWITCHES, RULE_SYSTEMS } from './issuer-rule.ts'
import { format, type On } from './options.ts'

/** The commands of issuers: whose CI runs may sign for the tenant without a secret. */
export function addIssuers(program: Command, context: Context, on: On): void {
  const issuer = program.command('issuer').description('Say whose CI runs are let in by their identity tokens')
  issuer
    .command('add')
    .description('Take tokens of an issuer, for runs that have the claims')
    .argument('[system]', RULE_SYSTEMS.join(', '))
    .option('--name <id>', 'what to call the rule; default: the system and the first claim')
    .option('--issuer <url>', 'where the tokens come from, exactly as in them; default: the system’s own')
    .option('--repository-id <id>', 'GitHub, Azure: the repository, by its number or id')
    .option('--owner-id <id>', 'GitHub: every repository of an owner')
    .option('--project-id <id>', 'GitLab, CircleCI, Azure: the project')
    .option('--namespace-id <id>', 'GitLab: every project of a group')
    .option('--org-id <id>', 'CircleCI, Buildkite, Azure: the organization')
    .option('--pipeline-id <id>', 'Buildkite, Azure: the pipeline')
    .option('--subject <sub>', 'all others: the subject of the tokens')
    .option('--claim <name=value...>', 'more that must hold, exactly')
    .option('--audience <text>', 'what tokens must be for; default: this server')
    .option('--url <url>', 'where the pages of the system are, if the issuer does not say')
    .option('--allow <kind...>', `runs to take as well: ${RULE_SWITCHES.join(', ')}`)
    .option('--refuse <kind...>', 'runs to refuse, like self-hosted')
    .addOption(
      new Option(
        '--confirm <how>',
        'ask the provider about each run: try (where the server may, default), demand, off',
      ).choices(['off', 'try', 'demand']),
    )
    .option('--session <seconds>', 'how long a job may use the server with one token; default 3600')
    .option('--file <rule.json>', 'the rule as JSON, in the place of all of these')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign issuer add github --repository-id 74123456
  countersign issuer add gitlab --issuer https://git.example.com --project-id 20 --claim ref_protected=true
  countersign issuer add jenkins --issuer https://ci.example.com/oidc --subject https://ci.example.com/job/web/

Runs for pull requests, of forks, and over a shell are refused unless they are allowed.
Exit codes: 0 added, or there already; 1 refused; 2 wrong usage or no answer.`,
    )
    .action(
      on(async (system: string | undefined, options: AddOptions) =>
        (await import('./commands/issuer.ts')).issuerAdd(context, system, options),
      ),
    )
  issuer
    .command('list')
    .description('Show the rules in force')
    .option('--all', 'those that were removed, too')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 shown, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (options: { all?: boolean; format: string }) =>
        (await import('./commands/issuer.ts')).issuerList(context, options),
      ),
    )
  issuer
    .command('remove')
    .description('Take no tokens under a rule any longer; its sessions end at once')
    .argument('<id>', 'as in the list')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign issuer remove github-74123456\n\nExit codes: 0 removed, 1 refused, or there is none such, 2 wrong usage or no answer.',
    )
    .action(
      on(async (id: string, options: { format: string }) =>
        (await import('./commands/issuer.ts')).issuerRemove(context, id, options),
      ),
    )
  issuer
    .command('test')
    .description('Say which rule would take a token, or why none does; uses nothing up')
    .requiredOption('--token-file <file>', 'holds the token and nothing else')
    .option('--run <name>', 'what the job calls its run, where the token does not say and its provider is asked')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign issuer test --token-file token.jwt\n\nExit codes: 0 would be let in, 1 not, 2 wrong usage or no answer.',
    )
    .action(on(async (options: TestOptions) => (await import('./commands/issuer.ts')).issuerTest(context, options)))
}
