import { randomBytes } from 'node:crypto'
import type { Anchor, AnchorCheck, AnchorJob, AnchorMove } from '@countersign/anchor'
import { canonicalJson, type Code, CodedError, type Crypto, equal } from '@countersign/core'
import {
  nonceHex,
  parseTimestampResponse,
  parseTimestampToken,
  type Rfc3161Anchor,
  rfc3161Json,
  type TimestampInfo,
  type TimestampToken,
  writeTimestampRequest,
} from '@countersign/formats/anchor'
import type { Certificate } from '@countersign/formats/x509'
import { accuracyOf, type Rfc3161Trust, verifyRfc3161, verifyTimestamp } from '@countersign/verify/anchors'
import type { CertificateCrypto } from '@countersign/verify/x509'
import { boundedBytes, reasonOf } from './http.ts'

/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 20_000
/** The longest answers of public authorities have 8,000 bytes. */
const MAX_ANSWER_BYTES = 65_536
/** By how much an authority's clock may differ from ours; milliseconds. */
const WINDOW_MS = 86_400_000
/** A pinned certificate that ends sooner is worth a warning; milliseconds. */
const EXPIRY_MS = 30 * 86_400_000

const QUERY = 'application/timestamp-query'
const REPLY = 'application/timestamp-reply'

export interface Rfc3161AnchorOptions {
  /** What the authority is called: the anchor's name is `tsa:` and this. */
  readonly name: string
  /** Where it takes requests: `http` or `https`, for what is sent is a hash and what comes back is signed. */
  readonly url: string
  /** Its roots, or its own certificates: what is under none of them is refused. */
  readonly pinned: readonly Certificate[]
  /** Certificates between the pinned ones and its own, for an authority that does not send them; none by default. */
  readonly chain?: readonly Certificate[]
  readonly crypto: CertificateCrypto & Pick<Crypto, 'sha256' | 'sha3_256'>
  /** By how much its clock may differ from ours, in milliseconds; a day by default. */
  readonly windowMs?: number
  /** Milliseconds, 20,000 by default. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
  /** So many random bytes. */
  readonly random?: (length: number) => Uint8Array
}

/**
 * A timestamp authority over HTTP (RFC 3161 §3.4). One move is one request, and its answer is final. Nothing of it is
 * kept between moves: the nonce belongs to one request, and a request that is sent again because its answer was lost
 * gets another time-stamp, which is as good. Redirects are not followed. Throws `anchor-setup-invalid` for name and URL,
 * and where nothing is pinned.
 */
export function rfc3161Anchor(options: Rfc3161AnchorOptions): Anchor {
  const { pinned, chain = [], crypto, windowMs = WINDOW_MS, timeoutMs = TIMEOUT_MS } = options
  const name = nameOf(options.name)
  const ask = askerOf(name, options)
  if (pinned.length === 0) throw new CodedError('anchor-setup-invalid', `no certificate is pinned for ${name}`)
  const trust: Rfc3161Trust = { authorities: [{ name: options.name, certificates: pinned, from: null, until: null }] }

  async function stamp(sha256: Uint8Array, now: number): Promise<Omit<Rfc3161Anchor, 'statement' | 'kind'>> {
    const nonce = (options.random ?? randomBytes)(8)
    const token = tokenOf(await ask(writeTimestampRequest({ imprint: sha256, nonce, certificates: true })), name)
    if (token.info.nonce !== nonceHex(nonce)) throw refused(name, 'its answer is to another request')
    const certificates = chain.filter(({ der }) => !token.certificates.some((one) => equal(one.der, der)))
    proving(name, () => verifyTimestamp(token, certificates, sha256, trust, crypto))
    checkClock(token.info, now)
    return { token, certificates }
  }

  /** An authority that tells the wrong day is no evidence of a day, whatever else is right with it (T-85). */
  function checkClock(info: TimestampInfo, now: number): void {
    const apart = Math.abs(info.time.milliseconds - now)
    // `now` is when the move began, and the answer may have taken as long as it may.
    if (apart <= windowMs + accuracyOf(info) * 1000 + timeoutMs) return
    throw new CodedError(
      'anchor-refused',
      `${name} says it is ${info.time.text}, which is ${hours(apart)} off our clock`,
      {
        fix: 'Check both clocks. Do not use an authority that is wrong about the time.',
      },
    )
  }

  return {
    kind: 'rfc3161',
    name,
    async move({ text, now }: AnchorJob): Promise<AnchorMove> {
      const digests = { sha256: crypto.sha256(text), sha3_256: crypto.sha3_256(text) }
      const { token, certificates } = await stamp(digests.sha256, now)
      const statement = Buffer.from(digests.sha256).toString('hex')
      const anchor: Rfc3161Anchor = { kind: 'rfc3161', statement, token, certificates }
      proving(name, () => verifyRfc3161(anchor, { text, digests }, trust, crypto))
      return {
        state: { phase: 'final', memo: null },
        proof: canonicalJson(rfc3161Json(anchor)),
        again: 0,
        costs: [{ unit: 'request', amount: '1' }],
      }
    },
    /** Asks for a time-stamp of random bytes: what moves need can be seen in no other way, and nothing of ours goes out. */
    async check(now) {
      const found: AnchorCheck[] = [pinnedCheck(pinned, now)]
      try {
        const { token } = await stamp((options.random ?? randomBytes)(32), now)
        const off = Math.abs(token.info.time.milliseconds - now) / 1000
        found.unshift(
          { name: 'reachable', ok: true, found: `${name} signs time-stamps that verify.`, code: null },
          { name: 'clock', ok: true, found: `Its clock is ${off.toFixed(1)} seconds off ours.`, code: null },
        )
      } catch (error) {
        const { what, code } = coded(error)
        found.unshift({ name: 'reachable', ok: false, found: `${what}.`, code })
      }
      return found
    },
  }
}

function pinnedCheck(pinned: readonly Certificate[], now: number): AnchorCheck {
  const until = Math.max(...pinned.map(({ notAfter }) => notAfter))
  const ok = until - now > EXPIRY_MS && pinned.some(({ notBefore }) => notBefore <= now)
  const end = new Date(until).toISOString().slice(0, 10)
  const found = `${pinned.length} pinned certificate${pinned.length === 1 ? '' : 's'}, the last one until ${end}.`
  return { name: 'trust root', ok, found, code: ok ? null : 'anchor-untrusted' }
}

function askerOf(name: string, { url, timeoutMs = TIMEOUT_MS, ...options }: Rfc3161AnchorOptions) {
  const target = urlOf(url, name)
  const send = options.fetch ?? fetch
  return async (body: Uint8Array): Promise<Uint8Array> => {
    try {
      const response = await send(target, {
        method: 'POST',
        headers: { 'content-type': QUERY, accept: REPLY },
        body: body as Uint8Array<ArrayBuffer>,
        // A redirect could lead to what only this machine can reach (T-89).
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      return await answerOf(response, name)
    } catch (cause) {
      if (cause instanceof CodedError) throw cause
      throw new CodedError('anchor-unreachable', `${name} did not answer: ${reasonOf(cause)}`, { cause })
    }
  }
}

async function answerOf(response: Response, name: string): Promise<Uint8Array> {
  const { status } = response
  // Sigstore's authority answers 201 where it is so configured, as the public one was for years.
  if (status !== 200 && status !== 201) {
    await response.body?.cancel()
    // What is said to be for a while, or not our fault, is tried again.
    const again = status === 408 || status === 429 || status >= 500
    throw new CodedError(again ? 'anchor-unreachable' : 'anchor-refused', `${name} answered ${status}`)
  }
  const type = (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  if (type !== REPLY) {
    await response.body?.cancel()
    // A proxy that asks to sign in, or a page that says the service is down.
    throw new CodedError('anchor-unreachable', `${name} did not answer with ${REPLY}`)
  }
  const body = await boundedBytes(response, MAX_ANSWER_BYTES)
  if (body === null) throw refused(name, `its answer exceeds ${MAX_ANSWER_BYTES} bytes`)
  return body
}

/** Bits of PKIFailureInfo (RFC 3161 §2.4.2) that say that it is worth trying again. */
const FOR_A_WHILE: readonly number[] = [14, 25]
const FAILURES: Readonly<Record<number, string>> = {
  0: 'it does not take SHA-256',
  2: 'it does not take such a request',
  5: 'it could not read the request',
  14: 'it does not know the time just now',
  15: 'it does not have the policy',
  16: 'it does not know an extension',
  17: 'it lacks something',
  25: 'it has failed',
}

function tokenOf(bytes: Uint8Array, name: string): TimestampToken {
  return proving(name, () => {
    const { status, failures, token } = parseTimestampResponse(bytes)
    // 0 granted, 1 granted with modifications, which the checks that follow would find.
    if (status <= 1 && token !== null) return parseTimestampToken(token)
    if (status <= 1) throw refused(name, 'it granted a time-stamp and sent none')
    const why = failures.map((bit) => FAILURES[bit]).find((one) => one !== undefined) ?? `status ${status}`
    const again = status === 3 || failures.some((bit) => FOR_A_WHILE.includes(bit))
    throw new CodedError(again ? 'anchor-unreachable' : 'anchor-refused', `${name} refused: ${why}`)
  })
}

/** An answer that does not hold is refused, whatever is wrong with it, and is told with the reason. */
function proving<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const { what, code } = coded(cause)
    if (code === 'anchor-refused' || code === 'anchor-unreachable') throw cause
    throw new CodedError('anchor-refused', `${name} sent what does not hold: ${what}`, { cause })
  }
}

const refused = (name: string, what: string) => new CodedError('anchor-refused', `${name}: ${what}`)

function coded(error: unknown): { readonly what: string; readonly code: Code } {
  return error instanceof CodedError ? error : { what: 'an unexpected error', code: 'internal' }
}

const hours = (milliseconds: number) => `${(milliseconds / 3_600_000).toFixed(1)} hours`

function nameOf(name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(name)) {
    throw new CodedError('anchor-setup-invalid', 'the name of a timestamp authority is not of a-z, 0-9, dot and hyphen')
  }
  return `tsa:${name}`
}

function urlOf(text: string, name: string): string {
  const url = URL.parse(text)
  const plain = url !== null && url.username === '' && url.password === '' && url.hash === ''
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new CodedError('anchor-setup-invalid', `the URL of ${name} is not http or https without a password`)
  }
  return url.href
}
