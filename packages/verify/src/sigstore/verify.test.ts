import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { base64, type JsonObject, parsePublicKey, utf8 } from '@countersign/core'
import { parseSigstoreBundle } from '@countersign/formats/sigstore'
import { derSequence, derUnsigned, DerReader } from '@countersign/formats/x509'
import { p256 } from '@noble/curves/nist.js'
import { expect, test } from 'vitest'
import { seededKey } from '../../../../test/anchors/certificates.ts'
import { RUN } from '../../../../test/identity/local-ca.ts'
import {
  ARTIFACT,
  type EntryOptions,
  LocalSigstore,
  SIGNED,
  type SignOptions,
} from '../../../../test/identity/local-sigstore.ts'
import { parseSigstoreTrust } from './trusted-root.ts'
import { type SigstoreInput, verifySigstoreBundle } from './verify.ts'

const local = new LocalSigstore()
const trust = parseSigstoreTrust(JSON.stringify(local.trustedRoot), nodeCrypto)
const identity = { issuer: RUN.issuer, subject: RUN.subject, facts: new Map() }
const verify = (options: SignOptions, more: Partial<SigstoreInput> = {}) =>
  verifySigstoreBundle({
    bundle: parseSigstoreBundle(JSON.stringify(local.sign(options))),
    artifact: ARTIFACT,
    trust,
    policy: { identity },
    crypto: nodeCrypto,
    ...more,
  })
const mismatch = (what: string) => expect.objectContaining({ name: 'CodedError', code: 'entry-mismatch', what })

test('every entry is told, and whether it was proved to be in the log or promised alone', () => {
  const entry = { log: 'rekor.example.com', logIndex: 1_000_002, kind: 'hashedrekord' }
  const said = (options: SignOptions) =>
    verify(options).entries.map(({ kind, ...rest }) => ({ ...rest, kind: kind.split(' ')[0] }))
  expect(said({})).toEqual([{ ...entry, included: true }])
  expect(said({ version: '0.1', entries: [{ included: false }] })).toEqual([{ ...entry, included: false }])
  expect(said({ entries: [{}, { log: local.v2 }] })).toEqual([
    { ...entry, included: true },
    { ...entry, log: 'log2026.rekor.example.com', logIndex: 3, included: true },
  ])
})

test('times are told with the earliest first, whoever vouches for them', () => {
  const at = (seconds: number) => SIGNED + seconds * 1000
  const order = (promised: number, stamped: number) =>
    verify({ entries: [{ promised: at(promised) }], stamps: [{ at: at(stamped) }] }).times.map((time) => [
      time.source,
      (time.at - SIGNED) / 1000,
    ])
  expect(order(5, 9)).toEqual([
    ['log', 5],
    ['timestamp', 9],
  ])
  expect(order(9, 5)).toEqual([
    ['timestamp', 5],
    ['log', 9],
  ])
})

test('T-63: an entry of another signer is told as that', () => {
  const other = seededKey('other')
  const pem = (label: string, der: Uint8Array) =>
    base64(utf8(`-----BEGIN ${label}-----\n${base64(der)}\n-----END ${label}-----\n`))
  const by = (content: string): EntryOptions => ({
    record: (body) => {
      const spec = body['spec'] as { signature: JsonObject }
      return { ...body, spec: { ...spec, signature: { ...spec.signature, publicKey: { content } } } }
    },
  })
  const certificate = pem('CERTIFICATE', local.authority.issue({ key: other }).der)
  const key = pem('PUBLIC KEY', other.spki)
  const policy = { key: parsePublicKey(local.key.spki) }
  for (const content of [certificate, key]) {
    expect(() => verify({ entries: [by(content)] })).toThrow(mismatch('the entry in the log is of another certificate'))
    expect(() => verify({ issue: null, entries: [by(content)] }, { policy })).toThrow(
      mismatch('the entry in the log is of another key'),
    )
  }
  expect(verify({ issue: null, entries: [by(pem('PUBLIC KEY', local.key.spki))] }, { policy }).signer.kind).toBe('key')
})

test('an ECDSA signature has two spellings of s, and both verify by the artifact and by its digest', () => {
  const turned = (signature: Uint8Array) => {
    const reader = new DerReader(signature, 'it', 'certificate-invalid').sequence()
    const [r, s] = [reader.integer(), reader.integer()]
    const number = p256.Point.Fn.ORDER - BigInt(`0x${Buffer.from(s).toString('hex')}`)
    return derSequence(
      derUnsigned(r),
      derUnsigned(new Uint8Array(Buffer.from(number.toString(16).padStart(64, '0'), 'hex'))),
    )
  }
  const digests = { sha256: nodeCrypto.sha256(ARTIFACT), sha512: null }
  for (const options of [{}, { signature: turned }]) {
    for (const artifact of [ARTIFACT, digests]) expect(verify(options, { artifact }).signer.kind).toBe('certificate')
  }
  const broken = { signature: (one: Uint8Array) => one.with(-1 + one.length, one.at(-1)! ^ 1) }
  for (const artifact of [ARTIFACT, digests]) {
    expect(() => verify(broken, { artifact })).toThrow(expect.objectContaining({ code: 'signature-invalid' }))
  }
})
