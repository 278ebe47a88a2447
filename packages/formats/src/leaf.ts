import {
  canonicalJson,
  CodedError,
  concat,
  type Crypto,
  equal,
  fromHex,
  hex,
  type JsonValue,
  parseJson,
} from '@countersign/core'
import { type ObjectShape, Shape } from './shape.ts'

/**
 * What the log says of one accepted attestation. Whoever holds the leaf alone learns when, not what: each digest is
 * keyed with bytes that are kept beside the payload and erased with it.
 */
export interface AttestationLeaf {
  readonly kind: 'attestation'
  readonly acceptedAt: string
  /** `id`: the chain's id under its blind, {@link blindChain}. `seq`: place in the chain by acceptance, from 0. */
  readonly chain: { readonly id: string; readonly seq: number }
  readonly commitment: Commitment
  /** True when it was uploaded from a spool after the run. */
  readonly late: boolean
}

/** That a payload was erased: what is left of the attestation is its leaf. */
export interface TombstoneLeaf {
  readonly kind: 'tombstone'
  readonly at: string
  /** Index of the leaf whose payload is gone; below this leaf's own. */
  readonly erased: number
  /** Why, in words: 1 to 256 characters. Public. */
  readonly ground: string
}

/**
 * That an authority issued a certificate. Its hashes are of the certificate before the proof of this leaf went into it,
 * which holds a serial number of 128 random bits: nobody guesses it, so nobody learns from the leaf to whom it was issued.
 */
export interface CertificateLeaf {
  readonly kind: 'certificate'
  /** Where the certificate's validity begins. */
  readonly issuedAt: string
  /** Hashes of the TBSCertificate, lower-case hex. */
  readonly tbs: { readonly sha256: string; readonly sha3_256: string }
}

/**
 * That something was done which several may have to sign: a contract was published, a deviation was let in. What it was,
 * who opens the commitment learns: `actCommitment`.
 */
export interface ActLeaf {
  readonly kind: 'act'
  readonly at: string
  readonly commitment: Commitment
}

export type Leaf = AttestationLeaf | TombstoneLeaf | CertificateLeaf | ActLeaf

/** HMACs of an attestation under both hashes, lower-case hex. */
export interface Commitment {
  readonly sha256: string
  readonly sha3_256: string
}

/** What opens an attestation's leaf: 32 random bytes for the attestation, 32 for its chain. */
export interface Opening {
  readonly salt: Uint8Array
  readonly blind: Uint8Array
}

/** Most bytes of a leaf. */
export const MAX_LEAF_BYTES = 4096
/** Bytes of a salt or a blind. */
export const OPENING_BYTES = 32

const VERSION = 1
const ACT = ['at', 'commitment', 'kind', 'version']
const ATTESTATION = ['acceptedAt', 'chain', 'commitment', 'kind', 'late', 'version']
const CERTIFICATE = ['issuedAt', 'kind', 'tbs', 'version']
const TOMBSTONE = ['at', 'erased', 'ground', 'kind', 'version']
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['act', ACT],
  ['certificate', CERTIFICATE],
  ['tombstone', TOMBSTONE],
])

/** The entry of the log: canonical JSON. Throws `leaf-invalid` for what no reader would take. */
export function writeLeaf(leaf: Leaf): Uint8Array {
  const value = { ...leaf, version: VERSION } as unknown as JsonValue
  readLeaf(value)
  return canonicalJson(value)
}

/** Leaf from an entry's bytes. One leaf has one spelling. Throws `leaf-invalid` and what strict JSON reading throws. */
export function parseLeaf(entry: Uint8Array): Leaf {
  const value = parseJson(entry, { maxBytes: MAX_LEAF_BYTES })
  if (!equal(canonicalJson(value), entry)) throw new CodedError('leaf-invalid', 'the leaf is not canonical JSON')
  return readLeaf(value)
}

/** {@link parseLeaf} of JSON that was parsed strictly already, whatever its spelling. */
export function readLeaf(value: JsonValue | undefined): Leaf {
  const shape = new Shape('leaf-invalid', value, 'leaf')
  const { kind } = shape.members()
  const leaf = shape.object((typeof kind === 'string' ? FIELDS.get(kind) : undefined) ?? ATTESTATION)
  leaf.integer('version', VERSION, VERSION)
  switch (leaf.exactly('kind', 'attestation', 'certificate', 'tombstone', 'act')) {
    case 'act':
      return { kind: 'act', at: leaf.time('at'), commitment: readCommitment(leaf) }
    case 'tombstone':
      return {
        kind: 'tombstone',
        at: leaf.time('at'),
        erased: leaf.integer('erased', 0, Number.MAX_SAFE_INTEGER),
        ground: leaf.text('ground', 256),
      }
    case 'certificate': {
      const tbs = leaf.get('tbs').object(['sha256', 'sha3_256'])
      return {
        kind: 'certificate',
        issuedAt: leaf.time('issuedAt'),
        tbs: { sha256: tbs.hex('sha256', 64), sha3_256: tbs.hex('sha3_256', 64) },
      }
    }
    case 'attestation':
      return attestationLeaf(leaf)
  }
}

function attestationLeaf(leaf: ObjectShape): AttestationLeaf {
  const chain = leaf.get('chain').object(['id', 'seq'])
  return {
    kind: 'attestation',
    acceptedAt: leaf.time('acceptedAt'),
    chain: { id: chain.hex('id', 64), seq: chain.integer('seq', 0, Number.MAX_SAFE_INTEGER) },
    commitment: readCommitment(leaf),
    late: leaf.get('late').boolean(),
  }
}

function readCommitment(leaf: ObjectShape): Commitment {
  const commitment = leaf.get('commitment').object(['sha256', 'sha3_256'])
  return { sha256: commitment.hex('sha256', 64), sha3_256: commitment.hex('sha3_256', 64) }
}

/** When the log took the leaf, as the leaf says: ISO time. */
export function leafTime(leaf: Leaf): string {
  if (leaf.kind === 'attestation') return leaf.acceptedAt
  return leaf.kind === 'certificate' ? leaf.issuedAt : leaf.at
}

/** What a leaf commits to. */
export interface Committed {
  /** DSSE PAE of the statement. */
  readonly signed: Uint8Array
  /** DER of the certificate in its bundle, else of the key under which it verifies: `signerOf`. */
  readonly signer: Uint8Array
}

/**
 * The commitment to one attestation and who signed it: HMAC of its PAE and, right behind it, its signer, keyed with its
 * salt. A PAE tells where it ends, so no two of them are one message. Not of the signature: with its public key it would
 * let anybody guess a payload of few possibilities, and a malleable one has many forms.
 */
export function commitmentOf(
  salt: Uint8Array,
  { signed, signer }: Committed,
  crypto: Pick<Crypto, 'hmac'>,
): Commitment {
  checkOpening(salt, 'salt')
  if (signer.length === 0) throw new CodedError('leaf-invalid', 'a leaf commits to somebody who signed')
  const message = concat(signed, signer)
  return {
    sha256: hex(crypto.hmac('sha256', salt, message)),
    sha3_256: hex(crypto.hmac('sha3_256', salt, message)),
  }
}

/** A chain's id as leaves hold it: HMAC-SHA-256 of its 16 bytes, keyed with the chain's blind; 64 hex digits. */
export function blindChain(blind: Uint8Array, chain: string, crypto: Pick<Crypto, 'hmac'>): string {
  checkOpening(blind, 'blind')
  return hex(crypto.hmac('sha256', blind, fromHex(chain)))
}

/** A shorter key would be guessed, a longer one be a second form of its hash. */
function checkOpening(bytes: Uint8Array, name: string): void {
  if (bytes.length !== OPENING_BYTES) throw new CodedError('leaf-invalid', `the ${name} has not ${OPENING_BYTES} bytes`)
}
