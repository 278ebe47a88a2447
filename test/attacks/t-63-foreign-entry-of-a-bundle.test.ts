import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type JsonObject, utf8 } from '@countersign/core'
import { parseSigstoreBundle } from '@countersign/formats/sigstore'
import { parseSigstoreTrust, verifySigstoreBundle } from '@countersign/verify/sigstore'
import { describe, expect, test } from 'vitest'
import { ISSUED, LocalAuthority, MINUTE, RUN } from '../identity/local-ca.ts'
import { seededKey } from '../anchors/certificates.ts'
import { ARTIFACT, LocalSigstore, rekorV1, SIGNED, type SignOptions } from '../identity/local-sigstore.ts'

// What others signed with Sigstore, and what an attacker makes of it: T-55 and T-56 (times), T-63 (an entry that is in
// the log, and is of something else), T-64 (one log for two). Every proof here is sound in itself.

const local = new LocalSigstore()
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const policy = { identity: { issuer: RUN.issuer, subject: RUN.subject, facts: new Map() } }
const ROOT = local.trustedRoot

interface Asked {
  readonly artifact?: Uint8Array
  readonly root?: JsonObject
  readonly thresholds?: { readonly logs?: number; readonly timestamps?: number }
}

function verify(bundle: JsonObject, { artifact = ARTIFACT, root = ROOT, thresholds = {} }: Asked = {}) {
  const input = {
    bundle: parseSigstoreBundle(JSON.stringify(bundle)),
    artifact,
    policy,
    thresholds,
    crypto: nodeCrypto,
  }
  return verifySigstoreBundle({ ...input, trust: parseSigstoreTrust(JSON.stringify(root), nodeCrypto) })
}

/** The bundle of one signature with the entries of another: both are honest, and together they are not. */
function withEntriesOf(entriesOf: SignOptions, options: SignOptions = {}): JsonObject {
  const [bundle, other] = [local.sign(options), local.sign(entriesOf)]
  const { tlogEntries } = other['verificationMaterial'] as JsonObject
  return {
    ...bundle,
    verificationMaterial: { ...(bundle['verificationMaterial'] as JsonObject), tlogEntries: tlogEntries! },
  }
}

describe('T-63: the entry of another signature', () => {
  const stolen = { issue: { key: seededKey('stolen'), notBefore: ISSUED - 30 * MINUTE, serial: 8 } } as const

  test.each<[string, SignOptions, SignOptions]>([
    ['over another artifact', { artifact: utf8('another') }, {}],
    ['by another key', { issue: { key: seededKey('other') } }, {}],
    ['of a statement', { content: 'dsse', entries: [{ kind: 'dsse' }] }, {}],
    [
      'over another statement',
      { content: 'dsse', statement: {}, entries: [{ kind: 'dsse' }] },
      { content: 'dsse', entries: [{ kind: 'dsse' }] },
    ],
  ])('%s does not count', (_, other, own) => {
    expect(verify(local.sign(own)).entries).toHaveLength(1)
    expect(() => verify(withEntriesOf(other, own))).toThrow(coded('entry-mismatch'))
  })

  test('a certificate that has ended cannot borrow the time of one that lives', () => {
    // The key of a run half an hour ago was stolen: its signature is good, and too late.
    const late = { ...stolen, entries: [{ promised: SIGNED }] }
    expect(() => verify(local.sign(late))).toThrow(coded('certificate-expired'))
    // Nor by the entry of somebody else's signature that was made in time.
    expect(() =>
      verify(withEntriesOf({ ...stolen, artifact: utf8('x'), entries: [{ promised: ISSUED - 29 * MINUTE }] }, late)),
    ).toThrow(coded('entry-mismatch'))
    // Nor by a time that no log signed, nor by the stamp of another signature.
    const unsigned = local.sign({ ...stolen, entries: [{ promised: null }] })
    const [entry] = (unsigned['verificationMaterial'] as { tlogEntries: JsonObject[] }).tlogEntries
    const claimed = { ...entry!, integratedTime: String((ISSUED - 29 * MINUTE) / 1000) }
    const material = { ...(unsigned['verificationMaterial'] as JsonObject), tlogEntries: [claimed] }
    expect(() => verify({ ...unsigned, verificationMaterial: material })).toThrow(coded('time-untrusted'))
    const stamp = { at: ISSUED - 29 * MINUTE, imprint: nodeCrypto.sha256(utf8('x')) }
    expect(() => verify(local.sign({ ...stolen, entries: [{ promised: null }], stamps: [stamp] }))).toThrow(
      coded('time-untrusted'),
    )
    // Red control: with the stamp over this signature, in time, it counts.
    const honest = { ...stolen, entries: [{ promised: null }], stamps: [{ at: ISSUED - 29 * MINUTE }] }
    expect(verify(local.sign(honest)).times).toHaveLength(1)
  })

  test('with two times, both must have been in time', () => {
    const early = { at: SIGNED }
    expect(verify(local.sign({ stamps: [early] })).times).toHaveLength(2)
    expect(() => verify(local.sign({ stamps: [{ at: ISSUED + 11 * MINUTE }] }))).toThrow(coded('certificate-expired'))
    expect(() => verify(local.sign({ entries: [{ promised: ISSUED + 11 * MINUTE }], stamps: [early] }))).toThrow(
      coded('certificate-expired'),
    )
  })

  test('an intermediate that had ended ends it too', () => {
    const until = new Date(ISSUED).toISOString()
    const ended = new LocalAuthority({ seed: 'fulcio', name: 'fulcio', intermediate: { until } })
    const [authority] = ROOT['certificateAuthorities'] as JsonObject[]
    const certificates = [ended.issuer, ended.root].map(({ der }) => ({
      rawBytes: Buffer.from(der).toString('base64'),
    }))
    const root = { ...ROOT, certificateAuthorities: [{ ...authority!, certChain: { certificates } }] }
    const issued = ended.issue({ grade: null, system: null, proof: null })
    expect(() => verify(local.sign({ issued }), { root })).toThrow(coded('certificate-expired'))
    expect(verify(local.sign({ issued, entries: [{ promised: ISSUED }] }), { root }).times).toHaveLength(1)
  })
})

describe('T-64: one log is one log', () => {
  const two = { thresholds: { logs: 2 } }

  test('however many entries it has, and under how many operators', () => {
    expect(verify(local.sign({ entries: [{}, { log: local.v2 }] }), two).entries).toHaveLength(2)
    expect(() => verify(local.sign({ entries: [{}, { index: 1 }, { index: 2 }] }), two)).toThrow(coded('entry-missing'))
    const tlogs = (ROOT['tlogs'] as JsonObject[]).map((log) => ({ ...log, operator: 'one.example.com' }))
    expect(() =>
      verify(local.sign({ entries: [{}, { log: local.v2 }] }), { ...two, root: { ...ROOT, tlogs } }),
    ).toThrow(coded('entry-missing'))
  })

  test('logs of strangers do not count, and take nothing away', () => {
    const strangers = [1, 2, 3].map((i) => ({ log: rekorV1(`rekor${i}.example.com`, seededKey(`rekor ${i}`)) }))
    expect(() => verify(local.sign({ entries: strangers }))).toThrow(coded('entry-untrusted'))
    expect(() => verify(local.sign({ entries: [{}, ...strangers] }), two)).toThrow(coded('entry-untrusted'))
    expect(verify(local.sign({ entries: [{}, ...strangers] })).entries).toHaveLength(1)
  })

  test('a threshold of none is a choice of the caller, and no time comes of it', () => {
    expect(() => verify(local.sign({ entries: [] }))).toThrow(coded('entry-missing'))
    expect(() => verify(local.sign({ entries: [] }), { thresholds: { logs: 0 } })).toThrow(coded('time-untrusted'))
    expect(verify(local.sign({ entries: [], stamps: [{}] }), { thresholds: { logs: 0 } }).entries).toEqual([])
  })
})
