import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createKeyFile, openKeyFile } from '@countersign/adapters/signer-file'
import { makeDirectory } from '@countersign/client/make-directory'
import {
  base64,
  CodedError,
  type Crypto,
  equal,
  fromBase64,
  hex,
  parseJson,
  parsePublicKey,
  type PublicKey,
} from '@countersign/core'
import { Shape } from '@countersign/formats'
import type { ValidFor } from '@countersign/formats/anchor'
import {
  basicConstraints,
  caTbs,
  type Certificate,
  certificatePem,
  distinguishedName,
  ECDSA_SHA256,
  extendedKeyUsage,
  keyUsage,
  parseCertificates,
  writeCaCertificate,
} from '@countersign/formats/x509'
import type { Signer } from '@countersign/sign'
import { type CertificateCrypto, CODE_SIGNING, findPath } from '@countersign/verify/x509'
import { PASSPHRASE_FIX } from './log-keys.ts'

/** An authority of this server: the one that issues, or one that did. */
export interface Authority {
  /** Counts up from 1. */
  readonly number: number
  /** The certificate whose key issues first, the root last. */
  readonly chain: readonly [Certificate, ...Certificate[]]
  /** The key that its SCTs are signed with. */
  readonly ctKey: PublicKey
  /** When what it certifies counts. */
  readonly validFor: ValidFor
}

/** The authority that issues, with its keys. */
export interface IssuingAuthority extends Authority {
  readonly signer: Signer
  readonly ctSigner: Signer
}

export interface CaKeys {
  readonly issuing: IssuingAuthority
  /** Those that issued before, newest first. */
  readonly former: readonly Authority[]
}

/** Opens a key that is in no file of the authority: what the environment names or holds. */
export type OpenKey = () => Promise<Signer>

export interface CaKeysInput {
  readonly directory: string
  /** Whose authority it is. */
  readonly origin: string
  readonly passphrase: string | null
  /** Keys that are kept elsewhere; null for those in the directory. */
  readonly caKey: OpenKey | null
  readonly ctKey: OpenKey | null
  readonly crypto: Crypto & CertificateCrypto
  /** Milliseconds since 1970. */
  readonly now: number
  /** Whether an authority of this server has issued: there is one then, and it is not made anew. */
  readonly hasIssued: boolean
}

/** How long a certificate lives at most. */
export const CERTIFICATE_LIFE = 600_000
const YEARS = 10
const MAX_AUTHORITIES = 1_000
const CODE = 'key-unreadable'

/** What is known of an authority beside its chain, as `authorities.json` has it. */
interface Entry {
  readonly number: number
  /** SPKI of the key of its SCTs. */
  readonly ctKey: Uint8Array
  /** ISO times: when it began to issue, null for one that is to begin with the next start; and when another began. */
  readonly from: string | null
  readonly until: string | null
}

const listFile = (directory: string) => join(directory, 'authorities.json')
const folder = (directory: string, number: number) => join(directory, String(number))
const chainFile = (directory: string, number: number) => join(folder(directory, number), 'chain.pem')

/**
 * The authority's keys, made where there are none yet: a root, whose key is used once and kept nowhere, and below it the
 * one that issues. An authority that was added since the last start issues from now on, and the one before has stopped.
 * Throws `key-unreadable`, `key-invalid`, `key-passphrase`, `certificate-invalid`, `certificate-untrusted`, `signer-setup-invalid` and what
 * the keys' own openers throw.
 */
export async function openCaKeys(input: CaKeysInput): Promise<CaKeys> {
  const { directory, now } = input
  const listed = readList(directory)
  if (listed.length === 0 && input.hasIssued && !existsSync(chainFile(directory, 1))) {
    throw new CodedError(CODE, `the authority has issued, and ${directory} does not have it`, {
      fix: 'Bring the directory back from its copy (--ca DIR). Where it is lost for good: --new-ca makes another, which all who verify must be told of.',
    })
  }
  const entries = listed.length === 0 ? [await makeAuthority(input, 1)] : listed
  const [last, ...before] = entries.toReversed() as [Entry, ...Entry[]]
  const time = new Date(now).toISOString()
  const begins = last.from === null
  const newest = begins ? { ...last, from: time } : last
  const others = begins ? before.map((one) => (one.until === null ? { ...one, until: time } : one)) : before
  // The keys first: a list that says who issues is not changed for one that cannot.
  const issuing = await openIssuing(input, newest)
  const former = others.map((one) => readAuthority(input, one))
  if (begins) writeList(directory, [newest, ...others].toReversed())
  return { issuing, former }
}

/**
 * Makes the authority that is to follow, or finds the one that was made. It issues from the next start on; what the one
 * before has issued is trusted as long as it lives.
 */
export async function addAuthority(input: CaKeysInput): Promise<Authority> {
  const entries = readList(input.directory)
  const last = entries.at(-1)
  if (last?.from === null) return readAuthority(input, last)
  if (entries.length >= MAX_AUTHORITIES) throw new CodedError(CODE, `there are ${MAX_AUTHORITIES} authorities already`)
  const entry = await makeAuthority(input, (last?.number ?? 0) + 1)
  writeList(input.directory, [...entries, entry])
  return readAuthority(input, entry)
}

/** What is missing of an authority is made, what is there taken as it is: its owner may have put it there. */
async function makeAuthority(input: CaKeysInput, number: number): Promise<Entry> {
  const { directory } = input
  try {
    makeDirectory(folder(directory, number), 0o700)
  } catch (cause) {
    throw new CodedError('file-write-failed', `${folder(directory, number)} cannot be made`, { cause })
  }
  const chain = chainFile(directory, number)
  // Somebody's own certificate without its key is nothing that a key could be made for.
  const signer = await openKey(input, number, 'ca', !existsSync(chain))
  const ctSigner = await openKey(input, number, 'ct', true)
  if (!existsSync(chain)) writeDurably(chain, newChain(input, number, signer.publicKey), 0o644)
  const entry = { number, ctKey: ctSigner.publicKey.spki, from: null, until: null }
  const authority = readAuthority(input, entry)
  checkKeys(authority, signer, ctSigner)
  checkChain(authority, input)
  return entry
}

async function openIssuing(input: CaKeysInput, entry: Entry): Promise<IssuingAuthority> {
  const authority = readAuthority(input, entry)
  const { number } = entry
  const certified = parsePublicKey(authority.chain[0].spki)
  const signer = await openKey(input, number, 'ca', false).catch(later(input.caKey, certified))
  const ctSigner = await openKey(input, number, 'ct', false).catch(later(input.ctKey, authority.ctKey))
  checkKeys(authority, signer, ctSigner)
  checkChain(authority, input)
  return { ...authority, signer, ctSigner }
}

/**
 * A key service that cannot be reached keeps the server from issuing, not from starting: what it signs with is known, and
 * it is opened when it is needed.
 */
function later(open: OpenKey | null, publicKey: PublicKey): (error: unknown) => Signer {
  return (error) => {
    if (open === null || !(error instanceof CodedError) || error.code !== 'signer-unreachable') throw error
    let opened: Signer | null = null
    return {
      key: { kind: 'publicKey', hint: publicKey.keyId },
      publicKey,
      async sign(message) {
        opened ??= await open()
        if (opened.publicKey.keyId !== publicKey.keyId) throw foreignKey('the key is not that of the authority')
        return opened.sign(message)
      },
    }
  }
}

function foreignKey(what: string): CodedError {
  return new CodedError('signer-setup-invalid', what, {
    fix: 'Bring back the key it was made with, or stop the server and begin another authority: npm start -- --new-ca',
  })
}

async function openKey(input: CaKeysInput, number: number, name: 'ca' | 'ct', make: boolean): Promise<Signer> {
  const { directory, passphrase } = input
  const elsewhere = name === 'ca' ? input.caKey : input.ctKey
  if (elsewhere !== null) return elsewhere()
  const file = join(folder(directory, number), `${name}.key`)
  if (make && !existsSync(file)) await createKeyFile(file, { algorithm: 'ecdsa-p256', passphrase, fix: PASSPHRASE_FIX })
  return openKeyFile(file, passphrase, PASSPHRASE_FIX)
}

/** Throws where the keys are not those of the authority. */
function checkKeys({ number, chain, ctKey }: Authority, signer: Signer, ctSigner: Signer): void {
  if (!equal(chain[0].spki, signer.publicKey.spki)) {
    throw foreignKey(`the key is not that of the certificate of authority ${number}`)
  }
  if (ctKey.keyId !== ctSigner.publicKey.keyId) throw foreignKey(`the key for SCTs is not that of authority ${number}`)
  for (const { publicKey } of [signer, ctSigner]) {
    if (publicKey.algorithm !== 'ecdsa-p256') throw new CodedError('key-invalid', 'the key is not an ECDSA P-256 one')
  }
  if (signer.publicKey.keyId === ctSigner.publicKey.keyId) {
    throw new CodedError('key-invalid', 'certificates and SCTs must not be signed with one key')
  }
}

function readAuthority({ directory }: CaKeysInput, { number, ctKey, from, until }: Entry): Authority {
  const file = chainFile(directory, number)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CodedError(CODE, `${file} cannot be read`, { cause })
  }
  const chain = parseCertificates(text, 'certificate-invalid') as [Certificate, ...Certificate[]]
  // Certificates begin with a whole second, the first one's with that of its authority.
  const start = from === null ? null : Math.floor(Date.parse(from) / 1000) * 1000
  const end = until === null ? null : Date.parse(until) + CERTIFICATE_LIFE
  return { number, chain, ctKey: parsePublicKey(ctKey), validFor: { start, end } }
}

/** Throws where no verifier would take what the authority issues. */
function checkChain({ number, chain }: Authority, { crypto, now }: CaKeysInput): void {
  const refused = (what: string) => new CodedError('certificate-untrusted', `the chain of authority ${number}: ${what}`)
  const time = Math.max(now, chain[0].notBefore)
  const search = {
    leaf: chain[0],
    others: chain.slice(1),
    pinned: [chain.at(-1)!],
    time,
    purpose: CODE_SIGNING,
    crypto,
  }
  const { path, fault } = findPath(search)
  if (path?.length !== chain.length)
    throw refused(fault?.what ?? 'its certificates do not lead from the first to the last')
  for (const [i, one] of chain.entries()) {
    const { ca, pathLength } = basicConstraints(one)
    if (!ca || keyUsage(one)?.(5) === false) throw refused(`${one.serial} may not issue certificates`)
    if (pathLength !== null && pathLength < i) throw refused(`${one.serial} allows fewer authorities below it`)
    const purposes = extendedKeyUsage(one)?.purposes
    if (purposes?.includes(CODE_SIGNING) === false) throw refused(`${one.serial} is not for those who sign code`)
  }
  if (time > Math.min(...chain.map(({ notAfter }) => notAfter))) throw refused('it has expired')
}

/** A root and an authority below it with this key, in PEM. The root's key signs the one and is gone. */
function newChain({ origin, now }: CaKeysInput, number: number, key: PublicKey): string {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rootKey = parsePublicKey(new Uint8Array(root.publicKey.export({ type: 'spki', format: 'der' })))
  const notBefore = Math.floor(now / 1000) * 1000
  const end = new Date(notBefore)
  end.setUTCFullYear(end.getUTCFullYear() + YEARS)
  const [rootName, name] = ['root', 'intermediate'].map((rank) =>
    distinguishedName(origin, `countersign-${rank}-${number}`),
  ) as [Uint8Array, Uint8Array]
  const issue = (subject: Uint8Array, own: PublicKey, pathLength: number, purposes: readonly string[]) => {
    const tbs = caTbs({
      serial: newSerial(),
      issuer: rootName,
      subject,
      notBefore,
      notAfter: end.getTime(),
      spki: own.spki,
      subjectKeyId: keyIdentifier(own),
      issuerKeyId: keyIdentifier(rootKey),
      pathLength,
      purposes,
      algorithm: ECDSA_SHA256,
    })
    return writeCaCertificate(tbs, ECDSA_SHA256, new Uint8Array(sign('sha256', tbs, root.privateKey)))
  }
  const certificates = [issue(name, key, 0, [CODE_SIGNING]), issue(rootName, rootKey, 1, [])]
  return certificates.map(certificatePem).join('')
}

/** 16 random bytes, of which the first is not 0: so the number has one length. */
export function newSerial(): Uint8Array {
  for (;;) {
    const serial = new Uint8Array(randomBytes(16))
    if (serial[0] !== 0) return serial
  }
}

/** A serial number as certificates have it: hex of its two's complement. */
export function serialText(serial: Uint8Array): string {
  return `${serial[0]! < 0x80 ? '' : '00'}${hex(serial)}`
}

/** Key identifier of a certificate (RFC 7093 §2, method 1): the first 20 bytes of SHA-256 of the bare key. */
export function keyIdentifier({ raw }: Pick<PublicKey, 'raw'>): Uint8Array {
  return new Uint8Array(createHash('sha256').update(raw).digest().subarray(0, 20))
}

function readList(directory: string): Entry[] {
  const file = listFile(directory)
  if (!existsSync(file)) return []
  try {
    const entries = new Shape(CODE, parseJson(new Uint8Array(readFileSync(file))), 'authorities')
      .array(MAX_AUTHORITIES)
      .map((shape): Entry => {
        const it = shape.object(['number', 'ctKey', 'from', 'until'])
        const time = (key: string) => it.get(key).nullable((one) => one.time())
        const ctKey = fromBase64(it.text('ctKey', 200))
        return { number: it.integer('number', 1, MAX_AUTHORITIES), ctKey, from: time('from'), until: time('until') }
      })
    if (entries.length > 0 && entries.every(({ number }, i) => number === i + 1)) return entries
  } catch (cause) {
    throw new CodedError(CODE, `${file} does not list authorities`, { cause })
  }
  throw new CodedError(CODE, `${file} does not list authorities from the first on`)
}

function writeList(directory: string, entries: readonly Entry[]): void {
  const list = entries.map(({ ctKey, ...entry }) => ({ ...entry, ctKey: base64(ctKey) }))
  writeDurably(listFile(directory), `${JSON.stringify(list, null, 2)}\n`, 0o600)
}

function writeDurably(file: string, text: string, mode: number): void {
  try {
    writeFileSync(`${file}.tmp`, text, { mode, flush: true })
    renameSync(`${file}.tmp`, file)
    const descriptor = openSync(dirname(file), 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    throw new CodedError('file-write-failed', `${file} cannot be written`, { cause })
  }
}
