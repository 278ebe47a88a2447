import { type Crypto, parseJson, readSigningKey, utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { type Evidence, linesAbout, type TrustRoots } from '@countersign/evidence'
import {
  type Coverage,
  parseChainFile,
  parseLogStatement,
  parseVkey,
  readCoverage,
  Shape,
  type SignedLogStatement,
} from '@countersign/formats'
import { parseAnchor } from '@countersign/formats/anchor'
import type { AuthorityRoot } from '@countersign/formats/identity'
import { parseCertificates } from '@countersign/formats/x509'
import { authorityRootsOf, distinctRoots } from '@countersign/verify'
import { type AnchorBelief, rootsIn } from './anchor-belief.ts'
import type { Material } from './messages.ts'

const MAX_LISTED = 10_000

/**
 * Evidence of what the server gave: the same that `countersign evidence export` makes there, judged by nothing else. Throws
 * what the readers of its parts throw.
 */
export function assemble(material: Material, belief: AnchorBelief, crypto: Crypto, now: string): Evidence | null {
  const { subject } = material
  const all = material.chains.flatMap((bytes) => parseChainFile(bytes))
  if (all.length === 0) return null
  const about = linesAbout(all, subject, crypto)
  if (about.lines.length === 0) return null
  const anchors = material.anchors.map((bytes) => parseAnchor(bytes))
  const contracts = material.contracts.filter(({ digest }) => about.contracts.includes(digest))
  const roots = contracts.flatMap(({ bytes }) => authorityRootsOf(parseContract(bytes)))
  const trust = trustOf(material, roots, crypto)
  return {
    subject: { artifact: 'artifact' in subject ? subject.artifact : null, chains: about.chains },
    createdAt: now,
    lines: about.lines,
    contracts,
    trust: { ...trust, anchors: rootsIn(belief, anchors, crypto) },
    ...stated(material.coverage),
    anchors,
  }
}

/** Everybody that the server knows. Of whom it says so, nobody else does: the reader compares the trust root. */
export function trustOf(
  { server, keys, authorities }: Pick<Material, 'server' | 'keys' | 'authorities'>,
  more: readonly AuthorityRoot[],
  crypto: Crypto,
): Omit<TrustRoots, 'anchors'> {
  const { origin, logs } = logsOf(server, crypto)
  const signers = listed(keys, 'items').map((item) => {
    const members = item.members()
    const text = (name: string) => new Shape('server-answer', members[name], name).text(1 << 14)
    const revokedAt = typeof members['revokedAt'] === 'string' ? members['revokedAt'] : null
    return { name: text('name'), key: readSigningKey(pemOf(members['publicKey'])), revokedAt }
  })
  const own = (authorities === null ? [] : listed(authorities, 'chains')).map((chain): AuthorityRoot => {
    const pems = chain.object(['certificates']).get('certificates').array(16)
    const certificates = pems.flatMap((pem) => parseCertificates(pem.string(), 'certificate-invalid'))
    return {
      kind: 'countersign',
      name: origin,
      certificates: certificates.map(({ der }) => der),
      logs: logs.map((one) => one.key),
      revokedAt: null,
    }
  })
  return { signers, logs, witnesses: [], authorities: distinctRoots([...own, ...more]) }
}

/** A log's name and its keys, former ones too, as its server names them. Throws what the readers of its parts throw. */
export function logsOf(server: Uint8Array, crypto: Crypto): { origin: string; logs: TrustRoots['logs'] } {
  const it = shape(server).object(['origin', 'vkey', 'next', 'retired'], ['version'])
  const origin = it.get('origin').text()
  const key = (text: string) => parseVkey(text, crypto)
  const next = it.get('next').nullable((one) => key(one.text()))
  const current = [key(it.get('vkey').text()), ...(next === null ? [] : [next])]
  const retired = it
    .get('retired')
    .array(MAX_LISTED)
    .map((one) => one.object(['vkey', 'retiredAt']))
    .map((one) => ({ key: key(one.get('vkey').text()), revokedAt: one.time('retiredAt') }))
  return { origin, logs: [...current.map((one) => ({ key: one, revokedAt: null })), ...retired] }
}

function pemOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function stated(pages: readonly Uint8Array[]): { statements: SignedLogStatement[]; coverage: Coverage[] } {
  const statements = new Map<string, SignedLogStatement>()
  const coverage: Coverage[] = []
  for (const page of pages) {
    const it = shape(page).object(['statements', 'items', 'next'])
    for (const note of it.get('statements').array(MAX_LISTED)) {
      const text = note.string()
      statements.set(text, parseLogStatement(utf8(text)))
    }
    for (const item of it.get('items').array(MAX_LISTED)) coverage.push(readCoverage(item))
  }
  return { statements: [...statements.values()], coverage }
}

function listed(bytes: Uint8Array, name: string): Shape[] {
  return new Shape('server-answer', shape(bytes).members()[name], name).array(MAX_LISTED)
}

function shape(bytes: Uint8Array): Shape {
  return new Shape('server-answer', parseJson(bytes, { maxBytes: 1 << 26 }), 'the answer')
}
