import { fromUtf8, type JsonObject, parseJson } from '@countersign/core'

/** What a token says, with nobody asked whether it is true. Null where it cannot be read. */
export function unverifiedClaims(token: string): JsonObject | null {
  const [, payload] = token.split('.', 2)
  if (payload === undefined) return null
  try {
    const value = parseJson(fromUtf8(new Uint8Array(Buffer.from(payload, 'base64url'))), {
      maxBytes: 65_536,
      maxDepth: 16,
    })
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}

/** Whether a token is for this audience alone (RFC 7519 §4.1.3): one for others too could be used there. */
export function isFor(token: string, audience: string): boolean {
  const aud = unverifiedClaims(token)?.['aud']
  return aud === audience || (Array.isArray(aud) && aud.length === 1 && aud[0] === audience)
}

/** The audiences of a token as one text, for messages. */
export function audiencesOf(token: string): string {
  const aud = unverifiedClaims(token)?.['aud']
  const all = (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string')
  return all.length === 0 ? 'nobody' : all.join(' and ').slice(0, 300)
}
