import type { Command } from 'commander'
import type { NowOptions } from './commands/anchor.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The commands of anchors: who vouches for the log's statements from outside. */
export function addAnchors(program: Command, context: Context, on: On): void {
  const anchor = program
    .command('anchor')
    .description("Have others vouch for the log's statements, and see that they do")
  anchor
    .command('now')
    .description('State the log as it is, and submit that to all anchors')
    .option('--wait [anchor...]', 'wait until these, or all, have proven it')
    .option('--timeout <seconds>', 'longest time to wait', '600')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign anchor now
  countersign anchor now --wait rekor eip155:1

Exit codes: 0 submitted, or proven with --wait; 1 refused; 2 not proven in time, wrong usage or no answer.`,
    )
    .action(on(async (options: NowOptions) => (await import('./commands/anchor.ts')).anchorNow(context, options)))
  anchor
    .command('list')
    .description('Show how far the newest statements are in each anchor, and what it has cost')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 shown, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (options: { format: string }) => (await import('./commands/anchor.ts')).anchorList(context, options)),
    )
  anchor
    .command('show')
    .description('Show how far one statement is; with an anchor, print its proof, to be kept')
    .argument('<number>', 'number of the statement')
    .argument('[anchor]')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign anchor show 12 rekor > 12.rekor.json\n\nExit codes: 0 shown, 1 refused, or there is none such, 2 wrong usage or no answer.',
    )
    .action(
      on(async (number: string, name: string | undefined, options: { format: string }) =>
        (await import('./commands/anchor.ts')).anchorShow(context, number, name, options),
      ),
    )
  anchor
    .command('retry')
    .description('Try again what was refused, or tried for too long')
    .argument('<number>', 'number of the statement')
    .argument('<anchor>')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign anchor retry 12 eip155:1\n\nExit codes: 0 is tried again, 1 refused, 2 wrong usage or no answer.',
    )
    .action(
      on(async (number: string, name: string, options: { format: string }) =>
        (await import('./commands/anchor.ts')).anchorRetry(context, number, name, options),
      ),
    )
  anchor
    .command('doctor')
    .description('Check what each anchor will need: that it answers, its balance, the clock, its trust root')
    .addOption(format())
    .addHelpText('after', '\nSpends nothing. Exit codes: 0 all is well, 1 something is not, 2 no anchor or no answer.')
    .action(
      on(async (options: { format: string }) => (await import('./commands/anchor.ts')).anchorDoctor(context, options)),
    )
}
