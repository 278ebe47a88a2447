import { type Code, CodedError, fromBase64, fromHex, fromUtf8, parseJson } from '@countersign/core'
import { Shape } from '../shape.ts'

const CODE: Code = 'bundle-invalid'
const CERTIFICATE = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'] as const
const PUBLIC_KEY = ['-----BEGIN PUBLIC KEY-----', '-----END PUBLIC KEY-----'] as const

/** Entries of Rekor that are read, by their kind and version, and the API whose logs hold them. */
const KINDS = {
  'hashedrekord 0.0.1': 1,
  'dsse 0.0.1': 1,
  'intoto 0.0.2': 1,
  'hashedrekord 0.0.2': 2,
  'dsse 0.0.2': 2,
} as const

/** Kind and version of an entry. */
export interface EntryKind {
  readonly name: keyof typeof KINDS
  /** 1 for logs of Rekor v1, 2 for those of v2. */
  readonly generation: 1 | 2
}

/** What an entry says: this signer made this signature over what has this hash. */
export interface EntryBody {
  /** What was hashed: the bytes that were signed, or the payload of the envelope that was. */
  readonly of: 'signed' | 'payload'
  /** SHA-256. */
  readonly digest: Uint8Array
  readonly signature: Uint8Array
  /** DER of the signer's certificate, or of the key as SPKI. */
  readonly verifier: { readonly kind: 'certificate' | 'key'; readonly der: Uint8Array }
}

export function readEntryKind(shape: Shape, kind: string, version: string): EntryKind {
  const name = `${kind} ${version}`
  if (!Object.hasOwn(KINDS, name)) shape.fail(`is ${JSON.stringify(name.slice(0, 60))}, which is not known`)
  const known = name as keyof typeof KINDS
  return { name: known, generation: KINDS[known] }
}

/**
 * What a leaf of Rekor says, strictly: other members than those of its kind and version are refused, though the log
 * committed to them. Throws `bundle-invalid` and what strict JSON, base64 and hex throw.
 */
export function readEntryBody({ name }: EntryKind, body: Uint8Array): EntryBody {
  const it = new Shape(CODE, parseJson(body, { maxDepth: 12 }), 'entry').object(['apiVersion', 'kind', 'spec'])
  const [kind, version] = name.split(' ') as [string, string]
  it.exactly('apiVersion', version)
  it.exactly('kind', kind)
  const read = READERS[name](it.get('spec'))
  if (read.digest.length !== 32) throw new CodedError(CODE, 'the entry does not hold a SHA-256')
  if (read.signature.length === 0) throw new CodedError(CODE, 'the signature in the entry is empty')
  return read
}

const READERS: Readonly<Record<EntryKind['name'], (spec: Shape) => EntryBody>> = {
  'hashedrekord 0.0.1': (shape) => {
    const spec = shape.object(['data', 'signature'])
    const signature = spec.get('signature').object(['content', 'publicKey'])
    return {
      of: 'signed',
      digest: hexHash(spec.get('data').object(['hash']).get('hash')),
      signature: fromBase64(signature.text('content')),
      verifier: pem(signature.get('publicKey').object(['content']).get('content')),
    }
  },
  'dsse 0.0.1': (shape) => {
    const spec = shape.object(['envelopeHash', 'payloadHash', 'signatures'])
    // The hash of an envelope as it was once spelled, which no bundle keeps.
    hexHash(spec.get('envelopeHash'))
    const one = only(spec.get('signatures')).object(['signature', 'verifier'])
    return {
      of: 'payload',
      digest: hexHash(spec.get('payloadHash')),
      signature: fromBase64(one.text('signature')),
      verifier: pem(one.get('verifier')),
    }
  },
  'intoto 0.0.2': (shape) => {
    const content = shape.object(['content']).get('content').object(['envelope', 'hash', 'payloadHash'])
    const envelope = content.get('envelope').object(['payloadType', 'signatures'], ['payload'])
    hexHash(content.get('hash'))
    const one = only(envelope.get('signatures')).object(['sig', 'publicKey'], ['keyid'])
    return {
      of: 'payload',
      digest: hexHash(content.get('payloadHash')),
      // The log takes the base64 of DSSE for bytes and writes it in base64 once more.
      signature: fromBase64(fromUtf8(fromBase64(one.text('sig', 8192)))),
      verifier: pem(one.get('publicKey')),
    }
  },
  'hashedrekord 0.0.2': (shape) => {
    const spec = shape.object(['hashedRekordV002']).get('hashedRekordV002').object(['data', 'signature'])
    return { of: 'signed', digest: taggedHash(spec.get('data')), ...signatureV2(spec.get('signature')) }
  },
  'dsse 0.0.2': (shape) => {
    const spec = shape.object(['dsseV002']).get('dsseV002').object(['payloadHash', 'signatures'])
    return { of: 'payload', digest: taggedHash(spec.get('payloadHash')), ...signatureV2(only(spec.get('signatures'))) }
  },
}

/** Exactly one: a bundle has one signature, and an entry with more is about something else. */
function only(list: Shape): Shape {
  const [one, ...more] = list.array(16)
  if (one === undefined || more.length > 0) list.fail('does not hold exactly one signature')
  return one
}

function hexHash(shape: Shape): Uint8Array {
  const hash = shape.object(['algorithm', 'value'])
  hash.exactly('algorithm', 'sha256')
  return fromHex(hash.hex('value', 64))
}

function taggedHash(shape: Shape): Uint8Array {
  const hash = shape.object(['algorithm', 'digest'])
  hash.exactly('algorithm', 'SHA2_256')
  return fromBase64(hash.text('digest'))
}

function signatureV2(shape: Shape): Pick<EntryBody, 'signature' | 'verifier'> {
  const it = shape.object(['content', 'verifier'])
  const verifier = it.get('verifier').object(['keyDetails'], ['publicKey', 'x509Certificate'])
  // What the key is, it says itself; a name beside it decides nothing.
  verifier.text('keyDetails', 100)
  if (verifier.has('publicKey') === verifier.has('x509Certificate')) {
    it.get('verifier').fail('needs exactly one of publicKey and x509Certificate')
  }
  const kind = verifier.has('publicKey') ? 'key' : 'certificate'
  const raw = verifier.get(kind === 'key' ? 'publicKey' : 'x509Certificate').object(['rawBytes'])
  return {
    signature: fromBase64(it.text('content')),
    verifier: { kind, der: fromBase64(raw.get('rawBytes').string(65_536)) },
  }
}

/** A certificate or a key in PEM, in base64 once more: Rekor v1 takes it as its client spelled it. */
function pem(shape: Shape): EntryBody['verifier'] {
  const text = fromUtf8(fromBase64(shape.string(65_536))).trim()
  const kind = text.startsWith(CERTIFICATE[0]) ? 'certificate' : 'key'
  const [begin, end] = kind === 'certificate' ? CERTIFICATE : PUBLIC_KEY
  if (!text.startsWith(begin) || !text.endsWith(end)) shape.fail('is neither a certificate nor a public key in PEM')
  // One block only: in base64 a second one's dashes have no place.
  return { kind, der: fromBase64(text.slice(begin.length, -end.length).replace(/[ \t\r\n]+/g, '')) }
}
