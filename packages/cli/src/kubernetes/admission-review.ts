import { base64, CodedError, type JsonObject, type JsonValue, parseJson, utf8 } from '@countersign/core'

/** Most bytes of a review: an object, and the one before it, as large as the API server keeps them. */
export const MAX_REVIEW_BYTES = 8 * 1024 * 1024

/** What the API server asks (admission.k8s.io/v1, AdmissionRequest), as far as it is used. */
export interface AdmissionRequest {
  readonly uid: string
  /** `apps/Deployment`, `/Pod`. */
  readonly kind: string
  readonly subResource: string
  readonly operation: string
  /** Empty for what is in none. */
  readonly namespace: string
  readonly name: string
  readonly user: string
  readonly dryRun: boolean
  readonly object: JsonObject | null
  readonly oldObject: JsonObject | null
}

export interface AdmissionAnswer {
  readonly allowed: boolean
  /** Why not; told to who asked. */
  readonly message?: string
  readonly warnings?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  /** JSON Patch (RFC 6902). */
  readonly patch?: readonly { readonly op: 'replace'; readonly path: string; readonly value: string }[]
}

const API = 'admission.k8s.io/v1'
const MAX_UID = 128

/** Throws `admission-invalid`: nothing that cannot be read is admitted. */
export function readReview(body: Uint8Array): AdmissionRequest {
  const review = objectOf(parsed(body), 'the review')
  if (review['apiVersion'] !== API || review['kind'] !== 'AdmissionReview')
    throw bad(`it is no AdmissionReview of ${API}`)
  const request = objectOf(review['request'], 'its request')
  const kind = objectOf(request['kind'], 'its kind')
  const user = request['userInfo'] === undefined ? {} : objectOf(request['userInfo'], 'userInfo')
  const uid = textOf(request['uid'], 'uid')
  if (uid === '' || uid.length > MAX_UID) throw bad('it has no uid')
  return {
    uid,
    kind: `${textOf(kind['group'] ?? '', 'group')}/${textOf(kind['kind'], 'kind')}`,
    subResource: textOf(request['subResource'] ?? '', 'subResource'),
    operation: textOf(request['operation'], 'operation'),
    namespace: textOf(request['namespace'] ?? '', 'namespace'),
    name: textOf(request['name'] ?? '', 'name'),
    user: textOf((user as JsonObject)['username'] ?? '', 'username'),
    dryRun: request['dryRun'] === true,
    object: orNull(request['object'], 'object'),
    oldObject: orNull(request['oldObject'], 'oldObject'),
  }
}

/** The review with its answer. */
export function writeReview(uid: string, answer: AdmissionAnswer): JsonObject {
  const { allowed, message, warnings, annotations, patch } = answer
  return {
    apiVersion: API,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed,
      ...(message === undefined ? {} : { status: { code: 403, reason: 'Forbidden', message } }),
      ...(warnings === undefined || warnings.length === 0 ? {} : { warnings }),
      ...(annotations === undefined ? {} : { auditAnnotations: annotations }),
      ...(patch === undefined || patch.length === 0
        ? {}
        : { patchType: 'JSONPatch', patch: base64(utf8(JSON.stringify(patch))) }),
    },
  }
}

/** The uid of a review that is refused for its shape; null where it cannot be found. */
export function uidIn(body: Uint8Array): string | null {
  try {
    const { request } = parsed(body) as { readonly request?: { readonly uid?: unknown } }
    return typeof request?.uid === 'string' && request.uid !== '' && request.uid.length <= MAX_UID ? request.uid : null
  } catch {
    return null
  }
}

function parsed(body: Uint8Array): JsonValue {
  try {
    return parseJson(body, { maxBytes: MAX_REVIEW_BYTES })
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw bad(cause.what)
  }
}

function orNull(value: JsonValue | undefined, what: string): JsonObject | null {
  return value === undefined || value === null ? null : objectOf(value, what)
}

function objectOf(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw bad(`${what} is no object`)
}

function textOf(value: JsonValue | undefined, what: string): string {
  if (typeof value === 'string') return value
  throw bad(`${what} is no text`)
}

function bad(what: string): CodedError {
  return new CodedError('admission-invalid', what)
}
