import {
  count,
  cursor,
  hex,
  type Json,
  json,
  limit,
  list,
  object,
  operation,
  orNull,
  parameter,
  text,
  time,
} from './openapi-parts.ts'

const signature = object({ sig: text, keyid: text, certificate: text, timestamps: list(text) }, [
  'keyid',
  'certificate',
  'timestamps',
])
const note = object({ mediaType: text, payload: text, payloadType: text, proof: text, signatures: list(signature) }, [
  'proof',
])

const told = object({
  id: { ...hex(64), description: 'Link digest of its statement.' },
  index: { ...count, description: 'Of its leaf in the log.' },
  at: { ...time, description: 'When it was taken.' },
  kind: { enum: ['note', 'dispute', 'resolution', 'withdrawal'] },
  supersedes: orNull(hex(64)),
  supersededBy: { ...orNull(hex(64)), description: 'What stands in its place.' },
  signer: { ...orNull(text), description: 'As this server knows who signed it; null where it was erased.' },
  erased: orNull(object({ at: time, ground: text, tombstone: count })),
  note: { ...orNull(note), description: 'It, with the proof that it is in the log; null where it was erased.' },
})

const id = parameter('note', 'path', 'Id of the note.', hex(64))

/** What can be asked of signed notes. */
export const remarkPaths: Json = {
  '/v1/notes': {
    get: operation(
      'Signed notes, newest first',
      {
        description: 'Scope read.',
        parameters: [
          parameter(
            'about',
            'query',
            'What it is about: step/LINK, artifact/SHA256, refusal/SHA256 (of the body), or chain/ID for all of a run.',
          ),
          parameter('open', 'query', '1 for disputes alone that nothing stands in the place of.', { const: '1' }),
          limit,
          cursor,
        ],
      },
      {
        200: json(
          'A page.',
          object({
            items: list(told),
            next: orNull(text),
            place: { ...text, description: 'Where notes for here belong, as they say under signature.' },
          }),
        ),
      },
    ),
    post: operation(
      'Hand in a signed note',
      {
        description:
          'Scope note. Signed by a key that is enrolled, or under a certificate of this server; a resolution takes the scope maintain besides. The same again gets the same.',
        requestBody: { required: true, content: { 'application/json': { schema: note } } },
      },
      { 201: json('It is in the log.', told), 200: json('It was in the log already.', told) },
    ),
  },
  '/v1/notes/{note}': {
    get: operation(
      'A signed note',
      { description: 'Scope read.', parameters: [id] },
      { 200: json('With the proof that it is in the log.', told) },
    ),
  },
  '/v1/notes/{note}/erase': {
    post: operation(
      'Erase what a note says, and who said it',
      {
        description: 'Scope admin. That there was one, and what it superseded, stays.',
        parameters: [id],
        requestBody: { required: true, content: { 'application/json': { schema: object({ ground: text }) } } },
      },
      { 200: json('What is left of it.', told) },
    ),
  },
}
