import {
  base64,
  canonicalJson,
  CodedError,
  type Crypto,
  equal,
  type JsonValue,
  parseJson,
  utf8,
} from '@countersign/core'
import { DISCLOSURE_MEDIA_TYPE, MAX_PAYLOAD_BYTES } from './constants.ts'
import { readSecret } from './opening.ts'
import { readReportRefs } from './report-ref.ts'
import { isSealed, sealableFields, type SealableValues, SEALED_FIELDS, type SealedField, sealValue } from './sealed.ts'
import { Shape } from './shape.ts'
import { readIdentity, readStrings, readWords, type StepPredicate } from './step.ts'

/** A value with the salt that opens the commitment to it, by field. */
export type Disclosed = {
  readonly [F in SealedField]: {
    readonly field: F
    /** 32 bytes: keys the commitment. Whoever has it can guess at the value. */
    readonly salt: Uint8Array
    readonly value: SealableValues[F]
  }
}[SealedField]

/** What a sealed field of one step holds. Nothing in it is verified. */
export type Disclosure = Disclosed & {
  /** Link digest of the step. */
  readonly link: string
}

/** Most bytes of a disclosure: what a statement could have held, and what is about it. */
export const MAX_DISCLOSURE_BYTES = MAX_PAYLOAD_BYTES + 1024

/** How the line of a disclosure begins, and no other line of a chain file. */
export const DISCLOSURE_START = `{"mediaType":"${DISCLOSURE_MEDIA_TYPE}",`

const CODE = 'disclosure-invalid'

/** Canonical JSON of a disclosure, without a line end. Throws what `parseDisclosure` throws at what no reader would take. */
export function writeDisclosure({ link, field, salt, value }: Disclosure): Uint8Array {
  const bytes = canonicalJson({
    mediaType: DISCLOSURE_MEDIA_TYPE,
    opens: { field, link },
    salt: base64(salt),
    value: value as unknown as JsonValue,
  })
  parseDisclosure(bytes)
  return bytes
}

/**
 * Disclosure from its bytes or text, which have one spelling. Throws `disclosure-invalid`, `input-too-large`,
 * `base64-invalid`, what strict JSON reading throws, and of evidence what reading resources throws.
 */
export function parseDisclosure(input: Uint8Array | string): Disclosure {
  checkSize(input)
  const bytes = typeof input === 'string' ? utf8(input) : input
  const value = parseJson(bytes, { maxBytes: MAX_DISCLOSURE_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the disclosure is not canonical JSON')
  return readDisclosure(value)
}

/** {@link parseDisclosure} of JSON that was parsed strictly already, whatever its spelling. */
export function readDisclosure(given: JsonValue | undefined): Disclosure {
  const it = new Shape(CODE, given, 'disclosure').object(['mediaType', 'opens', 'salt', 'value'])
  it.exactly('mediaType', DISCLOSURE_MEDIA_TYPE)
  const opens = it.get('opens').object(['field', 'link'])
  const field = opens.exactly('field', ...SEALED_FIELDS)
  const { value } = it.as<{ readonly value: unknown }>()
  // A commitment is no value: it would look as if nothing were disclosed.
  if (isSealed(value)) it.get('value').fail('is a commitment')
  checkValue(field, it.get('value'))
  return { link: opens.hex('link', 64), field, salt: readSecret(it.get('salt')), value } as Disclosure
}

/** True where the field is sealed, and the commitment that stands there comes out of this salt and this value. */
export function opens(
  { field, salt, value }: Disclosed,
  predicate: StepPredicate,
  crypto: Pick<Crypto, 'hmac'>,
): boolean {
  const signed = sealableFields(predicate)[field]
  return isSealed(signed) && sealValue(salt, predicate, field, value, crypto).sealed === signed.sealed
}

/** As a step holds it where it is not sealed; never null, for what is not there is not sealed. */
function checkValue(field: SealedField, value: Shape): void {
  switch (field) {
    case 'argv':
      return readWords(value)
    case 'directory':
      return void value.text()
    case 'environment':
    case 'tools':
      return readStrings(value)
    case 'identity':
      return readIdentity(value)
    case 'evidence':
      return readReportRefs(value)
  }
}

function checkSize({ length }: { readonly length: number }): void {
  if (length > MAX_DISCLOSURE_BYTES) {
    throw new CodedError('input-too-large', `the disclosure is larger than ${MAX_DISCLOSURE_BYTES} bytes`)
  }
}
