import { type Command, Option } from 'commander'
import type { DiffOptions } from './commands/diff.ts'
import type { ExportOptions } from './commands/evidence-export.ts'
import type { RemoteGateOptions } from './commands/gate-remote.ts'
import type { TreeOptions } from './commands/tree.ts'
import type { VerifyOptions } from './reach.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

const sigstoreTrust = () =>
  new Option(
    '--sigstore-trust <file...>',
    'trusted_root.json of each Sigstore that the contract believes (or COUNTERSIGN_SIGSTORE_TRUST)',
  )

const CONTRACT = 'contract to judge under (or COUNTERSIGN_CONTRACT)'
const BOUND = 'default: the one that the run is bound to, where the server has it and no --trust is named'

/** A gate has a contract in any case. */
const GATE_TRUST =
  "with --remote: verifier keys of the server's log; with --evidence that brings a pinned contract: whom to believe, as for verify"

const TRUST =
  'where there is no contract, whom to believe: public keys as FILE or NAME=FILE, verifier keys of logs as FILE, ' +
  'authorities as NAME=FILE, their certificates with the verifier key of their log'

const anchorTrust = () =>
  new Option(
    '--anchor-trust <file...>',
    'anchors to believe: keys, certificates and blocks in our JSON, or the trusted_root.json of Sigstore',
  )

/** The commands by which what happened is judged, and shown. */
export function addJudging(program: Command, context: Context, on: On): void {
  const evidence = (command: Command) =>
    command
      .option('--contract <file>', command.name() === 'gate' ? CONTRACT : `${CONTRACT}; ${BOUND}`)
      .option('--chain <file...>', 'chain files beside ARTIFACT.chain.jsonl, which is read where it is there')
      .option('--trust <file...>', command.name() === 'gate' ? GATE_TRUST : TRUST)
      .addOption(sigstoreTrust())
      .option('--revoked <file>', 'keys that count no more, from: countersign key list --revoked')
      .option('--offline', 'use files alone, even if a server is set')
      .addOption(format())
  const withheld = (command: Command) =>
    evidence(command).option(
      '--allow-withheld',
      'take a step that is withheld or erased on the word of the steps after it',
    )
  const judging = (command: Command) =>
    withheld(command)
      .option('--baseline <file>', 'what the contract must ask for at least (or COUNTERSIGN_BASELINE)')
      .option(
        '--other-contract <file...>',
        'contracts of other pipelines that materials come from; their chains with --chain, or from the server',
      )
      .option('--evidence <file>', 'judge by this file of evidence alone, without any network')
      .option('--trust-root <sha256>', 'believe what the evidence brings, where this is its trust root')
      .option(
        '--require-anchors <kinds>',
        'demand that each step is anchored: rekor,rfc3161,ethereum,opentimestamps, or how many of them (1 to 4)',
      )
      .addOption(anchorTrust())
      .option(
        '--attester-trust <file...>',
        'whom to believe of what was imported: trusted_root.json of a Sigstore, public keys; default: the public Sigstore as fetched',
      )
      .option(
        '--witness-policy <file>',
        'demand that each step is in a log, and seen by witnesses, as this C2SP policy says',
      )
  const summed = (command: Command) =>
    judging(command)
      .option('--vsa <file>', 'write the verdict as a signed SLSA verification summary; needs --contract')
      .option('--vsa-key <key>', 'key to sign it with: a file, or its URI in a key service (or COUNTERSIGN_KEY)')
      .addOption(
        new Option('--vsa-form <form>', 'bare envelope, or a Sigstore bundle for: countersign attach')
          .choices(['dsse', 'bundle'])
          .default('dsse'),
      )
      .option('--vsa-verifier <uri>', 'who judged; default: whoever signs')
      .option('--vsa-resource <uri>', 'what the artifact is called; default: pkg:generic/NAME')
  summed(program.command('verify'))
    .description('Verify how an artifact was built')
    .argument('[artifact]', 'a file, a directory, or a sha256 digest; with --evidence left out: what that is about')
    .addHelpText(
      'after',
      `
Examples:
  countersign verify dist/app.tgz --contract contract.yaml
  countersign verify dist/app.tgz --contract contract.yaml --evidence app.tgz.evidence.json
  countersign verify --evidence app.tgz.evidence.json --trust-root sha256:0a1b… --require-anchors rekor,ethereum

Exit codes: 0 verified, 1 not verified, 2 unknown (the evidence could not be reached, a step is withheld, or an anchor
that is demanded may still come) or wrong usage.`,
    )
    .action(
      on(async (artifact: string | undefined, options: VerifyOptions) =>
        (await import('./commands/verify.ts')).verify(context, artifact, options),
      ),
    )
  summed(program.command('gate'))
    .description('Let an artifact pass only when it is proven under the contract')
    .argument('<artifact>', 'a file, a directory, or a sha256 digest')
    .option('--remote', 'let the server judge, by all that it holds, and record what it says')
    .option('--pipeline <name>', 'with --remote: under the contract in force for it (or COUNTERSIGN_PIPELINE)')
    .option('--environment <name>', 'with --remote: where it is to go, for the record')
    .addHelpText(
      'after',
      `
Examples:
  countersign gate dist/app.tgz --contract contract.yaml && ./deploy.sh
  countersign gate dist/app.tgz --remote --pipeline shop/web --environment production && ./deploy.sh

Exit codes: 0 allow, 1 deny, 2 unknown, which denies as well.`,
    )
    .action(
      on(async (artifact: string, options: RemoteGateOptions & { readonly remote?: boolean }) =>
        options.remote === true
          ? (await import('./commands/gate-remote.ts')).gateRemote(context, artifact, options)
          : (await import('./commands/verify.ts')).gate(context, artifact, options),
      ),
    )
  evidence(program.command('tree'))
    .description('Draw the steps behind an artifact')
    .argument('<artifact>', 'a file, a digest, a chain file, or a chain id')
    .addHelpText(
      'after',
      `
Example:
  countersign tree dist/app.tgz

Exit codes: 0 everything fits, 1 something does not, 2 wrong usage.`,
    )
    .action(
      on(async (what: string, options: TreeOptions) =>
        (await import('./commands/tree.ts')).tree(context, what, options),
      ),
    )
  program
    .command('diff')
    .description('Show two runs side by side: who signed, on what, with which tools, actions and inputs')
    .argument('<run>', 'a chain file, or a chain id at the server')
    .argument('<run>', 'the one to compare it with')
    .option('--contract <file>', 'contract whose signers are believed (or COUNTERSIGN_CONTRACT)')
    .option('--trust <file...>', TRUST)
    .addOption(sigstoreTrust())
    .option('--revoked <file>', 'keys that count no more, from: countersign key list --revoked')
    .option('--offline', 'use files alone, even if a server is set')
    .option('--all', 'show what is alike, too')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign diff good.chain.jsonl bad.chain.jsonl --contract contract.yaml

Steps that do not verify are left out, and said to be. Of a step that was tried again the last try counts.
Exit codes: 0 alike, 1 not alike, or not all of it verifies, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (first: string, second: string, options: DiffOptions) =>
        (await import('./commands/diff.ts')).diff(context, [first, second], options),
      ),
    )
  program
    .command('inspect')
    .description('Show what an attestation says, without verifying it')
    .argument('<file>', 'a bundle, a chain file, or a link digest at the server')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign inspect dist/app.tgz.chain.jsonl\n\nExit codes: 0 shown, 1 it is none, or not well made, 2 wrong usage or no answer.',
    )
    .action(
      on(async (what: string, options: { format: string }) =>
        (await import('./commands/inspect.ts')).inspect(context, what, options),
      ),
    )
  program
    .command('explain')
    .description('Say what a code means and how to mend it')
    .argument('[code]', 'left out: list all')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign explain material-swapped\n\nExit codes: 0 shown, 2 there is no such code.',
    )
    .action(
      on(async (code: string | undefined, options: { format: string }) =>
        (await import('./commands/explain.ts')).explain(context, code, options),
      ),
    )
}

/** What puts all that proves a build into one file. */
export function addEvidence(program: Command, context: Context, on: On): void {
  program
    .command('evidence')
    .description('Put all that proves a build into one file')
    .command('export')
    .description('Write chain, receipts, contract and trust roots into one file that verifies without any network')
    .argument('<what>', 'a file, a directory, a sha256 digest, or a chain id')
    .option('-o, --out <file>', 'default: WHAT.evidence.json')
    .option('--html <file>', 'write a page too, which verifies itself in a browser')
    .option('--contract <file>', 'contract to judge under (or COUNTERSIGN_CONTRACT); default: the one at the server')
    .option('--chain <file...>', 'chain files beside WHAT.chain.jsonl, which is read where it is there')
    .option('--trust <file...>', TRUST)
    .addOption(sigstoreTrust())
    .option('--offline', 'use files alone, even if a server is set')
    .addOption(anchorTrust())
    .option('--no-notes', 'leave signed notes out, for readers of before there were any')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign evidence export dist/app.tgz --contract contract.yaml
  countersign evidence export dist/app.tgz --html app.html

What is written is judged first, by nothing but itself. Evidence of what does not verify is written too.
Exit codes: 0 written, and verified; 1 written, and not verified; 2 nothing written: nothing within reach, or wrong usage.`,
    )
    .action(
      on(async (what: string, options: ExportOptions) =>
        (await import('./commands/evidence-export.ts')).evidenceExport(context, what, options),
      ),
    )
}
