import type { Scope } from './store.ts'

/** What there is to be allowed. */
export const SCOPES: readonly Scope[] = ['append', 'read', 'note', 'audit', 'maintain', 'admin']

/** What people are to a tenant, the least first. */
export const ROLES = ['viewer', 'auditor', 'approver', 'maintainer', 'admin'] as const
export type Role = (typeof ROLES)[number]

/**
 * What each role may: `read` looks, `audit` sees who administers and what was done, `append` sends what was signed
 * elsewhere (approvals and deviations among it: the signature decides, not the role), `note` sends signed notes,
 * `maintain` publishes contracts and looks after statements and anchors, `admin` says who may do what and who may sign,
 * and erases.
 */
export const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['read'],
  auditor: ['read', 'audit'],
  approver: ['read', 'append'],
  maintainer: ['read', 'append', 'maintain'],
  admin: ['read', 'append', 'maintain', 'audit', 'admin'],
}

/** What a scope is good for besides itself. */
const INCLUDED: Readonly<Partial<Record<Scope, readonly Scope[]>>> = {
  append: ['note'],
  audit: ['note'],
  admin: ['audit', 'maintain', 'note'],
}

/** Whether somebody with these scopes may do what asks for one. */
export function allows(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.some((own) => own === scope || INCLUDED[own]?.includes(scope) === true)
}

/** The highest role that may no more than these scopes do; null for a token that may not even look. */
export function roleOf(scopes: readonly Scope[]): Role | null {
  return ROLES.findLast((role) => SCOPES_OF[role].every((scope) => allows(scopes, scope))) ?? null
}

/** Some of the scopes, none twice; null for anything else, and for none: a token that may do nothing is a mistake. */
export function scopesIn(value: unknown): readonly Scope[] | null {
  const given: readonly unknown[] = Array.isArray(value) ? value : []
  const scopes = SCOPES.filter((scope) => given.includes(scope))
  return scopes.length > 0 && scopes.length === given.length ? scopes : null
}

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value)
}
