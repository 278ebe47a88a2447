import type { Command } from 'commander'
import type { AuditExportOptions } from './commands/audit-export.ts'
import type { AuditLogOptions } from './commands/audit-log.ts'
import type { AuditVerifyOptions } from './commands/audit-verify.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** What administrators did, and what is handed to an auditor and how he checks it. */
export function addAudit(program: Command, context: Context, on: On): void {
  const audit = program
    .command('audit')
    .description(
      'Show what administrators did; hand a period to an auditor, as one signed archive that verifies offline',
    )
  audit
    .command('log')
    .description('Show what administrators did, and verify that all of it is in the log')
    .option('--trust <file...>', "the log's verifier key; default: what the server says of itself")
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign audit log --trust log.vkey

Each act names the one before, so that none can be left out or changed but the newest. It takes the scope audit.
Exit codes: 0 all are in the log, 1 one is not, or is missing, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (options: AuditLogOptions) => (await import('./commands/audit-log.ts')).auditLog(context, options)),
    )
  audit
    .command('export')
    .description('Put evidence, contracts, decisions, refusals, coverage and a report of a period into one signed pack')
    .requiredOption('--since <day>', 'first day, UTC, like 2026-11-01; or a time')
    .requiredOption('--until <day>', 'last day, all of it; or a time, which is not in it')
    .option('--pipeline <name...>', 'these alone; default: all')
    .option('--environment <name...>', 'of what gates decided, what was into these alone; default: all')
    .option('--key <key>', 'key to sign with: a file, or its URI in a key service (or COUNTERSIGN_KEY)')
    .requiredOption('-o, --out <file>', 'archive to write, like pack.tar')
    .option('--vsa <file...>', 'signed summaries that gates gave, each of a decision of the period')
    .option('--anchor-trust <file...>', 'whose anchors to believe, for whom you hand the pack to')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign audit export --since 2026-11-01 --until 2026-11-30 --key audit.key --out november.tar

What does not verify is in the pack as well, and told in its report.
Exit codes: 0 written, 1 refused, 2 nothing written: the server did not answer, has no such run, or wrong usage.`,
    )
    .action(
      on(async (options: AuditExportOptions) =>
        (await import('./commands/audit-export.ts')).auditExport(context, options),
      ),
    )
  audit
    .command('verify')
    .description(
      'Verify a pack without any network: its files, its signature, its evidence, and that its report says no more',
    )
    .argument('<pack>', 'archive that audit export wrote')
    .option(
      '--trust <file...>',
      'whom to believe: public keys of who signs packs and steps, as FILE or NAME=FILE; verifier keys of logs',
    )
    .option('--contract <file...>', 'your own contracts, each for its pipeline; their maintainers may sign packs')
    .option('--anchor-trust <file...>', 'anchors to believe')
    .option('--revoked <file>', 'keys that count no more, from: countersign key list --revoked')
    .option('--report <dir>', 'write what was verified there, the report with it; the directory must not be there')
    .addOption(format())
    .addHelpText(
      'after',
      `
Examples:
  countersign audit verify november.tar --trust audit.pub --contract contract.yaml
  countersign audit verify november.tar --trust audit.pub build.pub log.vkey --report november

Exit codes: 0 verified: whole, signed, and its report says what its evidence proves, also where that is that runs are not
proven; 1 not; 2 unknown (no evidence in it), or wrong usage.`,
    )
    .action(
      on(async (pack: string, options: AuditVerifyOptions) =>
        (await import('./commands/audit-verify.ts')).auditVerify(context, pack, options),
      ),
    )
}
