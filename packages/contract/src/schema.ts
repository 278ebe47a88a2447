import { ANCHOR_KINDS } from '@countersign/formats/anchor'

const name = {
  type: 'string',
  maxLength: 128,
  pattern: '^(?!.*(?:\\.\\.|//|/\\./))[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?$',
}
const names = { type: 'array', items: name, maxItems: 1000, uniqueItems: true }
const pattern = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  // Relative, no empty, dotted or back-slashed segment, ** only as a whole segment; a slash at the end is a directory's.
  pattern: '^(?!.*(?:\\\\|//|(?:^|/)\\.{1,2}(?:/|$)|[^/]\\*\\*|\\*\\*[^/]))[^/].*$',
  description: 'A path pattern: * within a segment, ** for any number of segments, ? for one character.',
}
const patterns = { type: 'array', items: pattern, minItems: 1, maxItems: 100 }
const keys = {
  type: 'object',
  propertyNames: name,
  minProperties: 1,
  additionalProperties: {
    type: 'string',
    minLength: 1,
    maxLength: 4096,
    description: 'A public key: PEM, or base64 of its SPKI.',
  },
}

/** JSON Schema (2020-12) of a contract, for editors. `parseContract` is the judge: it also checks names against one another. */
export const CONTRACT_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://countersign.dev/schema/contract-v1.schema.json',
  title: 'Countersign contract',
  description: 'How an artifact must be built: steps, order, who may sign, what goes in and out.',
  type: 'object',
  additionalProperties: false,
  required: ['contract', 'pipeline', 'revision', 'signers', 'steps', 'final'],
  properties: {
    contract: { const: 'v1', description: 'Version of the contract language.' },
    pipeline: { ...name, description: 'The pipeline this contract is for, like shop/web.' },
    revision: { type: 'integer', minimum: 1, maximum: 1_000_000_000, description: 'Grows with every change.' },
    signers: { ...keys, description: 'Who may sign steps, by name.' },
    countersigners: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: {
        type: 'string',
        maxLength: 4096,
        pattern: '^[^\\s+]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]+={0,2}$',
        description: "The verifier key of a server's log: name+id+key, as /v1/server shows it.",
      },
      description: 'Servers, one of whose receipts every step must carry. Left out: none is demanded.',
    },
    attempts: {
      enum: ['same', 'carry'],
      default: 'same',
      description:
        'same: all steps of a path are of one attempt. carry: a step may follow an earlier attempt of its predecessor.',
    },
    anchored: {
      type: 'object',
      additionalProperties: false,
      required: ['within'],
      properties: {
        within: {
          type: 'string',
          pattern: '^[1-9][0-9]{0,5}[mhd]$',
          description: 'Minutes, hours or days after the log accepted the step, up to 366d: 90m, 36h, 7d.',
        },
        by: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { enum: [...ANCHOR_KINDS] },
          description: 'Kinds of anchors that must all be there. Left out: one of any kind.',
        },
      },
      description: 'How soon anchors must prove that a step existed. Left out: no anchors are demanded.',
    },
    clockToleranceSeconds: { type: 'integer', minimum: 0, maximum: 86_400, default: 300 },
    steps: {
      type: 'object',
      propertyNames: name,
      minProperties: 1,
      maxProperties: 1000,
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['signers'],
        properties: {
          after: { ...names, description: 'Steps that must have gone before. Left out: the run begins here.' },
          signers: { ...names, minItems: 1, description: 'One of these must have signed.' },
          materials: {
            type: 'array',
            maxItems: 100,
            description: 'What it receives. Left out: something from every step in after. Anything else is refused.',
            items: {
              type: 'object',
              oneOf: [
                {
                  additionalProperties: false,
                  required: ['from'],
                  properties: {
                    from: name,
                    match: { ...patterns, description: 'Names its maker gave; all must be received.' },
                  },
                },
                {
                  additionalProperties: false,
                  required: ['outside'],
                  properties: { outside: pattern, sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
                },
              ],
            },
          },
          products: {
            ...patterns,
            description: 'What it makes: each pattern met, and nothing else. Left out: it makes nothing.',
          },
          matrix: {
            type: 'array',
            items: { type: 'string', minLength: 1, maxLength: 256, pattern: '^[\\x20-\\x7e]+$' },
            minItems: 1,
            maxItems: 1000,
            uniqueItems: true,
            description: 'The keys of its matrix jobs, all required.',
          },
        },
      },
    },
    final: { ...name, description: 'The step that must have vouched for an artifact before a gate lets it pass.' },
  },
} as const
