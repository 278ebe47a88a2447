import type { Glob } from '@countersign/core'
import type { Identity, IdentityFact, SubjectName } from '@countersign/formats/identity'

/**
 * What a text must be: all of it; how it begins, up to the end of one of its parts; or a pattern that is met from end
 * to end. Never a part somewhere within it (T-57).
 */
export type TextPattern = { readonly exact: string } | { readonly prefix: string } | { readonly glob: Glob }

/** Facts that a pattern may name beside the issuer. */
export type PatternFact = Exclude<IdentityFact, 'issuer'>

/** Which identities are meant. Every fact that is named must be there, and match. */
export interface IdentityPattern {
  /** In full: another issuer may vouch for the same subject as somebody else (T-58). */
  readonly issuer: string
  /** Null: told by a stable id among the facts. */
  readonly subject: SubjectName | null
  readonly facts: ReadonlyMap<PatternFact, TextPattern>
}

/** Ids that no other repository or owner ever has, whatever it is called. */
const STABLE: readonly PatternFact[] = ['sourceRepositoryIdentifier', 'sourceRepositoryOwnerIdentifier']
/** What tells whose source was built. */
const SOURCES: readonly PatternFact[] = [...STABLE, 'sourceRepositoryURI', 'sourceRepositoryOwnerURI']

/** Whether an identity is one of those that are meant. */
export function matchesIdentity(pattern: IdentityPattern, identity: Identity): boolean {
  return mismatchOf(pattern, identity) === null
}

/** Why an identity is none of those that are meant: the fact that is another, in a few words. Null where it is one. */
export function mismatchOf({ issuer, subject, facts }: IdentityPattern, identity: Identity): string | null {
  if (identity.issuer !== issuer) return `the issuer is ${identity.issuer}, not ${issuer}`
  if (subject !== null && identity.subject.kind !== subject.kind) {
    return `the subject is of the kind ${identity.subject.kind}, not ${subject.kind}`
  }
  if (subject !== null && identity.subject.value !== subject.value) {
    return `the subject is ${identity.subject.value}, not ${subject.value}`
  }
  for (const [name, text] of facts) {
    const value = identity[name]
    // What is not there is no empty text: nothing matches it, not even what matches everything.
    if (value === null) return `${name} is not known`
    if (!matchesText(text, value)) return `${name} is ${value}`
  }
  if (subject === null && !STABLE.some((fact) => facts.has(fact) && 'exact' in facts.get(fact)!)) {
    return 'the pattern names an issuer alone, and nobody whom it vouches for'
  }
  if (isBorrowed(identity) && !SOURCES.some((fact) => facts.has(fact))) {
    return 'what ran is a workflow of another repository, and the pattern does not say whose source it may build'
  }
  return null
}

/**
 * Whether what ran belongs to another repository than the one it ran for. Then the subject is that of the workflow,
 * which anybody may call, and tells nothing of who did (T-59).
 */
function isBorrowed({ buildConfigURI, buildSignerURI, sourceRepositoryURI, subject }: Identity): boolean {
  if (buildSignerURI === null || buildConfigURI === null || buildSignerURI === buildConfigURI) return false
  return sourceRepositoryURI === null || !subject.value.startsWith(`${sourceRepositoryURI}/`)
}

/** Where a part of a name may end: after it a near miss would be another name, such as `main-evil` for `main`. */
const DELIMITERS = ['/', '@', ':', '?', '#']

export function matchesText(pattern: TextPattern, text: string): boolean {
  if ('exact' in pattern) return text === pattern.exact && text !== ''
  if ('glob' in pattern) return text !== '' && pattern.glob.matches(text)
  const { prefix } = pattern
  if (prefix === '' || !text.startsWith(prefix)) return false
  return text === prefix || DELIMITERS.includes(prefix.at(-1)!) || DELIMITERS.includes(text[prefix.length]!)
}
