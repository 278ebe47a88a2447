import { CodedError, isHex } from '@countersign/core'
import { isLoopback } from './http.ts'

/** An image, or another artifact, in a registry (OCI distribution-spec 1.1). */
export interface OciReference {
  /** `https://ghcr.io`; `http` for this machine alone. */
  readonly origin: string
  /** As credentials are kept for it. */
  readonly host: string
  readonly repository: string
  /** A tag, or `sha256:` and a digest. */
  readonly reference: string
}

const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** The name of an image in full: its registry, its repository, and a tag or a digest. Throws `usage`. */
export function parseOciReference(text: string): OciReference {
  const plain = text.replace(/^oci:\/\//, '')
  const slash = plain.indexOf('/')
  const host = plain.slice(0, Math.max(slash, 0))
  const rest = plain.slice(slash + 1)
  // No registry is meant by leaving it out: a short name is somebody else's elsewhere.
  if (slash < 0 || !(host.includes('.') || host.includes(':') || host === 'localhost')) {
    throw bad(text, 'names no registry')
  }
  const at = rest.indexOf('@')
  const [named, digest] = at < 0 ? [rest, null] : [rest.slice(0, at), rest.slice(at + 1)]
  const colon = named.lastIndexOf(':')
  const [repository, tag] = colon < 0 ? [named, null] : [named.slice(0, colon), named.slice(colon + 1)]
  if (repository.length > 255 || !REPOSITORY.test(repository)) throw bad(text, 'names no repository')
  if (tag !== null && !TAG.test(tag)) throw bad(text, 'has no tag')
  if (digest !== null && !isDigest(digest)) throw bad(text, 'has no sha256 digest')
  const reference = digest ?? tag
  if (reference === null) throw bad(text, 'names neither a tag nor a digest')
  return { origin: originOf(host, text), host, repository, reference }
}

function originOf(host: string, text: string): string {
  const url = URL.parse(`https://${host}`)
  // As it was written: white space, and other spellings of an address, would be another host than the one that is read.
  if (url === null || url.host !== host || url.username !== '' || url.pathname !== '/' || url.search !== '') {
    throw bad(text, 'names no registry')
  }
  return isLoopback(url) ? `http://${url.host}` : url.origin
}

/** True for `sha256:` and 64 lower-case hex digits. */
export function isDigest(text: string): boolean {
  return text.startsWith('sha256:') && isHex(text.slice('sha256:'.length), 64)
}

function bad(text: string, what: string): CodedError {
  return new CodedError('usage', `${JSON.stringify(text.slice(0, 200))} ${what}`, {
    fix: 'Name it in full, like ghcr.io/shop/web:1.2 or ghcr.io/shop/web@sha256:…',
  })
}
