import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client, ListedContract } from '@countersign/client'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError, type ConcurrentCrypto, hex } from '@countersign/core'
import { parseEvidence, writeEvidence } from '@countersign/evidence'
import {
  actPath,
  contractPath,
  type Figures,
  LISTED,
  type Listed,
  listedPath,
  MANIFEST,
  type Manifest,
  MAX_FILE_BYTES,
  MAX_PACK_BYTES,
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
import { type Actor, writeBundle, writeLoggedAct, writeSignedContract } from '@countersign/formats'
import type { AnchorRoots } from '@countersign/formats/anchor'
import { type Signer, signStatement } from '@countersign/sign'
import { assemble, type Assembling } from '../gathering/assemble.ts'
import { type Enrolled, keysOf } from '../gathering/enrolled.ts'
import { ownBasis } from '../gathering/own-basis.ts'
import { fetchActs, verifyActs } from './acts.ts'
import type { PackingFile } from './archive.ts'
import { fetchLists, type Wanted } from './lists.ts'
import { runFacts } from './run-facts.ts'
import { Summaries } from './summaries.ts'

/** Runs whose evidence is fetched at once. */
const AT_ONCE = 4
/** What a server answers of a run that it listed and cannot give, or that is too large for any file of evidence. */
const GONE: ReadonlySet<string> = new Set(['not-found', 'erased', 'input-too-large', 'evidence-invalid'])

/** Where a pack comes from. */
export interface PackSource {
  /** Of the server, as whoever exports may read it. */
  readonly client: Client
  /** Of its own, made where it is not there: files wait in it until the manifest, which stands before them, is known. */
  readonly directory: string
  /** Whose anchors to believe; null for those that the anchors bring. */
  readonly anchorRoots: AnchorRoots | null
  readonly rootsOf: Assembling['rootsOf']
  readonly crypto: ConcurrentCrypto
  /** ISO time: all of it is as of this moment. */
  readonly now: string
  /** Of the program that exports. */
  readonly version: string
  /** Most bytes of all runs; as many as a pack may have unless it is given. */
  readonly most?: number
  /** How many runs there are, and how many of them were fetched. */
  readonly progress: (done: number, runs: number) => void
  /** Throws where the export is to go on no more; called before each run. */
  readonly goOn: () => void
}

/** Who signs a pack: somebody with a key; or (`by`) the log's own key, for somebody who asked its server to. */
export interface PackSigning {
  readonly by: Actor | null
  /** Asked for when all is there. */
  readonly signer: () => Promise<Signer>
}

export interface Packed {
  readonly manifest: Manifest
  readonly figures: Figures
  /** SHA-256 of the manifest, hex. */
  readonly digest: string
  /** For `writeArchive`. */
  readonly files: readonly PackingFile[]
}

/**
 * Puts all that a server has of a period and scope into files, and signs what they are; `summaries` are what gates signed.
 * What does not verify is in it as well, and told; what the server listed and did not give is told as missing. One run at a
 * time is in memory. Throws `evidence-unavailable` where it lists no run, `input-too-large` above `most`, and what the
 * client and the signer throw.
 */
export async function gatherPack(
  source: PackSource,
  wanted: Wanted,
  signing: PackSigning,
  summaries: readonly Uint8Array[],
): Promise<Packed> {
  makeDirectory(source.directory, 0o700)
  return new Packing({ ...source, client: cached(source.client) }).gather(wanted, signing, summaries)
}

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

class Packing {
  readonly #source: PackSource
  readonly #files = new Map<string, PackedFile>()
  #bytes = 0

  constructor(source: PackSource) {
    this.#source = source
  }

  async gather(wanted: Wanted, signing: PackSigning, vsas: readonly Uint8Array[]): Promise<Packed> {
    const { client, crypto, now, version } = this.#source
    const { everyContract, ...records } = await fetchLists(client, wanted, this.#source.goOn)
    if (records.runs.length === 0) {
      throw new CodedError('evidence-unavailable', 'the server lists no run of this period and these pipelines', {
        fix: 'Ask for another period; times are when the log had the first step of a run, in UTC.',
      })
    }
    const summaries = new Summaries(records.decisions, crypto)
    for (const bytes of vsas) {
      summaries.add(bytes)
      await this.#keep(summaryPath(hex(crypto.sha256(bytes))), bytes)
    }
    const believed = await keysOf(client)
    const { runs, missing } = await this.#runs(records.runs, believed)
    const bound = new Set(records.runs.map(({ contract }) => contract))
    await this.#contracts(everyContract.filter((one) => bound.has(one.digest) || records.contracts.includes(one)))
    const { origin } = await client.server()
    // Without a run nothing in the pack says whose log they are in.
    const acts = runs.length === 0 ? null : await fetchActs(client, wanted.period)
    for (const one of acts ?? []) await this.#keep(actPath(one.act.number), writeLoggedAct(one))
    // After all that it must cover.
    const checkpoint = await client.log.checkpoint()
    const { contracts, decisions, refusals } = records
    const counts = {
      acts: acts?.length ?? null,
      contracts: contracts.length,
      decisions: decisions.length,
      refusals: refusals.length,
      runs: records.runs.length,
    }
    const signer = await signing.signer()
    const cover = {
      createdAt: now,
      exporter: { key: signer.publicKey, version, by: signing.by },
      ...wanted,
      server: { origin, checkpoint, counts },
      missing,
    }
    const tally = new Tally(await this.#lists(records), cover)
    for (const run of runs) {
      this.#source.goOn()
      const evidence = parseEvidence(await readFile(this.#fileOf(runPath(run.chain))))
      tally.add(await runFacts(evidence, ownBasis(evidence), { run, artifacts: summaries.artifacts, now }, crypto))
    }
    const logs = believed.trust.countersigners.map(({ key }) => key)
    const asked = { period: wanted.period, size: checkpoint.size, logs: logs.filter(({ name }) => name === origin) }
    const done = acts === null ? null : verifyActs(acts, asked, crypto)
    const figures = tally.finish(summaries.verified(logs.map(({ publicKey }) => publicKey)), done)
    await this.#keep(REPORT, reportOf(cover, figures))
    const files = [...this.#files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
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
    believed: Enrolled,
  ): Promise<{ readonly runs: readonly RunRecord[]; readonly missing: readonly MissingRun[] }> {
    const { progress, goOn, most = MAX_PACK_BYTES } = this.#source
    const missing: MissingRun[] = []
    const runs: RunRecord[] = []
    const waiting = listed.toSorted((a, b) => (a.chain < b.chain ? -1 : 1)).values()
    const work = async () => {
      for (const run of waiting) {
        goOn()
        const code = await this.#run(run.chain, believed)
        if (code === null) runs.push(run)
        else missing.push({ chain: run.chain, code })
        if (this.#bytes > most) {
          throw new CodedError('input-too-large', `the runs of this period are more than ${most} bytes`, {
            fix: 'Ask for a shorter period, or for some pipelines.',
          })
        }
        progress(runs.length + missing.length, listed.length)
      }
    }
    progress(0, listed.length)
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    const byChain = (a: { readonly chain: string }, b: { readonly chain: string }) => (a.chain < b.chain ? -1 : 1)
    return { runs: runs.toSorted(byChain), missing: missing.toSorted(byChain) }
  }

  /** Null, or the code of why there is no evidence of a run. */
  async #run(chain: string, { trust, authorities }: Enrolled): Promise<string | null> {
    const { client, anchorRoots, rootsOf, now, crypto } = this.#source
    try {
      const lines = await client.chain(chain, { notes: true })
      const believed = { trust, authorities, chosenBy: 'server' } as const
      const from = { wanted: { chain }, lines, own: null, believed, anchorRoots, client, rootsOf, now, authors: true }
      const assembled = await assemble(from, crypto)
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
      const { client } = this.#source
      const bytes = signed
        ? writeSignedContract(await client.signedContract(digest))
        : await client.contractByDigest(digest)
      await this.#keep(contractPath(digest, signed), bytes)
    }
  }

  async #keep(path: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > MAX_FILE_BYTES) throw new CodedError('input-too-large', `${path} has ${bytes.length} bytes`)
    if (this.#files.has(path)) return
    await writeFile(this.#fileOf(path), bytes, { mode: 0o600 })
    this.#files.set(path, { path, sha256: hex(this.#source.crypto.sha256(bytes)), size: bytes.length })
    this.#bytes += bytes.length
  }

  #fileOf(path: string): string {
    return join(this.#source.directory, path.replaceAll('/', '-'))
  }
}
