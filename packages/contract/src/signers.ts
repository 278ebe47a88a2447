import { CodedError, hasControl, materialOf, parseTextGlob, type PublicKey, readSigningKey } from '@countersign/core'
import { isName, isTime } from '@countersign/formats'
import { type Grade, GRADES, IDENTITY_FACTS, type SubjectName } from '@countersign/formats/identity'
import { NAME_FIX, shown } from './fault.ts'
import type { IdentityPattern, PatternFact, TextPattern } from './identity-pattern.ts'
import type { AuthorityRule, SignerRule } from './model.ts'
import { useOneOf } from './nearest.ts'
import type { Place } from './place.ts'

const MAX_KEY_TEXT = 4_096
/** Most characters of a fact, as certificates hold them. */
const MAX_FACT = 2_048
const MAX_PATTERN = 256
const MAX_AUTHORITIES = 100
const NEVER_EMPTY = 'An empty text fits nobody or everybody. Write the text, or leave the field out.'

const FACTS = IDENTITY_FACTS.filter((name): name is PatternFact => name !== 'issuer')
const FIELDS = ['issuer', 'subject', ...FACTS, 'grade', 'authority', 'revokedSince']

/** Ids that nobody else has: of a name that is free again, its next owner has another (T-16). */
const STABLE: readonly PatternFact[] = ['sourceRepositoryIdentifier', 'sourceRepositoryOwnerIdentifier']
/** What says whose run it was, whichever build definition it used. */
const SOURCES: readonly PatternFact[] = [...STABLE, 'sourceRepositoryURI', 'sourceRepositoryOwnerURI']

/** What a fact is said to be, with where that stands. */
interface Facts {
  readonly patterns: Map<PatternFact, TextPattern>
  /** False where a fault may hide what is named. */
  readonly whole: boolean
}

/** Signers by name, in the order of the text; `owners` holds whose key an id is, over all the lists of the contract. */
export function readSigners(
  place: Place | undefined,
  authorities: ReadonlyMap<string, AuthorityRule> | null,
  owners: Map<string, string>,
): Map<string, SignerRule> {
  const signers = new Map<string, SignerRule>()
  let unvouched: Place | null = null
  if (place?.isEmpty()) {
    place.fault('is empty', 'Name who may sign, each with a public key or an identity.', 'contract-empty')
  }
  for (const [name, item] of place?.entries() ?? []) {
    if (!isName(name)) item.faultKey('is not a name', NAME_FIX)
    const rule = item.isMapping() ? readIdentity(item, authorities) : readKeyRule(item, owners)
    if (rule === null) continue
    if (rule.kind === 'identity') unvouched ??= item
    signers.set(name, rule)
  }
  if (authorities?.size === 0) {
    unvouched?.fault('is an identity, and no authority is there to vouch for it', 'Add authorities: with one.')
  }
  return signers
}

function readKeyRule(place: Place, owners: Map<string, string>): SignerRule | null {
  const key = readKey(place)
  if (key === null) return null
  claimKey(place, materialOf(key), owners)
  return { kind: 'key', key }
}

/** One key under two names would let one party play two (T-39). */
export function claimKey(place: Place, keyId: string, owners: Map<string, string>): void {
  const owner = owners.get(keyId)
  if (owner !== undefined) place.fault(`is the same key as ${owner}`, 'Give each party a key of its own.')
  else owners.set(keyId, place.path)
}

function readKey(place: Place): PublicKey | null {
  const text = place.text(
    'a public key (PEM, or base64 of its SPKI), a passkey or an identity',
    (t) => t.length <= MAX_KEY_TEXT,
  )
  if (text === null) return null
  try {
    return readSigningKey(text)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    const fix = 'Paste the .pub file that countersign key new wrote, or the passkey as the server shows it.'
    place.fault(`is not a usable key: ${error.what}`, fix, 'key-invalid')
    return null
  }
}

function readIdentity(place: Place, authorities: ReadonlyMap<string, AuthorityRule> | null): SignerRule | null {
  const members = place.members(FIELDS, ['issuer'])
  if (members === null) return null
  const issuer = readExact(members.get('issuer'), 'the URL of an issuer', (text) => /^https?:\/\/[^\s]+$/.test(text))
  const subject = readSubject(members.get('subject'))
  const facts = readFacts(members)
  const grade = readGrade(members.get('grade'))
  const named = readAuthorities(members.get('authority'), authorities)
  const revokedAt = readTime(members.get('revokedSince'))
  if (place.whole && facts.whole) lintIdentity(place, members.has('subject'), subject, facts.patterns)
  if (issuer === null) return null
  const pattern: IdentityPattern = { issuer, subject, facts: facts.patterns }
  return { kind: 'identity', pattern, grade, authorities: named, revokedAt }
}

/** Who it is must be told by more than a name that anybody may take, or a build definition that anybody may use. */
function lintIdentity(
  place: Place,
  named: boolean,
  subject: SubjectName | null,
  facts: ReadonlyMap<PatternFact, TextPattern>,
): void {
  const isExact = (fact: PatternFact) => 'exact' in (facts.get(fact) ?? {})
  if (!named && !STABLE.some(isExact)) {
    const fix = `Add subject, ${STABLE.join(' or ')}, in full.`
    place.fault('names an issuer and not whom it vouches for', fix)
    return
  }
  // The subject of such a certificate is what ran, and a reusable workflow runs for whoever calls it (T-59).
  const runs = subject?.kind === 'uri' && /^https?:\/\/[^@]+\/[^@]+@/.test(subject.value)
  if (runs && !SOURCES.some((fact) => facts.has(fact))) {
    const fix = `Add ${SOURCES.slice(0, 3).join(', ')} or ${SOURCES[3]}.`
    place.fault('names a build definition and not whose run of it', fix)
  }
}

function readSubject(place: Place | undefined): SubjectName | null {
  const value = readExact(place, 'the subject of a certificate: an address or a URI', isFact)
  if (value === null) return null
  // A URI has a scheme, and an e-mail address no colon.
  if (/^[A-Za-z][A-Za-z0-9+.-]*:./.test(value)) return { kind: 'uri', value }
  if (/^[^@\s:/]+@[^@\s:/]+$/.test(value)) return { kind: 'email', value }
  place!.fault('is neither an e-mail address nor a URI', 'Copy the subject alternative name of the certificate.')
  return null
}

function readFacts(members: ReadonlyMap<string, Place>): Facts {
  const patterns = new Map<PatternFact, TextPattern>()
  let whole = true
  for (const fact of FACTS) {
    const place = members.get(fact)
    if (place === undefined) continue
    const pattern = place.isMapping() ? readPattern(place, fact) : readText(place)
    if (pattern === null) whole = false
    else patterns.set(fact, pattern)
  }
  return { patterns, whole }
}

function readText(place: Place): TextPattern | null {
  const exact = readExact(place, 'a text, or a mapping with prefix or glob', isFact)
  return exact === null ? null : { exact }
}

function readPattern(place: Place, fact: PatternFact): TextPattern | null {
  const members = place.members(['prefix', 'glob'], [])
  if (members === null) return null
  if (STABLE.includes(fact)) {
    place.fault('is an id, and a part of one is that of somebody else', 'Write the whole id, in quotes.')
    return null
  }
  if (members.size !== 1) {
    place.fault('needs one of prefix and glob', 'Write prefix: TEXT, or glob: PATTERN.')
    return null
  }
  const prefix = readExact(members.get('prefix'), 'the beginning of a text', isFact)
  const glob = readExact(
    members.get('glob'),
    `a pattern of at most ${MAX_PATTERN} characters`,
    (text) => text.length <= MAX_PATTERN && isFact(text),
  )
  if (prefix !== null) return { prefix }
  if (glob === null) return null
  if (/[^*/]/.test(glob)) return readGlob(members.get('glob')!, glob)
  members.get('glob')!.fault('fits whatever is there', 'Write what must be there, or leave the field out.')
  return null
}

function readGlob(place: Place, glob: string): TextPattern | null {
  try {
    return { glob: parseTextGlob(glob) }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    place.fault(`is ${shown(glob)}, which is no pattern`, error.fix, error.code)
    return null
  }
}

function isFact(text: string): boolean {
  return text.length <= MAX_FACT && !hasControl(text)
}

/** Text that is there: an empty one is a fault of its own, for it looks as if it asked for something. */
function readExact(place: Place | undefined, what: string, good: (text: string) => boolean): string | null {
  if (place === undefined) return null
  const text = place.text(what, (t) => t === '' || good(t))
  if (text !== '') return text
  place.fault('is empty', NEVER_EMPTY, 'contract-empty')
  return null
}

/** A grade; null where none is asked for. */
export function readGrade(place: Place | undefined): Grade | null {
  const text = place?.text(GRADES.join(' or '), isGrade) ?? null
  return text !== null && isGrade(text) ? text : null
}

function isGrade(text: string): text is Grade {
  return (GRADES as readonly string[]).includes(text)
}

function readAuthorities(
  named: Place | undefined,
  authorities: ReadonlyMap<string, AuthorityRule> | null,
): readonly string[] {
  if (named === undefined) return [...(authorities?.keys() ?? [])]
  if (named.isEmpty()) named.fault('is empty', 'Name an authority, or leave the field out.', 'contract-empty')
  const items = named.isList() ? (named.items(MAX_AUTHORITIES) ?? []) : [named]
  const names = new Set<string>()
  for (const item of items) {
    const name = item.text('the name of an authority', () => true)
    if (name === null || authorities === null) continue
    if (!authorities.has(name)) {
      item.fault(`is ${shown(name)}, which is no authority`, () => useOneOf(name, [...authorities.keys()]))
    } else if (names.has(name)) item.fault(`is ${shown(name)} for the second time`, 'Remove it.')
    else names.add(name)
  }
  return [...names]
}

const TIME = 'a time in UTC, like "2026-11-01T12:00:00.000Z"'

/** ISO time with milliseconds; null where none is there. */
export function readTime(place: Place | undefined): string | null {
  return place?.text(TIME, isTime) ?? null
}
