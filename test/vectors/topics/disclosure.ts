import { createHash, createHmac } from 'node:crypto'
import { canonical, pae } from './bundle.ts'
import { b64 } from './note-signers.ts'
import { STEP } from './step.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const SALT = Buffer.alloc(32, 3)
const OTHER_SALT = Buffer.alloc(32, 4)
const LINK = createHash('sha256').update(pae).digest('hex')

const { chain, step, invocation, runner, evidence } = STEP.predicate
const VALUES = {
  argv: invocation.argv,
  directory: invocation.workingDirectory,
  environment: invocation.environment,
  identity: runner.identity,
  tools: runner.tools,
  evidence,
}
type Field = keyof typeof VALUES

const mediaType = 'application/vnd.countersign.disclosure.v1+json'
const disclosureOf = (field: string, value: unknown, salt = SALT, link = LINK) => ({
  mediaType,
  opens: { field, link },
  salt: b64(salt),
  value,
})
const DISCLOSURE = disclosureOf('argv', VALUES.argv)

/** The good disclosure as it stands in a file. */
export const DISCLOSURE_LINE = canonical(DISCLOSURE)

const bad = 'disclosure-invalid'
const as = (name: string, field: string, value: unknown, error: Mutation[3]): Mutation => [
  name,
  '',
  disclosureOf(field, value),
  error,
]
const text = (spelling: string, error: string) => ({ error, text: spelling })

export const disclosures: Topic = {
  name: 'disclosure',
  vectors: {
    ...mutated('disclosure', DISCLOSURE, [
      ['whole-null', '', null, bad],
      ['whole-empty', '', {}, bad],
      ['unknown-field', 'step', 'build', bad],
      ['media-type-missing', 'mediaType', undefined, bad],
      ['media-type-v2', 'mediaType', mediaType.replace('v1', 'v2'), bad],
      ['media-type-of-a-receipt', 'mediaType', 'application/vnd.countersign.receipt.v1+json', bad],
      ['opens-missing', 'opens', undefined, bad],
      ['opens-text', 'opens', 'argv', bad],
      ['opens-unknown-field', 'opens.step', 'build', bad],
      ['field-missing', 'opens.field', undefined, bad],
      ['field-null', 'opens.field', null, bad],
      ['field-by-its-path', 'opens.field', 'invocation.argv', bad],
      ['field-in-capitals', 'opens.field', 'ARGV', bad],
      ['field-that-is-never-sealed', 'opens.field', 'materials', bad],
      ['field-of-the-prototype', 'opens.field', 'constructor', bad],
      ['link-missing', 'opens.link', undefined, bad],
      ['link-null', 'opens.link', null, bad],
      ['link-uppercase', 'opens.link', 'D4'.repeat(32), bad],
      ['link-short', 'opens.link', LINK.slice(1), bad],
      ['salt-missing', 'salt', undefined, bad],
      ['salt-null', 'salt', null, bad],
      ['salt-empty', 'salt', '', bad],
      ['salt-short', 'salt', b64(SALT.subarray(1)), bad],
      ['salt-long', 'salt', b64(Buffer.alloc(33, 3)), bad],
      ['salt-in-hex', 'salt', SALT.toString('hex'), bad],
      ['salt-without-padding', 'salt', b64(SALT).replace('=', ''), 'base64-invalid'],
      ['value-missing', 'value', undefined, bad],
      ['value-null', 'value', null, bad],
      ['value-a-commitment', 'value', { sealed: '5e'.repeat(32) }, bad],
      ['argv-text', 'value', 'npm pack', bad],
      ['argv-empty', 'value', [], null],
      ['argv-number-inside', 'value', ['npm', 7], bad],
      as('directory', 'directory', VALUES.directory, null),
      as('directory-empty', 'directory', '', bad),
      as('directory-control', 'directory', 'a\u001b[2Jb', bad),
      as('directory-list', 'directory', ['.'], bad),
      as('environment', 'environment', VALUES.environment, null),
      as('environment-empty', 'environment', {}, null),
      as('environment-number', 'environment', { CI: 1 }, bad),
      as('environment-a-commitment', 'environment', { sealed: '5e'.repeat(32) }, bad),
      as('environment-with-sealed-alone', 'environment', { sealed: 'no' }, bad),
      as('environment-with-sealed-beside', 'environment', { CI: 'true', sealed: 'no' }, null),
      as('identity', 'identity', VALUES.identity, null),
      as('identity-empty', 'identity', {}, bad),
      as('identity-unknown-field', 'identity', { ...VALUES.identity, actor: 'x' }, bad),
      as('tools', 'tools', VALUES.tools, null),
      as('tools-list', 'tools', ['node'], bad),
      as('evidence', 'evidence', VALUES.evidence, null),
      as('evidence-empty', 'evidence', [], null),
      as('evidence-weak-digest', 'evidence', [{ name: 'a', digest: { md5: 'a1'.repeat(16) } }], 'digest-invalid'),
      as('evidence-name-absolute', 'evidence', [{ ...evidence[0], name: '/a' }], 'path-invalid'),
      // Whether it is so is for the verifier.
      ['of-another-step', 'opens.link', 'd4'.repeat(32), null],
    ]),
    'spelling-other-order': text(
      JSON.stringify({ mediaType, salt: DISCLOSURE.salt, opens: DISCLOSURE.opens, value: DISCLOSURE.value }),
      bad,
    ),
    'spelling-space-after': text(`${DISCLOSURE_LINE} `, bad),
    'spelling-space-inside': text(DISCLOSURE_LINE.replace(',', ', '), bad),
    'spelling-escaped-slash': text(DISCLOSURE_LINE.replace('/', '\\/'), bad),
    'spelling-newline-at-end': text(`${DISCLOSURE_LINE}\n`, bad),
    'key-twice': text(DISCLOSURE_LINE.replace('{', `{"mediaType":"${mediaType}",`), 'json-duplicate-key'),
    truncated: text(DISCLOSURE_LINE.slice(0, -9), 'json-invalid'),
    'two-at-once': text(DISCLOSURE_LINE + DISCLOSURE_LINE, 'json-invalid'),
  },
}

/** Where a value stands: what is committed to beside it. */
interface Place {
  readonly chain: string
  readonly step: {
    readonly name: string
    readonly attempt: number
    readonly matrix: string | null
    readonly nonce: string
  }
}

const PLACE: Place = { chain: chain.id, step }

function commitment(field: string, value: unknown, { chain: id, step: ref } = PLACE, salt = SALT) {
  const message = canonical([id, ref.name, ref.attempt, ref.matrix, ref.nonce, field, value])
  return { sealed: createHmac('sha256', salt).update(message).digest('hex') }
}

/** The predicate of the good step, some of its fields with what is given in their place. */
function predicateOf(given: Partial<Record<Field, unknown>>, place = PLACE) {
  const fields = { ...VALUES, ...given }
  return {
    ...STEP.predicate,
    chain: { ...chain, id: place.chain },
    step: place.step,
    invocation: {
      ...invocation,
      argv: fields.argv,
      workingDirectory: fields.directory,
      environment: fields.environment,
    },
    runner: { ...runner, identity: fields.identity, tools: fields.tools },
    evidence: fields.evidence,
  }
}

/** The link digest of a statement in canonical form. */
function linkOf(statement: object): string {
  const payload = Buffer.from(canonical(statement))
  const start = `DSSEv1 28 application/vnd.in-toto+json ${payload.length} `
  return createHash('sha256').update(start).update(payload).digest('hex')
}

/** A disclosure of the statement that stands beside it. */
function beside(predicate: object, field: string, value: unknown, salt = SALT) {
  const statement = { ...STEP, predicate }
  return { statement, disclosure: disclosureOf(field, value, salt, linkOf(statement)) }
}
const opened = (field: Field) =>
  beside(predicateOf({ [field]: commitment(field, VALUES[field]) }), field, VALUES[field])
const refused = (...given: Parameters<typeof beside>) => ({ error: 'disclosure-mismatch', ...beside(...given) })
const argv = commitment('argv', VALUES.argv)
/** The commitment was made elsewhere and stands in the good step. */
const copied = (place: Partial<Place['step']>, id = chain.id) =>
  refused(
    predicateOf({ argv: commitment('argv', VALUES.argv, { chain: id, step: { ...step, ...place } }) }),
    'argv',
    VALUES.argv,
  )

/** Disclosures beside the statement that they are about: whether they open what is sealed there. */
export const sealeds: Topic = {
  name: 'sealed',
  vectors: {
    argv: opened('argv'),
    directory: opened('directory'),
    environment: opened('environment'),
    identity: opened('identity'),
    tools: opened('tools'),
    evidence: opened('evidence'),
    'other-value': refused(predicateOf({ argv }), 'argv', ['npm', 'publish']),
    'other-salt': refused(predicateOf({ argv }), 'argv', VALUES.argv, OTHER_SALT),
    'other-field-of-the-same-value': refused(
      predicateOf({ tools: commitment('environment', VALUES.tools) }),
      'tools',
      VALUES.tools,
    ),
    'not-sealed': refused(predicateOf({}), 'argv', VALUES.argv),
    'not-sealed-but-another': refused(predicateOf({ tools: argv }), 'argv', VALUES.argv),
    'link-of-another-statement': {
      error: 'disclosure-mismatch',
      statement: { ...STEP, predicate: predicateOf({ argv }) },
      disclosure: DISCLOSURE,
    },
    'words-joined': refused(predicateOf({ argv }), 'argv', ['npm pack']),
    'of-another-chain': copied({}, 'ab'.repeat(16)),
    'of-another-step': copied({ name: 'publish' }),
    'of-another-attempt': copied({ attempt: 2 }),
    'of-another-job': copied({ matrix: 'linux' }),
    'of-another-nonce': copied({ nonce: 'ff'.repeat(16) }),
    'of-the-value-alone': refused(
      predicateOf({ argv: { sealed: createHmac('sha256', SALT).update(canonical(VALUES.argv)).digest('hex') } }),
      'argv',
      VALUES.argv,
    ),
    'without-key': refused(
      predicateOf({
        argv: {
          sealed: createHash('sha256')
            .update(canonical([chain.id, step.name, step.attempt, step.matrix, step.nonce, 'argv', VALUES.argv]))
            .digest('hex'),
        },
      }),
      'argv',
      VALUES.argv,
    ),
  },
}
