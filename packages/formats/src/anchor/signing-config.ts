import { type JsonValue, parseJson } from '@countersign/core'
import { isTime, type ObjectShape, Shape } from '../shape.ts'

const CODE = 'anchor-setup-invalid'
const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'
const MAX_BYTES = 1_000_000
const MAX_SERVICES = 1000

/** A time span, milliseconds since 1970, both ends within; null for an open end. */
export interface ValidFor {
  readonly start: number | null
  readonly end: number | null
}

/** One service of Sigstore, such as a shard of Rekor. */
export interface SigstoreService {
  /** As it was written; whoever asks it checks it. */
  readonly url: string
  readonly majorApiVersion: number
  readonly validFor: ValidFor
  /** Who runs it: two services of one operator are one witness. Null where nobody says. */
  readonly operator: string | null
}

/**
 * Rekor's services out of a SigningConfig v0.2 of Sigstore (protobuf-specs, sigstore_trustroot.proto). Members that
 * mean nothing here are let be, because the file is somebody else's and grows. Throws `anchor-setup-invalid`, and what
 * strict JSON reading throws.
 */
export function parseSigningConfig(input: Uint8Array | string): readonly SigstoreService[] {
  const it = loose(parseJson(input, { maxBytes: MAX_BYTES }), 'signingConfig', ['mediaType', 'rekorTlogUrls'])
  it.exactly('mediaType', MEDIA_TYPE)
  const services = it.get('rekorTlogUrls').array(MAX_SERVICES).map(serviceOf)
  if (services.length === 0) it.get('rekorTlogUrls').fail('is empty')
  return services
}

/**
 * The services that can be used at a time, best first: those with the highest of the API versions that are known, and
 * among them the newest. `now`: milliseconds since 1970.
 */
export function servicesAt<T extends Pick<SigstoreService, 'majorApiVersion' | 'validFor'>>(
  services: readonly T[],
  now: number,
  versions: readonly number[],
): readonly T[] {
  const valid = services.filter((one) => versions.includes(one.majorApiVersion) && isWithin(now, one.validFor))
  const start = (one: T) => one.validFor.start ?? Number.NEGATIVE_INFINITY
  return valid.toSorted((a, b) => b.majorApiVersion - a.majorApiVersion || compare(start(b), start(a)))
}

/** Whether a time (milliseconds since 1970) lies in a span. */
export function isWithin(time: number, { start, end }: ValidFor): boolean {
  return (start === null || start <= time) && (end === null || time <= end)
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function serviceOf(shape: Shape): SigstoreService {
  const it = looseOf(shape, ['url', 'majorApiVersion', 'validFor'])
  return {
    url: it.text('url', 2048),
    majorApiVersion: it.integer('majorApiVersion', 0, 1_000_000),
    validFor: readValidFor(it.get('validFor')),
    operator: it.has('operator') ? it.text('operator', 1000) : null,
  }
}

/** A TimeRange of protobuf-specs in JSON, in which null stands for what is not there. */
export function readValidFor(shape: Shape): ValidFor {
  const it = looseOf(shape, [])
  const end = (key: string) => (it.has(key) && !it.isNull(key) ? readTimestamp(it.get(key)) : null)
  const [from, to] = [end('start'), end('end')]
  if (from !== null && to !== null && to < from) shape.fail('ends before it starts')
  return { start: from, end: to }
}

/** A Timestamp of protobuf in JSON: RFC 3339 in UTC, with up to nine digits of a second, of which three count. */
function readTimestamp(shape: Shape): number {
  const text = shape.string(40)
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text)
  const time = parts === null ? '' : `${parts[1]}.${(parts[2] ?? '').padEnd(3, '0').slice(0, 3)}Z`
  if (!isTime(time)) shape.fail('is not a time like 2026-01-31T12:00:00Z')
  return Date.parse(time)
}

/** An object of a foreign format: what is named must be there, what is not named is let be. */
export function looseOf(shape: Shape, required: readonly string[]): ObjectShape {
  return shape.object(required, Object.keys(shape.members()))
}

function loose(value: JsonValue, name: string, required: readonly string[]): ObjectShape {
  return looseOf(new Shape(CODE, value, name), required)
}
