import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { base64, type JsonObject, type JsonValue, parsePublicKey, utf8 } from '@countersign/core'
import { type ReportNotes, type ReportRef, type ReportSigner, writeStep } from '@countersign/formats'
import { parseReport } from '@countersign/formats/report'
import { judge, namedKeys, readChain } from '@countersign/verify'
import { type AttesterTrust, judgeAttested } from '@countersign/verify/foreign'
import { parseSigstoreTrust } from '@countersign/verify/sigstore'
import { describe, expect, test } from 'vitest'
import { RUN } from '../identity/local-ca.ts'
import { ARTIFACT, type EntryOptions, LocalSigstore, rekorV1, statementOf } from '../identity/local-sigstore.ts'
import { seededKey } from '../anchors/certificates.ts'
import { at, file, linkOf, newChainId, party, seal, sha256, statement } from '../pipeline.ts'

const by = party('importer')
const chain = { id: newChainId(), pipeline: 'shop/web', contract: null }
const trust = { signers: namedKeys(new Map([[by.name, by.publicKey]])), countersigners: [] }
const app = file('artifact', 'the artifact\n')
const local = new LocalSigstore()
const root = parseSigstoreTrust(JSON.stringify(local.trustedRoot), nodeCrypto)
const OURS: AttesterTrust = { sigstore: [root], keys: [], artifact: null }
/** An instance that knows none of the logs. */
const OTHERS = { ...root, logs: [] }
const SIGNER: ReportSigner = { issuer: RUN.issuer, subject: RUN.subject.value }
const EVIL: ReportSigner = { issuer: RUN.issuer, subject: `${RUN.subject.value}-evil` }

const provenance = (subject: JsonValue[]): JsonObject => ({
  ...statementOf(ARTIFACT),
  subject,
  predicate: {
    buildDefinition: { buildType: 'https://example.com/build', externalParameters: {} },
    runDetails: { builder: { id: 'https://example.com/builder' } },
  },
})
const OWN = provenance([{ name: 'artifact', digest: { ...app.digest } }])
const signed = (statement: JsonObject = OWN, entry: EntryOptions = {}) =>
  JSON.stringify(local.sign({ content: 'dsse', entries: [{ kind: 'dsse', ...entry }], statement }))
/** The same signature bytes but one. */
const broken = (bundle: string) => {
  const parsed = JSON.parse(bundle)
  const [one] = parsed.dsseEnvelope.signatures
  const sig = Buffer.from(one.sig, 'base64')
  sig[20]! ^= 1
  one.sig = sig.toString('base64')
  return JSON.stringify(parsed)
}

/** What a verifier makes of an import: its verdict, and who stands behind the signature. */
function judged(
  content: string,
  signer: ReportSigner,
  believed: AttesterTrust,
  more: Partial<ReportNotes> = {},
  carried = true,
) {
  const { type, mediaType, facts } = parseReport(utf8(content))
  const annotations: ReportNotes = {
    type,
    facts,
    about: [app.digest.sha256],
    signer,
    size: utf8(content).length,
    ...more,
  }
  const ref: ReportRef = { name: 'a.json', digest: { sha256: sha256(content) }, mediaType, annotations }
  const step = statement({ chain, name: 'import', subject: [app] })
  const bundle = seal(by, writeStep({ ...step, predicate: { ...step.predicate, evidence: [ref] } }))
  const beside = carried ? [{ link: linkOf(bundle), content: utf8(content) }] : []
  const known = readChain([bundle, ...beside], trust, nodeCrypto)
  const first = judge({ artifact: app.digest.sha256, chain: known, contract: null, now: at(60) })
  expect(first.verdict).toBe('pass')
  const { verdict, attested } = judgeAttested(first, believed, nodeCrypto)
  const [{ standing, fault }] = attested.flat() as [(typeof attested)[0][0]]
  return [verdict.verdict, standing, fault?.code ?? null, ...verdict.findings.map(({ code }) => code)]
}
const HERE = ['pass', 'here', null]
const word = (code: string) => ['pass', 'word', code]
const refused = (code: string) => ['fail', 'refused', code, 'report-signer']

describe('T-63: who is said to have signed what was imported has signed it, for whoever checks again', () => {
  test('an honest import is checked here, under our own trust', () => {
    expect(judged(signed(), SIGNER, OURS)).toEqual(HERE)
    expect(judged(signed(), SIGNER, { ...OURS, sigstore: [OTHERS, root] })).toEqual(HERE)
  })

  test('a signer that is not the one who signed speaks against the artifact', () => {
    expect(judged(signed(), EVIL, OURS)).toEqual(refused('signer-unknown'))
    expect(judged(signed(), { ...SIGNER, issuer: 'https://issuer.example' }, OURS)).toEqual(refused('signer-unknown'))
    expect(judged(broken(signed()), SIGNER, OURS)).toEqual(refused('signature-invalid'))
    expect(judged(JSON.stringify(OWN), SIGNER, OURS)).toEqual(refused('signature-missing'))
    // About nothing of the step.
    const other = provenance([{ name: 'other', digest: { sha256: 'e'.repeat(64) } }])
    expect(judged(signed(other), SIGNER, OURS, { about: [] })).toEqual(refused('artifact-mismatch'))
  })

  test('where something is missing it stays a word, and is never more', () => {
    expect(judged(signed(), SIGNER, { ...OURS, sigstore: [] })).toEqual(word('trust-missing'))
    expect(judged(signed(), SIGNER, OURS, {}, false)).toEqual(word('evidence-unavailable'))
    expect(judged(signed(), SIGNER, { ...OURS, sigstore: [OTHERS] })).toEqual(word('entry-untrusted'))
    const log = rekorV1('rekor.other.example', seededKey('other rekor'))
    // Signed by another Sigstore’s leave: whoever imported it may believe that one.
    expect(judged(signed(OWN, { log }), SIGNER, OURS)).toEqual(word('entry-untrusted'))
  })

  test('what is named by SHA-512 alone is checked where the artifact is at hand', () => {
    const sha512 = createHash('sha512').update(ARTIFACT).digest('hex')
    const npm = signed(provenance([{ name: 'pkg:npm/web@1', digest: { sha512 } }]))
    expect(judged(npm, SIGNER, OURS)).toEqual(word('artifact-mismatch'))
    const digests = { sha256: app.digest.sha256, sha512 }
    expect(judged(npm, SIGNER, { ...OURS, artifact: { signed: ARTIFACT, digests } })).toEqual(HERE)
    const swapped = { ...digests, sha512: 'e'.repeat(128) }
    expect(judged(npm, SIGNER, { ...OURS, artifact: { signed: ARTIFACT, digests: swapped } })[1]).toBe('refused')
  })

  test('a key counts where it is named, and for its own signature alone', () => {
    const pair = generateKeyPairSync('ed25519')
    const key = parsePublicKey(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })))
    const [type, payload] = ['application/vnd.in-toto+json', utf8(JSON.stringify(OWN))]
    const pae = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload])
    const envelope = (sig: Buffer) =>
      JSON.stringify({ payload: base64(payload), payloadType: type, signatures: [{ keyid: '', sig: base64(sig) }] })
    const good = envelope(sign(null, pae, pair.privateKey))
    const believed = { sigstore: [], keys: [key], artifact: null }
    expect(judged(good, { key: key.keyId }, believed)).toEqual(HERE)
    expect(judged(good, { key: key.keyId }, OURS)).toEqual(word('trust-missing'))
    expect(judged(good, { key: by.publicKey.keyId }, { ...believed, keys: [by.publicKey] })).toEqual(
      refused('signature-invalid'),
    )
    expect(judged(envelope(Buffer.alloc(64, 1)), { key: key.keyId }, believed)).toEqual(refused('signature-invalid'))
  })

  test('a signature of the artifact itself names nothing, and is tried for what the step was about', () => {
    const bundle = local.sign({})
    expect(judged(JSON.stringify(bundle), SIGNER, OURS)).toEqual(HERE)
    const { messageDigest: _, ...message } = bundle['messageSignature'] as JsonObject
    const bare = JSON.stringify({ ...bundle, messageSignature: message })
    expect(judged(bare, SIGNER, OURS, { about: [] })).toEqual(HERE)
    // Over which artifact it is nobody knows who has none.
    expect(judged(bare, EVIL, OURS, { about: [] })).toEqual(word('signer-unknown'))
    const atHand = { ...OURS, artifact: { signed: ARTIFACT, digests: { sha256: app.digest.sha256 } } }
    expect(judged(bare, EVIL, atHand, { about: [] })).toEqual(refused('signer-unknown'))
  })
})
