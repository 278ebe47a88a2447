import { hasControl, type JsonObject, type JsonValue } from '@countersign/core'
import { bareIdentity, type Identity, type SubjectName } from '@countersign/formats/identity'
import { invalid } from '../jws.ts'
import type { IssuerRule } from '../rule.ts'

/** Which run of which job a token is of. */
export interface TokenRun {
  /** The system's own id of the run. */
  readonly id: string
  /** 1 for the first; null where the token does not say. */
  readonly attempt: number | null
  /** The system's own id of the job; null where the token does not say. */
  readonly job: string | null
}

/** That another run set this one off. Tokens say so much and seldom more. */
export interface UpstreamTrigger {
  /** The system's own word: `workflow_run`, `parent_pipeline`, `trigger_job`, … */
  readonly event: string
}

/** What the claims of a token mean. */
export interface Reading {
  readonly identity: Identity
  readonly run: TokenRun | null
  readonly upstream: UpstreamTrigger | null
  /** The best grade that tokens of the system can have on their own. */
  readonly best: 'A' | 'C'
  /** Each a reason, in words, for which a rule may refuse the run; null where the token gives none. */
  readonly reasons: {
    readonly pullRequests: string | null
    readonly forks: string | null
    readonly selfHosted: string | null
    readonly sshRerun: string | null
  }
}

/** Reads the claims of one system. Throws `identity-token-invalid` for what is not as the system makes it. */
export type ClaimsReader = (claims: Claims, rule: IssuerRule) => Reading

export const NO_REASONS: Reading['reasons'] = { pullRequests: null, forks: null, selfHosted: null, sshRerun: null }

/** What a workload's token says: who it is, and nothing of a run. */
export function workload(claims: Claims, subject: SubjectName, facts: Partial<Identity> = {}): Reading {
  const identity = { ...identityOf(claims, subject), ...facts }
  return { identity, run: null, upstream: null, best: 'C', reasons: NO_REASONS }
}

/** An identity with the facts that every token has. */
export function identityOf(claims: Claims, subject: SubjectName): Identity {
  return { ...bareIdentity(claims.text('iss'), subject), tokenSubject: claims.text('sub') }
}

const MAX_TEXT = 2048

/** The claims of a token, whose signature is verified and whose contents are hostile all the same. */
export class Claims {
  readonly #members: JsonObject
  readonly #path: string

  constructor(members: JsonObject, path = '') {
    this.#members = members
    this.#path = path
  }

  /** A text of 1 to 2048 characters without control characters. */
  text(name: string): string {
    return this.optional(name) ?? this.#fail(name, 'is missing')
  }

  /** {@link text}, or null for one that is missing, null or empty. */
  optional(name: string): string | null {
    const value = this.#value(name)
    if (value === undefined || value === null || value === '') return null
    if (typeof value !== 'string') return this.#fail(name, 'is not a text')
    if (value.length > MAX_TEXT) return this.#fail(name, `is longer than ${MAX_TEXT} characters`)
    return hasControl(value) ? this.#fail(name, 'holds a control character') : value
  }

  /** A number that is an id, in decimal, whether it came as a number or as text. */
  decimal(name: string): string {
    return this.optionalDecimal(name) ?? this.#fail(name, 'is missing')
  }

  optionalDecimal(name: string): string | null {
    const value = this.#value(name)
    if (value === undefined || value === null || value === '') return null
    const text = typeof value === 'number' ? String(value) : value
    const good = typeof text === 'string' && /^(?:0|[1-9][0-9]{0,39})$/.test(text)
    return good ? text : this.#fail(name, 'is not a decimal number')
  }

  /** A whole number from 1. */
  count(name: string): number {
    const number = Number(this.decimal(name))
    return number >= 1 && Number.isSafeInteger(number) ? number : this.#fail(name, 'is not a number from 1')
  }

  /** True or false, also as text; null where it is missing. */
  flag(name: string): boolean | null {
    const value = this.#value(name)
    if (value === undefined || value === null) return null
    if (value === true || value === 'true') return true
    return value === false || value === 'false' ? false : this.#fail(name, 'is not true or false')
  }

  /** A commit, in lower-case hex of SHA-1 or SHA-256. */
  commit(name: string): string {
    const value = this.text(name)
    return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value) ? value : this.#fail(name, 'is not a commit')
  }

  optionalCommit(name: string): string | null {
    return this.optional(name) === null ? null : this.commit(name)
  }

  uuid(name: string): string {
    const value = this.text(name)
    return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value : this.#fail(name, 'is not a UUID')
  }

  /** A name that can be a segment of a URL as it stands: no slash, nothing that would be escaped. */
  segment(name: string): string {
    const value = this.text(name)
    return isPath(value) && !value.includes('/') ? value : this.#fail(name, 'cannot be part of a URL')
  }

  /** Segments with slashes between them. */
  path(name: string): string {
    const value = this.text(name)
    return isPath(value) ? value : this.#fail(name, 'cannot be part of a URL')
  }

  /** The claims within one; null where it is missing. */
  within(name: string): Claims | null {
    const value = this.#value(name)
    if (value === undefined || value === null) return null
    if (typeof value !== 'object' || Array.isArray(value)) return this.#fail(name, 'is not an object')
    return new Claims(value as JsonObject, `${this.#path}${name} `)
  }

  #value(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined
  }

  #fail(name: string, what: string): never {
    throw invalid(`the claim ${this.#path}${name} ${what}`)
  }
}

/** Plain segments: none is empty, a dot or two, and none holds what ends or escapes a path. */
function isPath(text: string): boolean {
  return text.split('/').every((one) => /^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/.test(one) && one !== '.' && one !== '..')
}
