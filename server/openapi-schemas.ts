import { PAYLOAD_TYPE, RECEIPT_MEDIA_TYPE, WITHHELD_MEDIA_TYPE } from '@countersign/formats'
import { event } from './openapi-events.ts'
import { count, hex, type Json, list, object, orNull, ref, text, time } from './openapi-parts.ts'

/** What several routes take or give. */
export const schemas: Json = {
  Bundle: {
    type: 'object',
    description: 'A Sigstore bundle v0.3; see packages/formats/SPEC.md.',
    required: ['mediaType', 'verificationMaterial', 'dsseEnvelope'],
  },
  Receipt: object({
    mediaType: { const: RECEIPT_MEDIA_TYPE },
    proof: { type: 'string', description: 'A C2SP tlog-proof; its extra data opens the leaf. See SPEC.md §7.' },
  }),
  Withheld: object({
    mediaType: { const: WITHHELD_MEDIA_TYPE },
    proof: {
      type: 'string',
      description: 'A C2SP tlog-proof; its extra data is the leaf, unopened. See SPEC.md §8.',
    },
    tombstone: orNull({ type: 'string', description: 'The same of the tombstone.' }),
  }),
  Event: event,
  Envelope: object({
    payloadType: { const: PAYLOAD_TYPE },
    payload: { type: 'string', description: 'Base64 of a SLSA verification summary; see SPEC.md.' },
    signatures: list(object({ sig: text })),
  }),
  Appended: object({
    link: hex(64),
    chain: hex(32),
    index: count,
    late: { type: 'boolean' },
    receipt: ref('Receipt'),
    bundle: {
      ...orNull(ref('Bundle')),
      description:
        'What is held, and the receipt about, where that is the same statement as it was signed before; else null.',
    },
  }),
  Report: object({ code: text, what: text, why: text, fix: text }),
  Problem: object(
    {
      type: text,
      title: text,
      status: count,
      detail: text,
      code: text,
      why: text,
      fix: text,
      requestId: text,
      findings: list(ref('Report')),
    },
    ['findings'],
  ),
  Refusal: object({
    id: count,
    at: time,
    lastAt: time,
    count,
    code: text,
    what: text,
    why: text,
    fix: text,
    findings: list(ref('Report')),
    body: orNull(hex(64)),
    size: orNull(count),
    kept: { type: 'boolean' },
    link: orNull(hex(64)),
    chain: orNull(hex(32)),
    step: orNull(text),
    claimed: {
      ...orNull(object({ link: hex(64), chain: hex(32), step: text })),
      description: 'What the body says of itself; nobody vouches for it.',
    },
  }),
}
