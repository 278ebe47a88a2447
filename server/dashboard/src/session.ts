import { computed, signal } from '@preact/signals'

export type Role = 'viewer' | 'auditor' | 'approver' | 'maintainer' | 'admin'

/** Who is signed in, as `GET /v1/me` says. */
export interface Me {
  readonly person: { readonly id: string; readonly name: string; readonly email: string | null } | null
  /** Id of the API token; null for a person's session. */
  readonly token: string | null
  readonly tenant: string
  readonly role: Role | null
  readonly scopes: readonly string[]
  readonly csrf: string | null
}

const KEPT = 'countersign-token'

/** An API token that somebody pasted: gone when the tab is. Null where a cookie, or nothing, says who asks. */
export const token = signal<string | null>(sessionStorage.getItem(KEPT))
/** `undefined` until it is known, null where nobody is signed in. */
export const me = signal<Me | null | undefined>(undefined)
export const csrf = computed(() => me.value?.csrf ?? null)

export function keepToken(text: string | null): void {
  token.value = text
  if (text === null) sessionStorage.removeItem(KEPT)
  else sessionStorage.setItem(KEPT, text)
}
