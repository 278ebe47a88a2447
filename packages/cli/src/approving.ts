import type { Command } from 'commander'
import type { ApproveOptions } from './commands/approve.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The command by which people approve. */
export function addApproving(program: Command, context: Context, on: On): void {
  program
    .command('approve')
    .description('Approve what a step made, as one of the people whom the contract asks')
    .argument('<artifact>', 'what is approved: a file or directory, or the link digest of an attestation at the server')
    .option(
      '--contract <file>',
      'contract the run is bound to (or COUNTERSIGN_CONTRACT); default: as the server has it',
    )
    .option('--step <name>', "the contract's step; default: the one that is an approval")
    .option('--as <name>', 'whose approval it is; default: whose key it is, by the contract')
    .option('--key <key>', 'key to sign with: a file, or its URI in a key service (or COUNTERSIGN_KEY)')
    .option('--keyless', 'sign by an identity token')
    .option('--pipeline <name>', 'pipeline, like shop/web (or COUNTERSIGN_PIPELINE)')
    .option('--chain <id>', 'which run it is of, where several made the same')
    .option('--attempt <n>', 'which try of the run is approved', '1')
    .option('--previous <file...>', 'chain files of the steps before, beside ARTIFACT.chain.jsonl')
    .option('--trust <file...>', 'where there is no contract, keys to believe of the steps before')
    .option('--chain-out <file>', 'write the chain here instead of beside the artifact')
    .option('--offline', 'use no server, even if one is set')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign approve dist/app.tgz --contract contract.yaml --key ana.key

The approval is a step: signed, linked to what it approves, and sent to the server where one is set. What came before is
verified first; of each person one approval counts.
Exit codes: 0 approved, 1 refused, 2 wrong usage.`,
    )
    .action(
      on(async (artifact: string, options: ApproveOptions) =>
        (await import('./commands/approve.ts')).approve(context, artifact, options),
      ),
    )
}
