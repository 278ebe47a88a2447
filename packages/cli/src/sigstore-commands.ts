import type { Command } from 'commander'
import type { TrustShowOptions, TrustUpdateOptions } from './commands/trust.ts'
import type { VerifyBundleOptions } from './commands/verify-bundle.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** Commands about what others signed with Sigstore. */
export function addSigstore(program: Command, context: Context, on: On): void {
  program
    .command('verify-bundle')
    .description('Verify a Sigstore bundle that anybody made for an artifact; no network is used')
    .argument('<artifact>', 'a file, or its digest as sha256:HEX')
    .requiredOption('--bundle <file>', 'the bundle, v0.1 to v0.3')
    .option('--identity <identity>', 'who signed, in full: a URI or an e-mail address; with --issuer')
    .option('--issuer <url>', 'who vouches for the identity')
    .option('--fact <name=value...>', 'what else must be so, like sourceRepositoryURI=https://github.com/o/r')
    .option('--key <file>', 'public key instead of an identity')
    .option('--sigstore-trust <file>', 'trusted_root.json to believe; default: what countersign trust update fetched')
    .option('--cache <directory>', 'where that is kept (or COUNTERSIGN_SIGSTORE_CACHE)')
    .option('--allow-expired-trust', 'believe a fetched trust root that is no longer fresh')
    .option('--min-logs <n>', 'independent transparency logs that must have it', '1')
    .option('--min-timestamps <n>', 'timestamp authorities that must vouch for its time', '0')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign verify-bundle app.tgz --bundle app.tgz.sigstore.json \\
    --identity https://github.com/o/r/.github/workflows/release.yml@refs/tags/v1 \\
    --issuer https://token.actions.githubusercontent.com
  countersign verify-bundle app.tgz --bundle app.tgz.sigstore.json --key maker.pub --sigstore-trust trusted_root.json

Exit codes: 0 verified, 1 not verified, 2 unknown (there is no trust root, or none that is fresh) or wrong usage.`,
    )
    .action(
      on(async (artifact: string, options: VerifyBundleOptions) =>
        (await import('./commands/verify-bundle.ts')).verifyBundle(context, artifact, options),
      ),
    )
  const trust = program.command('trust').description('Keep the trust root of Sigstore current, by TUF')
  trust
    .command('update')
    .description('Fetch the trust root, and keep it')
    .option('--mirror <url>', 'TUF repository; default: that of the public instance')
    .option('--root <file>', 'root.json that trust begins with; default: the one that is built in')
    .option('--cache <directory>', 'where it is kept (or COUNTERSIGN_SIGSTORE_CACHE)')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign trust update

Exit codes: 0 fetched, 1 refused (what the mirror has is not vouched for), 2 no answer, nothing fresh, or wrong usage.`,
    )
    .action(
      on(async (options: TrustUpdateOptions) => (await import('./commands/trust.ts')).trustUpdate(context, options)),
    )
  trust
    .command('show')
    .description('Show whom the trust root names, and until when it is fresh')
    .option('--mirror <url>', 'TUF repository; default: that of the public instance')
    .option('--sigstore-trust <file>', 'show this trusted_root.json instead')
    .option('--cache <directory>', 'where it is kept (or COUNTERSIGN_SIGSTORE_CACHE)')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExit codes: 0 fresh, 1 cannot be used, 2 none is there, it is no longer fresh, or wrong usage.',
    )
    .action(on(async (options: TrustShowOptions) => (await import('./commands/trust.ts')).trustShow(context, options)))
}
