import { createHash } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { naive, SHA256 } from '../../../packages/merkle/src/naive.test-kit.ts'
import { b64, DASH, LOG_PAIR, OTHER_PAIR, type Pair, WITNESS_PAIR } from './note-signers.ts'
import { textOf } from './log-statement.ts'
import { type Topic } from './topic.ts'

// Logs of five entries, the third of which is a statement's. Made without the code that it judges, and signed with keys
// everybody has.

const NAME = 'rekor.example'
const V1_NAME = 'v1.rekor.example'
const ORIGIN_V1 = `${V1_NAME} - 1193050959916656506`
const TIME = 1_795_176_030
const STATEMENT = textOf()
const OTHER_STATEMENT = textOf({ number: '8' })
const MEDIA_TYPE = 'application/vnd.countersign.anchor.v1+json'

const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const SPKI_P256 = '3059301306072a8648ce3d020106082a8648ce3d030107034200'
const SPKI_ED25519 = '302a300506032b6570032100'

/** An ECDSA key of a known secret, with signatures as RFC 6979 makes them: the same each time. */
function p256Pair(secret: string) {
  const bytes = new Uint8Array(Buffer.from(secret, 'hex'))
  const spki = Buffer.concat([Buffer.from(SPKI_P256, 'hex'), p256.getPublicKey(bytes, false)])
  const options = { prehash: false, lowS: false, format: 'der' } as const
  return { spki, sign: (message: string | Uint8Array) => Buffer.from(p256.sign(sha256(message), bytes, options)) }
}
const SIGNER = p256Pair('11'.repeat(32))
const STRANGER = p256Pair('22'.repeat(32))
const V1_LOG = p256Pair('33'.repeat(32))
const ED25519_SPKI = Buffer.concat([Buffer.from(SPKI_ED25519, 'hex'), LOG_PAIR.raw])

interface Log {
  readonly name: string
  readonly id: Buffer
  readonly vkey: string
  sign(text: string): Buffer
}

function edwards(name: string, pair: Pair): Log {
  const id = sha256(`${name}\n`, Buffer.of(1), pair.raw)
  const vkey = `${name}+${id.toString('hex', 0, 4)}+${b64(Buffer.concat([Buffer.of(1), pair.raw]))}`
  return { name, id, vkey, sign: (text) => pair.sign(Buffer.from(text)) }
}
function ecdsa(name: string, pair: ReturnType<typeof p256Pair>): Log {
  const id = sha256(pair.spki)
  const vkey = `${name}+${id.toString('hex', 0, 4)}+${b64(Buffer.concat([Buffer.of(2), pair.spki]))}`
  return { name, id, vkey, sign: (text) => pair.sign(text) }
}
const LOG = edwards(NAME, LOG_PAIR)
const OTHER = edwards('other.example', OTHER_PAIR)
const IMPOSTOR = edwards(NAME, OTHER_PAIR)
const WITNESS = edwards('witness.example', WITNESS_PAIR)
const V1 = ecdsa(V1_NAME, V1_LOG)
const V2_ECDSA = ecdsa(NAME, p256Pair('44'.repeat(32)))

/** Everything that can be otherwise than it should be. What is not given is as it should be. */
interface Parts {
  readonly version?: '0.0.1' | '0.0.2'
  readonly log?: Log
  readonly logId?: Buffer
  readonly origin?: string
  /** Hash in the entry. */
  readonly digest?: Buffer
  readonly signature?: Buffer
  readonly spki?: Buffer
  /** Spelling of the entry. */
  readonly spell?: (body: string) => string
  /** Text of the checkpoint. */
  readonly checkpoint?: (text: string) => string
  /** Signature lines under it. */
  readonly lines?: (text: string) => readonly string[]
  readonly path?: (path: readonly Uint8Array[]) => readonly Uint8Array[]
  readonly entry?: (entry: Entry) => object
  readonly time?: number
  readonly promise?: (signed: Record<string, unknown>) => Buffer
  readonly statement?: string
}

interface Entry {
  [key: string]: unknown
  logIndex: string
  inclusionProof: { [key: string]: unknown; logIndex: string; hashes: readonly string[]; checkpoint: object }
}

const line = (log: Log, text: string, signature = log.sign(text)) =>
  `${DASH} ${log.name} ${b64(Buffer.concat([log.id.subarray(0, 4), signature]))}\n`

const jcs = (value: Record<string, unknown>) =>
  JSON.stringify(Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))))

function bodyOf(version: string, digest: Buffer, signature: Buffer, spki: Buffer): string {
  if (version === '0.0.2') {
    const verifier = `{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"${b64(spki)}"}}`
    const data = `{"algorithm":"SHA2_256","digest":"${b64(digest)}"}`
    const spec = `{"data":${data},"signature":{"content":"${b64(signature)}","verifier":${verifier}}}`
    return `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":${spec}}}`
  }
  const lines = b64(spki).match(/.{1,64}/g)!
  const pem = b64(Buffer.from(`-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`))
  const data = `{"hash":{"algorithm":"sha256","value":"${digest.toString('hex')}"}}`
  const spec = `{"data":${data},"signature":{"content":"${b64(signature)}","publicKey":{"content":"${pem}"}}}`
  return `{"apiVersion":"0.0.1","kind":"hashedrekord","spec":${spec}}`
}

/** An anchor's JSON, sound but for the parts that are given. */
function anchorOf(parts: Parts = {}): object {
  const {
    version = '0.0.2',
    log = version === '0.0.2' ? LOG : V1,
    digest = sha256(STATEMENT),
    spki = SIGNER.spki,
  } = parts
  const signature = parts.signature ?? SIGNER.sign(STATEMENT)
  const body = (parts.spell ?? ((text) => text))(bodyOf(version, digest, signature, spki))
  const tree = naive(
    [1, 2, body, 4, 5].map((leaf) => Buffer.from(typeof leaf === 'string' ? leaf : `entry ${leaf}`)),
    SHA256,
  )
  const origin = parts.origin ?? (version === '0.0.2' ? NAME : ORIGIN_V1)
  const text = (parts.checkpoint ?? ((good) => good))(`${origin}\n5\n${b64(tree.root(5))}\n`)
  const lines = (parts.lines ?? ((signed) => [line(log, signed)]))(text)
  const [, size, root] = text.split('\n')
  const v1 = version === '0.0.1'
  const [logIndex, time] = [v1 ? 771_488_337 : 2, parts.time ?? TIME]
  const logId = parts.logId ?? log.id
  const facts = { body: b64(Buffer.from(body)), integratedTime: time, logID: logId.toString('hex'), logIndex }
  const promise = (parts.promise ?? ((signed) => V1_LOG.sign(jcs(signed))))(facts)
  const entry: Entry = {
    logIndex: String(logIndex),
    logId: { keyId: b64(logId) },
    kindVersion: { kind: 'hashedrekord', version },
    integratedTime: v1 ? String(time) : '0',
    ...(v1 ? { inclusionPromise: { signedEntryTimestamp: b64(promise) } } : {}),
    inclusionProof: {
      logIndex: '2',
      rootHash: root,
      treeSize: size,
      hashes: (parts.path ?? ((path) => path))(tree.path(2, 5)).map(b64),
      checkpoint: { envelope: `${text}\n${lines.join('')}` },
    },
    canonicalizedBody: b64(Buffer.from(body)),
  }
  return {
    mediaType: MEDIA_TYPE,
    kind: 'rekor',
    statement: parts.statement ?? sha256(STATEMENT).toString('hex'),
    entry: (parts.entry ?? ((same) => same))(entry),
  }
}

const CONTEXT = { statement: STATEMENT, vkeys: [LOG.vkey, V1.vkey] }
const V2_PROVED = {
  by: NAME,
  at: 'entry 2',
  time: null,
  within: 0,
  trusted: [`The log ${NAME} shows everybody the same entries.`],
}
const V1_PROVED = {
  by: V1_NAME,
  at: 'entry 771488337',
  time: new Date(TIME * 1000).toISOString(),
  within: 1,
  trusted: [`The log ${V1_NAME} shows everybody the same entries.`, `The clock of ${V1_NAME} was right.`],
}

const good = (parts: Parts = {}, more: object = {}) => ({
  anchor: anchorOf(parts),
  ...CONTEXT,
  proved: parts.version === '0.0.1' ? V1_PROVED : V2_PROVED,
  ...more,
})
const bad = (error: string, parts: Parts = {}, more: object = {}) => ({
  error,
  anchor: anchorOf(parts),
  ...CONTEXT,
  ...more,
})
/** One member changed, removed where there is no value, in the entry or (with a path) in it. */
const entry = (change: object, parts: Parts = {}) =>
  bad('anchor-invalid', { ...parts, entry: (it) => without({ ...it, ...change }) })
const proof = (change: object) =>
  bad('anchor-invalid', {
    entry: (it) => ({ ...it, inclusionProof: without({ ...it.inclusionProof, ...change }) }),
  })
const whole = (change: object) => ({ ...bad('anchor-invalid'), anchor: without({ ...anchorOf(), ...change }) })
const without = (object: object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
const flipped = (bytes: Uint8Array, at = bytes.length - 1) => Buffer.from(bytes.with(at, bytes[at]! ^ 1))
const v1: Parts = { version: '0.0.1' }
const HASH = b64(Buffer.alloc(32, 7))

export const rekorAnchors: Topic = {
  name: 'anchor-rekor',
  vectors: {
    good: good(),
    v1: good(v1),
    'signer-pinned': good({}, { signers: [SIGNER.spki.toString('hex')] }),
    'log-with-an-ecdsa-key': good({ log: V2_ECDSA }, { vkeys: [V1.vkey, LOG.vkey, V2_ECDSA.vkey] }),
    'checkpoint-cosigned': good({ lines: (text) => [line(WITNESS, text), line(LOG, text)] }),
    'checkpoint-with-an-unknown-key-of-its-log': good({ lines: (text) => [line(LOG, text), line(IMPOSTOR, text)] }),
    'checkpoint-with-an-extension': good({ checkpoint: (text) => `${text}note\n` }),
    'stranger-signed-the-statement': good({ spki: STRANGER.spki, signature: STRANGER.sign(STATEMENT) }),

    'wrong-hashedrekord-digest': bad('anchor-mismatch', { digest: sha256(OTHER_STATEMENT) }),
    'wrong-hashedrekord-of-another-statement': bad('anchor-mismatch', {
      digest: sha256(OTHER_STATEMENT),
      signature: SIGNER.sign(OTHER_STATEMENT),
    }),
    'wrong-hashedrekord-of-the-statement-it-names': bad('anchor-mismatch', {
      digest: sha256(OTHER_STATEMENT),
      signature: SIGNER.sign(OTHER_STATEMENT),
      statement: sha256(OTHER_STATEMENT).toString('hex'),
    }),
    'wrong-hashedrekord-signature': bad('anchor-unproven', { signature: SIGNER.sign(OTHER_STATEMENT) }),
    'wrong-hashedrekord-signature-bit': bad('anchor-unproven', { signature: flipped(SIGNER.sign(STATEMENT)) }),
    'wrong-hashedrekord-signature-of-the-hash': bad('anchor-unproven', { signature: SIGNER.sign(sha256(STATEMENT)) }),
    'wrong-hashedrekord-key': bad('anchor-unproven', { spki: STRANGER.spki }),
    'wrong-hashedrekord-key-not-pinned': bad(
      'anchor-untrusted',
      { spki: STRANGER.spki, signature: STRANGER.sign(STATEMENT) },
      { signers: [SIGNER.spki.toString('hex')] },
    ),
    'wrong-hashedrekord-v1-digest': bad('anchor-mismatch', { ...v1, digest: sha256(OTHER_STATEMENT) }),
    'statement-of-another': bad('anchor-mismatch', { statement: sha256(OTHER_STATEMENT).toString('hex') }),

    'log-unknown': bad('anchor-untrusted', { log: OTHER, origin: OTHER.name }),
    'log-id-of-another-log': bad('anchor-untrusted', { logId: OTHER.id }),
    'log-id-of-a-v1-log': bad('anchor-unproven', { logId: V1.id }),
    'checkpoint-of-another-log': bad('anchor-unproven', {
      origin: OTHER.name,
      lines: (text) => [line(OTHER, text)],
      logId: LOG.id,
    }),
    'checkpoint-signed-by-this-log-for-another': bad('anchor-unproven', { origin: OTHER.name }),
    'checkpoint-signed-by-another-key': bad('anchor-unproven', { lines: (text) => [line(IMPOSTOR, text)] }),
    'checkpoint-signed-by-another-key-under-this-id': bad('anchor-unproven', {
      lines: (text) => [line(LOG, text, OTHER_PAIR.sign(Buffer.from(text)))],
    }),
    'checkpoint-signed-once-well-and-once-not': bad('anchor-unproven', {
      lines: (text) => [line(LOG, text), line(LOG, text, LOG.sign('x'))],
    }),
    'checkpoint-signed-by-a-witness-alone': bad('anchor-unproven', { lines: (text) => [line(WITNESS, text)] }),
    'checkpoint-of-another-size': bad('anchor-unproven', { checkpoint: (text) => text.replace('\n5\n', '\n9\n') }),
    'checkpoint-of-another-root': bad('anchor-unproven', {
      checkpoint: (text) => text.replace(/\n[^\n]{44}\n$/, `\n${HASH}\n`),
    }),
    'checkpoint-v1-with-a-name-only': bad('anchor-unproven', { ...v1, origin: V1_NAME }),
    'checkpoint-v1-with-a-longer-name': bad('anchor-unproven', { ...v1, origin: `${V1_NAME}.evil - 1` }),
    'checkpoint-v2-with-a-tree-number': bad('anchor-unproven', { origin: `${NAME} - 1` }),
    'path-changed': bad('anchor-unproven', { path: ([first, ...rest]) => [flipped(first!), ...rest] }),
    'path-longer': bad('anchor-unproven', { path: (path) => [...path, path[0]!] }),
    'path-shorter': bad('anchor-unproven', { path: (path) => path.slice(1) }),
    'path-empty': bad('anchor-unproven', { path: () => [] }),
    'index-of-another-entry': bad('anchor-unproven', {
      entry: (it) => ({ ...it, logIndex: '1', inclusionProof: { ...it.inclusionProof, logIndex: '1' } }),
    }),

    'v1-promise-by-another-key': bad('anchor-unproven', { ...v1, promise: (it) => STRANGER.sign(jcs(it)) }),
    'v1-promise-of-another-time': bad('anchor-unproven', {
      ...v1,
      promise: (it) => V1_LOG.sign(jcs({ ...it, integratedTime: TIME - 86_400 })),
    }),
    'v1-promise-of-another-index': bad('anchor-unproven', {
      ...v1,
      promise: (it) => V1_LOG.sign(jcs({ ...it, logIndex: 5 })),
    }),
    'v1-promise-of-another-entry': bad('anchor-unproven', {
      ...v1,
      promise: (it) => V1_LOG.sign(jcs({ ...it, body: b64(Buffer.from('{}')) })),
    }),
    'v1-promise-missing': entry({ inclusionPromise: undefined }, v1),
    'v1-promise-missing-and-no-time': entry({ inclusionPromise: undefined, integratedTime: '0' }, v1),
    'v1-time-missing': entry({ integratedTime: '0' }, v1),
    'v1-time-beyond-the-year-9999': entry({ integratedTime: '253402300800' }, v1),
    'v2-time-that-nobody-signed': entry({ integratedTime: String(TIME) }),
    'v2-with-a-promise': entry({
      inclusionPromise: { signedEntryTimestamp: b64(V1_LOG.sign('x')) },
      integratedTime: '1',
    }),
    'v2-with-two-indices': entry({ logIndex: '3' }),

    'media-type-of-another': whole({ mediaType: `${MEDIA_TYPE}; charset=utf-8` }),
    'media-type-missing': whole({ mediaType: undefined }),
    'kind-of-another': whole({ kind: 'rfc3161' }),
    'statement-in-upper-case': whole({ statement: 'AB'.repeat(32) }),
    'statement-too-short': whole({ statement: 'ab'.repeat(31) }),
    'entry-missing': whole({ entry: undefined }),
    'member-more': whole({ time: '2026-01-01T00:00:00.000Z' }),
    'entry-member-more': entry({ logUrl: 'https://rekor.example' }),
    'entry-index-as-number': entry({ logIndex: 2 }),
    'entry-index-with-leading-zero': entry({ logIndex: '02' }),
    'entry-index-negative': entry({ logIndex: '-2' }),
    'entry-index-too-large': entry({ logIndex: '9007199254740992' }),
    'entry-time-missing': entry({ integratedTime: undefined }),
    'entry-promise-null': entry({ inclusionPromise: null }),
    'entry-kind-dsse': entry({ kindVersion: { kind: 'dsse', version: '0.0.2' } }),
    'entry-version-unknown': entry({ kindVersion: { kind: 'hashedrekord', version: '0.0.3' } }),
    'entry-version-of-the-other': entry({ kindVersion: { kind: 'hashedrekord', version: '0.0.1' } }),
    'entry-log-id-truncated': entry({ logId: { keyId: b64(LOG.id.subarray(0, 4)) } }),
    'entry-log-id-hex': entry({ logId: { keyId: LOG.id.toString('hex') } }),
    'entry-body-missing': entry({ canonicalizedBody: undefined }),
    'entry-body-empty': entry({ canonicalizedBody: '' }),
    'entry-body-base64url': entry({ canonicalizedBody: '_-8=' }),
    'proof-missing': entry({ inclusionProof: undefined }),
    'proof-index-beyond-the-tree': bad('anchor-invalid', {
      entry: (it) => ({ ...it, logIndex: '5', inclusionProof: { ...it.inclusionProof, logIndex: '5' } }),
    }),
    'proof-root-of-another': proof({ rootHash: HASH }),
    'proof-size-of-another': proof({ treeSize: '6' }),
    'proof-hash-too-short': proof({ hashes: [b64(Buffer.alloc(31))] }),
    'proof-hash-base64-spare-bits': proof({ hashes: [`${HASH.slice(0, -2)}d=`] }),
    'proof-of-64-hashes': proof({ hashes: Array.from({ length: 64 }, () => HASH) }),
    'proof-checkpoint-missing': proof({ checkpoint: undefined }),
    'proof-checkpoint-empty': proof({ checkpoint: { envelope: '' } }),
    'proof-checkpoint-unsigned': proof({ checkpoint: { envelope: `${NAME}\n5\n${HASH}\n` } }),
    'proof-checkpoint-null': proof({ checkpoint: null }),

    'body-with-white-space': bad('anchor-invalid', { spell: (body) => body.replace(',', ', ') }),
    'body-in-another-order': bad('anchor-invalid', {
      spell: (body) =>
        body.replace('{"apiVersion":"0.0.2","kind":"hashedrekord",', '{"kind":"hashedrekord","apiVersion":"0.0.2",'),
    }),
    'body-with-a-key-twice': bad('anchor-invalid', {
      spell: (body) => body.replace('"kind":', '"kind":"hashedrekord","kind":'),
    }),
    'body-with-a-member-more': bad('anchor-invalid', { spell: (body) => body.replace('"kind":', '"extra":1,"kind":') }),
    'body-of-another-kind': bad('anchor-invalid', { spell: (body) => body.replace('hashedrekord', 'rekord') }),
    'body-of-another-version': bad('anchor-invalid', { spell: (body) => body.replace('0.0.2', '0.0.1') }),
    'body-with-sha512': bad('anchor-invalid', { spell: (body) => body.replace('SHA2_256', 'SHA2_512') }),
    'body-with-another-algorithm': bad('anchor-invalid', {
      spell: (body) => body.replace('PKIX_ECDSA_P256_SHA_256', 'PKIX_ED25519'),
    }),
    'body-with-an-ed25519-key': bad('anchor-invalid', { spki: ED25519_SPKI }),
    'body-with-a-certificate': bad('anchor-invalid', {
      spell: (body) => body.replace('"publicKey"', '"x509Certificate"'),
    }),
    'body-with-a-key-off-the-curve': bad('anchor-invalid', { spki: flipped(SIGNER.spki) }),
    'body-with-a-digest-of-31-bytes': bad('anchor-invalid', { digest: Buffer.alloc(31) }),
    'body-without-signature': bad('anchor-invalid', { signature: Buffer.alloc(0) }),
  },
}
