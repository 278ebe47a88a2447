import { resolve } from 'node:path'
import type { Client, ListedKey, ServerFacts } from '@countersign/client'
import { MAX_REVOCATIONS_BYTES, parseRevocations, type Revocation } from '@countersign/formats'
import { isLessened, logKeys, type TrustedLogKey, withRevocations } from '@countersign/verify'
import type { Context } from './context.ts'
import type { Believed } from './evidence.ts'
import { contentOf, readBounded } from './files.ts'

/** Keys that are revoked, from the list in a file; none where none is named. */
export function readRevocations(context: Context, file: string | undefined): readonly Revocation[] {
  if (file === undefined) return []
  const bytes = readBounded(resolve(context.cwd, file), MAX_REVOCATIONS_BYTES)
  return contentOf(file, () => parseRevocations(bytes))
}

/** What the keys of a server take away from whoever believes them. */
export function revocationsOf(keys: readonly ListedKey[]): Revocation[] {
  return keys.flatMap(({ keyId, revokedAt, reason }) =>
    revokedAt === null ? [] : [{ keyId, since: revokedAt, reason }],
  )
}

/** Belief less what is revoked. */
export function less(believed: Believed, revoked: readonly Revocation[]): Believed {
  const trust = withRevocations(believed.trust, revoked)
  return isLessened(trust, believed.trust)
    ? { ...believed, trust, from: `${believed.from}, less what is revoked`, lessened: true }
    : believed
}

/** Less what a server says is revoked. Whoever names no log takes the times from that of the server, whose word it is anyway. */
export async function lessThoseOf(believed: Believed, client: Client): Promise<Believed> {
  const left = less(believed, revocationsOf(await client.keys()))
  if (left === believed || left.trust.countersigners.length > 0) return left
  return { ...left, trust: { ...left.trust, timekeepers: logsOf(await client.server()) } }
}

function logsOf({ key, next, retired }: ServerFacts): TrustedLogKey[] {
  const current = logKeys(next === null ? [key] : [key, next])
  return [...current, ...retired.map((one) => ({ key: one.key, revokedAt: one.retiredAt }))]
}
