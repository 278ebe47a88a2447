import { type Command, Option } from 'commander'
import type { AttachOptions, DiscoverOptions } from './commands/attach.ts'
import type { ImportOptions } from './commands/import.ts'
import type { ProvenanceOptions } from './commands/provenance.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** Commands that take in what others attested, and give what they can read. */
export function addIntake(program: Command, context: Context, on: On): void {
  program
    .command('import')
    .description('Take in what others attested of an artifact, as the evidence of a step that received it')
    .argument('<artifact>', 'the file that it is about')
    .option(
      '--from <file...>',
      'Sigstore bundles, DSSE envelopes, cosign bundles, in-toto links; one, one a line, or a list',
    )
    .option('--github <owner/repo>', 'what this repository has at GitHub (GITHUB_TOKEN, where it is private)')
    .option('--github-api <url>', "GitHub's API", 'https://api.github.com')
    .option('--gitlab <group/project>', 'what this project has at GitLab (GITLAB_TOKEN, where it is private)')
    .option('--gitlab-url <url>', 'the instance of GitLab', 'https://gitlab.com')
    .option('--identity <identity>', 'who attested, in full: a URI or an e-mail address; with --issuer')
    .option('--issuer <url>', 'who vouches for the identity')
    .option('--fact <name=value...>', 'what else must be so, like sourceRepositoryURI=https://github.com/o/r')
    .option('--attester-key <file>', 'public key of whoever attested, instead of an identity')
    .option('--sigstore-trust <file>', 'trusted_root.json to believe; default: what countersign trust update fetched')
    .option('--cache <directory>', 'where that is kept (or COUNTERSIGN_SIGSTORE_CACHE)')
    .option('--allow-expired-trust', 'believe a fetched trust root that is no longer fresh')
    .option('--min-logs <n>', 'independent transparency logs that must have it', '1')
    .option('--min-timestamps <n>', 'timestamp authorities that must vouch for its time', '0')
    .option('--type <type>', 'take this type alone, like slsa-provenance')
    .option('--step <name>', 'name of the step', 'import')
    .option('--key <key>', 'key to sign the step with: a file, or its URI in a key service (or COUNTERSIGN_KEY)')
    .option('--keyless', 'sign the step as this job')
    .option('--pipeline <name>', 'pipeline, like shop/web (or COUNTERSIGN_PIPELINE)')
    .option('--contract <file>', 'contract the run is bound to (or COUNTERSIGN_CONTRACT)')
    .option('--trust <file...>', 'where there is no contract, keys to believe of the steps before')
    .option('--chain-out <file>', 'write the chain here instead of beside the artifact')
    .option('--offline', 'use no server, even if one is set')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign import app.tgz --github shop/web --key gate.key \\
    --identity https://github.com/shop/web/.github/workflows/release.yml@refs/tags/v1 \\
    --issuer https://token.actions.githubusercontent.com
  countersign import app.tgz --from multiple.intoto.jsonl --attester-key maker.pub --min-logs 0 --key gate.key

Nobody is believed by default: who attested is named, and what somebody else signed, or of another artifact, is not taken.
Exit codes: 0 imported, 1 nothing verifies, or the step was refused, 2 unknown (no trust root, no answer) or wrong usage.`,
    )
    .action(
      on(async (artifact: string, options: ImportOptions) =>
        (await import('./commands/import.ts')).importAttestations(context, artifact, options),
      ),
    )
  program
    .command('provenance')
    .description('Write what a chain proves of its artifact as signed SLSA provenance v1')
    .argument('<artifact>', 'a file, a directory, or a sha256 digest')
    .option('-o, --out <file>', 'default: ARTIFACT.provenance.sigstore.json, or ARTIFACT.intoto.jsonl for dsse')
    .addOption(
      new Option('--as <form>', 'a Sigstore bundle, or a DSSE envelope alone')
        .choices(['bundle', 'dsse'])
        .default('bundle'),
    )
    .option('--key <key>', 'key to sign it with: a file, or its URI in a key service (or COUNTERSIGN_KEY)')
    .option('--keyless', 'sign it as this job')
    .option('--contract <file>', 'contract to judge under (or COUNTERSIGN_CONTRACT)')
    .option('--chain <file...>', 'chain files beside ARTIFACT.chain.jsonl, which is read where it is there')
    .option('--trust <file...>', 'where there is no contract, whom to believe, as for countersign verify')
    .option('--sigstore-trust <file...>', 'trusted_root.json of each Sigstore that the contract pins')
    .option('--revoked <file>', 'keys that count no more, from: countersign key list --revoked')
    .option('--offline', 'use files alone, even if a server is set')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign provenance dist/app.tgz --contract contract.yaml --key release.key

Only of what verifies. Exit codes: 0 written, 1 not verified, 2 unknown, or wrong usage.`,
    )
    .action(
      on(async (artifact: string, options: ProvenanceOptions) =>
        (await import('./commands/provenance.ts')).provenance(context, artifact, options),
      ),
    )
  program
    .command('attach')
    .description('Put chains, evidence and bundles beside an image in its registry (OCI referrers)')
    .argument('<image>', 'in full, by tag or digest: ghcr.io/shop/web@sha256:…')
    .argument('<file...>', 'chain files, evidence, Sigstore bundles v0.3; each must be about the image')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign attach ghcr.io/shop/web:1.2 web.chain.jsonl web.provenance.sigstore.json

A registry without lists of referrers gets them under the tag sha256-DIGEST. Logins are those
of docker, of its credential helpers too.
Exit codes: 0 attached, 1 refused, or not about the image, 2 no answer, or wrong usage.`,
    )
    .action(
      on(async (image: string, files: string[], options: AttachOptions) =>
        (await import('./commands/attach.ts')).attach(context, image, files, options),
      ),
    )
  program
    .command('discover')
    .description('Fetch what is attached to an image in its registry; nothing of it is verified')
    .argument('<image>', 'in full, by tag or digest')
    .option('-o, --out <directory>', 'where to write it', '.')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign discover ghcr.io/shop/web:1.2 --out proof

Exit codes: 0 found, 1 nothing is attached that is about the image, 2 no answer, or wrong usage.`,
    )
    .action(
      on(async (image: string, options: DiscoverOptions) =>
        (await import('./commands/attach.ts')).discover(context, image, options),
      ),
    )
}
