import { createHash, createHmac } from 'node:crypto'
import { naive, SHA256 } from '../../../packages/merkle/src/naive.test-kit.ts'
import { BUNDLE, canonical, pae, SPKI } from './bundle.ts'
import { b64, LOG_PAIR, noteOf, plain } from './note-signers.ts'
import { BLIND, LEAF, ORIGIN } from './receipt.ts'
import type { Topic } from './topic.ts'

const SALT = Buffer.alloc(32, 1)
const KEY = Buffer.from(SPKI, 'hex')
const OTHER_KEY = Buffer.from(SPKI.replace(/..$/, '1b'), 'hex')
// Who issued them, and that anybody did, is another question than which of them a leaf is about.
const CERTIFICATE = Buffer.from('3003020101', 'hex')
const OTHER_CERTIFICATE = Buffer.from('3003020102', 'hex')

const log = plain(ORIGIN, LOG_PAIR)
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

const certified = (certificate: Buffer) => ({
  ...BUNDLE,
  verificationMaterial: { certificate: { rawBytes: b64(certificate) } },
})

/** The receipt of a log whose leaf commits to a message, and whose opening says who that is. */
function receiptOf(message: Buffer | { readonly sha256: Buffer; readonly sha3_256: Buffer }, signer: string) {
  const { sha256: one, sha3_256: other } = Buffer.isBuffer(message) ? { sha256: message, sha3_256: message } : message
  const hmac = (hash: string, data: Buffer) => createHmac(hash, SALT).update(data).digest('hex')
  const leaf = { ...LEAF, commitment: { sha256: hmac('sha256', one), sha3_256: hmac('sha3-256', other) } }
  const opening = { blind: b64(BLIND), leaf, link: sha256(pae), salt: b64(SALT), signer }
  const root = naive([Buffer.from(canonical(leaf))], SHA256).root(1)
  const proof = `c2sp.org/tlog-proof@v1\nextra ${b64(Buffer.from(canonical(opening)))}\nindex 0\n\n${noteOf(`${ORIGIN}\n1\n${b64(root)}\n`, log)}`
  return { mediaType: 'application/vnd.countersign.receipt.v1+json', proof }
}

const under = (signer: Buffer) => receiptOf(Buffer.concat([pae, signer]), sha256(signer))
const saying = (signer: Buffer, by: Buffer) => receiptOf(Buffer.concat([pae, signer]), sha256(by))

const all = { bundle: BUNDLE, key: SPKI, log: log.vkey }
const error = 'receipt-invalid'

/** Receipts, the bundles that they are held against, the key that signed these, and the log's. */
export const countersigneds: Topic = {
  name: 'countersigned',
  vectors: {
    good: { ...all, receipt: under(KEY) },
    'good-under-a-certificate': { ...all, bundle: certified(CERTIFICATE), receipt: under(CERTIFICATE) },
    'leaf-of-another-key': { ...all, error, receipt: under(OTHER_KEY) },
    'leaf-of-another-certificate': { ...all, error, bundle: certified(CERTIFICATE), receipt: under(OTHER_CERTIFICATE) },
    'leaf-of-the-key-of-a-certificate': { ...all, error, bundle: certified(CERTIFICATE), receipt: under(KEY) },
    'leaf-of-a-certificate-for-the-key': { ...all, error, receipt: under(CERTIFICATE) },
    'leaf-of-nobody': { ...all, error, receipt: receiptOf(pae, sha256(KEY)) },
    'leaf-of-the-key-id': {
      ...all,
      error,
      receipt: receiptOf(Buffer.concat([pae, createHash('sha256').update(KEY).digest()]), sha256(KEY)),
    },
    'leaf-with-the-signer-first': { ...all, error, receipt: receiptOf(Buffer.concat([KEY, pae]), sha256(KEY)) },
    'leaf-of-another-key-by-sha256': {
      ...all,
      error,
      receipt: receiptOf({ sha256: Buffer.concat([pae, OTHER_KEY]), sha3_256: Buffer.concat([pae, KEY]) }, sha256(KEY)),
    },
    'leaf-of-another-key-by-sha3-256': {
      ...all,
      error,
      receipt: receiptOf({ sha256: Buffer.concat([pae, KEY]), sha3_256: Buffer.concat([pae, OTHER_KEY]) }, sha256(KEY)),
    },
    // The leaf is the right one; what is said of it is not.
    'opening-of-another-key': { ...all, error, receipt: saying(KEY, OTHER_KEY) },
    'opening-of-this-key-for-the-leaf-of-another': { ...all, error, receipt: saying(OTHER_KEY, KEY) },
  },
}
