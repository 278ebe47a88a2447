import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Client, ListedContract } from '@countersign/client'
import { CodedError, hex } from '@countersign/core'
import { parseEvidence, writeEvidence } from '@countersign/evidence'
import {
  contractPath,
  type Figures,
  LISTED,
  type Listed,
  listedPath,
  MANIFEST,
  type Manifest,
  MAX_FILE_BYTES,
  type MissingRun,
  type PackedFile,
  packStatement,
  parseRecords,
  type Records,
  REPORT,
  reportOf,
  type RunRecord,
  runPath,
  SIGNATURE,
  summaryPath,
  Tally,
  writeManifest,
  writeRecords,
} from '@countersign/evidence/pack'
import { isName, writeBundle, writeSignedContract } from '@countersign/formats'
import type { AnchorRoots } from '@countersign/formats/anchor'
import { signStatement } from '@countersign/sign'
import { readAnchorRootsFrom } from '../anchoring.ts'
import { writeArchive } from '../audit/archive.ts'
import { fetchLists } from '../audit/lists.ts'
import { periodOf } from '../audit/period.ts'
import { runFacts } from '../audit/run-facts.ts'
import { Summaries } from '../audit/summaries.ts'
import { figuresText } from '../audit/told.ts'
import { assemble } from '../assembling.ts'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { believe, type Believed, nativeCrypto, UNREACHABLE } from '../evidence.ts'
import { readBounded } from '../files.ts'
import { paintFor, plain, short } from '../output.ts'
import { stepsBar } from '../progress.ts'
import { openSigning, type Signing } from '../signing.ts'
import { VERSION } from '../version.ts'
import { ownBasis } from './verify-evidence.ts'

export interface AuditExportOptions {
  readonly since: string
  readonly until: string
  readonly pipeline?: readonly string[]
  readonly key?: string
  readonly out: string
  readonly vsa?: readonly string[]
  readonly anchorTrust?: readonly string[]
  readonly format: string
}

/** Runs whose evidence is fetched at once. */
const AT_ONCE = 4
const MAX_SUMMARY = 4 * 1024 * 1024

/**
 * Puts all that the server has of a period and some pipelines into one signed archive that verifies without it. What does
 * not verify is in it as well, and told; what the server listed and did not give is told as missing.
 */
export async function auditExport(context: Context, options: AuditExportOptions): Promise<ExitCode> {
  const period = periodOf(options.since, options.until)
  const pipelines = [...new Set(options.pipeline)].toSorted()
  const odd = pipelines.find((name) => !isName(name))
  if (odd !== undefined) throw new CodedError('usage', `${plain(odd, 80)} is not the name of a pipeline`)
  const out = resolve(context.cwd, options.out)
  // Before anything is fetched: a pack that nobody can sign is none.
  const signing = await openSigning(context, options.key === undefined ? { offline: true } : { key: options.key })
  const client = cached(await clientFor(context))
  const directory = await mkdtemp(join(tmpdir(), 'countersign-audit-'))
  try {
    const anchorRoots = await readAnchorRootsFrom(context, options.anchorTrust, await nativeCrypto())
    const packing = new Packing(context, { client, directory, anchorRoots })
    const packed = await unlessStopped(context, async () => {
      const all = await packing.gather({ period, pipelines }, options.vsa ?? [], signing)
      await writeArchive(out, all.files)
      return all
    })
    tell(context, options, { ...packed, out })
    return 0
  } catch (error) {
    if (!(error instanceof CodedError) || !UNREACHABLE.has(error.code)) throw error
    throw new CodedError('evidence-unavailable', `${error.code}: ${error.what}`, { cause: error })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** What was fetched holds what steps did: nothing of it is left where somebody stops the export. */
async function unlessStopped<T>({ signals }: Context, work: () => Promise<T>): Promise<T> {
  let stop = () => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new CodedError('evidence-unavailable', 'the export was stopped', { fix: 'Run it again.' }))
  })
  for (const signal of STOPS) signals.on(signal, stop)
  try {
    return await Promise.race([work(), stopped])
  } finally {
    for (const signal of STOPS) signals.off(signal, stop)
  }
}

const STOPS = ['SIGINT', 'SIGTERM'] as const

/** Contracts and anchors that many runs hang on are asked for once. */
function cached(client: Client): Client {
  const once = <K, T>(ask: (key: K) => Promise<T>) => {
    const known = new Map<K, Promise<T>>()
    return (key: K) => {
      const asked = known.get(key) ?? ask(key)
      known.set(key, asked)
      return asked
    }
  }
  const contractByDigest = once((digest: string) => client.contractByDigest(digest))
  const statementAnchors = once((number: number) => client.statementAnchors(number))
  return { ...client, contractByDigest, statementAnchors }
}

interface Packed {
  readonly manifest: Manifest
  readonly figures: Figures
  /** SHA-256 of the manifest, hex. */
  readonly digest: string
  readonly files: Parameters<typeof writeArchive>[1]
}

interface Sources {
  readonly client: Client
  /** Where files wait until the manifest, which stands before them, is known. */
  readonly directory: string
  readonly anchorRoots: AnchorRoots | null
}

class Packing {
  readonly #context: Context
  readonly #sources: Sources
  readonly #files: PackedFile[] = []
  readonly #now: string

  constructor(context: Context, sources: Sources) {
    this.#sources = sources
    this.#now = context.now()
    // All of it is as of one moment.
    this.#context = { ...context, now: () => this.#now }
  }

  async gather(wanted: Parameters<typeof fetchLists>[1], vsas: readonly string[], signing: Signing): Promise<Packed> {
    const { client } = this.#sources
    const { everyContract, ...records } = await fetchLists(client, wanted)
    if (records.runs.length === 0) {
      throw new CodedError('evidence-unavailable', 'the server lists no run of this period and these pipelines', {
        fix: 'Check --since, --until and --pipeline; times are when the log had the first step of a run, in UTC.',
      })
    }
    const crypto = await nativeCrypto()
    const summaries = new Summaries(records.decisions, crypto)
    for (const file of vsas) {
      const bytes = readBounded(resolve(this.#context.cwd, file), MAX_SUMMARY)
      summaries.add(bytes)
      await this.#keep(summaryPath(hex(crypto.sha256(bytes))), bytes)
    }
    const believed = await believe(this.#context, null, {}, client)
    const { runs, missing } = await this.#runs(records.runs, believed)
    const bound = new Set(records.runs.map(({ contract }) => contract))
    await this.#contracts(everyContract.filter((one) => bound.has(one.digest) || records.contracts.includes(one)))
    const { origin } = await client.server()
    // After all that it must cover.
    const checkpoint = await client.log.checkpoint()
    const { contracts, decisions, refusals } = records
    const counts = {
      contracts: contracts.length,
      decisions: decisions.length,
      refusals: refusals.length,
      runs: records.runs.length,
    }
    const { signer, fault } = await signing.signer()
    if (fault !== null) throw fault
    const cover = {
      createdAt: this.#now,
      exporter: { key: signer.publicKey, version: VERSION },
      ...wanted,
      server: { origin, checkpoint, counts },
      missing,
    }
    const tally = new Tally(await this.#lists(records), cover)
    for (const run of runs) {
      const bytes = await readFile(this.#fileOf(runPath(run.chain)))
      const evidence = parseEvidence(bytes)
      const asked = { run, artifacts: summaries.artifacts, now: this.#now }
      tally.add(await runFacts(evidence, ownBasis(evidence), asked))
    }
    const logs = believed.trust.countersigners.map(({ key }) => key.publicKey)
    const figures = tally.finish(summaries.verified(logs))
    await this.#keep(REPORT, reportOf(cover, figures))
    const files = this.#files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    const manifest = { ...cover, files }
    const bytes = writeManifest(manifest)
    const digest = hex(crypto.sha256(bytes))
    const bundle = writeBundle(await signStatement(packStatement(digest), signer, crypto))
    return {
      manifest,
      figures,
      digest,
      files: [
        { name: MANIFEST, bytes: () => bytes },
        { name: SIGNATURE, bytes: () => bundle },
        ...files.map(({ path }) => ({ name: path, bytes: () => readFile(this.#fileOf(path)) })),
      ],
    }
  }

  /** The lists as whoever reads the pack will have them: figures hang on their order. */
  async #lists(records: Records): Promise<Records> {
    const read: { -readonly [K in Listed]?: Records[K] } = {}
    const add = async <K extends Listed>(what: K) => {
      const bytes = writeRecords(what, records[what])
      await this.#keep(listedPath(what), bytes)
      ;(read as Record<K, Records[K]>)[what] = parseRecords(what, bytes)
    }
    for (const what of LISTED) await add(what)
    return read as Records
  }

  /** Evidence of each run, and those of which there is none. */
  async #runs(
    listed: readonly RunRecord[],
    believed: Believed,
  ): Promise<{ readonly runs: readonly RunRecord[]; readonly missing: readonly MissingRun[] }> {
    const missing: MissingRun[] = []
    const runs: RunRecord[] = []
    const bar = stepsBar(this.#context, 'fetching runs', listed.length)
    const waiting = listed.toSorted((a, b) => (a.chain < b.chain ? -1 : 1)).values()
    const work = async () => {
      for (const run of waiting) {
        const code = await this.#run(run.chain, believed)
        if (code === null) runs.push(run)
        else missing.push({ chain: run.chain, code })
        bar.update(runs.length + missing.length)
      }
    }
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, work))
    } finally {
      bar.clear()
    }
    const byChain = (a: { readonly chain: string }, b: { readonly chain: string }) => (a.chain < b.chain ? -1 : 1)
    return { runs: runs.toSorted(byChain), missing: missing.toSorted(byChain) }
  }

  /** Null, or the code of why there is no evidence of a run. */
  async #run(chain: string, believed: Believed): Promise<string | null> {
    const { client, anchorRoots } = this.#sources
    try {
      const lines = await client.chain(chain)
      const wanted = { chain }
      const own = { wanted, lines, own: null, believed, anchorRoots, client }
      const assembled = await assemble(this.#context, own)
      if (assembled === null) return 'erased'
      await this.#keep(runPath(chain), writeEvidence(assembled.evidence))
      return null
    } catch (error) {
      if (!(error instanceof CodedError) || !GONE.has(error.code)) throw error
      return error.code
    }
  }

  async #contracts(contracts: readonly ListedContract[]): Promise<void> {
    for (const { digest, index } of new Map(contracts.map((one) => [one.digest, one])).values()) {
      const signed = index !== null
      const { client } = this.#sources
      const bytes = signed
        ? writeSignedContract(await client.signedContract(digest))
        : await client.contractByDigest(digest)
      await this.#keep(contractPath(digest, signed), bytes)
    }
  }

  async #keep(path: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > MAX_FILE_BYTES) throw new CodedError('input-too-large', `${path} has ${bytes.length} bytes`)
    if (this.#files.some((one) => one.path === path)) return
    const { sha256 } = await nativeCrypto()
    await writeFile(this.#fileOf(path), bytes, { mode: 0o600 })
    this.#files.push({ path, sha256: hex(sha256(bytes)), size: bytes.length })
  }

  #fileOf(path: string): string {
    return join(this.#sources.directory, path.replaceAll('/', '-'))
  }
}

/** What a server answers of a run that it listed and cannot give, or that is too large for any file of evidence. */
const GONE: ReadonlySet<string> = new Set(['not-found', 'erased', 'input-too-large', 'evidence-invalid'])

function tell(
  context: Context,
  options: AuditExportOptions,
  { out, manifest, figures, digest }: Packed & { out: string },
): void {
  const { files, missing, exporter } = manifest
  const bytes = files.reduce((all, { size }) => all + size, 0)
  if (options.format === 'json') {
    const told = { file: out, files: files.length, bytes, manifest: `sha256:${digest}`, signer: exporter.key.keyId }
    context.stdout(`${JSON.stringify({ command: 'audit export', pack: told, missing, figures })}\n`)
    return
  }
  const paint = paintFor(context)
  context.stdout(
    `${figuresText(context, manifest, figures)}\n${paint.bold(plain(options.out))}  ${paint.dim(`${files.length} files, ${bytes.toLocaleString('en-US')} bytes, signed by key ${short(exporter.key.keyId)}`)}\n  ${paint.dim('manifest')}  sha256:${digest}\n`,
  )
}
