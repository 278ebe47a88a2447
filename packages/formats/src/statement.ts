import {
  checkPath,
  CodedError,
  collisionKey,
  isHex,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@countersign/core'
import { MAX_PAYLOAD_BYTES, MAX_RESOURCES, STATEMENT_TYPE, TREE_MEDIA_TYPE } from './constants.ts'
import { type ObjectShape, Shape } from './shape.ts'

/** Digests by algorithm, lower-case hex; names as in in-toto's DigestSet (`sha256`, `gitCommit`, …). */
export type DigestSet = { readonly [algorithm: string]: string }

/** Git's file modes: regular, executable, symbolic link, directory tree. */
export type FileMode = '100644' | '100755' | '120000' | '040000'

/**
 * in-toto ResourceDescriptor v1, as far as a step uses it. `name` is a canonical relative path
 * (a tree's ends in `/`), or anything printable when `uri` says what it is.
 */
export interface Resource {
  readonly name: string
  readonly digest: DigestSet & { readonly sha256: string }
  readonly uri?: string
  readonly mediaType?: string
  readonly annotations?: {
    readonly mode?: FileMode | null
    readonly from?: string | null
    /** A checkout only: what is on disk is not as its commit. Never false. */
    readonly dirty?: true
  }
}

/** The statement layer alone: its predicate is not read yet. */
export interface Statement {
  readonly subject: readonly Resource[]
  readonly predicateType: string
  readonly predicate: JsonValue
}

/** Most digests of one resource. */
const MAX_DIGESTS = 16

const DIGEST_LENGTH: Readonly<Record<string, readonly number[]>> = {
  sha256: [64],
  sha384: [96],
  sha512: [128],
  sha3_256: [64],
  sha1: [40],
  gitCommit: [40, 64],
  gitTree: [40, 64],
  gitBlob: [40, 64],
  gitTag: [40, 64],
}

/** Statement v1 from payload bytes. Throws `statement-invalid`, `subject-missing`, `digest-invalid` or a JSON code. */
export function parseStatement(payload: Uint8Array): Statement {
  const whole = new Shape('statement-invalid', parseJson(payload, { maxBytes: MAX_PAYLOAD_BYTES }), 'statement')
  const statement = whole.object(['_type', 'subject', 'predicateType', 'predicate'])
  statement.get('_type').exactly(STATEMENT_TYPE)
  const subject = readResources(statement.get('subject'), ['mode', 'dirty'])
  if (subject.length === 0) throw new CodedError('subject-missing', 'the statement has no subject')
  return {
    subject,
    predicateType: statement.get('predicateType').text(512),
    predicate: whole.members()['predicate']!,
  }
}

/** A resource as a subject: where it came from is said of materials alone. */
export function asSubject({ annotations, ...rest }: Resource): Resource {
  const { mode, dirty } = annotations ?? {}
  if (mode === undefined && dirty === undefined) return rest
  return {
    ...rest,
    annotations: { ...(mode === undefined ? {} : { mode }), ...(dirty === undefined ? {} : { dirty }) },
  }
}

/** Resources with distinct names, also where file systems fold case or Unicode forms. */
export function readResources(shape: Shape, annotations: readonly string[]): Resource[] {
  const resources = shape.array(MAX_RESOURCES).map((item) => readResource(item, annotations))
  if (resources.length < 2) return resources
  // A tree and a file of one name cannot both be unpacked.
  const keys = resources.map(({ name }) => collisionKey(name.endsWith('/') ? name.slice(0, -1) : name))
  const twice = keys.length < FEW ? keys.findIndex((key, i) => keys.indexOf(key) < i) : repeated(keys)
  if (twice >= 0) {
    const { name } = resources[twice]!
    throw new CodedError('name-collision', `the name ${JSON.stringify(name.slice(0, 120))} collides with another`)
  }
  return resources
}

/** Up to here each is held against each: a set of them costs more. */
const FEW = 8

/** Index of the first that was there before, -1 where each is there once. */
function repeated(keys: readonly string[]): number {
  const seen = new Set<string>()
  return keys.findIndex((key) => seen.size === seen.add(key).size)
}

const RESOURCE = ['name', 'digest']
const RESOURCE_OPTIONAL = ['uri', 'mediaType', 'annotations']

/** A resource: the parsed object itself, once every member of it is checked. */
export function readResource(shape: Shape, annotations: readonly string[]): Resource {
  return readDescriptor(shape, annotations).as<Resource>()
}

/** A resource whose annotations are of another kind than those of {@link Resource} where none are named: they are not looked at. */
export function readDescriptor(shape: Shape, annotations: readonly string[] | null = null): ObjectShape {
  const object = shape.object(RESOURCE, RESOURCE_OPTIONAL)
  const name = object.text('name')
  const mediaType = object.has('mediaType') ? object.text('mediaType', 256) : null
  const noted = annotations !== null && object.has('annotations')
  const notes = noted ? object.get('annotations').object(NONE, annotations) : null
  const mode = notes === null ? null : checkAnnotations(notes)
  if (object.has('uri')) object.text('uri')
  else checkFileName(shape, name, mediaType === TREE_MEDIA_TYPE, mode)
  const digests = object.get('digest').members()
  checkDigestSet(digests)
  if (notes?.has('dirty') === true && !Object.hasOwn(digests, 'gitCommit')) {
    shape.fail('is said to differ from its commit, and names none')
  }
  return object
}

/**
 * True where the SHA-256 is of a manifest, not of the bytes themselves: a directory, or a source checkout. A file
 * that holds the manifest has the same digest and is something else.
 */
export function isTree({ mediaType, digest }: Pick<Resource, 'mediaType' | 'digest'>): boolean {
  return mediaType === TREE_MEDIA_TYPE || Object.hasOwn(digest, 'gitTree') || Object.hasOwn(digest, 'gitCommit')
}

const NONE: readonly string[] = []

/** The mode, null where none is told. */
function checkAnnotations(notes: ObjectShape): FileMode | null {
  if (notes.has('from') && !notes.isNull('from')) notes.hex('from', 64)
  if (notes.has('dirty') && !notes.get('dirty').boolean())
    notes.get('dirty').fail('is false, which is said by leaving it out')
  if (!notes.has('mode') || notes.isNull('mode')) return null
  return notes.exactly<FileMode>('mode', '100644', '100755', '120000', '040000')
}

function checkFileName(shape: Shape, name: string, tree: boolean, mode: FileMode | null): void {
  if (tree !== name.endsWith('/')) shape.fail('names a tree without a trailing slash, or a file with one')
  if (mode !== null && tree !== (mode === '040000')) {
    shape.fail('is a tree with the mode of a file, or a file with the mode of a tree')
  }
  // The root itself, recorded as a tree, is named "./".
  if (name !== './') checkPath(tree ? name.slice(0, -1) : name)
}

const ALGORITHM = /^[A-Za-z0-9_:.-]{1,40}$/

function checkDigestSet(digests: JsonObject): void {
  const algorithms = Object.keys(digests)
  if (algorithms.length > MAX_DIGESTS)
    throw new CodedError('digest-invalid', `a resource has more than ${MAX_DIGESTS} digests`)
  for (const algorithm of algorithms) {
    const value = digests[algorithm]
    if (typeof value !== 'string' || !isHex(value) || !hasLengthOf(algorithm, value.length)) {
      throw new CodedError(
        'digest-invalid',
        `digest ${JSON.stringify(algorithm.slice(0, 40))} is not lower-case hex of its length`,
      )
    }
  }
  if (!Object.hasOwn(digests, 'sha256')) throw new CodedError('digest-invalid', 'a resource has no sha256 digest')
}

function hasLengthOf(algorithm: string, length: number): boolean {
  if (algorithm === 'sha256') return length === 64
  if (Object.hasOwn(DIGEST_LENGTH, algorithm)) return DIGEST_LENGTH[algorithm]!.includes(length)
  return ALGORITHM.test(algorithm) && length >= 32 && length <= 256
}
