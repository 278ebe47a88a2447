import { ANCHOR_KINDS, ANCHOR_MEDIA_TYPE } from '@countersign/formats/anchor'
import {
  bytes,
  count,
  cursor,
  type Json,
  json,
  list,
  object,
  open,
  operation,
  orNull,
  parameter,
  text,
  time,
} from './openapi-parts.ts'

const phase = { enum: ['pending', 'submitted', 'included', 'final'] }
const costs = list(object({ unit: text, amount: { type: 'string', pattern: '^[0-9]+$' } }))
const fault = { code: text, what: text }
const entry = {
  anchor: text,
  phase,
  queuedAt: time,
  lookedAt: time,
  nextLook: { ...orNull(time), description: 'Null for what is final, or dead.' },
  finalAt: orNull(time),
  failing: orNull(object({ since: time, tries: count, ...fault })),
  dead: {
    ...orNull(object({ at: time, ...fault, why: text, fix: text })),
    description: 'Nobody tries it any longer, until it is put back.',
  },
  costs,
}
const standing = object({
  anchor: text,
  kind: { enum: ANCHOR_KINDS },
  on: { type: 'boolean', description: 'False where the settings hold it no longer.' },
  since: time,
  first: { ...count, description: 'The first statement that is anchored there.' },
  last: orNull(count),
  counts: object({ pending: count, submitted: count, included: count, final: count, dead: count }),
  newestFinal: orNull(count),
  provenTo: { ...orNull(time), description: 'End of the newest statement that it proves.' },
  waiting: orNull(object({ number: count, since: time })),
  gap: { ...orNull(object({ number: count, seconds: count })), description: 'What waits longer than it may.' },
  costs,
})

const number = parameter('number', 'path', 'Number of the statement.', count)
const anchor = parameter('anchor', 'path', 'Name of the anchor.')
const nothing = { required: true, content: { 'application/json': { schema: object({}) } } }

/** The routes of anchors: outside evidence for statements. */
export const anchorPaths: Json = {
  '/statements/{number}/anchors': {
    get: operation(
      'How far a statement is on its way into the anchors',
      { ...open, parameters: [number] },
      { 200: json('By name.', object({ items: list(object({ anchor: text, phase, finalAt: orNull(time) })) })) },
    ),
  },
  '/statements/{number}/anchors/{anchor}': {
    get: operation(
      'Proof that an anchor had a statement',
      {
        ...open,
        description: 'Only where it is final. Checked offline; see packages/formats/SPEC.md, Anchors.',
        parameters: [number, anchor],
      },
      { 200: bytes('The proof.', ANCHOR_MEDIA_TYPE) },
    ),
  },
  '/v1/anchors': {
    get: operation(
      'Where the anchors stand, and the statements on their way, newest first',
      {
        description: 'Scope read.',
        parameters: [
          parameter('limit', 'query', 'Most statements, 50 by default.', { type: 'integer', minimum: 1, maximum: 200 }),
          cursor,
        ],
      },
      {
        200: json(
          'All anchors, and a page of statements.',
          object({
            anchors: list(standing),
            items: list(object({ number: count, anchors: list(object(entry)) })),
            next: orNull(text),
          }),
        ),
      },
    ),
  },
  '/v1/anchors/trust': {
    get: operation(
      'Whom this server believes about its anchors',
      {
        description:
          'Scope read. The keys, certificates, contracts and the network that its settings name, and no blocks: a file for --anchor-trust. It is the word of this server alone; compare it before you pin it.',
      },
      { 200: json('As packages/evidence/SPEC.md has it.', object({ mediaType: text, anchors: { type: 'object' } })) },
    ),
  },
  '/v1/anchors/{number}': {
    get: operation(
      'One statement on its way into the anchors',
      { description: 'Scope read.', parameters: [number] },
      { 200: json('By name of the anchor.', object({ number: count, anchors: list(object(entry)) })) },
    ),
  },
  '/v1/anchors/check': {
    post: operation(
      'Look at all that the anchors will need',
      { description: 'Scope maintain. Spends nothing.', requestBody: nothing },
      {
        200: json(
          'What was found.',
          object({
            items: list(
              object({
                anchor: text,
                kind: { enum: ANCHOR_KINDS },
                checks: list(object({ name: text, ok: { type: 'boolean' }, found: text, code: orNull(text) })),
              }),
            ),
          }),
        ),
      },
    ),
  },
  '/v1/anchors/drive': {
    post: operation(
      'Look at everything that waits, now',
      { description: 'Scope maintain. Does not wait for it.', requestBody: nothing },
      { 202: { description: 'Begun.' } },
    ),
  },
  '/v1/anchors/{number}/{anchor}/retry': {
    post: operation(
      'Try a dead letter again',
      {
        description: 'Scope maintain. Goes on from where it was. What is under way or final stays as it is.',
        parameters: [number, anchor],
        requestBody: nothing,
      },
      { 200: json('As it is now.', object({ number: count, ...entry })) },
    ),
  },
}
