import { isDigest, type OciReference, parseOciReference } from '@countersign/adapters/oci-reference'
import { CodedError } from '@countersign/core'
import { plain } from '../output.ts'

/** An image as a container names it, in full. */
export interface ImageName {
  /** As it stands in the object. */
  readonly text: string
  /** `docker.io/library/nginx`: what rules are matched against. */
  readonly name: string
  readonly tag: string | null
  /** `sha256:` and 64 hex digits; null where nothing pins it. */
  readonly digest: string | null
}

const MAX_NAME = 1024
const DOCKER = 'docker.io'
/** Where Docker Hub serves the API of its registry. */
const DOCKER_REGISTRY = 'registry-1.docker.io'

/** Reads the name as container runtimes do. Throws `usage` for what none of them could pull. */
export function readImageName(text: string): ImageName {
  if (text.length > MAX_NAME) throw new CodedError('usage', `the name of an image has ${text.length} characters`)
  const at = text.indexOf('@')
  const [named, digest] = at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
  if (digest !== null && !isDigest(digest)) throw new CodedError('usage', `${plain(text)} has no sha256 digest`)
  const slash = named.indexOf('/')
  const first = slash < 0 ? '' : named.slice(0, slash)
  const hosted = first.includes('.') || first.includes(':') || first === 'localhost'
  const whole = hosted ? named : `${DOCKER}/${slash < 0 ? 'library/' : ''}${named}`
  const colon = whole.lastIndexOf(':')
  const tagged = colon > whole.lastIndexOf('/')
  const name = tagged ? whole.slice(0, colon) : whole
  const tag = tagged ? whole.slice(colon + 1) : null
  // Whatever the name is made of, it is one that a registry could have.
  parseOciReference(`${name}:${tag ?? 'latest'}`)
  return { text, name, tag, digest }
}

/** Where its registry is asked what the tag means. */
export function referenceOf({ name, tag, digest }: ImageName): OciReference {
  const whole = `${name}${digest === null ? `:${tag ?? 'latest'}` : `@${digest}`}`
  return parseOciReference(whole.startsWith(`${DOCKER}/`) ? `${DOCKER_REGISTRY}${whole.slice(DOCKER.length)}` : whole)
}

/** The name with the digest that it was found to mean; the tag stays, for people. */
export function pinned({ text }: ImageName, digest: string): string {
  return `${text}@${digest}`
}
