import { canonicalJson, CodedError, type Crypto, equal } from '@countersign/core'
import { PAYLOAD_TYPE, STATEMENT_TYPE } from './constants.ts'
import { linkDigest } from './dsse.ts'
import {
  type Endorsed,
  type EndorsedKind,
  endorsedStart,
  maxEndorsedBytes,
  parseEndorsed,
  writeEndorsed,
} from './endorsed.ts'
import { Shape } from './shape.ts'
import { parseStatement } from './statement.ts'

/** Predicate type of a signed note. In code it is a remark: a note is what a log signs. */
export const REMARK_PREDICATE = 'https://countersign.dev/note/v1'

/** What somebody says: of something; that it is wrong; that it is right again; that they take back what they said. */
export const REMARK_KINDS = ['note', 'dispute', 'resolution', 'withdrawal'] as const
export type RemarkKind = (typeof REMARK_KINDS)[number]

/** What a note can be about. */
export const REMARK_ABOUT = ['artifact', 'refusal', 'step'] as const
export type RemarkAbout = (typeof REMARK_ABOUT)[number]

export interface RemarkSubject {
  readonly kind: RemarkAbout
  /** 64 hex digits: of a step its link digest, of an artifact its SHA-256, of what a server refused that of the body. */
  readonly digest: string
}

/** What somebody says about steps, artifacts or what was refused. Nothing in it is verified. */
export interface Remark {
  /** Never none, sorted by kind and digest, none twice. */
  readonly about: readonly RemarkSubject[]
  readonly kind: RemarkKind
  /** 1 to {@link MAX_REMARK_TEXT} characters without controls: one line, which means the same in every direction. */
  readonly text: string
  /** ISO time, as its author says. */
  readonly at: string
  /** Id of the note that it stands in the place of; null where it stands for itself. */
  readonly supersedes: string | null
  /** Where it belongs: `//origin/tenant` of a server; null for files alone. */
  readonly place: string | null
  /** 32 hex digits, fresh for each: nobody guesses a short text by its digest. */
  readonly nonce: string
}

export const MAX_REMARK_TEXT = 4096
/** Most things that one note is about. */
export const MAX_REMARK_SUBJECTS = 32

const REMARK: EndorsedKind = {
  mediaType: 'application/vnd.countersign.note.v1+json',
  payloadType: PAYLOAD_TYPE,
  maxPayload: 64 * 1024,
}

/** Most bytes of a note with its signature. */
export const MAX_REMARK_BYTES = maxEndorsedBytes(REMARK)

/** How the line of a note begins, and no other line of a chain file. */
export const REMARK_START = endorsedStart(REMARK)

const CODE = 'remark-invalid'
const FIELDS = ['at', 'kind', 'nonce', 'place', 'supersedes', 'text']

/** Canonical JSON of a note's statement: what its author signs. Throws `remark-invalid` for what no reader would take. */
export function writeRemark(remark: Remark): Uint8Array {
  const bytes = spelled(remark)
  parseRemark(bytes)
  return bytes
}

/**
 * {@link writeRemark} the other way; it has one spelling. Throws `predicate-type` for a statement of another kind, and what
 * reading a statement throws.
 */
export function parseRemark(payload: Uint8Array): Remark {
  if (payload.length > REMARK.maxPayload) {
    throw new CodedError('input-too-large', `the note is larger than ${REMARK.maxPayload} bytes`)
  }
  const { subject, predicateType, predicate } = parseStatement(payload)
  if (predicateType !== REMARK_PREDICATE) {
    throw new CodedError('predicate-type', `${JSON.stringify(predicateType.slice(0, 80))} is no note`)
  }
  const it = new Shape(CODE, predicate, 'predicate').object(FIELDS)
  const kind = it.exactly<RemarkKind>('kind', ...REMARK_KINDS)
  const remark: Remark = {
    about: subject.map(({ name }) => subjectOf(name)),
    kind,
    text: it.text('text', MAX_REMARK_TEXT),
    at: it.time('at'),
    supersedes: it.get('supersedes').nullable((shape) => shape.hex(64)),
    place: it.get('place').nullable((shape) => shape.text(512)),
    nonce: it.hex('nonce', 32),
  }
  if (remark.text.trim() !== remark.text) it.get('text').fail('begins or ends with a space')
  if (subject.length > MAX_REMARK_SUBJECTS) throw new CodedError(CODE, `it is about more than ${MAX_REMARK_SUBJECTS}`)
  const names = remark.about.map(nameOf)
  if (names.some((one, i) => i > 0 && one <= names[i - 1]!)) {
    throw new CodedError(CODE, 'what it is about is not sorted, or there twice')
  }
  if (remark.supersedes === null && (kind === 'resolution' || kind === 'withdrawal')) {
    throw new CodedError(CODE, `a ${kind} supersedes something, and this names nothing`)
  }
  // Also that a subject has its one digest and nothing else: there is one way to write what was read.
  if (!equal(spelled(remark), payload)) throw new CodedError(CODE, 'the note is not in its one spelling')
  return remark
}

function spelled({ about, ...predicate }: Remark): Uint8Array {
  const subject = about.map((one) => ({ digest: { sha256: one.digest }, name: nameOf(one) }))
  return canonicalJson({ _type: STATEMENT_TYPE, predicate, predicateType: REMARK_PREDICATE, subject })
}

function nameOf({ kind, digest }: RemarkSubject): string {
  return `${kind}/${digest}`
}

function subjectOf(name: string): RemarkSubject {
  const match = /^(artifact|refusal|step)\/([0-9a-f]{64})$/.exec(name)
  if (match === null) throw new CodedError(CODE, `a note is about no ${JSON.stringify(name.slice(0, 80))}`)
  return { kind: match[1] as RemarkAbout, digest: match[2]! }
}

/** What a note is about in the order in which it has it, each once. */
export function sortedSubjects(about: readonly RemarkSubject[]): readonly RemarkSubject[] {
  const named = new Map(about.map((one) => [nameOf(one), one]))
  return [...named].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, one]) => one)
}

/** Name of a note: the link digest of its statement. */
export function remarkId({ payload }: Pick<Endorsed, 'payload'>, crypto: Pick<Crypto, 'sha256'>): string {
  return linkDigest({ payloadType: PAYLOAD_TYPE, payload }, crypto)
}

/** The line of a note with its one signature. Throws `signature-count`, and what `parseEndorsed` throws. */
export function parseRemarkLine(line: Uint8Array | string): Endorsed {
  const read = parseEndorsed(line, REMARK)
  if (read.endorsements.length === 1) return read
  throw new CodedError('signature-count', `the note has ${read.endorsements.length} signatures`)
}

export function writeRemarkLine(remark: Endorsed): Uint8Array {
  const bytes = writeEndorsed(remark, REMARK)
  parseRemarkLine(bytes)
  return bytes
}
