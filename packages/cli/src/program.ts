import { CodedError, type ErrorReport, reportOf } from '@countersign/core'
import { Command, CommanderError, Option } from 'commander'
import { addAnchors } from './anchor-commands.ts'
import { addAudit } from './audit-commands.ts'
import { addApproving } from './approving.ts'
import { addContracts } from './contract-commands.ts'
import { type Context, contextOf, type ExitCode, type World } from './context.ts'
import { addDeviations } from './deviate-commands.ts'
import { addNotes } from './note-commands.ts'
import { addKeys } from './key-commands.ts'
import { format, type On } from './options.ts'
import { addGates } from './gate-commands.ts'
import { addIdentity } from './identity-commands.ts'
import { addLog } from './logging.ts'
import { errorText, paintFor } from './output.ts'
import { addEvents } from './event-commands.ts'
import { addEvidence, addJudging } from './judging.ts'
import { NotThere } from './files.ts'
import type { RunOptions } from './recording.ts'
import { addCertificates } from './certificates.ts'
import { addIssuers } from './issuing.ts'
import { addIntake } from './intake-commands.ts'
import { addSigstore } from './sigstore-commands.ts'
import { addPeople } from './person-commands.ts'
import { addTokens } from './token-commands.ts'
import { addViews } from './view-commands.ts'
import { VERSION } from './version.ts'
import { addWithholding } from './withholding.ts'
import { addWitness } from './witnessing.ts'

/** The whole command line: reads the world once, runs one command, returns its exit code. */
export async function run(world: World): Promise<ExitCode> {
  const context = contextOf(world)
  let code: ExitCode = 0
  const program = build(context, (exit) => {
    code = exit
  })
  try {
    await program.parseAsync([...world.argv])
    return code
  } catch (error) {
    // Help, or the version: it was told already. Without a command help is what is missing.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return await fail(context, error, world.argv)
  }
}

/** What a command had to say could not be written: that is told, and the exit code is that of what is not known. */
export function untold(world: World, cause: NodeJS.ErrnoException): ExitCode {
  const context = contextOf(world)
  const what = `standard output cannot be written (${cause.code ?? cause.message})`
  context.stderr(errorText(new CodedError('file-write-failed', what, { cause }).report(), paintFor(context)))
  return 2
}

function isJson(argv: readonly string[]): boolean {
  return argv.includes('--format=json') || argv[argv.indexOf('--format') + 1] === 'json'
}

/** Whatever went wrong leaves as a coded error, never as a stack trace. */
async function fail(context: Context, error: unknown, argv: readonly string[]): Promise<ExitCode> {
  const report = asGiven(reportOf(error))
  // What follows is another program's.
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  // Of `run`, standard output is the command's; `record` tells as that does.
  const out = own[2] === 'run' || own[2] === 'record' ? context.stderr : context.stdout
  if (own.includes('--json') || isJson(own)) out(`${JSON.stringify({ error: report })}\n`)
  else context.stderr(errorText(report, paintFor(context)))
  const debug = context.environment['COUNTERSIGN_DEBUG']
  if (debug !== undefined && debug !== '' && error instanceof Error) context.stderr(`${error.stack ?? ''}\n`)
  return (await isRefusal(error)) ? 1 : 2
}

const SHAPE = new CodedError('request-invalid', '').fix

/** Whoever used a command has written no request, and learns nothing from what the API takes. */
function asGiven(report: ErrorReport): ErrorReport {
  return report.fix === SHAPE ? { ...report, fix: 'Check what was given; --help says what is taken.' } : report
}

/** Whether something was judged and refused; else it was asked for wrongly, or nobody answered. */
async function isRefusal(error: unknown): Promise<boolean> {
  if (!(error instanceof CodedError) || USAGE.has(error.code) || error instanceof NotThere) return false
  const { isAway } = await import('@countersign/client')
  return !isAway(error)
}

const USAGE: ReadonlySet<string> = new Set([
  'usage',
  'trust-missing',
  'server-unreachable',
  'token-missing',
  'evidence-unavailable',
  'issuer-unreachable',
  'trust-root-expired',
  'trust-root-unreachable',
  'service-unreachable',
])

/** All commands, none of which has run. */
export function build(context: Context, exit: (code: ExitCode) => void): Command {
  const program = new Command('countersign')
    .description('Proves how software was built: every step signs what it received and what it made.')
    .version(VERSION)
    .enablePositionalOptions()
    .addHelpText('after', ENVIRONMENT)
  const on =
    <T extends unknown[]>(action: (...given: T) => Promise<ExitCode> | ExitCode) =>
    async (...given: T) =>
      exit(await action(...given))
  addRecording(program, context, on)
  addApproving(program, context, on)
  addJudging(program, context, on)
  addViews(program, context, on)
  addGates(program, context, on)
  addEvidence(program, context, on)
  addWithholding(program, context, on)
  addIdentity(program, context, on)
  addKeys(program, context, on)
  addIssuers(program, context, on)
  addTokens(program, context, on)
  addPeople(program, context, on)
  addAudit(program, context, on)
  addEvents(program, context, on)
  addCertificates(program, context, on)
  addContracts(program, context, on)
  addDeviations(program, context, on)
  addNotes(program, context, on)
  addStatements(program, context, on)
  addLog(program, context, on)
  addAnchors(program, context, on)
  addWitness(program, context, on)
  addSigstore(program, context, on)
  addIntake(program, context, on)
  for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
    command
      .exitOverride((error) => {
        throw error.exitCode === 0 || error.code === 'commander.help' ? error : usageOf(command, error)
      })
      .configureOutput({ writeOut: context.stdout, writeErr: context.stderr, outputError: () => undefined })
  }
  return program
}

/** What is wrong with a command line, as every other error is told. */
function usageOf(command: Command, { message }: CommanderError): CodedError {
  const path: string[] = []
  for (let one: Command | null = command; one !== null; one = one.parent) path.unshift(one.name())
  const what = message.replace(/^error: /, '').replaceAll('\n', ' ')
  return new CodedError('usage', what, { fix: `See: ${path.join(' ')} --help` })
}

function recordingOptions(command: Command): Command {
  return command
    .requiredOption('--step <name>', 'name of the step')
    .option('--materials <path...>', 'what it receives: files, directories (as one tree each), patterns')
    .option('--products <path...>', 'what it makes, hashed after the command')
    .option(
      '--lockfile <path...>',
      'package-lock.json: received, and what is installed is held against it and recorded',
    )
    .option('--pipeline <name>', 'pipeline, like shop/web (or COUNTERSIGN_PIPELINE)')
    .option('--contract <file>', 'contract the run is bound to (or COUNTERSIGN_CONTRACT)')
    .option('--key <key>', 'key to sign with: a file, or its URI in a key service (or COUNTERSIGN_KEY)')
    .option(
      '--keyless',
      'sign as this job, by its identity token; default where no key is named and a CI system is found',
    )
    .option('--identity <system>', 'whose token: auto, github, gitlab, circleci, …; see: countersign identity', 'auto')
    .option('--fulcio <url>', 'have this Fulcio certify the job instead of the server')
    .option('--matrix <key>', 'which job of a matrix this is')
    .option('--attempt <n>', 'which try of the run this is; default: the CI system’s word, else 1')
    .option('--previous <file...>', 'chain files of the steps before, beside those found by themselves')
    .option(
      '--trust <file...>',
      'where there is no contract, keys to believe: public keys as FILE or NAME=FILE, verifier keys of logs as FILE',
    )
    .option(
      '--chain-out <file>',
      'write the chain here instead of beside each product, or of very many into their directory',
    )
    .option('--env <name...>', 'environment variables to record beside the harmless ones')
    .option(
      '--evidence <file...>',
      'reports to record, read by what they hold: SBOM, VEX, SARIF, JUnit, attestations; TYPE=FILE demands a type, or records others by digest',
    )
    .option('--tools <name...>', 'tools whose version to record')
    .option(
      '--seal <field...>',
      'sign only a commitment to these, and write what opens it beside the chain: argv, directory, environment, identity, tools, evidence',
    )
    .option('--no-git', 'do not record the state of the source')
    .option('--offline', 'use no server, even if one is set')
    .option('--json', 'one line of JSON for machines, on stderr')
}

function addRecording(program: Command, context: Context, on: On): void {
  recordingOptions(program.command('run'))
    .description('Run a command as a step: check what was handed over, run, sign what it made')
    .argument('<command...>', 'the command, after --')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Example:
  countersign run --step build --products dist/app.tgz -- make dist

Nothing is run when what was handed over does not fit. Signals are passed on to the command; on a terminal SIGINT and SIGQUIT
are not, also where they are sent to countersign alone: the terminal sends them to both.
Exit codes: 0 it ran and is recorded, 1 the hand-over or the server refused the step, 2 wrong usage; else the command's own.`,
    )
    .action(
      on(async (argv: string[], options: RunOptions) =>
        (await import('./commands/run.ts')).run(context, argv, options),
      ),
    )
  recordingOptions(program.command('record'))
    .description('Record a step that ran without wrapping')
    .addHelpText(
      'after',
      `
Example:
  countersign record --step source

Exit codes: 0 recorded, 1 refused, 2 wrong usage.`,
    )
    .action(on(async (options: RunOptions) => (await import('./commands/run.ts')).run(context, null, options)))
  program
    .command('upload')
    .description('Send the steps that wait in the spool to the server')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign upload

Exit codes: 0 all sent, 1 something was refused (kept in the spool's refused/), 2 the server did not
answer, or a file in the spool is no attestation.`,
    )
    .action(on(async (options: { format: string }) => (await import('./commands/upload.ts')).upload(context, options)))
}

function addStatements(program: Command, context: Context, on: On): void {
  const trust = () => new Option('--trust <file...>', "the log's verifier key; default: what the server says of itself")
  const statement = program.command('statement').description("Read and verify the log's signed statements")
  statement
    .command('list')
    .description('Show the newest')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 shown, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (options: { format: string }) =>
        (await import('./commands/statement.ts')).statementList(context, options),
      ),
    )
  statement
    .command('show')
    .description('Print one as it was signed, to be kept')
    .argument('[number]', 'default: the latest')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign statement show > kept.statement\n\nExit codes: 0 shown, 1 refused, or there is none such, 2 wrong usage or no answer.',
    )
    .action(
      on(async (number: string | undefined, options: { format: string }) =>
        (await import('./commands/statement.ts')).statementShow(context, number, options),
      ),
    )
  statement
    .command('now')
    .description('State the log as it is, without waiting for the period to end')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 stated, 1 refused, 2 wrong usage or no answer.')
    .action(
      on(async (options: { format: string }) =>
        (await import('./commands/statement.ts')).statementNow(context, options),
      ),
    )
  statement
    .command('verify')
    .description('Verify kept statements, and that one history makes them all')
    .argument('<file...>')
    .addOption(trust())
    .option('--offline', 'do not compare with what the server shows')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign statement verify kept.statement

Exit codes: 0 one history, 1 not, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (files: string[], options: { trust?: string[]; offline?: boolean; format: string }) =>
        (await import('./commands/statement.ts')).statementVerify(context, files, options),
      ),
    )
  const head = program.command('head').description('Prove how far a chain had come when the log made a statement')
  head
    .command('prove')
    .description('Fetch the proof into a file')
    .argument('<chain>', 'chain id')
    .option('--statement <number>', 'default: the latest')
    .option('--out <file>', 'default: CHAIN.head.json')
    .addOption(format())
    .addHelpText(
      'after',
      '\nExample:\n  countersign head prove 0123456789abcdef0123456789abcdef --out web.head.json\n\nExit codes: 0 written, 1 refused, or not proven, 2 wrong usage or no answer.',
    )
    .action(
      on(async (chain: string, options: { statement?: string; out?: string; format: string }) =>
        (await import('./commands/head.ts')).headProve(context, chain, options),
      ),
    )
  head
    .command('verify')
    .description('Check such a file; with --trust no server is asked')
    .argument('<file>')
    .addOption(trust())
    .option('--entry <file...>', '.tlog-proof files of entries of the chain, to be held against it')
    .option('--offline', 'ask no server, even if one is set')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign head verify web.head.json --trust log.vkey

Exit codes: 0 proven, 1 not, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (file: string, options: { trust?: string[]; entry?: string[]; offline?: boolean; format: string }) =>
        (await import('./commands/head.ts')).headVerify(context, file, options),
      ),
    )
}

const ENVIRONMENT = `
Environment:
  COUNTERSIGN_URL, COUNTERSIGN_TOKEN     server and its API token; without them chains live in files. In a CI system
                                         with identity tokens no API token is needed
  COUNTERSIGN_ALLOW_HTTP=1               speak http to a server that is not this machine
  COUNTERSIGN_ID_TOKEN, …_ID_TOKEN_FILE  identity token, or file of one, where the job is given it; and …_ID_TOKEN_2 to _9
  COUNTERSIGN_AUDIENCE                   audience of identity tokens; default: what the server says
  COUNTERSIGN_KEY                        key to sign with: a file, or awskms://, gcpkms://, azurekms://, hashivault://
  COUNTERSIGN_KEY_PASSPHRASE             opens an encrypted key
  COUNTERSIGN_PIPELINE                   pipeline name
  COUNTERSIGN_CONTRACT                   contract file
  COUNTERSIGN_BASELINE                   what every contract must ask for at least, a file of the organisation
  COUNTERSIGN_SIGSTORE_TRUST             trusted_root.json of a Sigstore that the contract believes
  COUNTERSIGN_CHAIN                      hand-over token of the step before
  COUNTERSIGN_SPOOL                      where signed steps wait for the server
  COUNTERSIGN_SESSIONS                   directory that the steps of a job share, where they are given one token
  COUNTERSIGN_SIGSTORE_CACHE             where the trust root of Sigstore is kept
  GITHUB_TOKEN, GITLAB_TOKEN             for attestations at GitHub and GitLab
  DOCKER_CONFIG                          directory with the logins that docker keeps, for registries
`
