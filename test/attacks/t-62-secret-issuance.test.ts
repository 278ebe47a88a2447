import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { base64, CodedError, fromUtf8, utf8 } from '@countersign/core'
import { parseCheckpoint, type TlogProof, verifyCheckpoint } from '@countersign/formats'
import {
  ISSUANCE_PROOF_OID,
  readIssuanceProof,
  type Sct,
  SCT_LIST_OID,
  sctMessage,
} from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import { type TrustedAuthority, verifyCertificate } from '@countersign/verify/identity'
import { describe, expect, test } from 'vitest'
import { seededKey } from '../anchors/certificates.ts'
import {
  CT_KEY,
  ctLog,
  drop,
  ISSUED,
  LocalAuthority,
  LOG,
  LOG_KEY,
  LOG_ORIGIN,
  RUN,
  type SctMaker,
} from '../identity/local-ca.ts'
import { noteOf, OTHER_PAIR, plain } from '../vectors/topics/note-signers.ts'

const crypto = nodeCrypto
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const unproven = coded('issuance-unproven')
const authority = new LocalAuthority()
const verify = (chain: readonly Uint8Array[], ...authorities: TrustedAuthority[]) =>
  verifyCertificate({ chain, authorities, at: ISSUED, crypto })
const hashOf = ({ issuer }: LocalAuthority) => crypto.sha256(issuer.key.spki)
const proofOf = (der: Uint8Array) =>
  readIssuanceProof(parseCertificate(der, 'certificate-invalid').extensions.get(ISSUANCE_PROOF_OID)!.value)

describe('T-62: who holds the key of the authority and not that of the log', () => {
  const ours = (chain: readonly Uint8Array[]) => verify(chain, authority.trusted)

  test('issues nothing that counts without the log', () => {
    expect(ours(authority.issue().chain).identity).toEqual(RUN)
    expect(() => ours(authority.issue({ proof: null }).chain)).toThrow(unproven)
    expect(() => ours(authority.issue({ log: plain(LOG_ORIGIN, OTHER_PAIR) }).chain)).toThrow(unproven)
    // An SCT is a promise that nobody but the authority made: it is no proof.
    expect(() => ours(authority.issue({ proof: null, scts: (make) => [make(), make()] }).chain)).toThrow(unproven)
  })

  test('cannot put the proof of one certificate into another', () => {
    const victim = proofOf(authority.issue({ serial: 1 }).der)
    const evil = { ...RUN, sourceRepositoryURI: 'https://github.com/evil/shop' }
    for (const options of [
      { identity: evil },
      { serial: 2 },
      { key: seededKey('mallory') },
      { life: 60_000 },
      { grade: 'B' } as const,
    ]) {
      expect(() => ours(authority.issue({ serial: 1, ...options, proof: () => victim }).chain)).toThrow(unproven)
    }
    expect(ours(authority.issue({ serial: 1, proof: () => victim }).chain).identity).toEqual(RUN)
  })

  test('cannot date it back: the log says when, and it must be when the certificate begins', () => {
    const early = (leaf: Uint8Array) => utf8(fromUtf8(leaf).replace('T12:00:00.000Z', 'T12:05:00.000Z'))
    expect(() => ours(authority.issue({ leaf: early }).chain)).toThrow(unproven)
  })

  test('cannot show a checkpoint of something else that the log’s key has signed', () => {
    // One key may sign for several trees: what is under another name says nothing of this log.
    const named = (origin: string) => {
      const made = (proof: TlogProof): TlogProof => {
        const { size, root } = proof.checkpoint
        const text = `${origin}\n${size}\n${base64(root)}\n`
        return { ...proof, checkpoint: parseCheckpoint(utf8(noteOf(text, LOG))) }
      }
      return authority.issue({ proof: made }).chain
    }
    expect(ours(named(LOG_ORIGIN)).identity).toEqual(RUN)
    const told = (chain: readonly Uint8Array[]) => {
      try {
        ours(chain)
        return null
      } catch (error) {
        expect(error).toEqual(unproven)
        return error as CodedError
      }
    }
    expect(told(named('ca.example.com/other'))?.what).toMatch(
      / is proven by the log ca\.example\.com\/other, which local has not$/,
    )
    // Red control: the signature is a good one of the log's key.
    const { checkpoint } = proofOf(named('ca.example.com/other')[0]!)
    const among = { origin: 'ca.example.com/other', keys: [LOG_KEY], witnesses: [] }
    expect(verifyCheckpoint(checkpoint, among, crypto).signedBy.map(({ key }) => key)).toEqual([LOG_KEY])
    // What failed is told beneath.
    expect(told(authority.issue({ log: plain(LOG_ORIGIN, OTHER_PAIR) }).chain)?.cause).toBeInstanceOf(CodedError)
  })

  test('cannot be trusted as a Fulcio instead, whichever is named first', () => {
    const { chain } = authority.issue({ proof: null })
    expect(verify(chain, authority.fulcio).kind).toBe('fulcio')
    expect(() => verify(chain, authority.fulcio, authority.trusted)).toThrow(unproven)
    expect(() => verify(chain, authority.trusted, authority.fulcio)).toThrow(unproven)
  })
})

describe('T-62: a certificate of a Fulcio holds an SCT of a log that is trusted', () => {
  const ours = (chain: readonly Uint8Array[]) => verify(chain, authority.fulcio)

  const who = seededKey('who')
  const other = authority.issue({ serial: 5 }).logged
  type Scts = (make: SctMaker) => readonly Sct[]

  test.each<[string, Scts | null]>([
    ['none', null],
    ['of an unknown log', (make) => [make({ by: who })]],
    ['of an unknown log under the id of a known one', (make) => [make({ by: who, logId: ctLog().logId })]],
    ['of another certificate', (make) => [make({ about: other })]],
    ['of two others', (make) => [make({ by: who }), make({ about: other })]],
  ])('refused: %s', (_, scts) => {
    expect(() => ours(authority.issue({ scts }).chain)).toThrow(unproven)
    expect(ours(authority.issue().chain).kind).toBe('fulcio')
  })

  test('refused: none, not even an extension', () => {
    expect(() => ours(authority.issue({ finished: drop(SCT_LIST_OID) }).chain)).toThrow(unproven)
  })

  test.each<[string, Scts]>([
    ['first', (make) => [make(), make({ by: who })]],
    ['last', (make) => [make({ by: who }), make()]],
  ])('one good one is enough: %s', (_, scts) => {
    expect(ours(authority.issue({ scts }).chain).kind).toBe('fulcio')
  })

  test('an SCT is of one issuer: over the same certificate by another it does not count', () => {
    const mine = new LocalAuthority({ seed: 'other' })
    const { chain } = mine.issue()
    expect(verify(chain, mine.fulcio).kind).toBe('fulcio')
    // What the log signed for this TBSCertificate, had the first authority issued it.
    const moved = mine.issue({
      scts: (make) => {
        const { timestamp, extensions } = make()
        return [
          make({
            signature: CT_KEY.sign(
              sctMessage({ timestamp, extensions }, hashOf(authority), mine.issue({ scts: null }).proven),
            ),
          }),
        ]
      },
    })
    expect(() => verify(moved.chain, mine.fulcio)).toThrow(unproven)
  })
})
