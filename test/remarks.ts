import { randomBytes } from 'node:crypto'
import { portableCrypto } from '@countersign/core/portable'
import {
  type Endorsed,
  PAYLOAD_TYPE,
  pae,
  type Remark,
  remarkId,
  type RemarkSubject,
  sortedSubjects,
  writeRemark,
  writeRemarkLine,
} from '@countersign/formats'
import { at, type Party, type Run, signatureOf } from './pipeline.ts'
import { type TestServer, token } from './server.ts'

/** Where notes for a test's server belong. */
export const PLACE = '//test/acme'

/** A note about steps, or what else is named. */
export function remarkAbout(about: string | readonly RemarkSubject[], more: Partial<Remark> = {}): Remark {
  const named = typeof about === 'string' ? [{ kind: 'step' as const, digest: about }] : sortedSubjects(about)
  return {
    about: named,
    kind: 'note',
    text: 'looked at it, INC-42',
    at: at(60),
    supersedes: null,
    place: PLACE,
    nonce: randomBytes(16).toString('hex'),
    ...more,
  }
}

/** Any payload as somebody's note, honest or not. */
export function sealRemark(by: Party, payload: Uint8Array): Endorsed {
  const signature = signatureOf(by, pae(PAYLOAD_TYPE, payload))
  const endorsements = [{ signature, keyid: by.publicKey.keyId, certificate: null, timestamps: [] }]
  return { payloadType: PAYLOAD_TYPE, payload, endorsements, logged: null }
}

export function signRemark(by: Party, remark: Remark): Endorsed {
  return sealRemark(by, writeRemark(remark))
}

export function idOfRemark(signed: Endorsed): string {
  return remarkId(signed, portableCrypto)
}

export function postRemark(server: TestServer, signed: Endorsed, given = token('acme')): Promise<Response> {
  return server.request('POST', '/v1/notes', { token: given, body: writeRemarkLine(signed) })
}

/** Requests about notes that are good, for what looks at every answer. */
export function remarkRequests(
  server: TestServer,
  { who, build }: Pick<Run, 'who' | 'build'>,
): Record<string, () => Promise<Response>[]> {
  const noted = async (suffix: string, body?: string) => {
    const note = signRemark(who.github, remarkAbout(build.link))
    await postRemark(server, note)
    const path = `/v1/notes/${idOfRemark(note)}${suffix}`
    return server.request(body === undefined ? 'GET' : 'POST', path, body === undefined ? {} : { body })
  }
  return {
    'POST /v1/notes': () => [postRemark(server, signRemark(who.github, remarkAbout(build.link)))],
    'GET /v1/notes/{note}': () => [noted('')],
    'POST /v1/notes/{note}/erase': () => [noted('/erase', JSON.stringify({ ground: 'asked for' }))],
  }
}
