import { CodedError } from '@countersign/core'
import { firstToken } from './first-run.ts'
import type { Token } from './store.ts'

export interface ListedTenant {
  readonly tenant: string
  /** ISO time. */
  readonly createdAt: string
}

/**
 * The tenants of a server, for its operator. A server may run on the same data meanwhile: nothing but tenants and their
 * tokens is written, and nothing of it is migrated, locked or kept open.
 */
export interface Tenants {
  /** Makes a tenant with its first token: both, and durable when this returns, or neither. False where the name is taken. */
  add(first: Token, at: string): boolean
  /** Oldest first. */
  list(): readonly ListedTenant[]
  close(): void
}

export interface TenantsAsked {
  /** Name of one that is to be made; null where they are to be listed. */
  readonly newTenant: string | null
  /** Where clients reach the server. */
  readonly url: string
  readonly json: boolean
  /** ISO time. */
  readonly now: string
}

/** In audiences and in sources of events a tenant is a segment of an address; and no two names look alike but for case. */
const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/

/** The name of a tenant that is to be made; null where none is. Throws `usage`. */
export function tenantNamed(name: string | undefined): string | null {
  if (name === undefined) return null
  if (NAME.test(name)) return name
  throw new CodedError('usage', `${JSON.stringify(name.slice(0, 100))} cannot name a tenant`, {
    fix: 'Choose 1 to 64 of a-z, 0-9, dot, underscore and hyphen, a letter or digit at both ends, such as acme.',
  })
}

/** Makes a tenant, or lists those that there are; what is to be printed. Throws `tenant-exists`, and what the store throws. */
export function tellTenants(open: () => Tenants, { newTenant, url, json, now }: TenantsAsked): string {
  const tenants = open()
  try {
    return newTenant === null ? listed(tenants.list(), json) : made(tenants, newTenant, { url, json, now })
  } finally {
    tenants.close()
  }
}

function made(tenants: Tenants, tenant: string, { url, json, now }: Omit<TenantsAsked, 'newTenant'>): string {
  const { token, text } = firstToken(tenant)
  if (!tenants.add(token, now)) throw new CodedError('tenant-exists', `there is a tenant ${tenant} already`)
  if (json) return `${JSON.stringify({ tenant, url, token: text })}\n`
  return `The tenant ${tenant} was made; a server that runs need not be started again. This is its first token, which may do
all that an administrator may. It is shown this once, and cannot be revoked:

  export COUNTERSIGN_URL=${url}
  export COUNTERSIGN_TOKEN=${text}

With it, the link by which the first administrator signs in, and a token for who records steps:

  countersign person add admin --role admin
  countersign token new --scope append read
`
}

function listed(tenants: readonly ListedTenant[], json: boolean): string {
  if (json) return `${JSON.stringify({ tenants })}\n`
  return tenants.map(({ tenant, createdAt }) => `${tenant}  made ${createdAt}\n`).join('')
}
