import { ANCHOR_KINDS } from '@countersign/formats/anchor'
import { GRADES, IDENTITY_FACTS } from '@countersign/formats/identity'
import { SEVERITIES } from '@countersign/formats/report'

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
const key = {
  type: 'string',
  minLength: 1,
  maxLength: 4096,
  description: 'A public key: PEM, base64 of its SPKI, or a passkey: passkey:RPID:KEY:ORIGIN.',
}
const grade = { enum: [...GRADES] }
const time = {
  type: 'string',
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$',
}
const text = { type: 'string', minLength: 1, maxLength: 2048 }
const fact = {
  oneOf: [
    { ...text, description: 'All of it.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['prefix'],
      properties: { prefix: { ...text, description: 'How it begins, up to the end of one of its parts.' } },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['glob'],
      properties: {
        glob: {
          type: 'string',
          minLength: 1,
          maxLength: 256,
          description: 'All of it: * for any run without /, ** between slashes for any number of parts.',
        },
      },
    },
  ],
}
const stable = ['sourceRepositoryIdentifier', 'sourceRepositoryOwnerIdentifier'] as const
const identity = {
  type: 'object',
  additionalProperties: false,
  required: ['issuer'],
  anyOf: ['subject', ...stable].map((told) => ({ required: [told], properties: { [told]: text } })),
  properties: {
    issuer: { ...text, pattern: '^https?://[^\\s]+$', description: 'URL of the OpenID issuer, to the letter.' },
    subject: {
      ...text,
      description: 'The subject alternative name of the certificate: e-mail address or URI, all of it.',
    },
    ...Object.fromEntries(IDENTITY_FACTS.filter((name) => name !== 'issuer').map((name) => [name, fact])),
    grade: { ...grade, description: 'How well it must be known at least.' },
    authority: {
      oneOf: [name, { ...names, minItems: 1 }],
      description: 'Which of the authorities may vouch for it. Left out: any of them.',
    },
    revokedSince: { ...time, description: 'What it is proven to have signed then or later is refused.' },
  },
  description: 'Whom an authority vouches for, by the facts of the certificate.',
}
const vkey = {
  type: 'string',
  maxLength: 4096,
  pattern: '^[^\\s+]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]+={0,2}$',
}
const authority = {
  type: 'object',
  oneOf: [
    {
      additionalProperties: false,
      required: ['certificates', 'log'],
      properties: {
        certificates: {
          type: 'string',
          maxLength: 65_536,
          description: 'PEM: what issues first, the root last.',
        },
        log: {
          oneOf: [vkey, { type: 'array', items: vkey, minItems: 1, maxItems: 16, uniqueItems: true }],
          description: 'Verifier keys of the logs that prove what it issues.',
        },
        revokedSince: { ...time, description: 'What is proven to be signed then or later is refused.' },
      },
    },
    {
      additionalProperties: false,
      required: ['sigstore'],
      properties: {
        sigstore: {
          type: 'string',
          pattern: '^(?:public|[0-9a-f]{64})$',
          description:
            'public: the public-good instance, whose trusted root is kept current by TUF. Else SHA-256 of the trusted_root.json that is believed.',
        },
        revokedSince: { ...time, description: 'What is proven to be signed then or later is refused.' },
      },
    },
  ],
}
const directory = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  pattern: '^(?:\\.|(?!.*(?:\\\\|//|(?:^|/)\\.{1,2}(?:/|$)|[*?]))[^/].*)$',
  description: 'A directory; a dot is the one that all names are in.',
}
const digest = { type: 'string', pattern: '^[0-9a-f]{64}$' }
const duration = { type: 'string', pattern: '^[1-9][0-9]{0,5}[mhd]$' }
const condition = { type: 'string', minLength: 1, maxLength: 2048, pattern: '\\S' }
const shortNames = (items: object) => ({ type: 'array', items, minItems: 1, maxItems: 16, uniqueItems: true })
const demands = {
  runner: {
    enum: ['hosted', 'self-hosted'],
    description: 'Whose machine it runs on, as the certificate of its signer says.',
  },
  optional: {
    oneOf: [
      { const: 'always' },
      {
        type: 'object',
        additionalProperties: false,
        required: ['unless'],
        properties: { unless: { ...condition, description: 'CEL about whoever comes after it: signer.' } },
      },
    ],
    description: 'A step that comes after it may do without. Left out: it may not.',
  },
  approvals: {
    type: 'integer',
    minimum: 1,
    maximum: 100,
    description: 'How many different people among its signers must approve. Left out: it is no approval.',
  },
  evidence: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      tests: {
        oneOf: [
          { const: 'passed' },
          {
            type: 'object',
            additionalProperties: false,
            minProperties: 1,
            properties: {
              atLeast: { type: 'integer', minimum: 1, maximum: 1_000_000_000 },
              skipped: { type: 'integer', minimum: 0, maximum: 1_000_000_000 },
            },
          },
        ],
        description: 'JUnit or test-result: all reports of it passed.',
      },
      sbom: {
        enum: ['present', 'products'],
        description: 'SPDX or CycloneDX that names something; products: that names each product by digest.',
      },
      vulnerabilities: {
        type: 'object',
        additionalProperties: false,
        required: ['below'],
        properties: {
          below: {
            enum: [...SEVERITIES],
            description: 'The least severity that is not borne; unrated ones never are.',
          },
          tools: { ...shortNames({ ...text, maxLength: 512 }), description: 'Each of them must have looked.' },
          vex: { ...shortNames(name), description: 'Steps whose VEX excuses: this one, or such that it comes after.' },
          of: { const: 'products', description: 'Each product must be named by digest.' },
        },
        description: 'SARIF, in-toto vulns or CycloneDX: what was found and no VEX excuses.',
      },
      reports: {
        ...shortNames({ type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{0,40}$' }),
        description: 'Types of reports of which one each must be there.',
      },
    },
    description: 'Reports that it must record, and what they must say.',
  },
  fresh: { ...duration, description: 'How long what it says counts: 90m, 36h, 7d. Left out: for ever.' },
  conditions: {
    type: 'array',
    items: { ...condition, description: 'CEL: signer, step, previous, materials, products, reports, claimed.' },
    minItems: 1,
    maxItems: 32,
    description: 'What must hold of it beside.',
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
    signers: {
      type: 'object',
      propertyNames: name,
      minProperties: 1,
      additionalProperties: { oneOf: [key, identity] },
      description: 'Who may sign steps, by name: a key, or an identity.',
    },
    authorities: {
      type: 'object',
      propertyNames: name,
      minProperties: 1,
      maxProperties: 100,
      additionalProperties: authority,
      description: 'Who may vouch for identities. Left out: nobody, and signers are keys.',
    },
    people: {
      type: 'object',
      propertyNames: name,
      minProperties: 1,
      maxProperties: 1000,
      additionalProperties: { ...names, minItems: 1, maxItems: 100 },
      description: 'Whose signers are, by person: in an approval all of one person count once.',
    },
    countersigners: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      items: {
        ...vkey,
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
    maintainers: {
      type: 'object',
      additionalProperties: false,
      required: ['threshold', 'of'],
      properties: {
        threshold: { type: 'integer', minimum: 1, maximum: 64, description: 'How many of them must sign.' },
        of: {
          type: 'object',
          propertyNames: name,
          minProperties: 1,
          maxProperties: 64,
          additionalProperties: { oneOf: [key, identity] },
          description: 'The maintainers, by name: a key, or an identity.',
        },
      },
      description: 'Who must sign the next revision, and deviations. Left out: whoever may publish.',
    },
    grace: {
      type: 'string',
      pattern: '^(?:none|[1-9][0-9]{0,5}[mhd])$',
      default: '7d',
      description: 'How long runs under an older revision may go on once this one is published: none, 90m, 36h, 7d.',
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
                    moved: {
                      type: 'object',
                      additionalProperties: false,
                      required: ['of', 'to'],
                      properties: { of: directory, to: directory },
                      description: 'The directory of the maker that another one has here. Left out: names may change.',
                    },
                  },
                },
                {
                  additionalProperties: false,
                  required: ['outside'],
                  properties: {
                    outside: pattern,
                    sha256: digest,
                    contract: { ...digest, description: 'SHA-256 of the contract of the pipeline that proves it.' },
                  },
                },
              ],
            },
          },
          products: {
            ...patterns,
            description: 'What it makes: each pattern met, and nothing else. Left out: it makes nothing.',
          },
          disallow: { ...patterns, description: 'What it neither receives nor makes, whatever else lets it in.' },
          matrix: {
            type: 'array',
            items: { type: 'string', minLength: 1, maxLength: 256, pattern: '^[\\x20-\\x7e]+$' },
            minItems: 1,
            maxItems: 1000,
            uniqueItems: true,
            description: 'The keys of its matrix jobs, all required.',
          },
          minimumGrade: {
            ...grade,
            description:
              'How well its signer must be known at least: A best, D an enrolled key. Left out: however it is.',
          },
          ...demands,
        },
      },
    },
    final: { ...name, description: 'The step that must have vouched for an artifact before a gate lets it pass.' },
  },
} as const
