import {
  base64,
  canonicalJson,
  CodedError,
  equal,
  fromBase64,
  fromUtf8,
  type JsonValue,
  parseJson,
  parsePublicKey,
  type PublicKey,
  utf8,
} from '@countersign/core'
import {
  type Actor,
  isName,
  parseCheckpoint,
  readActor,
  Shape,
  type SignedCheckpoint,
  writeNote,
} from '@countersign/formats'

/** Media type of the manifest of an audit pack. */
export const PACK_MEDIA_TYPE = 'application/vnd.countersign.audit-pack.v1+json'
/** How the report is drawn: the same facts are the same bytes. */
export const REPORT_LAYOUT = 1

/** Names of the two files that a pack begins with. */
export const MANIFEST = 'manifest.json'
export const SIGNATURE = 'manifest.sigstore.json'
export const REPORT = 'report.html'

/** Most bytes of a manifest. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024
export const MAX_FILES = 200_000
/** Most bytes of one file of a pack: as many as of one file of evidence. */
export const MAX_FILE_BYTES = 128 * 1024 * 1024
/** Most bytes of all of them. */
export const MAX_PACK_BYTES = 64 * 1024 * 1024 * 1024
/** Most pipelines, and most environments, that a pack may be of by name. */
export const MAX_PIPELINES = 1000
const MAX_CHECKPOINT = 1_000_000
const MAX_COUNT = Number.MAX_SAFE_INTEGER

/** What the server listed, one file each. */
export const LISTED = ['contracts', 'coverage', 'decisions', 'keys', 'refusals', 'runs'] as const
export type Listed = (typeof LISTED)[number]
export const listedPath = (what: Listed) => `listed/${what}.json`
export const runPath = (chain: string) => `runs/${chain}.evidence.json`
export const contractPath = (digest: string, signed: boolean) => `contracts/${digest}.${signed ? 'json' : 'yaml'}`
export const summaryPath = (digest: string) => `vsas/${digest}.json`

/** An administrative act with its proof, by its number. */
export const actPath = (number: number) => `acts/${String(number).padStart(10, '0')}.json`
/** Most administrative acts of one pack. */
export const MAX_ACTS = 20_000

/** What a path of a pack holds. No other path is in any: nothing to climb out of, to hide behind or to fold. */
export type PackedKind =
  | { readonly kind: 'report' }
  | { readonly kind: 'act'; readonly number: number }
  | { readonly kind: 'listed'; readonly what: Listed }
  | { readonly kind: 'run'; readonly chain: string }
  | { readonly kind: 'contract'; readonly digest: string; readonly signed: boolean }
  | { readonly kind: 'summary'; readonly digest: string }

/** Null for a path that no pack has. */
export function packedKind(path: string): PackedKind | null {
  if (path === REPORT) return { kind: 'report' }
  const what = LISTED.find((one) => listedPath(one) === path)
  if (what !== undefined) return { kind: 'listed', what }
  const chain = /^runs\/([0-9a-f]{32})\.evidence\.json$/.exec(path)?.[1]
  if (chain !== undefined) return { kind: 'run', chain }
  const act = /^acts\/([0-9]{10})\.json$/.exec(path)?.[1]
  if (act !== undefined) return { kind: 'act', number: Number(act) }
  const [, folder, digest, extension] = /^(contracts|vsas)\/([0-9a-f]{64})\.(json|yaml)$/.exec(path) ?? []
  if (digest === undefined) return null
  if (folder === 'contracts') return { kind: 'contract', digest, signed: extension === 'json' }
  return extension === 'json' ? { kind: 'summary', digest } : null
}

/** From `since` on and before `until`, ISO times. */
export interface Period {
  readonly since: string
  readonly until: string
}

export interface PackedFile {
  readonly path: string
  /** SHA-256, hex. */
  readonly sha256: string
  readonly size: number
}

/** What the server said that it has of the period and scope. */
export interface Counts {
  /** Of administrative acts, those of the period and the ones next to it; null where who exported may not read them. */
  readonly acts: number | null
  readonly contracts: number
  readonly decisions: number
  readonly refusals: number
  readonly runs: number
}

/** A run that the server listed and of which no evidence could be had. */
export interface MissingRun {
  readonly chain: string
  /** Code of what the server answered. */
  readonly code: string
}

/** What a pack says of itself. A claim, until its signature and its files are verified. */
export interface Manifest {
  /** ISO time: what is in the pack is judged as of then. */
  readonly createdAt: string
  readonly exporter: {
    /** The key that signs it: one that lasts, for a pack is verified after years. */
    readonly key: PublicKey
    /** Who asked the server for it, where that signed it with the key of its log; null for whoever signed it themselves. */
    readonly by: Actor | null
    readonly version: string
  }
  readonly period: Period
  /** Pipelines by name, sorted; none: all. */
  readonly pipelines: readonly string[]
  /** Of decisions, environments by name, sorted; none: all. */
  readonly environments: readonly string[]
  readonly server: {
    readonly origin: string
    /** As its log signed it when the export began: how much there was. */
    readonly checkpoint: SignedCheckpoint
    readonly counts: Counts
  }
  readonly missing: readonly MissingRun[]
  /** By path. */
  readonly files: readonly PackedFile[]
}

const CODE = 'pack-invalid'
const FIELDS = ['createdAt', 'exporter', 'files', 'mediaType', 'missing', 'period', 'report', 'scope', 'server']

/** Manifest from its bytes, which have one spelling. Throws `pack-invalid` and what strict JSON reading and keys throw. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const value = parseJson(bytes, { maxBytes: MAX_MANIFEST_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the manifest is not canonical JSON')
  const it = new Shape(CODE, value, 'manifest').object(FIELDS)
  it.exactly('mediaType', PACK_MEDIA_TYPE)
  it.get('report').object(['layout']).integer('layout', REPORT_LAYOUT, REPORT_LAYOUT)
  const manifest: Manifest = {
    createdAt: it.time('createdAt'),
    exporter: readExporter(it.get('exporter')),
    period: readPeriod(it.get('period')),
    ...readScope(it.get('scope')),
    server: readServer(it.get('server')),
    missing: readMissing(it.get('missing')),
    files: readFiles(it.get('files')),
  }
  checkWhole(manifest)
  return manifest
}

/** {@link parseManifest} the other way. Throws what it throws at what no reader would take. */
export function writeManifest({ exporter, server, pipelines, environments, ...manifest }: Manifest): Uint8Array {
  const value: JsonValue = {
    mediaType: PACK_MEDIA_TYPE,
    createdAt: manifest.createdAt,
    exporter: {
      by: exporter.by === null ? null : actorOf(exporter.by),
      key: base64(exporter.key.spki),
      version: exporter.version,
    },
    period: { ...manifest.period },
    scope: { environments, pipelines },
    server: {
      origin: server.origin,
      checkpoint: fromUtf8(writeNote(server.checkpoint.note)),
      counts: { ...server.counts },
    },
    missing: manifest.missing.map((one) => ({ ...one })),
    report: { layout: REPORT_LAYOUT },
    files: manifest.files.map((one) => ({ ...one })),
  }
  const bytes = canonicalJson(value)
  if (bytes.length > MAX_MANIFEST_BYTES) throw new CodedError('input-too-large', 'the pack has too many files')
  parseManifest(bytes)
  return bytes
}

function readExporter(shape: Shape): Manifest['exporter'] {
  const it = shape.object(['by', 'key', 'version'])
  const key = parsePublicKey(fromBase64(it.get('key').string(4096)))
  return { key, by: it.get('by').nullable(readActor), version: it.text('version', 64) }
}

function readScope(shape: Shape): Pick<Manifest, 'pipelines' | 'environments'> {
  const it = shape.object(['environments', 'pipelines'])
  return {
    pipelines: ascending(it.get('pipelines'), MAX_PIPELINES, (item) => {
      const name = item.text(128)
      return isName(name) ? name : item.fail('is not a name')
    }),
    environments: ascending(it.get('environments'), MAX_PIPELINES, (item) => item.text(256)),
  }
}

function actorOf({ kind, id, name }: Actor): JsonValue {
  return { kind, id, name }
}

function readPeriod(shape: Shape): Period {
  const it = shape.object(['since', 'until'])
  const period = { since: it.time('since'), until: it.time('until') }
  if (period.since >= period.until) shape.fail('ends before it begins')
  return period
}

function readServer(shape: Shape): Manifest['server'] {
  const it = shape.object(['checkpoint', 'counts', 'origin'])
  const counts = it.get('counts').object(['acts', 'contracts', 'decisions', 'refusals', 'runs'])
  const text = it.get('checkpoint').string(MAX_CHECKPOINT)
  const origin = it.text('origin', 256)
  const checkpoint = checkpointOf(it.get('checkpoint'), text)
  if (checkpoint.origin !== origin) it.get('checkpoint').fail('is of another log')
  return {
    origin,
    checkpoint,
    counts: {
      acts: counts.get('acts').nullable((one) => one.integer(0, MAX_ACTS)),
      contracts: counts.integer('contracts', 0, MAX_COUNT),
      decisions: counts.integer('decisions', 0, MAX_COUNT),
      refusals: counts.integer('refusals', 0, MAX_COUNT),
      runs: counts.integer('runs', 0, MAX_COUNT),
    },
  }
}

function checkpointOf(shape: Shape, text: string): SignedCheckpoint {
  let checkpoint: SignedCheckpoint
  try {
    checkpoint = parseCheckpoint(utf8(text))
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    return shape.fail(`is no checkpoint: ${cause.code}: ${cause.what}`)
  }
  if (fromUtf8(writeNote(checkpoint.note)) !== text) shape.fail('is not in its one spelling')
  return checkpoint
}

function readMissing(shape: Shape): MissingRun[] {
  const missing: MissingRun[] = []
  ascending(shape, MAX_FILES, (item) => {
    const it = item.object(['chain', 'code'])
    const one = { chain: it.hex('chain', 32), code: it.text('code', 64) }
    if (!/^[a-z]+(?:-[a-z0-9]+)*$/.test(one.code)) it.get('code').fail('is not a code')
    missing.push(one)
    return one.chain
  })
  return missing
}

function readFiles(shape: Shape): PackedFile[] {
  const files: PackedFile[] = []
  let total = 0
  ascending(shape, MAX_FILES, (item) => {
    const it = item.object(['path', 'sha256', 'size'])
    const path = it.text('path', 128)
    if (packedKind(path) === null) it.get('path').fail('is no path of a pack')
    const size = it.integer('size', 0, MAX_FILE_BYTES)
    total += size
    if (total > MAX_PACK_BYTES) it.get('size').fail(`makes the pack larger than ${MAX_PACK_BYTES} bytes`)
    files.push({ path, sha256: it.hex('sha256', 64), size })
    return path
  })
  return files
}

/** What must be there is, and each run that the server listed is told of once: an omission is a lie under a signature. */
function checkWhole({ files, missing, server }: Manifest): void {
  const paths = new Set(files.map(({ path }) => path))
  for (const path of [REPORT, ...LISTED.map(listedPath)]) {
    if (!paths.has(path)) throw new CodedError(CODE, `the manifest lacks ${path}`)
  }
  const both = missing.find(({ chain }) => paths.has(runPath(chain)))
  if (both !== undefined) throw new CodedError(CODE, `run ${both.chain} is said to be missing, and is there`)
  const runs = files.filter(({ path }) => packedKind(path)?.kind === 'run').length
  if (runs + missing.length !== server.counts.runs) {
    throw new CodedError(
      CODE,
      `the server listed ${server.counts.runs} runs, and the pack tells of ${runs + missing.length}`,
    )
  }
  const acts = files.filter(({ path }) => packedKind(path)?.kind === 'act').length
  if (acts !== (server.counts.acts ?? 0)) {
    throw new CodedError(CODE, `the pack has ${acts} administrative acts, and says that it has ${server.counts.acts}`)
  }
  const digests = files.flatMap(({ path }) => {
    const kind = packedKind(path)
    return kind?.kind === 'contract' ? [kind.digest] : []
  })
  if (new Set(digests).size !== digests.length) throw new CodedError(CODE, 'a contract is there signed and unsigned')
}

function ascending(shape: Shape, max: number, read: (item: Shape) => string): string[] {
  let last: string | null = null
  return shape.array(max).map((item) => {
    const text = read(item)
    if (last !== null && text <= last) item.fail(text === last ? 'stands there twice' : 'is out of order')
    last = text
    return text
  })
}
