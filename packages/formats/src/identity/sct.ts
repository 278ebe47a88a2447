import { CodedError, concat } from '@countersign/core'
import { derOctets, DerReader } from '../x509/index.ts'

const CODE = 'certificate-invalid'
/** Extension: SCTs of a certificate (RFC 6962 §3.3). */
export const SCT_LIST_OID = '1.3.6.1.4.1.11129.2.4.2'
const MAX_SCTS = 16
/** Version 1, in its one byte. */
const V1 = 0

/** Promise of a log to log a certificate (RFC 6962 §3.2). Nothing in it is verified. */
export interface Sct {
  /** SHA-256 of the log's key as SPKI: 32 bytes. */
  readonly logId: Uint8Array
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly extensions: Uint8Array
  /** HashAlgorithm and SignatureAlgorithm of TLS (RFC 5246 §7.4.1.4.1). */
  readonly hash: number
  readonly algorithm: number
  readonly signature: Uint8Array
}

/**
 * SCTs out of the value of their extension: an OCTET STRING of the list as TLS writes it. Those of a later version are
 * left out, as RFC 6962 §3.3 has it. Throws `certificate-invalid`.
 */
export function readSctList(value: Uint8Array): Sct[] {
  const outer = new DerReader(value, 'the list of SCTs', CODE)
  const octets = outer.octets()
  outer.end()
  const whole = new TlsReader(octets)
  const list = whole.vector(2)
  whole.end()
  if (list.done) throw new CodedError(CODE, 'the list of SCTs is empty')
  const scts: Sct[] = []
  for (let count = 0; !list.done; count++) {
    if (count === MAX_SCTS) throw new CodedError(CODE, `there are more than ${MAX_SCTS} SCTs`)
    const sct = list.vector(2)
    if (sct.number(1) === V1) scts.push(readSct(sct))
  }
  return scts
}

function readSct(reader: TlsReader): Sct {
  const logId = reader.take(32)
  const timestamp = reader.number(8)
  const extensions = reader.vector(2).rest()
  const hash = reader.number(1)
  const algorithm = reader.number(1)
  const signature = reader.vector(2).rest()
  reader.end()
  return { logId, timestamp, extensions, hash, algorithm, signature }
}

/** {@link readSctList} the other way. */
export function writeSctList(scts: readonly Sct[]): Uint8Array {
  const list = scts.map(({ logId, timestamp, extensions, hash, algorithm, signature }) =>
    vector(
      2,
      Uint8Array.of(V1),
      logId,
      number(8, timestamp),
      vector(2, extensions),
      Uint8Array.of(hash, algorithm),
      vector(2, signature),
    ),
  )
  return derOctets(vector(2, ...list))
}

/**
 * What a log signs for a certificate that holds the SCT (RFC 6962 §3.2, a precert_entry). `issuerKeyHash`: SHA-256 of
 * the issuer's key as SPKI. `tbs`: the TBSCertificate without its SCTs.
 */
export function sctMessage(
  { timestamp, extensions }: Pick<Sct, 'timestamp' | 'extensions'>,
  issuerKeyHash: Uint8Array,
  tbs: Uint8Array,
): Uint8Array {
  // certificate_timestamp is 0, precert_entry 1.
  return concat(
    Uint8Array.of(V1, 0),
    number(8, timestamp),
    number(2, 1),
    issuerKeyHash,
    vector(3, tbs),
    vector(2, extensions),
  )
}

/** A number in so many bytes, big-endian. */
function number(size: number, value: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let left = value
  for (let i = size - 1; i >= 0; i--, left = Math.floor(left / 256)) bytes[i] = left % 256
  if (left !== 0 || !Number.isSafeInteger(value)) throw new CodedError(CODE, `a number has not room in ${size} bytes`)
  return bytes
}

function vector(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts)
  return concat(number(size, content.length), content)
}

/** Reads what TLS writes (RFC 8446 §3): numbers big-endian, vectors with their length before them. */
class TlsReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new CodedError(CODE, 'an SCT ends too early')
    const taken = this.#bytes.slice(this.#at, end)
    this.#at = end
    return taken
  }

  number(size: number): number {
    let value = 0
    for (const byte of this.take(size)) value = value * 256 + byte
    if (!Number.isSafeInteger(value)) throw new CodedError(CODE, 'an SCT has a number that is too large')
    return value
  }

  vector(size: number): TlsReader {
    return new TlsReader(this.take(this.number(size)))
  }

  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at)
  }

  end(): void {
    if (!this.done) throw new CodedError(CODE, 'an SCT has something after its end')
  }
}
