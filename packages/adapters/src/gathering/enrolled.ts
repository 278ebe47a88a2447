import type { Client } from '@countersign/client'
import type { AuthorityRoot } from '@countersign/formats/identity'
import { ANY_IDENTITY, logKeys, type Trust, withAuthorities } from '@countersign/verify'

/** Whom a server knows. */
export interface Enrolled {
  readonly trust: Trust
  /** The authorities of the trust, in their wire form. */
  readonly authorities: readonly AuthorityRoot[]
}

/** Who may sign at a server, the keys of its log, and its authorities: all of it its word. */
export async function keysOf(client: Client): Promise<Enrolled> {
  const [enrolled, server, chains] = await Promise.all([client.keys(), client.server(), client.authorities()])
  const signers = enrolled.map(({ name, publicKey, revokedAt }) => ({ name, key: publicKey, revokedAt }))
  const current = server.next === null ? [server.key] : [server.key, server.next]
  const retired = server.retired.map(({ key, retiredAt }) => ({ key, revokedAt: retiredAt }))
  const keys = { signers, countersigners: [...logKeys(current), ...retired] }
  const logs = [...current, ...retired.map(({ key }) => key)]
  const authorities = chains.map(
    (certificates): AuthorityRoot => ({
      kind: 'countersign',
      name: server.origin,
      certificates,
      logs,
      revokedAt: null,
    }),
  )
  const trust = authorities.length === 0 ? keys : withAuthorities(keys, authorities, [ANY_IDENTITY])
  return { trust, authorities }
}
