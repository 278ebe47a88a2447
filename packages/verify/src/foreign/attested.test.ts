import { createHash } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type JsonObject, type JsonValue, parsePublicKey, utf8 } from '@countersign/core'
import { type ReportNotes, type ReportRef, type ReportSigner, writeStep } from '@countersign/formats'
import { parseReport } from '@countersign/formats/report'
import { describe, expect, test } from 'vitest'
import { newKey } from '../../../../test/anchors/certificates.ts'
import { RUN } from '../../../../test/identity/local-ca.ts'
import { LocalSigstore, type SignOptions } from '../../../../test/identity/local-sigstore.ts'
import { at, file, linkOf, newChainId, party, seal, sha256, statement } from '../../../../test/pipeline.ts'
import { judge, namedKeys, readChain } from '../index.ts'
import { parseSigstoreTrust } from '../sigstore/index.ts'
import { type AttesterTrust, judgeAttested, subjectNamed } from './attested.ts'

const local = new LocalSigstore()
const root = parseSigstoreTrust(JSON.stringify(local.trustedRoot), nodeCrypto)
const OURS: AttesterTrust = { sigstore: [root], keys: [], artifact: null }
const SIGNER: ReportSigner = { issuer: RUN.issuer, subject: RUN.subject.value }
const EVIL: ReportSigner = { ...SIGNER, subject: `${RUN.subject.value}-evil` }

/** Two files, in the order of their digests. */
const [first, second] = ['one\n', 'two\n']
  .map((text) => ({ bytes: utf8(text), resource: file(text.trim(), text) }))
  .toSorted((a, b) => (a.resource.digest.sha256 < b.resource.digest.sha256 ? -1 : 1)) as [Made, Made]
interface Made {
  readonly bytes: Uint8Array
  readonly resource: ReturnType<typeof file>
}
const sha512 = ({ bytes }: Made) => createHash('sha512').update(bytes).digest('hex')
const idOf = ({ resource }: Made) => resource.digest.sha256
const atHand = (one: Made): AttesterTrust => ({
  ...OURS,
  artifact: { signed: one.bytes, digests: { sha256: idOf(one), sha512: sha512(one) } },
})

const signed = (subject: JsonValue[], more: SignOptions = {}) =>
  JSON.stringify(
    local.sign({
      content: 'dsse',
      entries: [{ kind: 'dsse' }],
      statement: {
        _type: 'https://in-toto.io/Statement/v1',
        subject,
        predicateType: 'https://slsa.dev/provenance/v1',
        predicate: {
          buildDefinition: { buildType: 'https://example.com/build', externalParameters: {} },
          runDetails: { builder: { id: 'https://example.com/builder' } },
        },
      },
      ...more,
    }),
  )
const by256 = (...all: readonly Made[]) => all.map((one) => ({ name: 'x', digest: { sha256: idOf(one) } }))
const by512 = (...all: readonly Made[]) => all.map((one) => ({ name: 'x', digest: { sha512: sha512(one) } }))
/** A signature over the bytes themselves, with the digest that it is over or without. */
function bare(one: Made, digest = false): string {
  const bundle = local.sign({ artifact: one.bytes })
  const { messageDigest, ...message } = bundle['messageSignature'] as JsonObject
  return JSON.stringify({ ...bundle, messageSignature: digest ? { messageDigest, ...message } : message })
}

interface Said {
  readonly content: string
  readonly signer?: ReportSigner | null
  readonly about?: readonly Made[]
}
const importer = party('importer')
const chain = { id: newChainId(), pipeline: 'shop/web', contract: null }

/** What is made of a step over both files that says so much of what others attested. */
function judged(all: readonly Said[], believed: AttesterTrust) {
  const evidence = all.map(({ content, signer = SIGNER, about = [first] }, i): ReportRef => {
    const { type, mediaType, facts } = parseReport(utf8(content))
    const size = utf8(content).length
    const annotations: ReportNotes = { type, facts, about: about.map(idOf), signer, size }
    return { name: `${i}.json`, digest: { sha256: sha256(content) }, mediaType, annotations }
  })
  const step = statement({ chain, name: 'import', subject: [first.resource, second.resource] })
  const bundle = seal(importer, writeStep({ ...step, predicate: { ...step.predicate, evidence } }))
  const beside = all.map(({ content }) => ({ link: linkOf(bundle), content: utf8(content) }))
  const trust = { signers: namedKeys(new Map([[importer.name, importer.publicKey]])), countersigners: [] }
  const known = readChain([bundle, ...beside], trust, nodeCrypto)
  expect(known.refused).toEqual([])
  const before = judge({ artifact: idOf(first), chain: known, contract: null, now: at(60) })
  return { before, ...judgeAttested(before, believed, nodeCrypto) }
}
/** How the only one stands, and why not here. */
function stands(said: Said, believed: AttesterTrust = OURS) {
  const [one] = judged([said], believed).attested.flat()
  return one!.fault === null ? one!.standing : `${one!.standing} ${one!.fault.code}`
}

describe('a verdict with what others attested', () => {
  const good = { content: signed(by256(first)) }
  const told = (all: readonly Said[], believed = OURS) => {
    const { before, verdict, attested } = judged(all, believed)
    const { met, name, detail } = verdict.criteria.at(-1)!
    expect(name).toBe('attestations of others')
    expect(verdict.criteria.slice(0, -1)).toEqual(before.criteria)
    return {
      verdict: verdict.verdict,
      met,
      detail,
      stand: attested.map((some) => some.map(({ standing }) => standing)),
    }
  }

  test('tells how many are checked here, and how many are a word', () => {
    expect(told([good])).toEqual({
      verdict: 'pass',
      met: true,
      detail: '1 checked here, 0 on the word of whoever recorded them',
      stand: [['here']],
    })
    const other = { content: signed(by256(second)), about: [second] }
    const key = { content: signed(by256(first), { serial: 1 } as never), signer: { key: 'a'.repeat(64) } }
    expect(told([good, other, key])).toEqual({
      verdict: 'pass',
      met: true,
      detail: '2 checked here, 1 on the word of whoever recorded them',
      stand: [['here', 'here', 'word']],
    })
    expect(told([good, other], { ...OURS, sigstore: [] }).detail).toBe(
      '0 checked here, 2 on the word of whoever recorded them',
    )
  })

  test('fails by one that is not by whom the step says, whatever else is good', () => {
    const evil = { content: signed(by256(second)), about: [second], signer: EVIL }
    for (const [all, stand] of [
      [
        [good, evil],
        ['here', 'refused'],
      ],
      [
        [evil, good],
        ['refused', 'here'],
      ],
    ] as const) {
      expect(told(all)).toEqual({
        verdict: 'fail',
        met: false,
        detail: '1 checked here, 0 on the word of whoever recorded them, 1 not by whom a step says',
        stand: [stand],
      })
    }
    const { verdict } = judged([good, evil], OURS)
    expect(verdict.findings).toMatchObject([
      { code: 'report-signer', what: expect.stringContaining('1.json is not signed by') },
    ])
  })

  test('is the same where nobody attested anything', () => {
    for (const all of [[], [{ ...good, signer: null }]]) {
      const { before, verdict, attested } = judged(all, OURS)
      expect(verdict).toBe(before)
      expect(attested.flat()).toEqual([])
    }
  })
})

describe('a signature over bytes that it does not name', () => {
  test('is tried for all that the step received and made, where the step says no more', () => {
    for (const one of [first, second]) {
      expect(stands({ content: bare(one), about: [] })).toBe('here')
      expect(stands({ content: bare(one), about: [] }, atHand(first))).toBe('here')
      expect(stands({ content: bare(one, true), about: [one] })).toBe('here')
    }
    expect(stands({ content: bare({ ...first, bytes: utf8('three\n') }), about: [] })).toBe('word signature-invalid')
  })

  test('speaks against nothing where it may be over another', () => {
    const evil = { content: bare(first), signer: EVIL, about: [] }
    for (const believed of [OURS, atHand(first), atHand(second)]) {
      expect(stands(evil, believed)).toBe('word signer-unknown')
    }
    const named = { content: bare(first, true), signer: EVIL }
    expect(stands(named)).toBe('word signer-unknown')
    expect(stands(named, atHand(first))).toBe('refused signer-unknown')
  })
})

describe('artifacts that are not named by SHA-256', () => {
  test('are all checked, or it stays a word', () => {
    const both = { content: signed(by512(first, second)), about: [first, second] }
    expect(stands(both)).toBe('word artifact-mismatch')
    for (const one of [first, second]) expect(stands(both, atHand(one))).toBe('word artifact-mismatch')
    const alone = { content: signed(by512(first)), about: [first] }
    expect(stands(alone, atHand(first))).toBe('here')
    expect(stands(alone, atHand(second))).toBe('word artifact-mismatch')
  })

  test('one of them makes a word of the whole', () => {
    const mixed = { content: signed([...by256(first), ...by512(second)]), about: [first, second] }
    expect(stands(mixed)).toBe('word artifact-mismatch')
    expect(stands(mixed, atHand(second))).toBe('here')
    expect(stands({ content: signed(by256(first, second)), about: [first, second] })).toBe('here')
  })
})

describe('whom a step names', () => {
  test('is tried under each trust; what speaks against it is told before what only lacks', () => {
    const blind = { ...root, logs: [] }
    const under = (...sigstore: readonly (typeof root)[]) =>
      stands({ content: signed(by256(first)), signer: EVIL }, { ...OURS, sigstore })
    expect(under(blind)).toBe('word entry-untrusted')
    for (const all of [
      [blind, root],
      [root, blind],
    ]) {
      expect(under(...all)).toBe('refused signer-unknown')
    }
    const good = (...sigstore: readonly (typeof root)[]) =>
      stands({ content: signed(by256(first)) }, { ...OURS, sigstore })
    expect([good(blind, root), good(root, blind), good()]).toEqual(['here', 'here', 'word trust-missing'])
  })

  test('may have a log behind the signature or a timestamp authority, and one of them', () => {
    expect(stands({ content: signed(by256(first), { entries: [], stamps: [{}] }) })).toBe('here')
    expect(stands({ content: signed(by256(first), { entries: [{ kind: 'dsse' }], stamps: [{}] }) })).toBe('here')
    expect(stands({ content: signed(by256(first), { entries: [] }) })).toBe('word entry-missing')
  })

  test('is that key and no other that is believed', () => {
    const keys = [newKey(), local.key].map(({ spki }) => parsePublicKey(spki))
    const content = signed(by256(first), { issue: null, entries: [] })
    const by = (keyId: string, among = keys) => stands({ content, signer: { key: keyId } }, { ...OURS, keys: among })
    expect(by(keys[1]!.keyId)).toBe('here')
    expect(by(keys[1]!.keyId, keys.toReversed())).toBe('here')
    expect(by(keys[0]!.keyId)).toBe('refused signature-invalid')
    expect(by(keys[1]!.keyId, keys.slice(0, 1))).toBe('word trust-missing')
  })
})

test('T-57: what has a scheme is a URI, and all else an e-mail address', () => {
  const kind = (value: string) => {
    const named = subjectNamed(value)
    expect(named.value).toBe(value)
    return named.kind
  }
  for (const uri of ['https://a.example/x', 'HTTPS://a.example', 'spiffe://a/b', 'urn:a', 'a+b.c-1:x']) {
    expect(kind(uri)).toBe('uri')
  }
  for (const email of ['me@a.example', 'me@a.example:x', '1a:x', ':x', 'a b:c', '']) expect(kind(email)).toBe('email')
})
