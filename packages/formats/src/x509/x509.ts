import { CodedError, equal, hex } from '@countersign/core'
import { context, type DerCode, type DerElement, DerReader, parseDer, TAG } from './der.ts'
import { readTime } from './der-time.ts'

/** Most bytes of one certificate. */
export const MAX_CERTIFICATE_BYTES = 16_384

/** An algorithm and its parameters, DER; null where there are none, or NULL, which means the same. */
export interface AlgorithmId {
  readonly oid: string
  readonly parameters: Uint8Array | null
}

export interface CertificateExtension {
  readonly critical: boolean
  /** DER of its value. */
  readonly value: Uint8Array
}

/** A certificate (RFC 5280 §4.1), taken apart. Nothing in it is verified. */
export interface Certificate {
  /** What reading more of it throws: what {@link parseCertificate} was told. */
  readonly code: DerCode
  /** The whole of it, its one name. */
  readonly der: Uint8Array
  /** What its issuer signed. */
  readonly signed: Uint8Array
  /** Serial number, hex of its two's complement. */
  readonly serial: string
  /** DER of the names. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  /** Milliseconds since 1970, both included. */
  readonly notBefore: number
  readonly notAfter: number
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  readonly algorithm: AlgorithmId
  readonly signature: Uint8Array
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>
}

/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
export function readAlgorithm(reader: DerReader): AlgorithmId {
  const inside = reader.sequence()
  const oid = inside.oid()
  if (inside.done) return { oid, parameters: null }
  const parameters = inside.any()
  inside.end()
  if (parameters.tag !== TAG.null) return { oid, parameters: parameters.der }
  if (parameters.content.length > 0) inside.fail('has a NULL that is not empty')
  return { oid, parameters: null }
}

/** Certificate from its DER. Version 3 only. Throws `code`. */
export function parseCertificate(bytes: Uint8Array, code: DerCode): Certificate {
  if (bytes.length > MAX_CERTIFICATE_BYTES) {
    throw new CodedError(code, `a certificate exceeds ${MAX_CERTIFICATE_BYTES} bytes`)
  }
  // A copy: what was checked cannot change under the holder, and a view would keep the document around it.
  const whole = parseDer(new Uint8Array(bytes), 'the certificate', code)
  if (whole.tag !== TAG.sequence) throw new CodedError(code, 'the certificate is not a sequence')
  const outer = new DerReader(whole.content, 'the certificate', code)
  const tbs = outer.next(TAG.sequence)
  const algorithm = outer.next(TAG.sequence)
  const signature = outer.bits()
  outer.end()

  const inside = new DerReader(tbs.content, 'the certificate', code)
  const version = inside.inside(context(0))
  if (version.number(2) !== 2) version.fail('is not of version 3')
  version.end()
  const serial = inside.integer()
  if (serial.length > 64) inside.fail('has a serial number that is too long')
  // The algorithm stands twice, and only one of the two is signed.
  if (!equal(inside.next(TAG.sequence).der, algorithm.der)) inside.fail('names two signature algorithms')
  const issuer = inside.next(TAG.sequence).der
  const validity = inside.sequence()
  const notBefore = readTime(validity)
  const notAfter = readTime(validity)
  validity.end()
  const subject = inside.next(TAG.sequence).der
  const spki = inside.next(TAG.sequence).der
  for (const unique of [1, 2]) inside.optional(context(unique, false))
  const extensions = readExtensions(inside.optional(context(3)), 'the certificate', code)
  inside.end()
  return {
    code,
    der: whole.der,
    signed: tbs.der,
    serial: hex(serial),
    issuer,
    subject,
    notBefore,
    notAfter,
    spki,
    algorithm: readAlgorithm(new DerReader(algorithm.der, 'the certificate', code)),
    signature,
    extensions,
  }
}

/** Extensions (RFC 5280 §4.1.2.9) in their explicit tag; none where there is none. Each at most once. */
export function readExtensions(
  element: DerElement | null,
  what: string,
  code: DerCode,
): Map<string, CertificateExtension> {
  const extensions = new Map<string, CertificateExtension>()
  if (element === null) return extensions
  const outer = new DerReader(element.content, what, code)
  const list = outer.sequence()
  outer.end()
  readExtensionList(list, extensions, code)
  return extensions
}

/** What is inside a SEQUENCE OF Extension. */
export function readExtensionList(list: DerReader, into: Map<string, CertificateExtension>, code: DerCode): void {
  for (const { tag, content } of list.all(64)) {
    if (tag !== TAG.sequence) list.fail('has an extension that is not a sequence')
    const extension = new DerReader(content, 'an extension', code)
    const oid = extension.oid()
    const critical = extension.flag()
    const value = extension.octets()
    extension.end()
    if (into.has(oid)) list.fail(`has the extension ${oid} twice`)
    into.set(oid, { critical, value })
  }
}

const EXTENSION = {
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
} as const

/** Which of the key usages (RFC 5280 §4.2.1.3) by bit number, such as 0 for digitalSignature; null without the extension. */
export function keyUsage({ code, extensions }: Certificate): ((bit: number) => boolean) | null {
  const extension = extensions.get(EXTENSION.keyUsage)
  if (extension === undefined) return null
  const reader = new DerReader(extension.value, 'the key usage', code)
  const { content } = reader.next(TAG.bitString)
  reader.end()
  const unused = content[0]
  if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0)) reader.fail('is not a bit string')
  return (bit) => {
    const byte = content[1 + (bit >> 3)]
    return byte !== undefined && (byte & (0x80 >> (bit & 7))) !== 0
  }
}

/** BasicConstraints (RFC 5280 §4.2.1.9): `ca` false without the extension, `pathLength` null without a limit. */
export function basicConstraints({ code, extensions }: Certificate): {
  readonly ca: boolean
  readonly pathLength: number | null
} {
  const extension = extensions.get(EXTENSION.basicConstraints)
  if (extension === undefined) return { ca: false, pathLength: null }
  const outer = new DerReader(extension.value, 'the basic constraints', code)
  const reader = outer.sequence()
  outer.end()
  const ca = reader.flag()
  const pathLength = reader.done ? null : reader.number(0xffff)
  reader.end()
  return { ca, pathLength }
}

/** Object identifiers of the extended key usage (RFC 5280 §4.2.1.12); null without the extension. */
export function extendedKeyUsage({ code, extensions }: Certificate): {
  readonly critical: boolean
  readonly purposes: readonly string[]
} | null {
  const extension = extensions.get(EXTENSION.extendedKeyUsage)
  if (extension === undefined) return null
  const outer = new DerReader(extension.value, 'the extended key usage', code)
  const reader = outer.sequence()
  outer.end()
  const purposes = reader.all(32).map((element) => {
    if (element.tag !== TAG.oid) reader.fail('holds something else than purposes')
    return reader.oidOf(element)
  })
  if (purposes.length === 0) reader.fail('is empty')
  return { critical: extension.critical, purposes }
}

/** The last common name of a name, or null: for people, never for decisions. */
export function commonName(name: Uint8Array, code: DerCode): string | null {
  let found: string | null = null
  const names = new DerReader(name, 'a name', code).sequence()
  for (const set of names.all(64)) {
    for (const attribute of new DerReader(set.content, 'a name', code).all(16)) {
      const reader = new DerReader(attribute.content, 'a name', code)
      if (reader.oid() !== '2.5.4.3') continue
      const { tag, content } = reader.any()
      // PrintableString, UTF8String, IA5String; the printable ASCII of them.
      if (tag !== 0x13 && tag !== TAG.utf8String && tag !== 0x16) continue
      found = [...content.subarray(0, 64)]
        .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?'))
        .join('')
    }
  }
  return found
}
