import type { CountersignAuthority } from '@countersign/verify/identity'
import type { Deps } from './deps.ts'

/** This server's own authorities, as a verifier trusts them: each certificate must be proven by this server's log. */
export function ownAuthorities({
  authorities,
  log,
  origin,
}: Pick<Deps, 'authorities' | 'log' | 'origin'>): CountersignAuthority[] {
  const logs = [...log.keys, ...log.retired.map(({ key }) => key)]
  return authorities.map(({ chain, validFor }) => ({ kind: 'countersign', name: origin, chain, validFor, logs }))
}
