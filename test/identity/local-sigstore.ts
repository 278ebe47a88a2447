import { createHash } from 'node:crypto'
import { base64, canonicalJson, type JsonObject, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { BUNDLE_V03, pae, PAYLOAD_TYPE } from '@countersign/formats'
import { trustedRootJson } from '@countersign/formats/identity'
import { entriesOf, naive, SHA256 } from '../../packages/merkle/src/naive.test-kit.ts'
import { certificate, seededKey, type TestCertificate, type TestKey } from '../anchors/certificates.ts'
import { genTime, timestampResponse, timestampToken, type TokenOptions } from '../anchors/tokens.ts'
import { DASH, LOG_PAIR, type Pair } from '../vectors/topics/note-signers.ts'
import { CT_KEY, ctLog, ISSUED, type Issued, type IssueOptions, LocalAuthority, MINUTE } from './local-ca.ts'

const START = Date.parse('2026-01-01T00:00:00Z')
/** When signatures are made here, unless something else is said. */
export const SIGNED = ISSUED + MINUTE
export const ARTIFACT = utf8('the artifact\n')
export const MEDIA_TYPES = {
  '0.1': 'application/vnd.dev.sigstore.bundle+json;version=0.1',
  '0.2': 'application/vnd.dev.sigstore.bundle+json;version=0.2',
  '0.3': BUNDLE_V03,
} as const

const hash = (name: string, bytes: Uint8Array) => new Uint8Array(createHash(name).update(bytes).digest())
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const pemOf = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${base64(der)
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END ${label}-----\n`

/** A log of Rekor, of either kind. */
export interface LocalRekor {
  readonly name: string
  readonly generation: 1 | 2
  readonly logId: Uint8Array
  readonly publicKey: JsonObject
  sign(bytes: Uint8Array): Uint8Array
}

/** A v1 log, whose key is ECDSA. */
export function rekorV1(name = 'rekor.example.com', key: TestKey = seededKey('rekor')): LocalRekor {
  return {
    name,
    generation: 1,
    logId: hash('sha256', key.spki),
    publicKey: { rawBytes: base64(key.spki), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: validFor() },
    sign: (bytes) => key.sign(bytes),
  }
}

/** A v2 log, whose key is Ed25519. */
export function rekorV2(name = 'log2026.rekor.example.com', pair: Pair = LOG_PAIR): LocalRekor {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), pair.raw])
  return {
    name,
    generation: 2,
    logId: hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(1), pair.raw])),
    publicKey: { rawBytes: base64(spki), keyDetails: 'PKIX_ED25519', validFor: validFor() },
    sign: (bytes) => new Uint8Array(pair.sign(Buffer.from(bytes))),
  }
}

function validFor(): JsonObject {
  return { start: new Date(START).toISOString() }
}

/** How an entry is made; what is left out is as it should be. */
export interface EntryOptions {
  readonly log?: LocalRekor
  readonly kind?: 'hashedrekord' | 'dsse' | 'intoto'
  /** When a v1 log says that it took it; null for no promise. */
  readonly promised?: number | null
  /** A proof with a checkpoint. */
  readonly included?: boolean
  /** Changes to what is logged. */
  readonly record?: (body: JsonObject) => JsonValue
  /** Who signs the checkpoint, and under which name; the log by default. */
  readonly checkpointBy?: Pick<LocalRekor, 'name' | 'sign' | 'logId'>
  readonly origin?: string
  /** Who signs the promise. */
  readonly promisedBy?: Pick<LocalRekor, 'sign'>
  readonly index?: number
}

export interface StampOptions extends Partial<TokenOptions> {
  /** Milliseconds. */
  readonly at?: number
}

export interface SignOptions {
  readonly version?: keyof typeof MEDIA_TYPES
  readonly content?: 'message' | 'dsse'
  readonly artifact?: Uint8Array
  /** Statement in the envelope. */
  readonly statement?: JsonValue
  /** Null signs with a bare key. */
  readonly issue?: IssueOptions | null
  readonly issued?: Issued
  readonly key?: TestKey
  readonly entries?: readonly EntryOptions[]
  readonly stamps?: readonly StampOptions[]
  /** Certificates after the signer's; only before v0.3. */
  readonly chain?: readonly Uint8Array[]
  /** The signature in place of the one that is made. */
  readonly signature?: (signature: Uint8Array) => Uint8Array
}

/** One instance of Sigstore: a CA, logs of two kinds, a timestamp authority, and what it says of itself. */
export class LocalSigstore {
  readonly authority = new LocalAuthority({ seed: 'fulcio', name: 'fulcio' })
  readonly v1 = rekorV1()
  readonly v2 = rekorV2()
  readonly tsaRoot: TestCertificate = certificate({
    name: 'tsa root',
    key: seededKey('tsa root'),
    issuer: null,
    ca: true,
  })
  readonly tsa: TestCertificate = certificate({ name: 'tsa', key: seededKey('tsa'), issuer: this.tsaRoot, serial: 5 })
  readonly key = seededKey('maker')
  /** SHA-256 of the artifact that is signed where no other is. */
  readonly digest = hash('sha256', ARTIFACT)

  get trustedRoot(): JsonObject {
    const validFor = { start: START, end: null }
    const organization = 'example.com'
    const { authority } = this
    const root = trustedRootJson(
      {
        authorities: [
          {
            uri: 'https://fulcio.example.com',
            organization,
            commonName: 'fulcio',
            chain: [authority.issuer.der, authority.root.der],
            validFor,
          },
        ],
        ctlogs: [{ baseUrl: 'https://ct.example.com', key: ctLog(CT_KEY).key, validFor }],
        timestampAuthorities: [
          {
            uri: 'https://tsa.example.com/api/v1/timestamp',
            organization,
            commonName: 'tsa',
            chain: [this.tsa.der, this.tsaRoot.der],
            validFor,
          },
        ],
      },
      portableCrypto,
    )
    return { ...root, tlogs: [this.v1, this.v2].map(logJson) }
  }

  /** A bundle of an artifact, as a client of Sigstore makes it. */
  sign(options: SignOptions = {}): JsonObject {
    const { version = '0.3', content = 'message', artifact = ARTIFACT, issue = {}, entries = [{}] } = options
    const issued =
      issue === null
        ? null
        : (options.issued ?? this.authority.issue({ grade: null, system: null, proof: null, ...issue }))
    const key = issued?.key ?? options.key ?? this.key
    const payload = utf8(JSON.stringify(options.statement ?? statementOf(artifact)))
    const signed = content === 'message' ? artifact : pae(PAYLOAD_TYPE, payload)
    const signature = (options.signature ?? ((same) => same))(key.sign(signed))
    const about: About = { signed, payload, signature, key, certificate: issued?.der ?? null }
    return {
      mediaType: MEDIA_TYPES[version],
      verificationMaterial: {
        ...signerJson(issued, version, options.chain ?? []),
        tlogEntries: entries.map((entry, i) => this.entry(about, { index: i, ...entry })),
        ...(options.stamps === undefined
          ? {}
          : {
              timestampVerificationData: {
                rfc3161Timestamps: options.stamps.map((stamp) => ({
                  signedTimestamp: base64(this.stamp(signature, stamp)),
                })),
              },
            }),
      },
      ...(content === 'message'
        ? {
            messageSignature: {
              messageDigest: { algorithm: 'SHA2_256', digest: base64(hash('sha256', artifact)) },
              signature: base64(signature),
            },
          }
        : {
            dsseEnvelope: {
              payload: base64(payload),
              payloadType: PAYLOAD_TYPE,
              signatures: [{ sig: base64(signature) }],
            },
          }),
    }
  }

  /** TimeStampResp over a signature. */
  stamp(signature: Uint8Array, { at = SIGNED, ...more }: StampOptions = {}): Uint8Array {
    const token = timestampToken({ imprint: hash('sha256', signature), signer: this.tsa, time: genTime(at), ...more })
    return timestampResponse(token)
  }

  entry(about: About, options: EntryOptions): JsonObject {
    const { log = this.v1, kind = 'hashedrekord', included = true, index = 0, promised = SIGNED } = options
    const body = canonicalJson((options.record ?? ((same) => same))(bodyOf(about, kind, log.generation)))
    const treeIndex = 2 + index
    const logIndex = log.generation === 1 ? 1_000_000 + treeIndex : treeIndex
    const integratedTime = log.generation === 1 && promised !== null ? Math.floor(promised / 1000) : 0
    const promise = canonicalJson({ body: base64(body), integratedTime, logID: hexOf(log.logId), logIndex })
    const version = kind === 'intoto' || log.generation === 2 ? '0.0.2' : '0.0.1'
    return {
      logIndex: String(logIndex),
      logId: { keyId: base64(log.logId) },
      kindVersion: { kind, version },
      integratedTime: String(integratedTime),
      ...(integratedTime === 0
        ? {}
        : { inclusionPromise: { signedEntryTimestamp: base64((options.promisedBy ?? log).sign(promise)) } }),
      ...(included ? { inclusionProof: proofOf(body, treeIndex, log, options) } : {}),
      canonicalizedBody: base64(body),
    }
  }
}

/** What was signed, and by whom. */
export interface About {
  readonly signed: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly key: TestKey
  readonly certificate: Uint8Array | null
}

/** A statement as npm and others make it, with a name and both digests. */
export function statementOf(artifact: Uint8Array): JsonObject {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: 'other', digest: { sha256: 'f'.repeat(64) } },
      {
        name: 'artifact',
        digest: { sha256: hexOf(hash('sha256', artifact)), sha512: hexOf(hash('sha512', artifact)) },
      },
    ],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: { made: 'here' },
  }
}

export function logJson({ name, logId, publicKey }: LocalRekor): JsonObject {
  return { baseUrl: `https://${name}`, hashAlgorithm: 'SHA2_256', publicKey, logId: { keyId: base64(logId) } }
}

function signerJson(issued: Issued | null, version: string, chain: readonly Uint8Array[]): JsonObject {
  if (issued === null) return { publicKey: { hint: 'maker' } }
  if (version === '0.3') return { certificate: { rawBytes: base64(issued.der) } }
  const certificates = [issued.der, ...chain].map((der) => ({ rawBytes: base64(der) }))
  return { x509CertificateChain: { certificates } }
}

function bodyOf({ signed, payload, signature, key, certificate }: About, kind: string, generation: 1 | 2): JsonObject {
  const pem = base64(utf8(certificate === null ? pemOf('PUBLIC KEY', key.spki) : pemOf('CERTIFICATE', certificate)))
  const hex = (bytes: Uint8Array) => ({ algorithm: 'sha256', value: hexOf(hash('sha256', bytes)) })
  const content = base64(signature)
  if (generation === 2) {
    const digest = (bytes: Uint8Array) => ({ algorithm: 'SHA2_256', digest: base64(hash('sha256', bytes)) })
    const raw = { rawBytes: base64(certificate ?? key.spki) }
    const verifier = {
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      ...(certificate === null ? { publicKey: raw } : { x509Certificate: raw }),
    }
    const spec: JsonObject =
      kind === 'dsse'
        ? { dsseV002: { payloadHash: digest(payload), signatures: [{ content, verifier }] } }
        : { hashedRekordV002: { data: digest(signed), signature: { content, verifier } } }
    return { apiVersion: '0.0.2', kind, spec }
  }
  if (kind === 'dsse') {
    const spec = {
      envelopeHash: hex(signed),
      payloadHash: hex(payload),
      signatures: [{ signature: content, verifier: pem }],
    }
    return { apiVersion: '0.0.1', kind, spec }
  }
  if (kind === 'intoto') {
    const envelope = { payloadType: PAYLOAD_TYPE, signatures: [{ publicKey: pem, sig: base64(utf8(content)) }] }
    return { apiVersion: '0.0.2', kind, spec: { content: { envelope, hash: hex(signed), payloadHash: hex(payload) } } }
  }
  return {
    apiVersion: '0.0.1',
    kind,
    spec: { data: { hash: hex(signed) }, signature: { content, publicKey: { content: pem } } },
  }
}

function proofOf(body: Uint8Array, index: number, log: LocalRekor, options: EntryOptions): JsonObject {
  const size = 7
  const tree = naive([...entriesOf(size)].with(index, Buffer.from(body)), SHA256)
  const origin = options.origin ?? (log.generation === 1 ? `${log.name} - 1193050959916656506` : log.name)
  const text = `${origin}\n${size}\n${base64(new Uint8Array(tree.root(size)))}\n`
  const by = options.checkpointBy ?? log
  const blob = Buffer.concat([by.logId.subarray(0, 4), by.sign(utf8(text))])
  return {
    logIndex: String(index),
    rootHash: base64(new Uint8Array(tree.root(size))),
    treeSize: String(size),
    hashes: tree.path(index, size).map((one) => base64(new Uint8Array(one))),
    checkpoint: { envelope: `${text}\n${DASH} ${by.name} ${base64(new Uint8Array(blob))}\n` },
  }
}
