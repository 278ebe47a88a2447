import { ownBasis } from '@countersign/adapters/gathering'
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Client } from '@countersign/client'
import { CodedError, isHex } from '@countersign/core'
import { type Evidence, parseEvidence, trustRootOf, writeEvidence } from '@countersign/evidence'
import { type ChainLine, isBundle, isDisclosure, isReceipt, isWithheld } from '@countersign/formats'
import type { Verdict } from '@countersign/verify'
import { readAnchorRootsFrom } from '../anchoring.ts'
import { type Artifact, readArtifact } from '../artifact.ts'
import { assemble, ownContract } from '../assembling.ts'
import { clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { believe, type Believed, fetchChains, nativeCrypto, readChainFiles, UNREACHABLE } from '../evidence.ts'
import { writeWhole } from '../files.ts'
import { paintFor, plain } from '../output.ts'
import { EXIT, verdictJson, verdictText } from '../verdict.ts'
import { judgeEvidence } from './verify-evidence.ts'

export interface ExportOptions {
  readonly out?: string
  readonly html?: string
  readonly contract?: string
  readonly chain?: readonly string[]
  readonly trust?: readonly string[]
  readonly sigstoreTrust?: readonly string[]
  readonly offline?: boolean
  /** False to leave signed notes out: readers of before there were any refuse the file with them. */
  readonly notes?: boolean
  /** Files that say which anchors to believe. */
  readonly anchorTrust?: readonly string[]
  readonly format: string
}

/** What evidence is asked for. */
type Subject = { readonly artifact: Artifact } | { readonly chain: string }

/**
 * Writes all that proves an artifact or a run into one file, judged first by nothing but that file. What does not
 * verify is written as well: an auditor needs to see that it does not.
 */
export async function evidenceExport(context: Context, what: string, options: ExportOptions): Promise<ExitCode> {
  const subject = await subjectOf(context, what)
  const files = filesFor(context, what, options)
  const { evidence, believed, missing } = await gather(context, what, subject, options)
  const bytes = writeEvidence(evidence)
  const read = parseEvidence(bytes)
  const artifact = 'artifact' in subject ? subject.artifact : null
  const basis = {
    ...ownBasis(read),
    believed: believed.from,
    source: { from: 'caller', root: trustRootOf(read) },
  } as const
  const verdict = await judgeEvidence(read, artifact, basis, { now: context.now() })
  await writeWhole(files.out, bytes)
  if (files.html !== null) await writeWhole(files.html, await pageFor(bytes))
  const written = { ...files, bytes: bytes.length, trustRoot: basis.source.root, missing }
  if (options.format === 'json') context.stdout(`${JSON.stringify(exportJson(read, verdict, believed, written))}\n`)
  else {
    context.stdout(verdictText(context, 'verify', what, verdict, believed.from))
    context.stdout(writtenText(context, read, written))
  }
  return EXIT[verdict.verdict]
}

async function subjectOf(context: Context, what: string): Promise<Subject> {
  if (isHex(what, 32) && !existsSync(resolve(context.cwd, what))) return { chain: what }
  return { artifact: await readArtifact(context, what) }
}

interface Files {
  readonly out: string
  readonly html: string | null
}

/** Where to write. Never over what the evidence is of. */
function filesFor(context: Context, what: string, { out, html }: ExportOptions): Files {
  const at = (file: string) => resolve(context.cwd, file)
  const name = `${what.replace(/^sha256:/, '').replace(/\/+$/, '')}.evidence.json`
  const files = { out: at(out ?? name), html: html === undefined ? null : at(html) }
  const taken = [at(what), ...(files.html === null ? [] : [files.html])]
  if (taken.includes(files.out) || files.html === at(what)) {
    throw new CodedError('usage', 'evidence, page and artifact need a file each')
  }
  return files
}

interface Gathered {
  readonly evidence: Evidence
  readonly believed: Believed
  /** Digests of contracts that the runs are bound to and that are not in the evidence. */
  readonly missing: readonly string[]
}

async function gather(context: Context, what: string, subject: Subject, options: ExportOptions): Promise<Gathered> {
  const client = options.offline === true ? null : await clientOrNull(context)
  const file = options.contract ?? context.settings.contract
  const own = file === null ? null : ownContract(context, file)
  try {
    const believed = await believe(context, own?.contract ?? null, options, client)
    const wanted = 'chain' in subject ? subject : { artifact: subject.artifact.sha256 }
    const lines = await linesFor(context, subject, options, client)
    const anchorRoots = await readAnchorRootsFrom(context, options.anchorTrust, await nativeCrypto())
    const assembled = await assemble(context, { wanted, lines, own, believed, anchorRoots, client })
    if (assembled === null) throw new CodedError('evidence-unavailable', `nothing is known of ${what}`)
    return { ...assembled, believed }
  } catch (error) {
    if (!(error instanceof CodedError) || !UNREACHABLE.has(error.code)) throw error
    throw new CodedError('evidence-unavailable', `${error.code}: ${error.what}`, { cause: error })
  }
}

/** The lines within reach, as `verify` finds them: of files, and where these have none, of the server. */
async function linesFor(
  context: Context,
  subject: Subject,
  { chain, notes }: ExportOptions,
  client: Client | null,
): Promise<readonly ChainLine[]> {
  const told = { notes: notes !== false }
  if ('chain' in subject) {
    const local = readChainFiles(context, chain ?? [], [])
    return local.length > 0 || client === null ? local : fetchChains(client, [], [subject.chain], told)
  }
  const { sha256: digest, path } = subject.artifact
  const local = readChainFiles(context, chain ?? [], path === null ? [] : [path])
  return local.length > 0 || client === null ? local : fetchChains(client, [digest], [], told)
}

async function pageFor(evidence: Uint8Array): Promise<Uint8Array> {
  const [{ pageOf }, bundle] = await Promise.all([
    import('@countersign/evidence-page'),
    import('@countersign/evidence-page/bundle'),
  ])
  return pageOf(evidence, bundle)
}

interface Written extends Files {
  readonly bytes: number
  readonly trustRoot: string
  readonly missing: readonly string[]
}

function exportJson(evidence: Evidence, verdict: Verdict, believed: Believed, written: Written): object {
  return {
    ...verdictJson('verify', verdict, believed.from),
    evidence: {
      file: written.out,
      html: written.html,
      bytes: written.bytes,
      trustRoot: `sha256:${written.trustRoot}`,
      chains: evidence.subject.chains,
      lines: evidence.lines.length,
      statements: evidence.statements.map(({ origin, number }) => ({ origin, number })),
      anchors: evidence.anchors.map(({ kind }) => kind),
      disclosed: evidence.lines.filter(isDisclosure).length,
      contracts: evidence.contracts.map(({ digest }) => digest),
      missingContracts: written.missing,
    },
  }
}

function writtenText(
  context: Context,
  { lines, statements, anchors }: Evidence,
  { out, html, bytes, trustRoot, missing }: Written,
): string {
  const paint = paintFor(context)
  const steps = lines.filter(isBundle).length
  const receipts = lines.filter(isReceipt).length
  const withheld = lines.filter(isWithheld).length
  const parts = [
    count(steps, 'step'),
    count(receipts, 'receipt'),
    ...(withheld === 0 ? [] : [`${withheld} withheld`]),
    ...(statements.length === 0 ? [] : [count(statements.length, 'statement'), count(anchors.length, 'anchor')]),
  ]
  const told = lines.filter(isDisclosure).length
  const shown = (file: string) =>
    plain(join('.', file.startsWith(`${context.cwd}/`) ? file.slice(context.cwd.length + 1) : basename(file)))
  return [
    ...missing.map(
      (digest) =>
        `${paint.yellow('!')} the run is bound to contract ${digest.slice(0, 12)}, which is not in the file: give it with --contract\n`,
    ),
    told === 0
      ? ''
      : `${paint.yellow('!')} it tells ${count(told, 'sealed value')}: for others, export it from a copy made with countersign withhold --field\n`,
    `${paint.bold(shown(out))}  ${paint.dim(`${parts.join(', ')}, ${bytes.toLocaleString('en-US')} bytes`)}\n`,
    html === null ? '' : `${paint.bold(shown(html))}  ${paint.dim('the same as a page that verifies itself')}\n`,
    `  ${paint.dim('trust root')}  sha256:${trustRoot}\n`,
  ].join('')
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
