import type { Command } from 'commander'
import type { EraseOptions } from './commands/erase.ts'
import type { WithholdOptions } from './commands/withhold.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The commands by which something is not shown, or is shown no more. */
export function addWithholding(program: Command, context: Context, on: On): void {
  program
    .command('withhold')
    .description('Leave steps of a chain, or what opens their sealed fields, out of a copy of it that still verifies')
    .argument('<chain-file>')
    .option('--step <name...>', 'every step of this name')
    .option('--link <digest...>', 'the attestation with this link digest')
    .option('--field <name...>', 'show the steps, and leave out what opens these sealed fields of them; alone: of all')
    .requiredOption('-o, --out <file>', 'where to write the copy')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign withhold app.tgz.chain.jsonl --step build -o public.chain.jsonl
  countersign withhold app.tgz.chain.jsonl --field argv,environment -o public.chain.jsonl

Each step that is withheld must have its receipt in the file. Whoever verifies the copy sees that a step is withheld,
and decides: without --allow-withheld the verdict is unknown. A field can be withheld where it was sealed when the step
was recorded (run --seal); no verdict rests on it. Exit codes: 0 written, 1 refused, 2 wrong usage.`,
    )
    .action(
      on(async (file: string, options: WithholdOptions) =>
        (await import('./commands/withhold.ts')).withholdFrom(context, file, options),
      ),
    )
  program
    .command('erase')
    .description('Erase an attestation at the server for good; a tombstone stays in its log')
    .argument('<link>', 'its link digest')
    .requiredOption('--ground <text>', 'why; it stands in the log for ever, where others read it: name no person')
    .option('--yes', 'do not ask')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign erase 0a1b… --ground 'GDPR, article 17' --yes

Needs a token with the scope admin. Exit codes: 0 erased, 1 refused or not confirmed, 2 wrong usage.`,
    )
    .action(
      on(async (link: string, options: EraseOptions) =>
        (await import('./commands/erase.ts')).erase(context, link, options),
      ),
    )
}
