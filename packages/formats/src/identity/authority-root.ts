import { base64, CodedError, fromBase64, hex, type JsonObject, sha256, utf8 } from '@countersign/core'
import { parseVkey, writeVkey } from '../note-key.ts'
import type { NoteKey } from '../note-key.ts'
import type { Shape } from '../shape.ts'

const MAX_AUTHORITIES = 100
const MAX_CERTIFICATES = 5
const MAX_CERTIFICATE_BYTES = 16_384
const MAX_LOGS = 16
const MAX_NAME = 256
/** Most characters of one trusted root of Sigstore. */
const MAX_TRUSTED_ROOT = 4_000_000

/** A CA that proves in a log what it issues. */
export interface OwnAuthorityRoot {
  readonly kind: 'countersign'
  readonly name: string
  /** DER, what issues first and the root last; never none. */
  readonly certificates: readonly Uint8Array[]
  /** Keys of the logs that prove what it issues; never none. */
  readonly logs: readonly NoteKey[]
  /** ISO time; null while it is believed. */
  readonly revokedAt: string | null
}

/** All authorities of a trusted root of Sigstore. */
export interface SigstoreRoot {
  readonly kind: 'sigstore'
  readonly name: string
  /** Its `trusted_root.json`, every character. */
  readonly trustedRoot: string
  /** Whether it is what the public-good instance had: contracts may name that without a digest. */
  readonly isPublic: boolean
  readonly revokedAt: string | null
}

/** Whose certificates are believed. What they are is for `verify` to read. */
export type AuthorityRoot = OwnAuthorityRoot | SigstoreRoot

/** What an authority is known by, whatever it is called: SHA-256, hex, of its root certificate or its trusted root. */
export function authorityId(root: AuthorityRoot): string {
  return hex(sha256(root.kind === 'countersign' ? root.certificates.at(-1)! : utf8(root.trustedRoot)))
}

/** Authorities from their JSON, in the order of their ids, none twice. Throws the shape's code, `base64-invalid`, `key-invalid`. */
export function readAuthorityRoots(shape: Shape): AuthorityRoot[] {
  let last = ''
  let known = false
  return shape.array(MAX_AUTHORITIES).map((item) => {
    const root = readRoot(item)
    const isPublic = root.kind === 'sigstore' && root.isPublic
    if (isPublic && known) item.fail('is a second public Sigstore')
    known ||= isPublic
    const id = authorityId(root)
    if (id <= last) item.fail(id === last ? 'stands there twice' : 'is out of order')
    last = id
    return root
  })
}

function readRoot(shape: Shape): AuthorityRoot {
  const own = !Object.hasOwn(shape.members(), 'trustedRoot')
  const fields = ['name', ...(own ? ['certificates', 'logs'] : ['trustedRoot']), 'revokedAt']
  const it = shape.object(fields, own ? [] : ['public'])
  const name = it.text('name', MAX_NAME)
  const revokedAt = it.get('revokedAt').nullable((time) => time.time())
  if (!own) {
    const isPublic = it.has('public')
    // In one spelling: where it is not, nothing says so.
    if (isPublic && !it.get('public').boolean()) it.get('public').fail('is not true')
    const trustedRoot = it.get('trustedRoot').string(MAX_TRUSTED_ROOT)
    return { kind: 'sigstore', name, trustedRoot, isPublic, revokedAt }
  }
  const certificates = it
    .get('certificates')
    .array(MAX_CERTIFICATES)
    .map((one) => fromBase64(one.text(Math.ceil(MAX_CERTIFICATE_BYTES / 3) * 4)))
  if (certificates.length === 0) it.get('certificates').fail('is empty')
  return { kind: 'countersign', name, certificates, logs: readLogs(it.get('logs')), revokedAt }
}

function readLogs(shape: Shape): NoteKey[] {
  let last = ''
  const logs = shape.array(MAX_LOGS).map((item) => {
    const text = item.text()
    const key = parseVkey(text, { sha256 })
    if (key.type !== 'ed25519') item.fail('is the key of a witness, not of a log')
    if (text <= last) item.fail(text === last ? 'stands there twice' : 'is out of order')
    last = text
    return key
  })
  // Without a log nothing that it issues could be proven.
  if (logs.length === 0) shape.fail('is empty')
  return logs
}

/**
 * {@link readAuthorityRoots} the other way, lists brought into order. Throws `trust-root-invalid` for one authority with
 * two meanings, and for two public ones.
 */
export function authorityRootsJson(roots: readonly AuthorityRoot[]): JsonObject[] {
  const all = new Map<string, JsonObject>()
  for (const root of roots) {
    const id = authorityId(root)
    const json = rootJson(root)
    const other = all.get(id)
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(json)) {
      throw new CodedError('trust-root-invalid', `the authority ${root.name} is believed in two ways`)
    }
    all.set(id, json)
  }
  if ([...all.values()].filter(({ public: is }) => is === true).length > 1) {
    throw new CodedError('trust-root-invalid', 'the public Sigstore is believed with two trusted roots')
  }
  return [...all].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, json]) => json)
}

function rootJson(root: AuthorityRoot): JsonObject {
  const { name, revokedAt } = root
  if (root.kind === 'sigstore') {
    return { name, trustedRoot: root.trustedRoot, ...(root.isPublic ? { public: true } : {}), revokedAt }
  }
  return {
    name,
    certificates: root.certificates.map(base64),
    logs: [...new Set(root.logs.map(writeVkey))].toSorted(),
    revokedAt,
  }
}
