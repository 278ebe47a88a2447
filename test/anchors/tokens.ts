import { createHash } from 'node:crypto'
import { utf8 } from '@countersign/core'
import {
  context,
  der,
  derNumber,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derUnsigned,
  TAG,
} from '@countersign/formats/x509'
import { type HashName, hashAlgorithm, type TestCertificate } from './certificates.ts'

const TIMESTAMP_INFO = '1.2.840.113549.1.9.16.1.4'
const POLICY = '1.3.6.1.4.1.57264.9'

/** What a token says and how it is put together; what is left out is as it should be. */
export interface TokenOptions {
  /** The bytes that get a time; their hash is made here. */
  readonly imprint: Uint8Array
  readonly imprintHash?: Uint8Array
  /** Who signs. */
  readonly signer: TestCertificate
  /** DER of the certificates that are put in, in this order. */
  readonly certificates?: readonly Uint8Array[]
  /** GeneralizedTime, without its Z. */
  readonly time: string
  /** DER of the accuracy; null for none. */
  readonly accuracy?: Uint8Array | null
  readonly nonce?: Uint8Array | null
  readonly serial?: number
  /** Certificate that the signed attributes name; by both attributes, or one of them, or none. */
  readonly named?: TestCertificate
  readonly naming?: 'v2' | 'v1' | 'both' | 'none'
  readonly namingHash?: HashName
  /** Certificate that the signer's identifier names. */
  readonly identified?: TestCertificate
  readonly digest?: HashName
  /** Changes made before it is signed. */
  readonly info?: (der: Uint8Array) => Uint8Array
  readonly attributes?: (list: Uint8Array[]) => Uint8Array[]
  /** Changes made after. */
  readonly content?: (info: Uint8Array) => Uint8Array
  readonly signature?: (signature: Uint8Array) => Uint8Array
  readonly algorithm?: Uint8Array
  /** More signers beside the one. */
  readonly signers?: number
  readonly more?: readonly Uint8Array[]
}

const hashed = (hash: string, bytes: Uint8Array) => new Uint8Array(createHash(hash).update(bytes).digest())
const attribute = (oid: string, value: Uint8Array) => derSequence(derOid(oid), derSet(value))

/** Milliseconds since 1970 as a GeneralizedTime without its Z, in the one form of DER. */
export function genTime(milliseconds: number): string {
  const [whole, fraction] = new Date(milliseconds).toISOString().slice(0, -1).split('.') as [string, string]
  const digits = fraction.replace(/0+$/, '')
  return whole.replace(/[-T:]/g, '') + (digits === '' ? '' : `.${digits}`)
}

export function timestampInfo(options: TokenOptions): Uint8Array {
  const { imprint, time, nonce = null, serial = 7 } = options
  const accuracy = options.accuracy === undefined ? derSequence(derNumber(1)) : options.accuracy
  return derSequence(
    derNumber(1),
    derOid(POLICY),
    derSequence(options.imprintHash ?? hashAlgorithm('sha256'), derOctets(imprint)),
    derNumber(serial),
    der(TAG.generalizedTime, utf8(`${time}Z`)),
    ...(accuracy === null ? [] : [accuracy]),
    ...(nonce === null ? [] : [derUnsigned(nonce)]),
  )
}

function namingOf({ naming = 'v2', namingHash = 'sha256', named, signer }: TokenOptions): Uint8Array[] {
  const { der: whole, issuer, serial } = named ?? signer
  const issuerSerial = derSequence(derSequence(der(context(4), issuer)), serial)
  const algorithm = namingHash === 'sha256' ? [] : [hashAlgorithm(namingHash)]
  const newer = derSequence(derSequence(derSequence(...algorithm, derOctets(hashed(namingHash, whole)), issuerSerial)))
  const older = derSequence(derSequence(derSequence(derOctets(hashed('sha1', whole)), issuerSerial)))
  return [
    ...(naming === 'v2' || naming === 'both' ? [attribute('1.2.840.113549.1.9.16.2.47', newer)] : []),
    ...(naming === 'v1' || naming === 'both' ? [attribute('1.2.840.113549.1.9.16.2.12', older)] : []),
  ]
}

/** A TimeStampToken. */
export function timestampToken(options: TokenOptions): Uint8Array {
  const { signer, identified, certificates = [signer.der] } = options
  const digest = options.digest ?? signer.key.hash
  const info = (options.info ?? ((same) => same))(timestampInfo(options))
  const list = [
    attribute('1.2.840.113549.1.9.3', derOid(TIMESTAMP_INFO)),
    attribute('1.2.840.113549.1.9.4', derOctets(hashed(digest, info))),
    ...namingOf(options),
  ]
  // In the order of DER, which a change may undo.
  const attributes = options.attributes?.(list) ?? list.toSorted((a, b) => Buffer.compare(a, b))
  const signature = signer.key.sign(der(TAG.set, ...attributes))
  const { issuer, serial } = identified ?? signer
  const signerInfo = derSequence(
    derNumber(1),
    derSequence(issuer, serial),
    hashAlgorithm(digest),
    der(context(0), ...attributes),
    options.algorithm ?? signer.key.algorithm,
    derOctets((options.signature ?? ((same) => same))(signature)),
    ...(options.more ?? []),
  )
  const content = (options.content ?? ((same) => same))(info)
  const data = derSequence(
    derNumber(3),
    derSet(hashAlgorithm(digest)),
    derSequence(derOid(TIMESTAMP_INFO), der(context(0), derOctets(content))),
    ...(certificates.length === 0 ? [] : [der(context(0), ...certificates)]),
    der(TAG.set, ...Array.from({ length: options.signers ?? 1 }, () => signerInfo)),
  )
  return derSequence(derOid('1.2.840.113549.1.7.2'), der(context(0), data))
}

/** A TimeStampResp: a token with its status, or a status alone. */
export function timestampResponse(token: Uint8Array | null, status = 0, failure: number | null = null): Uint8Array {
  const bits = new Uint8Array(4)
  if (failure !== null) bits[failure >> 3] = 0x80 >> (failure & 7)
  const info = failure === null ? [] : [der(TAG.bitString, Uint8Array.of(0), bits)]
  return derSequence(derSequence(derNumber(status), ...info), ...(token === null ? [] : [token]))
}
