import {
  base64,
  canonicalJson,
  CodedError,
  equal,
  fromBase64,
  fromUtf8,
  type JsonObject,
  type JsonValue,
  parseJson,
  utf8,
} from '@countersign/core'
import { type ActProof, actProofOf } from './endorsed.ts'
import { Shape } from './shape.ts'
import { MAX_TLOG_PROOF_BYTES, parseTlogProof, writeTlogProof } from './tlog-proof.ts'

/** Who did something: somebody who signed in, an API token, a code, a provider by its rules, or the server itself. */
export interface Actor {
  readonly kind: (typeof ACTORS)[number]
  readonly id: string
  /** What they were called then; null where they have no name. */
  readonly name: string | null
}

/** That somebody changed who may do what. Nothing in it is verified. */
export interface AdministrativeAct {
  /** 32 hex digits, by chance: what was done twice is two acts. */
  readonly id: string
  /** Place in its tenant's order of such acts, from 0. */
  readonly number: number
  /** Digest of the one before; null for the first. */
  readonly previous: string | null
  /** ISO time. */
  readonly at: string
  readonly by: Actor
  /** What was done: `token.made`, `person.role`. */
  readonly act: string
  /** To what: the id of a token, a key, a person. */
  readonly about: string
  /** What else there is to say, by kind of act. Never a secret. */
  readonly detail: JsonObject
}

/** An act with the proof that a log has it. Nothing in it is verified. */
export interface LoggedAct {
  /** What the log's leaf commits to: the act's bytes. */
  readonly payload: Uint8Array
  readonly act: AdministrativeAct
  readonly logged: ActProof
}

export const ADMINISTRATIVE_PAYLOAD_TYPE = 'application/vnd.countersign.administrative-act.v1+json'
const LOGGED_MEDIA_TYPE = 'application/vnd.countersign.logged-act.v1+json'
const ACTORS = ['person', 'token', 'code', 'provider', 'server'] as const
const FIELDS = ['about', 'act', 'at', 'by', 'detail', 'id', 'number', 'previous', 'version']
/** Most bytes of an act. */
export const MAX_ACT_BYTES = 32 * 1024
const MAX_LOGGED_BYTES = 2 * MAX_ACT_BYTES + MAX_TLOG_PROOF_BYTES
const CODE = 'act-invalid'

/** Canonical JSON of an act. Throws `act-invalid` for what no reader would take. */
export function writeAdministrativeAct({ by, ...rest }: AdministrativeAct): Uint8Array {
  const { kind, id, name } = by
  const bytes = canonicalJson({ ...rest, by: { kind, id, name }, version: 1 })
  parseAdministrativeAct(bytes)
  return bytes
}

/** {@link writeAdministrativeAct} the other way; it has one spelling. Throws also what strict JSON reading throws. */
export function parseAdministrativeAct(bytes: Uint8Array): AdministrativeAct {
  const value = parseJson(bytes, { maxBytes: MAX_ACT_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the act is not canonical JSON')
  const it = new Shape(CODE, value, 'act').object(FIELDS)
  it.integer('version', 1, 1)
  const act = it.text('act', 64)
  if (!/^[a-z-]+\.[a-z-]+$/.test(act)) it.get('act').fail('is not two words with a dot between')
  const number = it.integer('number', 0, Number.MAX_SAFE_INTEGER)
  const previous = it.get('previous').nullable((shape) => shape.hex(64))
  if ((previous === null) !== (number === 0)) it.get('previous').fail('is there for all but the first')
  return {
    id: it.hex('id', 32),
    number,
    previous,
    at: it.time('at'),
    by: readActor(it.get('by')),
    act,
    about: it.text('about', 2_048),
    detail: it.get('detail').members(),
  }
}

/** Who did something, with exactly these fields. Throws the code of the shape. */
export function readActor(shape: Shape): Actor {
  const it = shape.object(['id', 'kind', 'name'])
  return {
    kind: it.exactly('kind', ...ACTORS),
    id: it.text('id', 2_048),
    name: it.get('name').nullable((one) => one.text(256)),
  }
}

/** Canonical JSON of an act with its proof, without a line end. Throws what {@link parseLoggedAct} throws. */
export function writeLoggedAct({ payload, logged }: Omit<LoggedAct, 'act'>): Uint8Array {
  const value: JsonValue = {
    mediaType: LOGGED_MEDIA_TYPE,
    payload: base64(payload),
    payloadType: ADMINISTRATIVE_PAYLOAD_TYPE,
    proof: fromUtf8(writeTlogProof(logged.proof)),
  }
  const bytes = canonicalJson(value)
  parseLoggedAct(bytes)
  return bytes
}

/**
 * An act with its proof from bytes; it has one spelling. Throws `act-invalid`, `payload-type`, `base64-invalid`, and what
 * strict JSON reading, `parseTlogProof` and `parseActOpening` throw.
 */
export function parseLoggedAct(bytes: Uint8Array): LoggedAct {
  const value = parseJson(bytes, { maxBytes: MAX_LOGGED_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the logged act is not canonical JSON')
  const it = new Shape(CODE, value, 'logged act').object(['mediaType', 'payload', 'payloadType', 'proof'])
  it.exactly('mediaType', LOGGED_MEDIA_TYPE)
  const type = it.get('payloadType').string(256)
  if (type !== ADMINISTRATIVE_PAYLOAD_TYPE) throw new CodedError('payload-type', 'the payload is no administrative act')
  const payload = fromBase64(it.get('payload').string(Math.ceil(MAX_ACT_BYTES / 3) * 4))
  const proof = parseTlogProof(utf8(it.get('proof').string(MAX_TLOG_PROOF_BYTES)))
  return { payload, act: parseAdministrativeAct(payload), logged: actProofOf(proof) }
}
