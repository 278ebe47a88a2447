import { CodedError, type Crypto, hex } from '@countersign/core'
import { MAX_CALENDAR_BYTES, OTS_MEDIA_TYPE, type OtsPath, otsTree, parseOtsTree } from '@countersign/formats/anchor'
import { type OtsDigest, otsDigests } from '@countersign/verify/anchors'
import { type OtsHttpOptions, type OtsService, otsService, otsUrl } from './ots-http.ts'

/** Calendars' names of a promise are 44 bytes; what is longer would make URLs that no server takes. */
const MAX_COMMITMENT_BYTES = 64
/** Promises of one calendar that are kept, and claims of blocks of one answer that are looked into. */
const MAX_PROMISES = 2
const MAX_CLAIMS = 4

/** Where public calendars keep what their pools have taken. */
const PUBLIC_HOSTS = ['.calendar.opentimestamps.org', '.calendar.eternitywall.com', '.calendar.catallaxy.com']

/** A way that is said to end in a block of Bitcoin. */
export type OtsClaim = OtsDigest & { readonly attestation: { readonly kind: 'bitcoin'; readonly height: number } }

/** A calendar. Whatever it says is read strictly, and believed in nothing. */
export interface OtsCalendar {
  readonly url: string
  readonly name: string
  /**
   * Hands in a message of at most 64 bytes; the ways to what the calendar promises for it. Throws `anchor-unreachable`,
   * `anchor-refused` where it does not take it, and `anchor-invalid` for an answer that promises nothing.
   */
  submit(message: Uint8Array): Promise<readonly OtsPath[]>
  /** What has become of a promise: the ways that are said to lead on to a block, none while it is pending. Throws as `submit`. */
  claims(message: Uint8Array, promise: OtsPath): Promise<readonly OtsClaim[]>
  /** One request that changes nothing; throws where the calendar is not there. */
  probe(): Promise<void>
}

export interface OtsCalendarOptions extends OtsHttpOptions {
  readonly url: string
  readonly crypto: Pick<Crypto, 'sha256'>
}

/** The calendar at a URL. Throws `usage` for one that nothing is sent to. */
export function otsCalendar(options: OtsCalendarOptions): OtsCalendar {
  const { crypto } = options
  const service = otsService(options.url, 'a calendar', options)

  async function get(at: OtsService, commitment: Uint8Array): Promise<Uint8Array | null> {
    const answer = await at.ask(`/timestamp/${hex(commitment)}`, MAX_CALENDAR_BYTES, { accept: OTS_MEDIA_TYPE })
    if (answer.status === 404) return null
    checkStatus(at, answer.status)
    return answer.body
  }
  return {
    url: service.url,
    name: service.name,
    async submit(message) {
      const answer = await service.ask('/digest', MAX_CALENDAR_BYTES, {
        accept: OTS_MEDIA_TYPE,
        type: 'application/octet-stream',
        body: message,
      })
      checkStatus(service, answer.status)
      const ways = otsDigests(message, parseOtsTree(answer.body, message.length), crypto)
      const promises = ways.filter(isPromise).slice(0, MAX_PROMISES)
      if (promises.length === 0) throw new CodedError('anchor-invalid', `${service.name} promised nothing`)
      return promises.map(({ ops, attestation }) => ({ ops, attestation }))
    },
    async claims(message, promise) {
      const [way] = otsDigests(message, otsTree([promise]), crypto)
      if (way === undefined || way.attestation.kind !== 'pending') return []
      const body = await get(keeperOf(way.attestation.uri, service, options), way.digest)
      if (body === null) return []
      const onward = otsDigests(way.digest, parseOtsTree(body, way.digest.length), crypto)
      return onward
        .filter(isClaim)
        .slice(0, MAX_CLAIMS)
        .map((claim) => ({ ...claim, ops: [...promise.ops, ...claim.ops] }))
    },
    async probe() {
      const none = new Uint8Array(32)
      await get(service, none)
    },
  }
}

/**
 * Who is asked for what has become of a promise. A pool names the calendar behind it, and a calendar could name any
 * machine in our own network (T-89): only the calendar itself and the public ones are asked.
 */
function keeperOf(uri: string, service: OtsService, options: OtsHttpOptions): OtsService {
  const url = otsUrl(uri)
  if (url === null || url === service.url) return service
  const { protocol, hostname, port } = new URL(url)
  const known = protocol === 'https:' && port === '' && PUBLIC_HOSTS.some((host) => hostname.endsWith(host))
  return known ? otsService(url, 'a calendar', options) : service
}

function isPromise({ attestation, digest }: OtsDigest): boolean {
  return attestation.kind === 'pending' && digest.length <= MAX_COMMITMENT_BYTES
}

function isClaim(way: OtsDigest): way is OtsClaim {
  return way.attestation.kind === 'bitcoin' && way.digest.length === 32
}

function checkStatus({ name }: OtsService, status: number): void {
  if (status === 200) return
  // Too many requests, or too slow a one, are no answer to this one.
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 429
  throw new CodedError(refused ? 'anchor-refused' : 'anchor-unreachable', `${name} answered with status ${status}`)
}
