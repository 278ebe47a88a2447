import { type Command, Option } from 'commander'
import type { LearnOptions, PastOptions } from './commands/contract-past.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'
import type { SigningOptions } from './signing.ts'

/** The life of contracts: written, checked, compared, signed, published. */
export function addContracts(program: Command, context: Context, on: On): void {
  const contract = program.command('contract').description('Check, compare, sign and publish contracts')
  contract
    .command('lint')
    .description('Name every fault with its line and the way out')
    .argument('<file>')
    .option('--strict', 'what cannot be meant is a fault as well')
    .option('--baseline <file>', 'what the contract must ask for at least (or COUNTERSIGN_BASELINE)')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 no fault, 1 faults, 2 wrong usage.')
    .action(
      on(async (file: string, options: { baseline?: string; format: string; strict?: boolean }) =>
        (await import('./commands/contract.ts')).contractLint(context, file, options),
      ),
    )
  contract
    .command('schema')
    .description('Print the JSON Schema for editors')
    .addHelpText('after', '\nExit codes: 0 printed, 2 wrong usage.')
    .action(on(async () => (await import('./commands/contract.ts')).contractSchema(context)))
  contract
    .command('diff')
    .description('Say what a change tightens, and what it loosens')
    .argument('<old>')
    .argument('<new>')
    .option('--only-tighten', 'fail unless everything that changed is tightened')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  git show main:contract.yaml > old.yaml && countersign contract diff old.yaml contract.yaml --only-tighten

Exit codes: 0 compared; 1 with --only-tighten, where something may pass now that did not; 2 wrong usage.`,
    )
    .action(
      on(async (from: string, to: string, options: { format: string; onlyTighten?: boolean }) =>
        (await import('./commands/contract-compare.ts')).contractDiff(context, from, to, options),
      ),
    )
  contract
    .command('graph')
    .description('Draw the steps and what follows what')
    .argument('<file>')
    .addOption(
      new Option('--format <format>', 'what to draw it for').choices(['text', 'mermaid', 'dot']).default('text'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  countersign contract graph contract.yaml --format dot | dot -Tsvg > contract.svg\n\nExit codes: 0 drawn, 1 refused (it is no contract), 2 wrong usage.',
    )
    .action(
      on(async (file: string, options: { format: string }) =>
        (await import('./commands/contract-compare.ts')).contractGraph(context, file, options),
      ),
    )
  past(contract.command('learn'))
    .description('Write a contract that lets exactly such runs through as there were')
    .option('--trust <file...>', 'keys to believe, as verify takes them; default: those enrolled at the server')
    .option('--last <count>', 'from so many runs', '20')
    .option('--final <step>', 'the step that vouches for what goes out; default: the one that no other follows')
    .option('--optional <step...>', 'steps that a run may go without')
    .option('--offline', 'use files alone, even if a server is set')
    .option('-o, --out <file>', 'default: standard output')
    .addHelpText(
      'after',
      `
Example:
  countersign contract learn --pipeline shop/web -o contract.yaml && countersign contract replay contract.yaml

Exit codes: 0 written, 1 a run does not verify, 2 there are no runs, or wrong usage.`,
    )
    .action(
      on(async (options: LearnOptions) =>
        (await import('./commands/contract-past.ts')).contractLearn(context, options),
      ),
    )
  past(contract.command('replay'))
    .description('Say which runs of the past a contract would have blocked, and why')
    .argument('<file>', 'the contract')
    .option('--last <count>', 'the newest runs alone')
    .addHelpText('after', '\nExit codes: 0 none, 1 some, 2 there are no runs, or wrong usage.')
    .action(
      on(async (file: string, options: PastOptions) =>
        (await import('./commands/contract-past.ts')).contractReplay(context, file, options),
      ),
    )
  signing(contract.command('sign'))
    .description('Sign a contract as one of its maintainers')
    .argument('<file>', 'the YAML, or what another maintainer has signed')
    .option('-o, --out <file>', 'default: NAME.signed.json; what is signed already is signed in its place')
    .option('--follows <file>', 'the contract in force, where it is its maintainer who signs')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign contract sign contract.yaml --key ann.key
  countersign contract sign contract.signed.json --key bob.key
  countersign contract publish contract.signed.json

Exit codes: 0 signed, 1 not: the key is none of the maintainers, 2 wrong usage.`,
    )
    .action(
      on(async (file: string, options: SigningOptions & { out?: string; follows?: string; format: string }) =>
        (await import('./commands/contract-sign.ts')).contractSign(context, file, options),
      ),
    )
  contract
    .command('publish')
    .description('Bind new runs of the pipeline to this contract')
    .argument('<file>', 'the YAML, or where the pipeline has maintainers what they have signed')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 published, or there already; 1 refused; 2 wrong usage or no answer.')
    .action(
      on(async (file: string, options: { format: string }) =>
        (await import('./commands/contract-sign.ts')).contractPublish(context, file, options),
      ),
    )
  contract
    .command('show')
    .description('Print a contract that the server has')
    .argument('<what>', 'a pipeline, for the one in force, or a digest')
    .option('--signed', 'with its signatures, and the proof that the log has it')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 printed, 1 there is none, or refused; 2 wrong usage or no answer.')
    .action(
      on(async (what: string, options: { signed?: boolean; format: string }) =>
        (await import('./commands/contract-sign.ts')).contractShow(context, what, options),
      ),
    )
  contract
    .command('list')
    .description('List the contracts that were published, newest first')
    .argument('[pipeline]', 'left out: of all')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 listed, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (pipeline: string | undefined, options: { format: string }) =>
        (await import('./commands/contract-sign.ts')).contractList(context, pipeline, options),
      ),
    )
}

/** Where runs of the past are taken from. */
function past(command: Command): Command {
  return command
    .option(
      '--chain <file...>',
      'chain files, or directories with such; default: the chains of --pipeline at the server',
    )
    .option('--pipeline <name>', 'of this pipeline alone; needed where no --chain is given')
    .option('--sigstore-trust <file...>', 'trusted_root.json of each Sigstore that the contract believes')
    .addOption(format())
}

/** With what a maintainer signs. */
export function signing(command: Command): Command {
  return command
    .option('--key <key>', 'key to sign with: a file, or its URI in a key service (or COUNTERSIGN_KEY)')
    .option('--keyless', 'sign as who an identity token says, under a certificate of the server')
    .option('--identity <system>', 'whose identity tokens to use; default: the system that this runs on')
    .option('--fulcio <url>', 'certificate authority to ask instead of the server')
}
