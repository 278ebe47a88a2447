import {
  base64,
  canonicalJson,
  CodedError,
  equal,
  fromBase64,
  type JsonValue,
  parseJson,
  utf8,
} from '@countersign/core'
import { ATTACHMENT_MEDIA_TYPE, MAX_PAYLOAD_BYTES } from './constants.ts'
import { Shape } from './shape.ts'

/** A report of one step, in full. Nothing in it is verified. */
export interface Attachment {
  /** Link digest of the step. */
  readonly link: string
  /** The report as it was when the step was recorded. */
  readonly content: Uint8Array
}

/** Most bytes of a report that is attached: what is larger travels by itself. */
export const MAX_ATTACHED_BYTES = MAX_PAYLOAD_BYTES
/** Most bytes of an attachment: the report in base64, and what is about it. */
export const MAX_ATTACHMENT_BYTES = (MAX_ATTACHED_BYTES / 3) * 4 + 1024

/** How the line of an attachment begins, and no other line of a chain file. */
export const ATTACHMENT_START = '{"content":"'

const CODE = 'attachment-invalid'

/** Canonical JSON of an attachment, without a line end. Throws what `parseAttachment` throws at what no reader would take. */
export function writeAttachment({ link, content }: Attachment): Uint8Array {
  const bytes = canonicalJson({ content: base64(content), link, mediaType: ATTACHMENT_MEDIA_TYPE })
  parseAttachment(bytes)
  return bytes
}

/**
 * Attachment from its bytes or text, which have one spelling. Throws `attachment-invalid`, `input-too-large`,
 * `base64-invalid` and what strict JSON reading throws.
 */
export function parseAttachment(input: Uint8Array | string): Attachment {
  if (input.length > MAX_ATTACHMENT_BYTES) {
    throw new CodedError('input-too-large', `the attachment is larger than ${MAX_ATTACHMENT_BYTES} bytes`)
  }
  const bytes = typeof input === 'string' ? utf8(input) : input
  const value = parseJson(bytes, { maxBytes: MAX_ATTACHMENT_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the attachment is not canonical JSON')
  return readAttachment(value)
}

/** {@link parseAttachment} of JSON that was parsed strictly already, whatever its spelling. */
export function readAttachment(given: JsonValue | undefined): Attachment {
  const it = new Shape(CODE, given, 'attachment').object(['content', 'link', 'mediaType'])
  it.exactly('mediaType', ATTACHMENT_MEDIA_TYPE)
  const content = fromBase64(it.get('content').string(MAX_ATTACHMENT_BYTES))
  if (content.length === 0) it.get('content').fail('is empty')
  if (content.length > MAX_ATTACHED_BYTES) {
    throw new CodedError('input-too-large', `the report that is attached is larger than ${MAX_ATTACHED_BYTES} bytes`)
  }
  return { link: it.hex('link', 64), content }
}
