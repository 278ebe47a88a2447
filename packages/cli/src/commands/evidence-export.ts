import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Client } from '@countersign/client'
import { CodedError, isHex } from '@countersign/core'
import { type Contract, parseContract, signingKeys } from '@countersign/contract'
import {
  type Evidence,
  type EvidenceContract,
  linesAbout,
  parseEvidence,
  trustRootOf,
  type TrustRoots,
  writeEvidence,
} from '@countersign/evidence'
import { type ChainLine, isBundle, isDisclosure, isReceipt, isWithheld } from '@countersign/formats'
import type { AuthorityRoot } from '@countersign/formats/identity'
import { authorityRootsOf, distinctRoots, readChainConcurrently, type Verdict } from '@countersign/verify'
import type { Statements } from '@countersign/verify/anchors'
import { fetchStatements, readAnchorRootsFrom, rootsFor } from '../anchoring.ts'
import { type Artifact, readArtifact } from '../artifact.ts'
import { clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import {
  believe,
  type Believed,
  fetchChains,
  knownRoots,
  nativeCrypto,
  readChainFiles,
  sidecarOf,
  UNREACHABLE,
} from '../evidence.ts'
import { readBounded, writeWhole } from '../files.ts'
import { paintFor, plain } from '../output.ts'
import { EXIT, verdictJson, verdictText } from '../verdict.ts'
import { judgeEvidence, ownBasis } from './verify-evidence.ts'

export interface ExportOptions {
  readonly out?: string
  readonly html?: string
  readonly contract?: string
  readonly chain?: readonly string[]
  readonly trust?: readonly string[]
  readonly sigstoreTrust?: readonly string[]
  readonly offline?: boolean
  /** Files that say which anchors to believe. */
  readonly anchorTrust?: readonly string[]
  readonly format: string
}

const NOTHING: Statements = { statements: [], coverage: [], anchors: [] }

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
    const crypto = await nativeCrypto()
    const wanted = 'chain' in subject ? subject : { artifact: subject.artifact.sha256 }
    const about = linesAbout(await linesFor(context, subject, options, client), wanted, crypto)
    if (about.lines.length === 0) {
      throw new CodedError('evidence-unavailable', `nothing is known of ${what}`)
    }
    const contracts = own === null ? await pinnedContracts(client, about.contracts) : [own]
    const missing = about.contracts.filter((digest) => !contracts.some((contract) => contract.digest === digest))
    const named = await readAnchorRootsFrom(context, options.anchorTrust, crypto)
    const outside = client === null ? NOTHING : await fetchStatements(client, about.chains)
    const roots: TrustRoots = {
      ...(await rootsOf(believed, about.lines, contracts, ({ contract }) =>
        authorityRootsOf(contract, knownRoots(context, contract, {})),
      )),
      anchors: await rootsFor(named, outside.anchors, client !== null, crypto),
    }
    const artifact = 'chain' in subject ? null : subject.artifact.sha256
    const evidence: Evidence = {
      subject: { artifact, chains: about.chains },
      createdAt: context.now(),
      lines: about.lines,
      contracts: contracts.map(({ digest, bytes }) => ({ digest, bytes })),
      trust: roots,
      ...outside,
    }
    return { evidence, believed, missing }
  } catch (error) {
    if (!(error instanceof CodedError) || !UNREACHABLE.has(error.code)) throw error
    throw new CodedError('evidence-unavailable', `${error.code}: ${error.what}`, { cause: error })
  }
}

/** The lines within reach, as `verify` finds them: of files, and where these have none, of the server. */
async function linesFor(
  context: Context,
  subject: Subject,
  { chain }: ExportOptions,
  client: Client | null,
): Promise<readonly ChainLine[]> {
  if ('chain' in subject) {
    const local = readChainFiles(context, chain ?? [], [])
    return local.length > 0 || client === null ? local : fetchChains(client, [], [subject.chain])
  }
  const { sha256: digest, path } = subject.artifact
  const local = readChainFiles(context, chain ?? [], path === null ? [] : [sidecarOf(path)])
  return local.length > 0 || client === null ? local : fetchChains(client, [digest], [])
}

interface HeldContract extends EvidenceContract {
  readonly contract: Contract
}

function ownContract(context: Context, file: string): HeldContract {
  const bytes = readBounded(resolve(context.cwd, file), 1 << 20)
  const contract = parseContract(bytes)
  return { digest: contract.digest, bytes, contract }
}

/** The contracts that the runs are bound to, as far as the server has them. */
async function pinnedContracts(client: Client | null, digests: readonly string[]): Promise<HeldContract[]> {
  const held: HeldContract[] = []
  for (const digest of client === null ? [] : digests) {
    try {
      const bytes = await client!.contractByDigest(digest)
      held.push({ digest, bytes, contract: parseContract(bytes) })
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'not-found') throw error
    }
  }
  return held
}

/** Whom the exporter believes. Of all keys enrolled at a server only those that have to do with these runs. */
async function rootsOf(
  believed: Believed,
  lines: readonly ChainLine[],
  contracts: readonly HeldContract[],
  authoritiesOf: (contract: HeldContract) => readonly AuthorityRoot[],
): Promise<Omit<TrustRoots, 'anchors'>> {
  const { signers, countersigners, witnesses = [] } = believed.trust
  if (believed.chosenBy === 'caller') {
    return { signers, logs: countersigners, witnesses, authorities: believed.authorities }
  }
  const named = new Set(
    contracts.flatMap(({ contract }) => [...signingKeys(contract).values()].map(({ keyId }) => keyId)),
  )
  for (const line of lines) {
    if (isBundle(line) && line.key.kind === 'publicKey' && line.key.hint !== null) named.add(line.key.hint)
  }
  // A hint may be wrong or absent: who signed is known by the signature alone, whatever has become of the key since.
  const anybody = { ...believed.trust, signers: signers.map((known) => ({ ...known, revokedAt: null })) }
  const { steps } = await readChainConcurrently(lines, anybody, await nativeCrypto())
  for (const { signer, cosigners } of steps.values()) for (const { keyId } of [signer, ...cosigners]) named.add(keyId)
  const concerned = signers.filter(({ key }) => named.has(key.keyId))
  // Whom the contracts of the server believe, it believes.
  const authorities = [...believed.authorities, ...contracts.flatMap(authoritiesOf)]
  return { signers: concerned, logs: countersigners, witnesses, authorities: distinctRoots(authorities) }
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
