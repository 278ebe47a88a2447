import {
  canonicalJson,
  CodedError,
  equal,
  fromBase64,
  fromUtf8,
  hex,
  type JsonValue,
  parseJson,
  parseSigningKey,
  sha256,
  utf8,
} from '@countersign/core'
import {
  type ChainLine,
  type Coverage,
  MAX_CHAIN_LINES,
  MAX_NOTE_BYTES,
  parseChainLine,
  parseLogStatement,
  parseVkey,
  readCoverage,
  Shape,
  type SignedLogStatement,
  writeChainLine,
} from '@countersign/formats'
import {
  type AnchorProof,
  anchorJson,
  MAX_ANCHOR_BYTES,
  readAnchor,
  readAnchorRoots,
} from '@countersign/formats/anchor'
import { readAuthorityRoots } from '@countersign/formats/identity'
import {
  type Evidence,
  EVIDENCE_MEDIA_TYPE,
  type EvidenceContract,
  type EvidenceSubject,
  MAX_CHAINS,
  MAX_CONTRACT_BYTES,
  MAX_CONTRACTS,
  MAX_ANCHORS,
  MAX_EVIDENCE_BYTES,
  MAX_LOGS,
  MAX_NAME,
  MAX_SIGNERS,
  MAX_STATEMENTS,
  MAX_WITNESSES,
  type TrustedLog,
  type TrustedSigner,
  type TrustRoots,
} from './evidence.ts'

const FIELDS = ['mediaType', 'subject', 'createdAt', 'lines', 'contracts', 'trust', 'statements', 'coverage', 'anchors']

/**
 * Evidence from its bytes, which have one spelling (SPEC.md). Throws `evidence-invalid`, `input-too-large`, and what
 * strict JSON reading and keys throw. The signatures are for `verify`: no payload is read here.
 */
export function parseEvidence(bytes: Uint8Array): Evidence {
  if (bytes.length > MAX_EVIDENCE_BYTES) {
    throw new CodedError('input-too-large', `the evidence is larger than ${MAX_EVIDENCE_BYTES} bytes`)
  }
  const value = parseJson(bytes, { maxBytes: MAX_EVIDENCE_BYTES })
  const evidence = readEvidence(value)
  if (!equal(canonicalJson(value), bytes)) {
    throw new CodedError('evidence-invalid', 'the evidence is not canonical JSON')
  }
  return evidence
}

/** {@link parseEvidence} of JSON that was parsed strictly already, whatever its spelling. */
export function readEvidence(value: JsonValue): Evidence {
  const it = new Shape('evidence-invalid', value, 'evidence').object(FIELDS)
  it.exactly('mediaType', EVIDENCE_MEDIA_TYPE)
  const subject = readSubject(it.get('subject'))
  const lines = readLines(it.get('lines'))
  return {
    subject,
    createdAt: it.time('createdAt'),
    lines,
    contracts: readContracts(it.get('contracts')),
    trust: readTrust(it.get('trust')),
    statements: readStatements(it.get('statements')),
    coverage: readCoverages(it.get('coverage')),
    anchors: readAnchors(it.get('anchors')),
  }
}

function readSubject(shape: Shape): EvidenceSubject {
  const it = shape.object(['artifact', 'chains'])
  const artifact = it.get('artifact').nullable((digest) => digest.hex(64))
  const chains = ascending(it.get('chains'), MAX_CHAINS, (id) => id.hex(32))
  // Empty never means pass.
  if (chains.length === 0) it.get('chains').fail('names no run')
  if (artifact === null && chains.length > 1) it.get('chains').fail('names several runs and no artifact')
  return { artifact, chains }
}

function readLines(shape: Shape): ChainLine[] {
  const lines: ChainLine[] = []
  ascending(shape, MAX_CHAIN_LINES, (item) => {
    const text = item.string(MAX_EVIDENCE_BYTES)
    lines.push(readLine(item, text))
    return text
  })
  if (lines.length === 0) shape.fail('holds nothing')
  return lines
}

function readLine(shape: Shape, text: string): ChainLine {
  let line: ChainLine
  let written: string
  try {
    line = parseChainLine(text)
    written = fromUtf8(writeChainLine(line))
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    return shape.fail(`is no line of a chain: ${cause.code}: ${cause.what}`)
  }
  if (written !== text) shape.fail('is not in its one spelling')
  return line
}

function readStatements(shape: Shape): SignedLogStatement[] {
  const statements: SignedLogStatement[] = []
  ascending(shape, MAX_STATEMENTS, (item) => {
    const text = item.string(MAX_NOTE_BYTES)
    statements.push(within(item, 'no statement of a log', () => parseLogStatement(utf8(text))))
    return text
  })
  return statements
}

function readCoverages(shape: Shape): Coverage[] {
  let last = ''
  return shape.array(MAX_CHAIN_LINES).map((item) => {
    const coverage = readCoverage(item)
    const place = placeOf(coverage)
    if (place <= last) item.fail(place === last ? 'stands there twice' : 'is out of order')
    last = place
    return coverage
  })
}

/** By statement, then by the entry's place: text of one length, which sorts as it stands. */
export function placeOf({ statement, index }: Coverage): string {
  return `${statement} ${String(index).padStart(16, '0')}`
}

function readAnchors(shape: Shape): AnchorProof[] {
  const anchors: AnchorProof[] = []
  ascending(shape, MAX_ANCHORS, (item) => {
    const spelled = canonicalJson(item.members())
    if (spelled.length > MAX_ANCHOR_BYTES) item.fail(`has more than ${MAX_ANCHOR_BYTES} bytes`)
    const anchor = within(item, 'no anchor', () => readAnchor(item.members()))
    // Read and written again it is the same: what else could be in it would be another proof for the same file.
    if (!equal(canonicalJson(anchorJson(anchor)), spelled)) item.fail('is not in its one spelling')
    anchors.push(anchor)
    return fromUtf8(spelled)
  })
  return anchors
}

/** What a part of the file is when its own reader refuses it. */
function within<T>(shape: Shape, what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    return shape.fail(`is ${what}: ${cause.code}: ${cause.what}`)
  }
}

function readContracts(shape: Shape): EvidenceContract[] {
  const contracts: EvidenceContract[] = []
  ascending(shape, MAX_CONTRACTS, (item) => {
    const it = item.object(['digest', 'text'])
    const digest = it.hex('digest', 64)
    const bytes = utf8(it.get('text').string(MAX_CONTRACT_BYTES))
    if (bytes.length > MAX_CONTRACT_BYTES) it.get('text').fail(`has more than ${MAX_CONTRACT_BYTES} bytes`)
    if (hex(sha256(bytes)) !== digest) it.get('text').fail('is not what the digest is of')
    contracts.push({ digest, bytes })
    return digest
  })
  return contracts
}

function readTrust(shape: Shape): TrustRoots {
  const it = shape.object(['signers', 'logs', 'witnesses', 'authorities', 'anchors'])
  const signers: TrustedSigner[] = []
  ascending(it.get('signers'), MAX_SIGNERS, (item) => {
    const signer = item.object(['name', 'publicKey', 'revokedAt'])
    const text = signer.get('publicKey').string(MAX_KEY_TEXT)
    const key = parseSigningKey(fromBase64(text))
    signers.push({ name: signer.text('name', MAX_NAME), key, revokedAt: readTime(signer.get('revokedAt')) })
    return text
  })
  const logs: TrustedLog[] = []
  ascending(it.get('logs'), MAX_LOGS, (item) => {
    const log = item.object(['vkey', 'revokedAt'])
    const text = log.text('vkey')
    const key = parseVkey(text, { sha256 })
    if (key.type !== 'ed25519') log.get('vkey').fail('is the key of a witness, not of a log')
    logs.push({ key, revokedAt: readTime(log.get('revokedAt')) })
    return text
  })
  const witnesses: TrustRoots['witnesses'][number][] = []
  ascending(it.get('witnesses'), MAX_WITNESSES, (item) => {
    const text = item.text()
    const key = parseVkey(text, { sha256 })
    if (key.type !== 'cosignature-v1') item.fail('is the key of a log, not of a witness')
    witnesses.push(key)
    return text
  })
  const authorities = readAuthorityRoots(it.get('authorities'))
  return { signers, logs, witnesses, authorities, anchors: readAnchorRoots(it.get('anchors')) }
}

const MAX_KEY_TEXT = 4096

function readTime(shape: Shape): string | null {
  return shape.nullable((time) => time.time())
}

/** Texts of a list, each after the one before in UTF-16 code units: none twice, and one order for one set. */
function ascending(shape: Shape, max: number, read: (item: Shape) => string): string[] {
  let last: string | null = null
  return shape.array(max).map((item) => {
    const text = read(item)
    if (last !== null && text <= last) item.fail(text === last ? 'stands there twice' : 'is out of order')
    last = text
    return text
  })
}
