import { CodedError, fromBase64, fromUtf8, type JsonValue, parseJson } from '@countersign/core'
import type { OciCredentials } from './oci-http.ts'

/**
 * The login that `docker login` keeps for a registry in its `config.json`; null where it keeps none. Where it keeps them in
 * a helper program that is not asked: nothing is started because a file says so. Throws `usage` for a file that cannot be read.
 */
export function dockerCredentials(config: Uint8Array, host: string): OciCredentials | null {
  const auths = membersOf(membersOf(parse(config))?.['auths'])
  if (auths === null) return null
  const names = host === 'docker.io' || host === 'registry-1.docker.io' ? ['https://index.docker.io/v1/', host] : [host]
  for (const name of names.flatMap((one) => [one, `https://${one}`])) {
    const entry = Object.hasOwn(auths, name) ? membersOf(auths[name]) : null
    const auth = entry?.['auth']
    if (typeof auth !== 'string' || auth === '') continue
    const text = fromUtf8(fromBase64(auth))
    const colon = text.indexOf(':')
    if (colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) }
  }
  return null
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
