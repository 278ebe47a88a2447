import type { Command } from 'commander'
import type { AuditOptions, ListOptions, ShowOptions } from './commands/certificate.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The commands of certificates: what the server's authority has issued. */
export function addCertificates(program: Command, context: Context, on: On): void {
  const certificate = program.command('certificate').description("Show what the server's authority has issued")
  certificate
    .command('list')
    .description('List certificates, newest first: the tenant’s own')
    .option('--all', 'all of them, not the newest 50')
    .option('--authority <key id>', 'those of one authority, by the beginning of its key id')
    .option('--since <time>', 'those issued at or after a time, like 2026-11-21T12:00:00Z')
    .option('--until <time>', 'those issued before a time')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 shown, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (options: ListOptions) => (await import('./commands/certificate.ts')).certificateList(context, options)),
    )
  certificate
    .command('show')
    .description('Show a certificate, and verify that it is in the log')
    .argument('<serial>', 'as in the list')
    .option('--trust <file...>', "the log's verifier key; default: what the server says of itself")
    .addOption(format())
    .addHelpText(
      'after',
      '\nExit codes: 0 shown, and in the log, 1 refused, or not in the log, 2 wrong usage or no answer.',
    )
    .action(
      on(async (serial: string, options: ShowOptions) =>
        (await import('./commands/certificate.ts')).certificateShow(context, serial, options),
      ),
    )
  certificate
    .command('audit')
    .description('Rebuild the log, and find certificates in it that nobody can look at')
    .option('--trust <file...>', "the log's verifier key; default: what the server says of itself")
    .option('--known <file...>', 'lists of other tenants, written with: certificate list --all --format json')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign certificate audit --trust log.vkey

A certificate in the log that is in no list was issued in secret: its authority's key is in other hands, or the list
leaves something out. One whose attestation was erased has a tombstone, which says why.
Exit codes: 0 each is known, 1 one is not, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (options: AuditOptions) =>
        (await import('./commands/certificate.ts')).certificateAudit(context, options),
      ),
    )
}
