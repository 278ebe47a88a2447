import type { JsonObject, JsonValue } from '@countersign/core'

const MAX_DEPTH = 4

/**
 * Claims by name, as text: those within others under both names with a slash between them. Lists and null are left out,
 * and so is every name that two claims would have.
 */
export function flatten(claims: JsonObject): ReadonlyMap<string, string> {
  const flat = new Map<string, string>()
  const twice = new Set<string>()
  const add = (name: string, value: JsonValue, depth: number) => {
    const text = textOf(value)
    if (text !== null) {
      if (flat.has(name)) twice.add(name)
      flat.set(name, text)
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < MAX_DEPTH) {
      for (const [key, inner] of Object.entries(value)) {
        add(name.endsWith('/') ? name + key : `${name}/${key}`, inner, depth + 1)
      }
    }
  }
  for (const [name, value] of Object.entries(claims)) add(name, value, 1)
  const domain = trustDomainOf(claims['sub'])
  if (domain !== null) add('spiffe/trust-domain', domain, 1)
  for (const name of twice) flat.delete(name)
  return flat
}

function textOf(value: JsonValue): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null
}

/** The trust domain of a SPIFFE ID; null for any other subject. */
export function trustDomainOf(subject: JsonValue | undefined): string | null {
  const match = typeof subject === 'string' ? /^spiffe:\/\/([a-z0-9._-]{1,255})(?:\/|$)/.exec(subject) : null
  return match?.[1] ?? null
}
