import type { Command } from 'commander'
import type { EnrollOptions } from './commands/key.ts'
import type { AffectedOptions } from './commands/key-affected.ts'
import type { InviteOptions, RevokeOptions, RotateOptions } from './commands/key-life.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The commands of keys: from a new one to a stolen one. */
export function addKeys(program: Command, context: Context, on: On): void {
  const key = program.command('key').description('Make, enrol, rotate and revoke keys; see what each has signed')
  addFiles(key, context, on)
  addEnrolment(key, context, on)
  addEnds(key, context, on)
}

function addFiles(key: Command, context: Context, on: On): void {
  key
    .command('new')
    .description('Make a key to sign with; COUNTERSIGN_KEY_PASSPHRASE encrypts it')
    .argument('[file]', 'default: COUNTERSIGN_KEY, else countersign.key')
    .option('--type <type>', 'p256 or ed25519', 'p256')
    .option('--passphrase', 'fail unless COUNTERSIGN_KEY_PASSPHRASE is set')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign key new build.key\n\nExit codes: 0 made, 1 not: there is a file already, or no passphrase, 2 wrong usage.',
    )
    .action(
      on(async (file: string | undefined, options: { type: string; passphrase?: boolean; format: string }) =>
        (await import('./commands/key.ts')).keyNew(context, file, options),
      ),
    )
  key
    .command('show')
    .description('Show the public half of a key file, or what happened to an enrolled key')
    .argument(
      '<key>',
      'a file, or its URI in a key service; or the id (its beginning will do) or name of an enrolled key',
    )
    .addOption(format())
    .addHelpText('after', KEY_SERVICES)
    .action(
      on(async (what: string, options: { format: string }) =>
        (await import('./commands/key.ts')).keyShow(context, what, options),
      ),
    )
}

function addEnrolment(key: Command, context: Context, on: On): void {
  key
    .command('invite')
    .description('Make a code with which somebody enrols a key of his own; no token leaves the house')
    .requiredOption('--name <name>', 'under which the key will be enrolled')
    .option('--for <duration>', 'how long it lets in, like 30m, 24h, 7d', '24h')
    .option('--uses <n>', 'how many keys it lets in', '1')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign key invite --name codebuild

The code is shown once. Whoever has it enrols with: countersign key enroll FILE --code CODE

Exit codes: 0 made, 1 refused, 2 wrong usage or no answer.`,
    )
    .action(on(async (options: InviteOptions) => (await import('./commands/key-life.ts')).keyInvite(context, options)))
  key
    .command('enroll')
    .description('Let the server trust a key: by an API token, or by a code and no token')
    .argument('<file>', 'the key file, or its URI in a key service; the .pub file will do where no code is used')
    .option('--name <name>', 'who signs with it; a code has its own')
    .option('--code <code>', 'from: countersign key invite')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign key enroll build.key.pub --name codebuild
  countersign key enroll build.key --code cse_0a1b…

Exit codes: 0 enrolled, 1 refused, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (file: string, options: EnrollOptions) =>
        (await import('./commands/key.ts')).keyEnroll(context, file, options),
      ),
    )
  key
    .command('list')
    .description('Show the enrolled keys: since when, until when, last used, how many steps')
    .option('--revoked', 'print those that are revoked as a list for --revoked of verify and gate')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExamples:\n  countersign key list\n  countersign key list --revoked > revoked.json\n\nExit codes: 0 shown, 1 refused, 2 wrong usage or no answer.',
    )
    .action(
      on(async (options: { revoked?: boolean; format: string }) =>
        (await import('./commands/key-life.ts')).keyList(context, options),
      ),
    )
}

function addEnds(key: Command, context: Context, on: On): void {
  key
    .command('rotate')
    .description('Put a new key in the place of an old one, which counts on for a while')
    .argument('<key>', 'id (its beginning will do) or name of the old one')
    .argument('<file>', 'the new key file, its .pub file, or its URI in a key service')
    .option('--overlap <duration>', 'for which both count, like 0m, 24h, 7d', '7d')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign key rotate 0a1b2c3d new.key --overlap 24h\n\nExit codes: 0 rotated, 1 refused, 2 wrong usage or no answer.',
    )
    .action(
      on(async (old: string, file: string, options: RotateOptions) =>
        (await import('./commands/key-life.ts')).keyRotate(context, old, file, options),
      ),
    )
  key
    .command('revoke')
    .description('Take a key’s right to sign, as of a time: what the log had before stays good')
    .argument('<key>', 'id (its beginning will do) or name')
    .option('--since <time>', 'like 2026-01-31 or 2026-01-31T12:00Z; only ever earlier than before. Default: now')
    .option('--reason <reason>', 'compromised, rotated or retired')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign key revoke 0a1b2c3d --since 2026-01-31T12:00Z --reason compromised

Exit codes: 0 revoked, 1 refused, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (what: string, options: RevokeOptions) =>
        (await import('./commands/key-life.ts')).keyRevoke(context, what, options),
      ),
    )
  key
    .command('affected')
    .description('List what a signer signed, and what goes on from it: what is in doubt when it was taken over')
    .argument('[key]', 'id (its beginning will do) or name')
    .option(
      '--authority <name>',
      'or all that an authority vouched for: its name at the server, SHA-256 of its root, or public',
    )
    .option('--issuer <url>', 'or all whom an OpenID issuer knows')
    .option('--subject <name>', 'of them, this name in the certificate')
    .option('--repository <id>', 'of them, the repository of this number')
    .option('--since <time>', 'like 2026-01-31 or 2026-01-31T12:00Z; default: as of when it was revoked, else ever')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign key affected 0a1b2c3d --since 2026-01-31T12:00Z --format json
  countersign key affected --authority countersign.example.com --since 2026-01-31T12:00Z
  countersign key affected --issuer https://token.actions.githubusercontent.com --repository 74123456

Exit codes: 0 nothing is affected, 1 something is, 2 wrong usage or no answer, as where nothing was ever signed so.`,
    )
    .action(
      on(async (what: string | undefined, options: AffectedOptions) =>
        (await import('./commands/key-affected.ts')).keyAffected(context, what, options),
      ),
    )
}

const KEY_SERVICES = `
In a key service, as cosign names it; credentials are in the environment:
  awskms://[ENDPOINT]/ID, …/alias/NAME or …/ARN                                          ECC_NIST_P256
  gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V            EC_SIGN_P256_SHA256, EC_SIGN_ED25519
  azurekms://VAULT.vault.azure.net/KEY[/VERSION]                                         EC or EC-HSM, P-256
  hashivault://KEY[/versions/N]                                                          ecdsa-p256, ed25519

Examples:
  countersign key show build.key
  countersign key show 0a1b2c3d
  countersign key show awskms:///arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1111-4222-8333-444455556666

Exit codes: 0 shown, 1 refused, or it is no key, 2 wrong usage or no answer.`
