import { canonicalJson, CodedError, equal, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import { type ObjectShape, Shape } from '@countersign/formats'
import { type Listed, MAX_FILE_BYTES } from './manifest.ts'

// What the server listed when the pack was made: its word, verified by nobody. Times are ISO times.

export interface RunRecord {
  readonly chain: string
  readonly pipeline: string
  readonly contract: string | null
  readonly steps: number
  readonly erased: number
  readonly late: number
  readonly firstAt: string
  readonly lastAt: string
}

export interface DecisionRecord {
  readonly id: number
  readonly at: string
  readonly decision: 'allow' | 'deny' | 'unknown'
  readonly code: string | null
  /** Of `allow`: by which deviation. */
  readonly what: string | null
  readonly artifact: string | null
  readonly pipeline: string | null
  readonly contract: string | null
  readonly environment: string | null
  readonly by: string
  readonly requester: string | null
}

export interface RefusalRecord {
  readonly id: number
  readonly at: string
  readonly count: number
  readonly code: string
  readonly what: string
  /** The run and step that it was of; null where nothing says. */
  readonly chain: string | null
  readonly step: string | null
  /** False where only the refused body says so, which nobody vouches for. */
  readonly verified: boolean
}

export interface ContractRecord {
  readonly pipeline: string
  readonly revision: number
  readonly digest: string
  readonly publishedAt: string
  /** Of its leaf in the log; null for one that nobody signed. */
  readonly index: number | null
  readonly signatures: number
}

export interface KeyRecord {
  readonly keyId: string
  readonly name: string
  readonly enrolledAt: string
  readonly revokedAt: string | null
  readonly reason: string | null
}

export interface CoverageRecord {
  readonly pipeline: string
  /** In force when the pack was made. */
  readonly contract: string | null
  readonly systems: readonly { readonly system: string; readonly steps: number; readonly weakestGrade: string | null }[]
  readonly runs: number
  readonly lastAt: string | null
  readonly findings: readonly string[]
}

export interface Records {
  readonly contracts: readonly ContractRecord[]
  readonly coverage: readonly CoverageRecord[]
  readonly decisions: readonly DecisionRecord[]
  readonly keys: readonly KeyRecord[]
  readonly refusals: readonly RefusalRecord[]
  readonly runs: readonly RunRecord[]
}

/** Most items of one list. */
export const MAX_RECORDS = 200_000
const CODE = 'pack-invalid'
const MAX_COUNT = Number.MAX_SAFE_INTEGER
const MAX_WHAT = 8192

type Reader<T> = (it: ObjectShape) => T
interface Kind<T> {
  readonly fields: readonly string[]
  readonly read: Reader<T>
  /** By what the list is in order, none twice. */
  readonly key: (record: T) => string
}

const number = (n: number) => String(n).padStart(16, '0')
const textOrNull = (it: ObjectShape, key: string, max = 256) => it.get(key).nullable((one) => one.text(max))
const hexOrNull = (it: ObjectShape, key: string, length: number) => it.get(key).nullable((one) => one.hex(length))
const timeOrNull = (it: ObjectShape, key: string) => it.get(key).nullable((one) => one.time())
const count = (it: ObjectShape, key: string) => it.integer(key, 0, MAX_COUNT)

const KINDS: { readonly [K in Listed]: Kind<Records[K][number]> } = {
  contracts: {
    fields: ['digest', 'index', 'pipeline', 'publishedAt', 'revision', 'signatures'],
    key: ({ pipeline, revision }) => `${pipeline} ${number(revision)}`,
    read: (it) => ({
      pipeline: it.text('pipeline', 128),
      revision: count(it, 'revision'),
      digest: it.hex('digest', 64),
      publishedAt: it.time('publishedAt'),
      index: it.get('index').nullable((one) => one.integer(0, MAX_COUNT)),
      signatures: count(it, 'signatures'),
    }),
  },
  coverage: {
    fields: ['contract', 'findings', 'lastAt', 'pipeline', 'runs', 'systems'],
    key: ({ pipeline }) => pipeline,
    read: (it) => ({
      pipeline: it.text('pipeline', 128),
      contract: hexOrNull(it, 'contract', 64),
      systems: it
        .get('systems')
        .array(100)
        .map((one) => {
          const system = one.object(['steps', 'system', 'weakestGrade'])
          const weakestGrade = textOrNull(system, 'weakestGrade', 1)
          return { system: system.text('system', 128), steps: count(system, 'steps'), weakestGrade }
        }),
      runs: count(it, 'runs'),
      lastAt: timeOrNull(it, 'lastAt'),
      findings: it
        .get('findings')
        .array(100)
        .map((one) => one.text(64)),
    }),
  },
  decisions: {
    // biome-ignore format: a list of names
    fields: ['artifact', 'at', 'by', 'code', 'contract', 'decision', 'environment', 'id', 'pipeline', 'requester', 'what'],
    key: ({ id }) => number(id),
    read: (it) => ({
      id: count(it, 'id'),
      at: it.time('at'),
      decision: it.exactly('decision', 'allow', 'deny', 'unknown'),
      code: textOrNull(it, 'code', 64),
      what: textOrNull(it, 'what', MAX_WHAT),
      artifact: hexOrNull(it, 'artifact', 64),
      pipeline: textOrNull(it, 'pipeline', 128),
      contract: hexOrNull(it, 'contract', 64),
      environment: textOrNull(it, 'environment'),
      by: it.text('by', 256),
      requester: textOrNull(it, 'requester'),
    }),
  },
  keys: {
    fields: ['enrolledAt', 'keyId', 'name', 'reason', 'revokedAt'],
    key: ({ keyId }) => keyId,
    read: (it) => ({
      keyId: it.hex('keyId', 64),
      name: it.text('name', 256),
      enrolledAt: it.time('enrolledAt'),
      revokedAt: timeOrNull(it, 'revokedAt'),
      reason: textOrNull(it, 'reason', 64),
    }),
  },
  refusals: {
    fields: ['at', 'chain', 'code', 'count', 'id', 'step', 'verified', 'what'],
    key: ({ id }) => number(id),
    read: (it) => ({
      id: count(it, 'id'),
      at: it.time('at'),
      count: count(it, 'count'),
      code: it.text('code', 64),
      what: it.text('what', MAX_WHAT),
      chain: hexOrNull(it, 'chain', 32),
      step: textOrNull(it, 'step', 128),
      verified: it.get('verified').boolean(),
    }),
  },
  runs: {
    fields: ['chain', 'contract', 'erased', 'firstAt', 'lastAt', 'late', 'pipeline', 'steps'],
    key: ({ chain }) => chain,
    read: (it) => ({
      chain: it.hex('chain', 32),
      pipeline: it.text('pipeline', 128),
      contract: hexOrNull(it, 'contract', 64),
      steps: count(it, 'steps'),
      erased: count(it, 'erased'),
      late: count(it, 'late'),
      firstAt: it.time('firstAt'),
      lastAt: it.time('lastAt'),
    }),
  },
}

const mediaType = (what: Listed) => `application/vnd.countersign.audit-${what}.v1+json`

/** A list of the server from its bytes, which have one spelling. Throws `pack-invalid` and what strict JSON reading throws. */
export function parseRecords<K extends Listed>(what: K, bytes: Uint8Array): Records[K] {
  const value = parseJson(bytes, { maxBytes: MAX_FILE_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, `the list of ${what} is not canonical JSON`)
  const it = new Shape(CODE, value, what).object(['items', 'mediaType'])
  it.exactly('mediaType', mediaType(what))
  const kind = KINDS[what] as Kind<Records[K][number]>
  let last = ''
  return it
    .get('items')
    .array(MAX_RECORDS)
    .map((item) => {
      const record = kind.read(item.object(kind.fields))
      const key = kind.key(record)
      if (key <= last) item.fail(key === last ? 'stands there twice' : 'is out of order')
      last = key
      return record
    }) as unknown as Records[K]
}

/** {@link parseRecords} the other way, in order and each once. */
export function writeRecords<K extends Listed>(what: K, records: Records[K]): Uint8Array {
  const kind = KINDS[what] as Kind<Records[K][number]>
  const distinct = new Map((records as readonly Records[K][number][]).map((one) => [kind.key(one), one]))
  const items = [...distinct].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, one]) => one)
  const bytes = canonicalJson({
    mediaType: mediaType(what),
    items: items as unknown as readonly JsonObject[],
  } as JsonValue)
  parseRecords(what, bytes)
  return bytes
}
