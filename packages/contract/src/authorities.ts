import { CodedError, equal, hex, isHex, sha256 } from '@countersign/core'
import { isName, type NoteKey, parseVkey } from '@countersign/formats'
import { basicConstraints, type Certificate, parseCertificates } from '@countersign/formats/x509'
import { NAME_FIX } from './fault.ts'
import { type AuthorityRule, PUBLIC_SIGSTORE } from './model.ts'
import type { Place } from './place.ts'
import { claimKey, readTime } from './signers.ts'

const MAX_AUTHORITIES = 100
const MAX_LOGS = 16
const MAX_CHAIN = 5
const MAX_KEY_TEXT = 4_096
const MAX_PEM_TEXT = 65_536
const FIELDS = ['certificates', 'log', 'sigstore', 'revokedSince']

/** A key that an authority plays a part with, and where it is named. */
interface Played {
  readonly place: Place
  readonly keyId: string
  readonly part: 'issues' | 'logs'
}

export interface Authorities {
  /** By name; null where it is not certain which there are. */
  readonly rules: ReadonlyMap<string, AuthorityRule> | null
  readonly played: readonly Played[]
}

export function readAuthorities(place: Place | undefined): Authorities {
  const played: Played[] = []
  return { rules: readRules(place, played), played }
}

/**
 * Holds the keys of authorities against those of all others. Whoever signs steps and issues certificates would vouch for
 * itself (T-39). The log that proves what was issued may countersign as well: it is that of the same server.
 */
export function claimAuthorityKeys({ played }: Authorities, owners: Map<string, string>): void {
  for (const { place, keyId } of played.filter(({ part }) => part === 'issues')) claimKey(place, keyId, owners)
  for (const { place, keyId } of played.filter(({ part }) => part === 'logs')) {
    const owner = owners.get(keyId)
    if (owner === undefined || owner.startsWith('countersigners')) continue
    place.fault(`is the same key as ${owner}`, 'Give each party a key of its own.')
  }
}

function readRules(place: Place | undefined, played: Played[]): ReadonlyMap<string, AuthorityRule> | null {
  const authorities = new Map<string, AuthorityRule>()
  if (place === undefined) return authorities
  if (place.isEmpty()) {
    place.fault('is empty', 'Name an authority, or leave the field out.', 'contract-empty')
    return null
  }
  const entries = place.entries()
  if (entries === null) return null
  if (entries.size > MAX_AUTHORITIES) {
    place.fault(`has more than ${MAX_AUTHORITIES} authorities`, 'Shorten the list.')
    return null
  }
  let certain = place.whole
  const ids = new Map<string, string>()
  for (const [name, item] of entries) {
    if (!isName(name)) item.faultKey('is not a name', NAME_FIX)
    const parts: Played[] = []
    const rule = readAuthority(item, parts)
    if (rule === null) {
      certain = false
      continue
    }
    authorities.set(name, rule)
    const other = ids.get(rule.id)
    if (other !== undefined) {
      item.fault(`is the same authority as ${other}`, 'Keep one of them.')
      continue
    }
    ids.set(rule.id, item.path)
    played.push(...parts)
  }
  return certain ? authorities : null
}

function readAuthority(place: Place, played: Played[]): AuthorityRule | null {
  const members = place.members(FIELDS, [])
  if (members === null) return null
  const revokedAt = readTime(members.get('revokedSince'))
  const sigstore = members.get('sigstore')
  if ((sigstore === undefined) === (members.get('certificates') === undefined)) {
    place.fault(
      'needs one of certificates and sigstore',
      'Write certificates: and log:, or sigstore: public, or sigstore: SHA-256.',
    )
    return null
  }
  if (sigstore !== undefined) {
    members.get('log')?.faultKey('goes with certificates only', 'Remove it.')
    const id = sigstore.text(
      'public, or the SHA-256 of a trusted_root.json in 64 lower-case hex digits',
      (t) => t === PUBLIC_SIGSTORE || isHex(t, 64),
    )
    return id === null ? null : { kind: 'sigstore', id, revokedAt }
  }
  const certificates = readChain(members.get('certificates')!, played)
  const log = members.get('log')
  if (log === undefined) {
    // Without it the authority could issue in secret, to anybody.
    place.fault('lacks log', 'Add log: with the verifier key of the log that proves what it issues.')
  }
  const logs = log === undefined ? [] : readLogs(log, played)
  if (certificates === null || logs.length === 0) return null
  return { kind: 'countersign', id: hex(sha256(certificates.at(-1)!.der)), certificates, logs, revokedAt }
}

/** The certificates of an authority: what issues first, the root last. */
function readChain(place: Place, played: Played[]): readonly Certificate[] | null {
  const text = place.text('certificates in PEM', (t) => t.length <= MAX_PEM_TEXT)
  if (text === null) return null
  const fix = 'Paste what GET /api/v2/trustBundle of the server gives.'
  let certificates: readonly Certificate[]
  try {
    certificates = parseCertificates(text, 'certificate-invalid')
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    place.fault(`is no certificate: ${error.what}`, fix, 'certificate-invalid')
    return null
  }
  const fault = chainFault(certificates)
  if (fault !== null) {
    place.fault(fault, fix, 'certificate-invalid')
    return null
  }
  for (const { spki } of certificates) played.push({ place, keyId: hex(sha256(spki)), part: 'issues' })
  return certificates
}

function chainFault(certificates: readonly Certificate[]): string | null {
  if (certificates.length > MAX_CHAIN) return `holds more than ${MAX_CHAIN} certificates`
  for (const [i, certificate] of certificates.entries()) {
    if (!isAuthority(certificate)) return 'holds a certificate that may issue no others'
    const issuer = certificates[i + 1] ?? certificate
    if (!equal(certificate.issuer, issuer.subject)) {
      return i === certificates.length - 1
        ? 'does not end in a root'
        : 'is not in order, what issues first and the root last'
    }
  }
  return null
}

function isAuthority(certificate: Certificate): boolean {
  try {
    return basicConstraints(certificate).ca
  } catch (error) {
    if (error instanceof CodedError) return false
    throw error
  }
}

function readLogs(place: Place, played: Played[]): readonly NoteKey[] {
  if (place.isEmpty()) place.fault('is empty', 'Name a log by its verifier key.', 'contract-empty')
  const items = place.isList() ? (place.items(MAX_LOGS) ?? []) : place.isEmpty() ? [] : [place]
  const keys = new Map<string, NoteKey>()
  for (const item of items) {
    const key = readVkey(item)
    if (key === null) continue
    if (keys.has(key.publicKey.keyId)) item.fault('stands there already', 'Remove it.')
    keys.set(key.publicKey.keyId, key)
    played.push({ place: item, keyId: key.publicKey.keyId, part: 'logs' })
  }
  return [...keys.values()]
}

/** The verifier key of a log. */
export function readVkey(place: Place): NoteKey | null {
  const text = place.text('a verifier key (name+id+key)', (t) => t.length <= MAX_KEY_TEXT)
  if (text === null) return null
  const fix = 'Paste the vkey that the server shows at /v1/server.'
  try {
    const key = parseVkey(text, { sha256 })
    if (key.type === 'ed25519') return key
    place.fault('is the key of a witness, not of a log', fix, 'key-invalid')
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    place.fault(`is not a usable key: ${error.what}`, fix, 'key-invalid')
  }
  return null
}
