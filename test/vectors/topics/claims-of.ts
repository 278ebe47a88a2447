import type { Code, JsonValue } from '@countersign/core'
import type { Identity } from '@countersign/formats/identity'
import type { IssuerRule, SystemName, TokenRun } from '@countersign/identity'
import { claimsOf, RECORDED, ruleFor } from '../../identity/claims.ts'
import { AUDIENCE, KEY, KEYS, NOW } from './identity-token.ts'
import { tokenOf } from './token-signers.ts'

// What the claims of each system mean. A token is signed as it should be; one claim is changed, and the vector says
// what comes of it.

export const INVALID = 'identity-token-invalid'
export const REFUSED = 'identity-refused'

interface Expected {
  readonly subject: Identity['subject']
  readonly grade: 'A' | 'C'
  readonly run: TokenRun | null
  /** Those that are not null, without issuer and subject of the token. */
  readonly facts: Partial<Identity>
}

export type Overrides = Readonly<Record<string, JsonValue | undefined>>

/** Claims that change, the code (null where it stays good), and what changes in the rule or in what is expected. */
export type Mutation = readonly [
  name: string,
  overrides: Overrides,
  error: Code | null,
  changes?: {
    readonly rule?: Partial<IssuerRule>
    readonly identity?: Partial<Identity>
    readonly run?: TokenRun | null
    readonly upstream?: string
    readonly grade?: 'A' | 'C'
  },
]

export function vectorsOf(
  system: SystemName,
  expected: Expected,
  mutations: readonly Mutation[],
): Record<string, object> {
  const vectors: Record<string, object> = {}
  const all: readonly Mutation[] = [['good', {}, null], ...mutations]
  for (const [name, overrides, error, changes = {}] of all) {
    const claims = claimsOf(system, { audience: AUDIENCE, now: NOW, overrides })
    const token = tokenOf(KEY, claims)
    const rule = ruleFor(system, changes.rule)
    const question = { audience: AUDIENCE, now: NOW, rule, keys: { keys: KEYS }, token, claims }
    const id = `${system}-${name}`
    if (Object.hasOwn(vectors, id)) throw new Error(`two vectors are named ${id}`)
    if (error !== null) {
      vectors[id] = { error, ...question }
      continue
    }
    const facts = { ...expected.facts, ...changes.identity }
    const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null))
    vectors[id] = {
      ...question,
      identity: {
        subject: expected.subject,
        issuer: RECORDED[system].issuer,
        tokenSubject: claims['sub'],
        ...known,
      },
      grade: changes.grade ?? expected.grade,
      run: changes.run === undefined ? expected.run : changes.run,
      upstream: changes.upstream === undefined ? null : { event: changes.upstream },
    }
  }
  return vectors
}

export const uri = (value: string) => ({ kind: 'uri', value }) as const
export const UUID = (digit: string) =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`
export const missing = (...names: readonly string[]): Mutation[] =>
  names.map((name) => [`without-${plain(name)}`, { [name]: undefined }, INVALID] as const)
const plain = (name: string) => name.replaceAll('_', '-').replaceAll('/', '-').toLowerCase()
export const allow = (...names: readonly ('pullRequests' | 'forks' | 'sshRerun')[]) => ({
  rule: Object.fromEntries(names.map((name) => [name, 'allow'])),
})
