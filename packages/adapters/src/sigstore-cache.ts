import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson, CodedError, hex, type JsonValue, parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { nodeCrypto } from './crypto-node.ts'
import { writeWhole } from './whole-file.ts'

const CODE = 'trust-root-invalid'
const MEDIA_TYPE = 'application/vnd.countersign.sigstore-trust.v1+json'
const MAX_STATE_BYTES = 10_000
const MAX_TRUSTED_ROOT_BYTES = 4_000_000
/** The mirror of Sigstore's public instance. */
export const PUBLIC_MIRROR = 'https://tuf-repo-cdn.sigstore.dev'
/** Roles of a TUF repository whose newest metadata is kept. */
export const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const
export type Role = (typeof ROLES)[number]

/** A trust root of Sigstore that was fetched and is kept. */
export interface KeptTrust {
  readonly mirror: string
  /** ISO times: when it was fetched, and until when it is fresh. */
  readonly fetchedAt: string
  readonly expires: string
  readonly versions: Readonly<Record<Role, number>>
  /** `trusted_root.json`, as its repository has it. */
  readonly trustedRoot: Uint8Array
}

/** Where what comes from a mirror is kept. */
export function placeOf(directory: string, mirror: string): string {
  return join(directory, encodeURIComponent(mirror.replace(/^https?:\/\//, '')))
}

/**
 * What was last fetched from a mirror; null where nothing was. Whether it is fresh is for the caller to say. Throws
 * `trust-root-invalid` where the files are not those that were written, and `file-unreadable`.
 */
export function readKeptTrust(directory: string, mirror: string): KeptTrust | null {
  const place = placeOf(directory, mirror)
  const state = readIfThere(join(place, 'state.json'), MAX_STATE_BYTES)
  if (state === null) return null
  const it = new Shape(CODE, stateIn(state), 'state').object([
    'mediaType',
    'mirror',
    'fetchedAt',
    'expires',
    'versions',
    'trustedRoot',
  ])
  it.exactly('mediaType', MEDIA_TYPE)
  it.exactly('mirror', mirror)
  const versions = it.get('versions').object([...ROLES])
  const version = (role: Role) => versions.integer(role, 1, Number.MAX_SAFE_INTEGER)
  const trustedRoot = readIfThere(join(place, 'trusted_root.json'), MAX_TRUSTED_ROOT_BYTES)
  // They are written one after the other: a crash between them leaves two that do not belong together.
  if (trustedRoot === null || hex(nodeCrypto.sha256(trustedRoot)) !== it.hex('trustedRoot', 64)) {
    throw new CodedError(CODE, `${join(place, 'trusted_root.json')} is not what was fetched`)
  }
  return {
    mirror,
    fetchedAt: it.time('fetchedAt'),
    expires: it.time('expires'),
    versions: {
      root: version('root'),
      timestamp: version('timestamp'),
      snapshot: version('snapshot'),
      targets: version('targets'),
    },
    trustedRoot,
  }
}

function stateIn(state: Uint8Array): JsonValue {
  try {
    return parseJson(state, { maxBytes: MAX_STATE_BYTES, maxDepth: 4 })
  } catch (cause) {
    throw new CodedError(CODE, 'what is kept of the trust root cannot be read', { cause })
  }
}

/** {@link readKeptTrust} the other way. Throws `file-write-failed`. */
export async function keepTrust(directory: string, kept: KeptTrust): Promise<void> {
  const { mirror, fetchedAt, expires, versions, trustedRoot } = kept
  const place = placeOf(directory, mirror)
  const state = {
    mediaType: MEDIA_TYPE,
    mirror,
    fetchedAt,
    expires,
    versions,
    trustedRoot: hex(nodeCrypto.sha256(trustedRoot)),
  }
  await writeWhole(join(place, 'trusted_root.json'), trustedRoot, 'owner')
  await writeWhole(join(place, 'state.json'), canonicalJson(state), 'owner')
}

/** Bytes of a file of ours; null where there is none. */
export function readIfThere(path: string, max: number): Uint8Array | null {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
    throw new CodedError('file-unreadable', `${path} cannot be read`, { cause })
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile() || stat.size > max) throw new CodedError(CODE, `${path} is not what was written there`)
    return new Uint8Array(readFileSync(fd))
  } finally {
    closeSync(fd)
  }
}
