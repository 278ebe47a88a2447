import type { Command } from 'commander'
import type { DeviateOptions } from './commands/deviate.ts'
import type { Context } from './context.ts'
import { signing } from './contract-commands.ts'
import { format, type On } from './options.ts'
import type { SigningOptions } from './signing.ts'

/** Letting through, for a while and on record, what the contract refuses. */
export function addDeviations(program: Command, context: Context, on: On): void {
  const deviate = program.command('deviate').description('Let something through that the contract refuses, on record')
  signing(deviate.command('new'))
    .description('Say what is let through and why, signed by the first maintainer')
    .argument('<what>', 'a file, a directory or a sha256 digest, whether or not its run has ended, or a chain id')
    .option('--contract <file>', 'contract to deviate from (or COUNTERSIGN_CONTRACT)')
    .option('--chain <file...>', 'chain files beside WHAT.chain.jsonl, which is read where it is there')
    .option('--reason <text>', 'why; whoever reads the verdict reads it')
    .option('--for <time>', 'how long it counts, at most 90d', '24h')
    .option('--skip <step...>', 'go on without these steps')
    .option('--excuse <code:step...>', 'what is let through at which step; default: what speaks against the artifact')
    .option('--offline', 'use files alone, even if a server is set')
    .option('--propose', 'have it wait at the server for the signatures of others, in no file')
    .option('-o, --out <file>', 'default: WHAT.deviation.json')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign deviate new dist/app.tgz --contract contract.yaml --reason "scanner down, INC-42" --for 8h --key ann.key
  countersign deviate sign dist/app.tgz.deviation.json --contract contract.yaml --key bob.key
  countersign deviate append dist/app.tgz.deviation.json --to dist/app.tgz.chain.jsonl

  countersign deviate new dist/app.tgz --contract contract.yaml --reason "scanner down, INC-42" --for 8h --propose
  countersign deviate list
  countersign deviate sign 1a2b3c4d5e6f

Signatures, receipts, digests and who may sign are never excused.

Exit codes: 0 written, 1 refused, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (what: string, options: DeviateOptions) =>
        (await import('./commands/deviate.ts')).deviateNew(context, what, options),
      ),
    )
  signing(deviate.command('sign'))
    .description('Sign a deviation as another maintainer, in its file or where it waits')
    .argument('<file>', 'its file, or the id of one that waits at the server')
    .option(
      '--contract <file>',
      'contract that it deviates from: whether its maintainer signs (or COUNTERSIGN_CONTRACT)',
    )
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 signed, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (file: string, options: SigningOptions & { contract?: string; format: string }) =>
        (await import('./commands/deviate.ts')).deviateSign(context, file, options),
      ),
    )
  deviate
    .command('propose')
    .description('Have a deviation in a file wait at the server for the signatures of others')
    .argument('<file>')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 it waits, or was let in, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (file: string, options: { format: string }) =>
        (await import('./commands/deviate.ts')).deviatePropose(context, file, options.format),
      ),
    )
  deviate
    .command('list')
    .description('Show which deviations wait at the server, and whose signature they lack')
    .option('--chain <id>', 'those of one run')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 shown, 2 wrong usage or no answer.')
    .action(
      on(async (options: { chain?: string; format: string }) =>
        (await import('./commands/deviate.ts')).deviateList(context, options),
      ),
    )
  deviate
    .command('withdraw')
    .description('Take a deviation away that waits at the server')
    .argument('<id>')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 withdrawn, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (id: string, options: { format: string }) =>
        (await import('./commands/deviate.ts')).deviateWithdraw(context, id, options.format),
      ),
    )
  deviate
    .command('append')
    .description('Bring a deviation into its chain, at the server and in chain files')
    .argument('<file>')
    .option('--to <file...>', 'chain files')
    .option('--offline', 'into the files alone, even if a server is set')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 appended, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (file: string, options: { to?: readonly string[]; offline?: boolean; format: string }) =>
        (await import('./commands/deviate.ts')).deviateAppend(context, file, options),
      ),
    )
}
