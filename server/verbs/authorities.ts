import type { CountersignAuthority } from '@countersign/verify/identity'
import type { Deps } from './deps.ts'
import type { OwnAuthority } from './vouching.ts'

/** This server's own authorities, as a verifier trusts them: each certificate must be proven by this server's log. */
export function ownAuthorities({
  authorities,
  log,
  origin,
}: Pick<Deps, 'authorities' | 'log' | 'origin'>): CountersignAuthority[] {
  const logs = [...log.keys, ...log.retired.map(({ key }) => key)]
  return authorities.map(({ chain, validFor }) => ({ kind: 'countersign', name: origin, chain, validFor, logs }))
}

/** The same as whoever verifies what is appended needs it: with whose rule let in whom it certified. */
export function ownAuthority(deps: Pick<Deps, 'authorities' | 'log' | 'origin' | 'store'>): OwnAuthority {
  return {
    authorities: () => ownAuthorities(deps),
    hasIssued: (tenant, serial) => deps.store.issued.was(tenant, serial),
  }
}
