import { hasControl } from '@countersign/core'

const MAX_URL = 2048

/**
 * A repository's URL without what may be secret in it: user and password, query, fragment. `host:path` becomes
 * `ssh://host/path`, a local path `file:…`. Null where nothing safe is left to say (remote helpers, control
 * characters, too long).
 */
export function withoutCredentials(remote: string): string | null {
  const text = remote.trim()
  if (text === '' || text.length > MAX_URL || hasControl(text) || /^[A-Za-z0-9-]+::/.test(text) || !text.isWellFormed())
    return null
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//.exec(text)?.[0]
  if (scheme !== undefined) return stripUrl(scheme, text.slice(scheme.length))
  // git's short form of ssh: user@host:path, the colon before any slash.
  const slash = firstOf(text, '/')
  const at = text.lastIndexOf('@', slash)
  const colon = text.indexOf(':', at + 1)
  if (colon > at + 1 && colon < slash) {
    const path = text.slice(colon + 1)
    return stripUrl('ssh://', `${text.slice(at + 1, colon)}/${path.startsWith('/') ? path.slice(1) : path}`)
  }
  if (at >= 0 && text.lastIndexOf(':', at) >= 0) return null
  return text.startsWith('/') ? `file://${text}` : `file:${text}`
}

function stripUrl(scheme: string, rest: string): string | null {
  const bare = rest.slice(0, firstOf(rest, '?#'))
  const authority = bare.slice(0, firstOf(bare, '/'))
  const at = authority.lastIndexOf('@')
  if (at >= 0) return `${scheme.toLowerCase()}${bare.slice(at + 1)}`
  // `user:pa/ss@host`: the password runs into the path.
  const port = authority.lastIndexOf(':')
  const odd = port >= 0 && !/^[0-9]*$/.test(authority.slice(port + 1)) && !authority.endsWith(']')
  return odd ? null : `${scheme.toLowerCase()}${bare}`
}

function firstOf(text: string, characters: string): number {
  for (let i = 0; i < text.length; i++) if (characters.includes(text[i]!)) return i
  return text.length
}
