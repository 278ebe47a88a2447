import { runFacts, Summaries, verifyActs } from '@countersign/adapters/audit-pack'
import { ownBasis, type RunBasis } from '@countersign/adapters/gathering'
import { CodedError, type ConcurrentCrypto, hex, type PublicKey } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { type Evidence, parseEvidence } from '@countersign/evidence'
import {
  type ActsOfPeriod,
  checkPackStatement,
  contractPath,
  type Figures,
  LISTED,
  type Listed,
  MANIFEST,
  type Manifest,
  MAX_FILE_BYTES,
  MAX_MANIFEST_BYTES,
  type PackedFile,
  packedKind,
  parseManifest,
  parseRecords,
  type Records,
  REPORT,
  reportOf,
  type RunFacts,
  type RunRecord,
  SIGNATURE,
  Tally,
} from '@countersign/evidence/pack'
import {
  type Bundle,
  type LoggedAct,
  MAX_BUNDLE_BYTES,
  type NoteKey,
  noteKey,
  parseBundle,
  parseLoggedAct,
  parseSignedContract,
  verifyCheckpoint,
  writeVkey,
} from '@countersign/formats'
import { type Signer, type Trust, verifySigner } from '@countersign/verify'
import type { ArchiveReader } from './archive.ts'

/** Whom the caller believes; the pack's own keys are asked in any case, for that is what its report is of. */
export interface Caller {
  /** Who may sign packs, and how logs sign. */
  readonly trust: Trust
  /** Keys of logs that are believed for what they say of themselves alone: those of the caller's contracts. */
  readonly logs?: readonly NoteKey[]
  /** Null where the caller says nothing of such a run. */
  basisOf(evidence: Evidence, pipeline: string): Promise<RunBasis | null>
}

/** A run that the report calls proven, and whom the caller believes do not prove. */
export interface Unbelieved {
  readonly chain: string
  readonly pipeline: string
  readonly code: string
  readonly what: string
}

/** A pack that is whole, and what it proves. */
export interface Examined {
  readonly manifest: Manifest
  /** SHA-256 of the manifest, hex: the name of the pack. */
  readonly digest: string
  readonly signer: Signer
  readonly figures: Figures
  /** Under whom the caller believes; null where nobody was named. */
  readonly believed: Believed | null
}

export interface Believed {
  readonly proven: number
  readonly unbelieved: readonly Unbelieved[]
  /**
   * Whether a log that the caller names says how long it was, and has the administrative acts. Else both are by keys that
   * came with the pack, and whoever made it may have brought one of his own.
   */
  readonly log: boolean
}

/** Most runs that are told one by one. */
const MAX_TOLD = 100

/**
 * Verifies a pack from its first byte to its last, one file in memory at a time. Throws at the first fault: `pack-invalid`
 * for what is no pack, `pack-altered` for a file that is not as its manifest says, `pack-outside` for what is of another
 * period or scope, `pack-report` for a report that says otherwise, and what signatures and evidence throw.
 */
export async function examinePack(
  archive: ArchiveReader,
  caller: Caller | null,
  crypto: ConcurrentCrypto,
  progress: (files: number) => void,
): Promise<Examined> {
  const bytes = await archive.next(MANIFEST, null, MAX_MANIFEST_BYTES)
  const digest = hex(crypto.sha256(bytes))
  const manifest = parseManifest(bytes)
  const bundle = parseBundle(await archive.next(SIGNATURE, null, MAX_BUNDLE_BYTES))
  checkPackStatement(bundle.envelope.payload, digest)
  const signer = signerOf(bundle, manifest, caller, crypto)
  const reading = new Reading(manifest, caller, crypto)
  let files = 0
  for (const file of manifest.files) {
    await reading.read(file, await nextFile(archive, file, crypto))
    progress(++files)
  }
  await archive.end()
  return { manifest, digest, signer, ...reading.finish() }
}

/** The next file of an archive, as the manifest names it. */
export async function nextFile(
  archive: ArchiveReader,
  { path, size, sha256 }: PackedFile,
  crypto: Pick<ConcurrentCrypto, 'sha256'>,
): Promise<Uint8Array> {
  const bytes = await archive.next(path, size, MAX_FILE_BYTES)
  if (hex(crypto.sha256(bytes)) === sha256) return bytes
  throw new CodedError('pack-altered', `${path} is another than the manifest names`)
}

/**
 * Under whom the caller believes; where nobody was named, under the key that the pack names itself. What a server signs
 * is its log's word, what somebody exports is theirs: neither is taken for the other.
 */
function signerOf(bundle: Bundle, { exporter, server }: Manifest, caller: Caller | null, crypto: ConcurrentCrypto) {
  const own: Trust = {
    signers: [{ name: 'the key that it names', key: exporter.key, revokedAt: null }],
    countersigners: [],
  }
  const signer = verifySigner(bundle, own, crypto)
  const byLog = isKeyOf(server, exporter.key, crypto)
  if (byLog !== (exporter.by !== null)) {
    const what = byLog ? 'the key of a log, and nobody is said to have asked' : 'another key than that of its log'
    throw new CodedError('pack-invalid', `the pack is signed by ${what}`)
  }
  if (caller === null) return signer
  const { countersigners } = caller.trust
  const logs = countersigners.flatMap(({ key, revokedAt }) =>
    key.name === server.origin ? [{ name: `the log ${key.name}`, key: key.publicKey, revokedAt }] : [],
  )
  if (!byLog) return verifySigner(bundle, caller.trust, crypto)
  if (logs.length > 0) return verifySigner(bundle, { signers: logs, countersigners: [] }, crypto)
  throw new CodedError('signer-unknown', `the pack is signed by the log ${server.origin}, and no key of it is named`, {
    fix: 'Name the verifier key of the log, got another way than from the pack: --trust log.vkey',
  })
}

/** Whether a key is the one that signed the checkpoint of a server. */
function isKeyOf({ origin, checkpoint }: Manifest['server'], key: PublicKey, crypto: ConcurrentCrypto): boolean {
  if (key.algorithm !== 'ed25519') return false
  const keys = [noteKey(origin, 'ed25519', key, crypto)]
  try {
    verifyCheckpoint(checkpoint, { origin, keys, witnesses: [] }, crypto)
    return true
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return false
  }
}

/** One reading of the files, in their order: lists come before the runs that they are of. */
class Reading {
  readonly #manifest: Manifest
  readonly #caller: Caller | null
  readonly #crypto: ConcurrentCrypto
  readonly #records: { -readonly [K in Listed]?: Records[K] } = {}
  readonly #contracts = new Set<string>()
  readonly #bound = new Set<string>()
  readonly #logs = new Map<string, NoteKey>()
  readonly #acts: LoggedAct[] = []
  readonly #unbelieved: Unbelieved[] = []
  #proven = 0
  #report = ''
  /** Made when all lists are read. */
  #begun: { readonly tally: Tally; readonly runs: Map<string, RunRecord>; readonly summaries: Summaries } | null = null

  constructor(manifest: Manifest, caller: Caller | null, crypto: ConcurrentCrypto) {
    this.#manifest = manifest
    this.#caller = caller
    this.#crypto = crypto
  }

  async read({ path, sha256 }: PackedFile, bytes: Uint8Array): Promise<void> {
    const kind = packedKind(path)!
    switch (kind.kind) {
      case 'act': {
        const logged = parseLoggedAct(bytes)
        if (logged.act.number !== kind.number)
          throw new CodedError('pack-invalid', `${path} is act ${logged.act.number}`)
        this.#acts.push(logged)
        return
      }
      case 'contract':
        return this.#contract(kind.digest, kind.signed, bytes)
      case 'listed':
        this.#list(kind.what, bytes)
        return
      case 'report':
        this.#report = sha256
        return
      case 'run':
        return this.#run(kind.chain, bytes)
      case 'summary':
        if (kind.digest !== sha256)
          throw new CodedError('pack-invalid', `${path} has the digest ${sha256.slice(0, 12)}`)
        this.#begin().summaries.add(bytes)
    }
  }

  #contract(digest: string, signed: boolean, bytes: Uint8Array): void {
    const text = signed ? parseSignedContract(bytes).payload : bytes
    if (hex(this.#crypto.sha256(text)) !== digest) {
      throw new CodedError('pack-invalid', `${contractPath(digest, signed)} has another digest than its name`)
    }
    this.#inScope(parseContract(text).pipeline, `contract ${digest.slice(0, 12)}`)
    this.#contracts.add(digest)
  }

  #list<K extends Listed>(what: K, bytes: Uint8Array): void {
    const records: { -readonly [L in Listed]?: Records[L] } = this.#records
    records[what] = parseRecords(what, bytes) as (typeof records)[K]
  }

  #begin() {
    if (this.#begun !== null) return this.#begun
    const lacking = LISTED.find((what) => this.#records[what] === undefined)
    if (lacking !== undefined) throw new CodedError('pack-invalid', `the list of ${lacking} is not there`)
    const records = this.#records as Records
    this.#checkLists(records)
    const tally = new Tally(records, this.#manifest)
    const runs = new Map(records.runs.map((run) => [run.chain, run]))
    const summaries = new Summaries(records.decisions, this.#crypto)
    this.#begun = { tally, runs, summaries }
    return this.#begun
  }

  #checkLists({ runs, decisions, refusals, contracts, keys, coverage }: Records): void {
    const { server, files, missing, pipelines, environments, period } = this.#manifest
    const { counts } = server
    for (const [what, told, said] of [
      ['runs', runs.length, counts.runs],
      ['decisions', decisions.length, counts.decisions],
      ['refusals', refusals.length, counts.refusals],
      ['contracts', contracts.length, counts.contracts],
    ] as const) {
      if (told !== said) throw new CodedError('pack-altered', `the server had ${said} ${what}, and ${told} are listed`)
    }
    const held = files.flatMap(({ path }) => {
      const kind = packedKind(path)
      return kind?.kind === 'run' ? [kind.chain] : []
    })
    const told = new Set([...held, ...missing.map(({ chain }) => chain)])
    const untold = runs.find(({ chain }) => !told.has(chain))
    if (untold !== undefined) throw new CodedError('pack-altered', `run ${untold.chain} is listed, and not told of`)
    const known = new Set<string | null>(runs.map(({ chain }) => chain))
    for (const { chain, pipeline, firstAt } of runs) {
      this.#inScope(pipeline, `run ${chain}`)
      this.#inPeriod(firstAt, `run ${chain}`)
    }
    for (const { id, at, pipeline, environment } of decisions) {
      this.#inScope(pipeline, `decision ${id}`)
      if (environments.length > 0 && (environment === null || !environments.includes(environment))) {
        throw new CodedError('pack-outside', `decision ${id} is about another environment than the pack is of`)
      }
      this.#inPeriod(at, `decision ${id}`)
    }
    for (const { id, at, chain } of refusals) {
      this.#inPeriod(at, `refusal ${id}`)
      if (pipelines.length > 0 && !known.has(chain)) {
        throw new CodedError('pack-outside', `refusal ${id} is of no run that the server listed`)
      }
    }
    for (const { pipeline, publishedAt, digest } of contracts) {
      this.#inScope(pipeline, `contract ${digest.slice(0, 12)}`)
      this.#inPeriod(publishedAt, `contract ${digest.slice(0, 12)}`)
      if (this.#contracts.has(digest)) continue
      throw new CodedError('pack-altered', `contract ${digest.slice(0, 12)} is listed, and not there`)
    }
    for (const { pipeline } of coverage) this.#inScope(pipeline, `coverage of ${pipeline}`)
    for (const { keyId, enrolledAt } of keys) {
      if (enrolledAt >= period.until)
        throw new CodedError('pack-outside', `key ${keyId.slice(0, 12)} came after the period`)
    }
  }

  #inScope(pipeline: string | null, what: string): void {
    const { pipelines } = this.#manifest
    if (pipelines.length === 0 || (pipeline !== null && pipelines.includes(pipeline))) return
    throw new CodedError('pack-outside', `${what} is of ${pipeline ?? 'no pipeline'}, which the pack is not of`)
  }

  #inPeriod(at: string, what: string): void {
    const { since, until } = this.#manifest.period
    if (at >= since && at < until) return
    throw new CodedError('pack-outside', `${what} is of ${at}, which is not from ${since} up to ${until}`)
  }

  async #run(chain: string, bytes: Uint8Array): Promise<void> {
    const { tally, runs, summaries } = this.#begin()
    const evidence = parseEvidence(bytes)
    const { subject } = evidence
    if (subject.artifact !== null || subject.chains[0] !== chain) {
      throw new CodedError('pack-invalid', `the evidence of run ${chain} is about something else`)
    }
    const run = runs.get(chain)
    if (run === undefined) throw new CodedError('pack-outside', `run ${chain} is there, and the server did not list it`)
    const asked = { run, artifacts: summaries.artifacts, now: this.#manifest.createdAt }
    const facts = await runFacts(evidence, ownBasis(evidence), asked, this.#crypto)
    this.#inScope(facts.pipeline, `run ${chain}`)
    this.#inPeriod(facts.firstAt ?? run.firstAt, `run ${chain}`)
    const { server } = this.#manifest
    const beyond = facts.entries.find((index) => index >= server.checkpoint.size)
    if (beyond !== undefined) {
      throw new CodedError(
        'pack-outside',
        `run ${chain} has entry ${beyond} of a log that is said to have ${server.checkpoint.size}`,
      )
    }
    for (const { digest } of evidence.contracts) this.#bound.add(digest)
    for (const { key } of evidence.trust.logs) this.#logs.set(writeVkey(key), key)
    tally.add(facts)
    await this.#hold(evidence, facts, asked)
  }

  /** What the report will call proven, under whom the caller believes. */
  async #hold(evidence: Evidence, own: RunFacts, asked: Parameters<typeof runFacts>[2]): Promise<void> {
    if (this.#caller === null || (own.outcome !== 'proven' && own.outcome !== 'deviating')) return
    const { chain, pipeline } = own
    const basis = await this.#caller.basisOf(evidence, pipeline)
    const facts = basis === null ? null : await runFacts(evidence, basis, asked, this.#crypto)
    if (facts?.outcome === own.outcome) {
      this.#proven++
      return
    }
    const reason = facts?.reason ?? { code: 'trust-missing', what: 'nobody who is believed was named for its pipeline' }
    if (this.#unbelieved.length < MAX_TOLD) this.#unbelieved.push({ chain, pipeline, ...reason })
  }

  finish(): Pick<Examined, 'figures' | 'believed'> {
    const { tally, summaries, runs } = this.#begin()
    const keys = [...this.#logs.values()]
    const stray = [...this.#contracts].find(
      (digest) => !this.#bound.has(digest) && !this.#records.contracts!.some((one) => one.digest === digest),
    )
    if (stray !== undefined && ![...runs.values()].some(({ contract }) => contract === stray)) {
      throw new CodedError('pack-outside', `contract ${stray.slice(0, 12)} is of no run and not of the period`)
    }
    const figures = tally.finish(summaries.verified(keys.map(({ publicKey }) => publicKey)), this.#checkLog(keys))
    const drawn = hex(this.#crypto.sha256(reportOf(this.#manifest, figures)))
    if (drawn !== this.#report) {
      throw new CodedError('pack-report', `${REPORT} is not what the evidence in the pack makes of it`)
    }
    const own = { proven: this.#proven, unbelieved: this.#unbelieved }
    const believed = this.#caller === null ? null : { ...own, log: this.#isLogBelieved(this.#caller) }
    return { figures, believed }
  }

  /**
   * How long the log was, and what administrators did, is the log's word and not the exporter's. The acts, by the log that
   * gave the receipts.
   */
  #checkLog(keys: readonly NoteKey[]): ActsOfPeriod | null {
    const own = this.#ofOrigin(keys)
    if (own.length > 0) this.#checkCheckpoint(own)
    return this.#actsUnder(own)
  }

  /** Throws where a log that the caller names by itself says otherwise. A contract may be older than its key. */
  #isLogBelieved({ trust, logs = [] }: Caller): boolean {
    const named = this.#ofOrigin(trust.countersigners.map(({ key }) => key))
    const known = named.length > 0 ? named : this.#ofOrigin(logs)
    if (known.length === 0) return false
    try {
      this.#checkCheckpoint(known)
      this.#actsUnder(known)
      return true
    } catch (error) {
      if (named.length > 0 || !(error instanceof CodedError)) throw error
      return false
    }
  }

  #ofOrigin(keys: readonly NoteKey[]): readonly NoteKey[] {
    return keys.filter(({ name }) => name === this.#manifest.server.origin)
  }

  #checkCheckpoint(keys: readonly NoteKey[]): void {
    const { origin, checkpoint } = this.#manifest.server
    verifyCheckpoint(checkpoint, { origin, keys, witnesses: [] }, this.#crypto)
  }

  /** Null where whoever exported may not read them. */
  #actsUnder(logs: readonly NoteKey[]): ActsOfPeriod | null {
    const { period, server } = this.#manifest
    if (server.counts.acts === null) return null
    return verifyActs(this.#acts, { period, size: server.checkpoint.size, logs }, this.#crypto)
  }
}
