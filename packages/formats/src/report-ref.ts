import { hasControl, isHex } from '@countersign/core'
import type { ObjectShape, Shape } from './shape.ts'
import { type DigestSet, readDescriptor, type Resource } from './statement.ts'

/** A plain fact of a report: a count, a word, a yes or no. */
export type Fact = string | number | boolean

/** By name, like `components`. */
export type Facts = { readonly [name: string]: Fact }

/** Who signed a report, as whoever recorded it verified: whom a certificate names, or a key by its id. */
export type ReportSigner =
  | { readonly issuer: string; readonly subject: string }
  | {
      /** Key id, 64 lower-case hex digits. */
      readonly key: string
    }

/** What the recorder of a step read in a report. */
export interface ReportNotes {
  /** SHA-256 of those subjects and materials of the step that the report names by digest; none: it is of the step as a whole. */
  readonly about: readonly string[]
  readonly facts: Facts
  /** Null where nobody's signature was verified, whatever the report has. */
  readonly signer: ReportSigner | null
  /** Bytes. */
  readonly size: number
  /** Like `cyclonedx`; SPEC.md §6, Reports. */
  readonly type: string
}

/** A report of a step by digest: SBOM, test results, scans, attestations of others. Without notes it was not read. */
export interface ReportRef extends Omit<Resource, 'annotations'> {
  readonly annotations?: ReportNotes
}

/** Most reports of one step. */
export const MAX_REPORTS = 1000
/** Most facts of one report. */
export const MAX_FACTS = 32
/** Longest fact that is a text. */
export const MAX_FACT_TEXT = 512

const NOTES = ['about', 'facts', 'signer', 'size', 'type'] as const satisfies readonly (keyof ReportNotes)[]
const NONE: readonly string[] = []
const TYPE = /^[a-z0-9][a-z0-9.-]{0,40}$/
const FACT = /^[a-z][A-Za-z0-9]{0,40}$/

/** True for the name of a type of reports: 1 to 41 of `a–z 0–9 . -`. */
export function isReportType(text: string): boolean {
  return TYPE.test(text)
}

/** The reports of a step. */
export function readReportRefs(shape: Shape): void {
  for (const item of shape.array(MAX_REPORTS)) readReportRef(item)
}

function readReportRef(shape: Shape): void {
  const it = readDescriptor(shape)
  if (!it.has('annotations')) return
  // What was read has a type, and a type a media type.
  if (!it.has('mediaType')) shape.fail('was read and has no mediaType')
  readNotes(it.get('annotations').object(NOTES))
}

function readNotes(notes: ObjectShape): void {
  const about = notes
    .get('about')
    .array(MAX_REPORTS)
    .map((one) => one.hex(64))
  if (about.some((digest, i) => i > 0 && about[i - 1]! >= digest)) notes.get('about').fail('is not sorted, each once')
  readFacts(notes.get('facts'))
  if (!notes.isNull('signer')) readSigner(notes.get('signer'))
  notes.integer('size', 0, Number.MAX_SAFE_INTEGER)
  if (!isReportType(notes.text('type', 64))) notes.get('type').fail('is not the name of a type')
}

function readFacts(shape: Shape): void {
  const facts = Object.entries(shape.members())
  if (facts.length > MAX_FACTS) shape.fail(`has more than ${MAX_FACTS} facts`)
  for (const [name, fact] of facts) {
    if (!FACT.test(name)) shape.fail('has a fact whose name is not letters and digits')
    if (!isFact(fact)) shape.fail(`has in ${name} neither a text, a whole number nor a truth value`)
  }
}

function isFact(value: unknown): value is Fact {
  if (typeof value === 'string') return value !== '' && value.length <= MAX_FACT_TEXT && !hasControl(value)
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
}

function readSigner(shape: Shape): void {
  if (shape.hasOnly('key')) {
    shape.object(['key']).hex('key', 64)
    return
  }
  const signer = shape.object(['issuer', 'subject'], NONE)
  signer.text('issuer')
  signer.text('subject')
}

/** Digests by which a report may name what it is about: weaker ones name nothing (T-26). */
const STRONG = { sha256: 64, sha384: 96, sha512: 128 } as const

/**
 * True where a report that names something by these digests means the resource: they agree in every strong digest that
 * both know, and there is one.
 */
export function names(digests: DigestSet, { digest }: { readonly digest: DigestSet }): boolean {
  let known = false
  for (const [algorithm, length] of Object.entries(STRONG)) {
    if (!Object.hasOwn(digests, algorithm) || !Object.hasOwn(digest, algorithm)) continue
    const named = digests[algorithm]
    if (typeof named !== 'string' || !isHex(named, length) || named !== digest[algorithm]) return false
    known = true
  }
  return known
}
