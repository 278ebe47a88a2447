import { generateKeyPairSync, sign } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import {
  base64,
  type Code,
  CodedError,
  hex,
  type JsonObject,
  type JsonValue,
  parsePublicKey,
  utf8,
} from '@countersign/core'
import { parseReport } from '@countersign/formats/report'
import { type ForeignInput, verifyAttestation } from '@countersign/verify/foreign'
import { parseSigstoreTrust, type SigstoreThresholds } from '@countersign/verify/sigstore'
import { linkMessage } from '../../packages/verify/src/foreign/link-message.ts'
import { describe, expect, test } from 'vitest'
import { RUN } from '../identity/local-ca.ts'
import { ARTIFACT, LocalSigstore, type SignOptions, statementOf } from '../identity/local-sigstore.ts'

const local = new LocalSigstore()
const TRUST = parseSigstoreTrust(JSON.stringify(local.trustedRoot), nodeCrypto)
const IDENTITY = { issuer: RUN.issuer, subject: RUN.subject, facts: new Map() }
const OTHER = utf8('another artifact\n')
const STATEMENT = (artifact: Uint8Array = ARTIFACT, changes: object = {}): JsonObject => ({
  ...statementOf(artifact),
  predicate: {
    buildDefinition: { buildType: 'https://example.com/build', externalParameters: {} },
    runDetails: { builder: { id: 'https://example.com/builder' } },
  },
  ...changes,
})
const dsse = (more: SignOptions = {}): SignOptions => ({
  content: 'dsse',
  entries: [{ kind: 'dsse' }],
  statement: STATEMENT(),
  ...more,
})

/** What is made of an attestation for an artifact: who signed it, or the code that refuses it. */
function judged(document: JsonValue, more: Partial<ForeignInput> = {}, artifact: Uint8Array = ARTIFACT): unknown {
  try {
    const { signer } = verifyAttestation({
      report: parseReport(utf8(JSON.stringify(document))),
      artifact,
      digests: { sha256: hex(nodeCrypto.sha256(artifact)) },
      policy: { identity: IDENTITY },
      trust: TRUST,
      crypto: nodeCrypto,
      ...more,
    })
    return signer
  } catch (error) {
    if (error instanceof CodedError) return error.code
    throw error
  }
}
const SIGNER = { issuer: RUN.issuer, subject: RUN.subject.value }
const evil = { policy: { identity: { ...IDENTITY, subject: { ...RUN.subject, value: `${RUN.subject.value}-evil` } } } }

/** A key of the house, and what it signs. */
function maker() {
  const pair = generateKeyPairSync('ed25519')
  const key = parsePublicKey(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })))
  return { key, sign: (message: Uint8Array) => new Uint8Array(sign(null, message, pair.privateKey)) }
}
const TYPE = 'application/vnd.in-toto+json'
function envelope(statement: JsonValue, ...makers: readonly ReturnType<typeof maker>[]): JsonObject {
  const payload = utf8(JSON.stringify(statement))
  const message = Buffer.concat([Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `), payload])
  const signatures = makers.map((one) => ({ keyid: 'any', sig: base64(one.sign(message)) }))
  return { payload: base64(payload), payloadType: TYPE, signatures }
}

/** What cosign wrote before there were bundles. */
function cosignOf(options: SignOptions): Record<string, JsonValue> {
  const bundle = local.sign({ version: '0.1', ...options }) as unknown as {
    verificationMaterial: {
      x509CertificateChain: { certificates: { rawBytes: string }[] }
      tlogEntries: Record<string, never>[]
    }
    messageSignature?: { signature: string }
    dsseEnvelope?: JsonObject
  }
  const [entry] = bundle.verificationMaterial.tlogEntries as unknown as {
    logIndex: string
    logId: { keyId: string }
    integratedTime: string
    inclusionPromise: { signedEntryTimestamp: string }
    canonicalizedBody: string
  }[]
  const [{ rawBytes }] = bundle.verificationMaterial.x509CertificateChain.certificates as [{ rawBytes: string }]
  const pem = `-----BEGIN CERTIFICATE-----\n${rawBytes}\n-----END CERTIFICATE-----\n`
  const { dsseEnvelope, messageSignature } = bundle
  return {
    base64Signature:
      dsseEnvelope === undefined ? messageSignature!.signature : base64(utf8(JSON.stringify(dsseEnvelope))),
    cert: base64(utf8(pem)),
    rekorBundle: {
      SignedEntryTimestamp: entry!.inclusionPromise.signedEntryTimestamp,
      Payload: {
        body: entry!.canonicalizedBody,
        integratedTime: Number(entry!.integratedTime),
        logIndex: Number(entry!.logIndex),
        logID: Buffer.from(entry!.logId.keyId, 'base64').toString('hex'),
      },
    },
  }
}

describe('T-63, T-43: an attestation of somebody else’s counts for its own artifact and its own signer', () => {
  test('as a Sigstore bundle', () => {
    expect(judged(local.sign(dsse()))).toEqual(SIGNER)
    expect(judged(local.sign(dsse()), {}, OTHER)).toBe('artifact-mismatch')
    expect(judged(local.sign(dsse()), evil)).toBe('signer-unknown')
    expect(judged(local.sign(dsse()), { trust: null })).toBe('trust-missing')
    expect(judged(local.sign(dsse()), { thresholds: { logs: 2 } })).toBe('entry-missing')
    expect(judged(local.sign(dsse({ signature: (one) => one.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) })))).toBe(
      'signature-invalid' satisfies Code,
    )
  })

  test('as cosign wrote it before there were bundles', () => {
    for (const options of [{}, dsse()]) {
      const good = cosignOf(options)
      expect(judged(good)).toEqual(SIGNER)
      expect(judged(good, evil)).toBe('signer-unknown')
      expect(judged(good, {}, OTHER)).toMatch(/^(artifact-mismatch|signature-invalid)$/)
      const { Payload, SignedEntryTimestamp } = good['rekorBundle'] as {
        Payload: JsonObject
        SignedEntryTimestamp: string
      }
      const later = { ...Payload, integratedTime: (Payload['integratedTime'] as number) + 1 }
      expect(judged({ ...good, rekorBundle: { SignedEntryTimestamp, Payload: later } })).toBe('entry-unproven')
      expect(judged({ ...good, cert: '' })).toBe('signer-unknown')
      expect(judged({ ...good, more: 1 })).toBe('report-invalid')
    }
  })

  test('as an envelope with its certificate and timestamp beside the signature', () => {
    const made = local.sign(dsse({ entries: [], stamps: [{}] })) as unknown as {
      dsseEnvelope: { payload: string; signatures: { sig: string }[] }
      verificationMaterial: {
        certificate: { rawBytes: string }
        timestampVerificationData: { rfc3161Timestamps: { signedTimestamp: string }[] }
      }
    }
    const { certificate, timestampVerificationData } = made.verificationMaterial
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate.rawBytes}\n-----END CERTIFICATE-----\n`
    const [stamp] = timestampVerificationData.rfc3161Timestamps
    const signature = {
      keyid: '',
      sig: made.dsseEnvelope.signatures[0]!.sig,
      certificate: base64(utf8(pem)),
      intermediates: [],
      timestamps: [{ type: 'tsp', data: stamp!.signedTimestamp }],
    }
    const good = { payload: made.dsseEnvelope.payload, payloadType: TYPE, signatures: [signature] }
    const thresholds = { thresholds: { logs: 0 } }
    expect(judged(good, thresholds)).toEqual(SIGNER)
    // A log that is demanded is not replaced by a timestamp, nor a time by the certificate's own word (T-56).
    expect(judged(good)).toBe('entry-missing')
    expect(judged({ ...good, signatures: [{ ...signature, timestamps: [] }] }, thresholds)).toBe('time-untrusted')
    expect(judged(good, { ...thresholds, ...evil })).toBe('signer-unknown')
    expect(judged(good, thresholds, OTHER)).toBe('artifact-mismatch')
    expect(judged({ ...good, signatures: [{ keyid: '', sig: signature.sig }] }, thresholds)).toBe('signer-unknown')
  })

  test('as an envelope under a key, whatever its key id says (T-40)', () => {
    const [one, two] = [maker(), maker()]
    const by = (key: ReturnType<typeof maker>) => ({ policy: { key: key.key }, trust: null, thresholds: { logs: 0 } })
    expect(judged(envelope(STATEMENT(), one), by(one))).toEqual({ key: one.key.keyId })
    expect(judged(envelope(STATEMENT(), two, one), by(one))).toEqual({ key: one.key.keyId })
    expect(judged(envelope(STATEMENT(), two), by(one))).toBe('signature-invalid')
    expect(judged(envelope(STATEMENT()), by(one))).toBe('report-invalid')
    expect(judged(envelope(STATEMENT(OTHER), one), by(one))).toBe('artifact-mismatch')
    const signed = envelope(STATEMENT(), one)
    const swapped = { ...signed, payload: base64(utf8(JSON.stringify(STATEMENT(OTHER)))) }
    expect(judged(swapped, by(one), OTHER)).toBe('signature-invalid')
    expect(judged(STATEMENT(), by(one))).toBe('signature-missing')
  })

  test('as link metadata under a key', () => {
    const [one, two] = [maker(), maker()]
    const signed = {
      _type: 'link',
      byproducts: { 'return-value': 0, stdout: 'a "quoted" \\ text\n', stderr: '' },
      command: ['make'],
      environment: {},
      materials: {},
      name: 'build',
      products: { 'app.tgz': { sha256: hex(nodeCrypto.sha256(ARTIFACT)) } },
    }
    // Canonical JSON of in-toto: members in order, and only the quote and the back-slash escaped.
    const message =
      '{"_type":"link","byproducts":{"return-value":0,"stderr":"","stdout":"a \\"quoted\\" \\\\ text\n"},"command":["make"],' +
      `"environment":{},"materials":{},"name":"build","products":{"app.tgz":{"sha256":"${signed.products['app.tgz'].sha256}"}}}`
    const link = (by: ReturnType<typeof maker>) => ({
      signed,
      signatures: [{ keyid: 'any', sig: hex(by.sign(utf8(message))) }],
    })
    const policy = { policy: { key: one.key }, trust: null, thresholds: { logs: 0 } }
    expect(judged(link(one), policy)).toEqual({ key: one.key.keyId })
    expect(judged(link(two), policy)).toBe('signature-invalid')
    expect(judged({ ...link(one), signatures: [] }, policy)).toBe('signature-missing')
    expect(judged({ ...link(one), signed: { ...signed, command: ['rm'] } }, policy)).toBe('signature-invalid')
    expect(judged(link(one), policy, OTHER)).toBe('artifact-mismatch')
    expect(judged(link(one))).toBe('signer-unknown')
  })

  test('a key alone does not stand for a log or a timestamp that is demanded', () => {
    const one = maker()
    const signed = { _type: 'link', products: { 'app.tgz': { sha256: hex(nodeCrypto.sha256(ARTIFACT)) } } }
    const rest = { byproducts: {}, command: [], environment: {}, materials: {}, name: 'build' }
    const link = { ...rest, ...signed }
    const forms = [
      envelope(STATEMENT(), one),
      { signed: link, signatures: [{ keyid: 'any', sig: hex(one.sign(linkMessage(link))) }] },
    ]
    for (const document of forms) {
      const by = (thresholds?: SigstoreThresholds, trust: ForeignInput['trust'] = TRUST) =>
        judged(document, { policy: { key: one.key }, trust, ...(thresholds === undefined ? {} : { thresholds }) })
      // One log is what is demanded unless something else is said, whatever trust is at hand.
      for (const trust of [TRUST, null]) expect(by(undefined, trust)).toBe('entry-missing')
      expect(by({ timestamps: 0 })).toBe('entry-missing')
      expect(by({ logs: 1 })).toBe('entry-missing')
      expect(by({ logs: 0, timestamps: 1 })).toBe('time-untrusted')
      // Red control: the same signature, where nothing stands in for what it lacks.
      for (const trust of [TRUST, null]) expect(by({ logs: 0 }, trust)).toEqual({ key: one.key.keyId })
      expect(by({ logs: 0, timestamps: 0 })).toEqual({ key: one.key.keyId })
    }
  })

  test('a bundle under a key needs a trust root where anything in it is for one to judge', () => {
    const key = parsePublicKey(local.key.spki)
    const by = (options: SignOptions, logs?: number, trust: ForeignInput['trust'] = null) =>
      judged(local.sign({ issue: null, ...options }), {
        policy: { key },
        trust,
        ...(logs === undefined ? {} : { thresholds: { logs } }),
      })
    expect(by({ entries: [] }, 0)).toEqual({ key: key.keyId })
    expect(by({ entries: [] })).toBe('trust-missing')
    expect(by({ entries: [] }, 1)).toBe('trust-missing')
    expect(by({}, 0)).toBe('trust-missing')
    expect(by({}, 0, TRUST)).toEqual({ key: key.keyId })
    expect(by({}, 1, TRUST)).toEqual({ key: key.keyId })
    expect(by({}, undefined, TRUST)).toEqual({ key: key.keyId })
    expect(by({}, 2, TRUST)).toBe('entry-missing')
    expect(judged(local.sign({ entries: [] }), { trust: null, thresholds: { logs: 0 } })).toBe('trust-missing')
  })

  test('never by its name, by a weak digest, or by one of two digests (T-26)', () => {
    const one = maker()
    const policy = { policy: { key: one.key }, trust: null, thresholds: { logs: 0 } }
    const sha256 = hex(nodeCrypto.sha256(ARTIFACT))
    const about = (digest: JsonObject) =>
      judged(envelope(STATEMENT(ARTIFACT, { subject: [{ name: 'artifact', digest }] }), one), {
        ...policy,
        digests: { sha256, sha512: 'c3'.repeat(64) },
      })
    expect(about({ sha256 })).toEqual({ key: one.key.keyId })
    expect(about({ sha256, sha512: 'c3'.repeat(64) })).toEqual({ key: one.key.keyId })
    expect(about({ sha256, sha512: 'd4'.repeat(64) })).toBe('artifact-mismatch')
    expect(about({ sha256: 'd4'.repeat(32), sha512: 'c3'.repeat(64) })).toBe('artifact-mismatch')
    expect(about({ sha1: 'd4'.repeat(20) })).toBe('artifact-mismatch')
    expect(about({ sha256: sha256.toUpperCase() })).toBe('artifact-mismatch')
    expect(about({})).toBe('report-invalid')
  })
})
