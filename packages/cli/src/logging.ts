import { Argument, type Command } from 'commander'
import type { FsckOptions } from './commands/log.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'
import { RECOVERY } from './recovery.ts'

/** The commands that look after a log. */
export function addLog(program: Command, context: Context, on: On): void {
  const log = program.command('log').description('Check a log from its raw data, and bring one back that has stopped')
  log
    .command('fsck')
    .description('Rebuild both trees from the raw entries that the server serves, and hold all it serves against them')
    .option('--trust <file...>', "the log's verifier key; default: what the server says of itself")
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign log fsck --trust log.vkey

Needs a token with the scope read. Whoever runs the server checks its files, also while it does not start, with
npm start -- --fsck. Exit codes: 0 all agrees, 1 it does not, 2 wrong usage or no answer.`,
    )
    .action(on(async (options: FsckOptions) => (await import('./commands/log.ts')).logFsck(context, options)))
  log
    .command('recover')
    .description('Say step by step how a log comes back that refuses to sign')
    .addArgument(new Argument('[code]', 'the code it stopped with').choices(Object.keys(RECOVERY)))
    .addOption(format())
    .addHelpText('after', '\nExample:\n  countersign log recover log-behind\n\nExit codes: 0 shown, 2 wrong usage.')
    .action(
      on(async (code: string | undefined, options: { format: string }) =>
        (await import('./commands/log-recover.ts')).logRecover(context, code, options),
      ),
    )
}
