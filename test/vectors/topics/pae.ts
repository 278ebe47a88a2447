import { sign } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { PRIVATE, SPKI } from './bundle.ts'
import type { Topic } from './topic.ts'

const TYPE = 'application/vnd.in-toto+json'
const BODY = '{"a":1}'
/** Two characters of three bytes; one of four, which JavaScript counts as two. */
const [ACCENT, FACE] = ['e\u0301', '\u{1f600}']

type Bytes = string | Buffer
const bytes = (of: Bytes) => Buffer.from(of as string)
const joined = (...parts: readonly Bytes[]) => Buffer.concat(parts.map(bytes))

function pae(type: string, payload: Bytes): Buffer {
  return joined(`DSSEv1 ${bytes(type).length} ${type} ${bytes(payload).length} `, payload)
}

/** Signed with the key of the bundles, over `signed` in the place of the PAE. */
function vector(type: string, payload: Bytes, signed = pae(type, payload)): object {
  const valid = signed.equals(pae(type, payload))
  return {
    payloadType: type,
    payload: bytes(payload).toString('base64'),
    pae: pae(type, payload).toString('base64'),
    spki: SPKI,
    signature: sign(null, signed, PRIVATE).toString('hex'),
    // What the signature covers, where that is something else.
    ...(valid ? { valid } : { signed: signed.toString('base64'), valid }),
  }
}

/** DSSE v1.0.2, protocol.md, Test Vectors: its key, and the signature that it prints, r and s one after the other. */
function published(): object {
  const hex = (n: bigint) => n.toString(16).padStart(64, '0')
  const x = hex(46950820868899156662930047687818585632848591499744589407958293238635476079160n)
  const y = hex(5640078356564379163099075877009565129882514886557779369047442380624545832820n)
  const spki = `3059301306072a8648ce3d020106082a8648ce3d03010703420004${x}${y}`
  const sig = 'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=='
  return {
    payloadType: 'http://example.com/HelloWorld',
    payload: 'aGVsbG8gd29ybGQ=',
    pae: bytes('DSSEv1 29 http://example.com/HelloWorld 11 hello world').toString('base64'),
    spki,
    signature: p256.Signature.fromBytes(Buffer.from(sig, 'base64')).toHex('der'),
    valid: true,
  }
}

/** Signatures over what others take for the PAE. */
const over = (signed: Buffer, type = TYPE, payload: Bytes = BODY) => vector(type, payload, signed)
const length64 = (of: Bytes) => {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes(of).length))
  return length
}

export const paes: Topic = {
  name: 'pae',
  vectors: {
    published: published(),
    good: vector(TYPE, BODY),
    'payload-empty': vector(TYPE, ''),
    'type-empty': vector('', BODY),
    'both-empty': vector('', ''),
    'type-not-ascii': vector('application/vnd.in-t\u00f6to+json', BODY),
    'type-decomposed': vector(`text/${ACCENT}`, BODY),
    'type-outside-the-plane': vector(`text/${FACE}`, BODY),
    'type-with-spaces': vector('a 5 b', BODY),
    'type-with-newline': vector('a\n', BODY),
    'type-with-null': vector('a\u0000b', BODY),
    'type-lone-surrogate': { payloadType: 'text/\ud83d', payload: 'e30=', error: 'utf8-invalid' },
    'payload-not-ascii': vector(TYPE, `{"a":"${ACCENT}${FACE}"}`),
    'payload-of-null': vector(TYPE, '\u0000'),
    'payload-with-null': vector(TYPE, 'a\u0000b'),
    'payload-of-spaces': vector(TYPE, '   '),
    'payload-with-newlines': vector(TYPE, '\n{}\r\n'),
    'payload-with-mark': vector(TYPE, '\ufeff{}'),
    'payload-like-a-length': vector(TYPE, '7 {"a":1}'),
    'payload-like-an-encoding': vector(TYPE, pae(TYPE, BODY)),
    'payload-not-utf-8': vector(TYPE, Buffer.from('ff00fe80', 'hex')),
    'payload-of-1000-bytes': vector(TYPE, 'a'.repeat(1000)),
    'both-not-ascii': vector(`text/${ACCENT}`, `"${FACE}"`),
    'type-length-in-characters': over(joined(`DSSEv1 7 text/${ACCENT} 7 `, BODY), `text/${ACCENT}`),
    'type-length-in-code-units': over(joined(`DSSEv1 7 text/${FACE} 7 `, BODY), `text/${FACE}`),
    'payload-length-in-characters': over(joined(`DSSEv1 28 ${TYPE} 3 "${FACE}"`), TYPE, `"${FACE}"`),
    'payload-length-in-code-units': over(joined(`DSSEv1 28 ${TYPE} 4 "${FACE}"`), TYPE, `"${FACE}"`),
    'lengths-in-hex': over(joined(`DSSEv1 1c ${TYPE} 7 ${BODY}`)),
    'length-with-leading-zero': over(joined(`DSSEv1 28 ${TYPE} 07 ${BODY}`)),
    'lengths-as-64-bit': over(joined(Buffer.of(2, 0, 0, 0, 0, 0, 0, 0), length64(TYPE), TYPE, length64(BODY), BODY)),
    'length-of-the-base64': over(joined(`DSSEv1 28 ${TYPE} 12 ${BODY}`)),
    'payload-in-base64': over(joined(`DSSEv1 28 ${TYPE} 12 ${bytes(BODY).toString('base64')}`)),
    'payload-alone': over(joined(BODY)),
    'without-type': over(joined(`DSSEv1 7 ${BODY}`)),
    'payload-before-type': over(joined(`DSSEv1 7 ${BODY} 28 ${TYPE}`)),
    'other-version': over(joined(`DSSEv2 28 ${TYPE} 7 ${BODY}`)),
    'without-version': over(joined(`28 ${TYPE} 7 ${BODY}`)),
    'newlines-between': over(joined(`DSSEv1\n28\n${TYPE}\n7\n${BODY}`)),
    'newline-at-end': over(joined(`DSSEv1 28 ${TYPE} 7 ${BODY}\n`)),
    'type-composed': over(pae('text/\u00e9', BODY), `text/${ACCENT}`),
    'type-of-another': over(pae('application/json', BODY)),
  },
}
