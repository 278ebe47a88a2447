import type { AnchorCheck } from '@countersign/anchor'
import { type Code, CodedError, type Crypto, hex, parseJson, utf8 } from '@countersign/core'
import { parseCheckpoint, Shape, type SignedCheckpoint } from '@countersign/formats'
import { isWithin, looseOf, type SigstoreService } from '@countersign/formats/anchor'
import { logNameOf, type RekorTrust } from '@countersign/verify/anchors'
import { askRekor, hostOf, type RekorHttp, type RekorReply } from './rekor-http.ts'

/** Clocks that differ by more choose the wrong log when one follows another. */
const MAX_CLOCK_MS = 5 * 60_000

/** What the doctor looks at: that a log is set up for today, answers, is believed, and tells the same time. */
export async function checkRekor(
  services: readonly SigstoreService[],
  trust: RekorTrust,
  now: number,
  http: RekorHttp,
  crypto: Pick<Crypto, 'verify'>,
): Promise<AnchorCheck[]> {
  const [service] = services
  if (service === undefined) {
    return [bad('service', 'no Rekor log that is set up takes entries today', 'anchor-setup-invalid')]
  }
  const { url, majorApiVersion } = service
  const found = [good('service', `${url}, Rekor v${majorApiVersion}`)]
  let reply: RekorReply
  try {
    const path = majorApiVersion === 2 ? '/api/v2/checkpoint' : '/api/v1/log'
    reply = await askRekor(`${url}${path}`, null, http)
  } catch (error) {
    const what = error instanceof CodedError ? error.what : `${hostOf(url)} did not answer`
    return [...found, bad('reachable', what, 'anchor-unreachable'), byName(service, trust, now)]
  }
  found.push(good('reachable', `${hostOf(url)} answers`))
  // A log may keep what is read at another address; then only its name says which key it has.
  const shown = reply.status === 200 ? checkpointIn(reply.body, majorApiVersion) : null
  found.push(shown === null ? byName(service, trust, now) : byCheckpoint(shown, trust, now, crypto))
  const clock = clockOf(reply, now)
  return clock === null ? found : [...found, clock]
}

function byCheckpoint(
  checkpoint: SignedCheckpoint,
  trust: RekorTrust,
  now: number,
  crypto: Pick<Crypto, 'verify'>,
): AnchorCheck {
  for (const { name, keyId, signature } of checkpoint.note.signatures) {
    const log = trust.logs.find((one) => one.name === name && hex(one.logId.subarray(0, 4)) === keyId)
    if (log === undefined) continue
    if (!crypto.verify(log.key, checkpoint.signed, signature)) {
      return bad('trust root', `the checkpoint of ${name} does not verify`, 'anchor-unproven')
    }
    if (!isWithin(now, log.validFor)) return notNow(name)
    return good('trust root', `the checkpoint of ${name} verifies, ${checkpoint.size} entries`)
  }
  return bad('trust root', 'the checkpoint is not signed by a log that is believed', 'anchor-untrusted')
}

function byName({ url }: SigstoreService, { logs }: RekorTrust, now: number): AnchorCheck {
  const named = logs.filter(({ name }) => name === logNameOf(url))
  if (named.some(({ validFor }) => isWithin(now, validFor))) {
    return good('trust root', `a key of ${logNameOf(url)} is known`)
  }
  if (named.length > 0) return notNow(logNameOf(url))
  const names = logs.map(({ name }) => name).join(', ')
  return good('trust root', `the log shows no checkpoint; the first entry has to be signed by one of ${names}`)
}

function notNow(name: string): AnchorCheck {
  return bad('trust root', `the key of ${name} that is known is not for today`, 'anchor-untrusted')
}

function checkpointIn(body: Uint8Array, majorApiVersion: number): SignedCheckpoint | null {
  try {
    if (majorApiVersion === 2) return parseCheckpoint(body)
    const it = looseOf(new Shape('anchor-invalid', parseJson(body), 'log'), ['signedTreeHead'])
    return parseCheckpoint(utf8(it.get('signedTreeHead').string()))
  } catch {
    return null
  }
}

function clockOf({ headers }: RekorReply, now: number): AnchorCheck | null {
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(date)) return null
  const seconds = Math.round(Math.abs(date - now) / 1000)
  if (Math.abs(date - now) <= MAX_CLOCK_MS) return good('clock', `${seconds} s apart from the log's`)
  return bad('clock', `${seconds} s apart from the log's`, 'anchor-setup-invalid')
}

function good(name: string, found: string): AnchorCheck {
  return { name, ok: true, found, code: null }
}

function bad(name: string, found: string, code: Code): AnchorCheck {
  return { name, ok: false, found, code }
}
