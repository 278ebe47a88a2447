import type { Command } from 'commander'
import type { WitnessOptions } from './commands/witness.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The command of a witness. */
export function addWitness(program: Command, context: Context, on: On): void {
  program
    .command('witness')
    .description('Cosign the checkpoints of logs, so that none can show two histories')
    .requiredOption('--key <key>', 'Ed25519 key to cosign with: a file, or its URI in a key service')
    .requiredOption('--log <vkey...>', 'verifier keys of the logs; a log that changes its key has two')
    .requiredOption('--state <dir>', 'what was cosigned last, never to be restored from a backup')
    .option('--name <name>', 'name of the witness, like witness.example.com/acme; default: by its key')
    .option('--mirror <dir>', 'copy the tiles of the log here, and cosign only what is there')
    .option('--from <url>', 'where the log that is mirrored serves its tiles')
    .option('--listen <addr:port>', 'where it listens; port 0 takes a free one', '127.0.0.1:8441')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign key new witness.key --type ed25519
  countersign witness --key witness.key --log "$VKEY" --state witness-state

Speaks C2SP tlog-witness: POST /add-checkpoint. Stops on SIGINT or SIGTERM. A log that signs two histories
is told of on stderr, with both checkpoints in STATE/forks.

Exit codes: 0 stopped, 1 refused, 2 wrong usage.`,
    )
    .action(on(async (options: WitnessOptions) => (await import('./commands/witness.ts')).witness(context, options)))
}
