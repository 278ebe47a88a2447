import { CodedError, fromBase64, fromUtf8, type JsonValue, parseJson } from '@countersign/core'
import type { OciCredentials } from './oci-http.ts'

const HUB = 'https://index.docker.io/v1/'

/** What docker calls a registry in its configuration; the first is what it tells a helper. */
function namesOf(host: string): readonly [string, ...string[]] {
  return host === 'docker.io' || host === 'registry-1.docker.io' ? [HUB, host] : [host]
}

/**
 * The login that `docker login` keeps for a registry in its `config.json` itself; null where it keeps none there. Throws
 * `usage` for a file that cannot be read.
 */
export function dockerCredentials(config: Uint8Array, host: string): OciCredentials | null {
  const auths = membersOf(membersOf(parse(config))?.['auths'])
  if (auths === null) return null
  for (const name of namesOf(host).flatMap((one) => [one, `https://${one}`])) {
    const entry = Object.hasOwn(auths, name) ? membersOf(auths[name]) : null
    const auth = entry?.['auth']
    if (typeof auth !== 'string' || auth === '') continue
    const text = fromUtf8(fromBase64(auth))
    const colon = text.indexOf(':')
    if (colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) }
  }
  return null
}

/** The program in which docker keeps the login for a registry, and what it knows the registry by. */
export interface DockerHelper {
  /** `docker-credential-…` */
  readonly program: string
  readonly server: string
}

/**
 * Where `config.json` says that a program keeps the login: one for this registry (`credHelpers`), or for all
 * (`credsStore`); null where it names none. Throws `usage` for a name that is none of a program.
 */
export function dockerHelper(config: Uint8Array, host: string): DockerHelper | null {
  const members = membersOf(parse(config))
  const own = membersOf(members?.['credHelpers']) ?? {}
  const names = namesOf(host)
  const key = names.find((one) => Object.hasOwn(own, one))
  const name = key === undefined ? members?.['credsStore'] : own[key]
  if (name === undefined || name === null || name === '') return null
  // It becomes the name of a program: no path, and no option.
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new CodedError('usage', 'the configuration of docker names a credential helper that cannot be one')
  }
  return { program: `docker-credential-${name}`, server: key ?? names[0] }
}

function parse(config: Uint8Array): JsonValue {
  try {
    return parseJson(config, { maxBytes: 1 << 20 })
  } catch {
    // What is in it is a secret, and so is what is wrong with it.
    throw new CodedError('usage', 'the configuration of docker cannot be read')
  }
}

function membersOf(value: JsonValue | undefined) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: JsonValue })
    : null
}
