import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { portableCrypto } from '@countersign/core/portable'
import { canonicalJson, type Code, hex, parsePublicKey } from '@countersign/core'
import { type Bundle, type ChainLine, parseBundle, writeBundle, writeStep } from '@countersign/formats'
import { trustedRootJson } from '@countersign/formats/identity'
import { describe, expect, test } from 'vitest'
import { certificate, newKey, TIME_STAMPING } from '../../../test/anchors/certificates.ts'
import { genTime, timestampResponse, timestampToken } from '../../../test/anchors/tokens.ts'
import {
  CA,
  claiming,
  issued,
  keylessContract,
  keylessRun,
  sealUnder,
  workflow,
  WORKFLOWS,
} from '../../../test/keyless.ts'
import { CT_KEY } from '../../../test/identity/local-ca.ts'
import { at, countersign, logKeyOf, newChainId, party, signStep, source } from '../../../test/pipeline.ts'
import { parse } from '../../contract/src/contract.test-kit.ts'
import {
  authorityRootsOf,
  judge,
  type KnownRoots,
  logKeys,
  readChain,
  readChainConcurrently,
  type Trust,
  trustOf,
  verifySigner,
  verifyStep,
} from './index.ts'

const life = { from: '2020-01-01T00:00:00.000Z', until: '2040-01-01T00:00:00.000Z' }
const root = certificate({ ...life, name: 'TSA root', key: newKey(), issuer: null, ca: true })
const clock = certificate({ ...life, name: 'TSA', key: newKey(), issuer: root, purposes: [TIME_STAMPING] })
const stranger = certificate({ ...life, name: 'TSA', key: newKey(), issuer: null, purposes: [TIME_STAMPING] })

/** The trusted root of a Sigstore that is our own authority and a timestamp authority. */
const file = canonicalJson(
  trustedRootJson(
    {
      authorities: [
        {
          uri: 'https://fulcio.example',
          organization: 'example',
          commonName: 'fulcio',
          chain: [CA.intermediate!.der, CA.root.der],
          validFor: { start: Date.parse(at(0)) - 86_400_000, end: null },
        },
      ],
      ctlogs: [
        {
          baseUrl: 'https://ct.example',
          key: parsePublicKey(CT_KEY.spki),
          validFor: { start: Date.parse(at(0)) - 86_400_000, end: null },
        },
      ],
      timestampAuthorities: [
        {
          uri: 'https://tsa.example',
          organization: 'example',
          commonName: 'tsa',
          chain: [clock.der, root.der],
          validFor: { start: Date.parse(at(0)) - 86_400_000, end: null },
        },
      ],
    },
    nodeCrypto,
  ),
)
const digest = hex(nodeCrypto.sha256(file))
const authorities = `  public: { sigstore: "${digest}" }`
const contract = parse(keylessContract({ authorities, server: null }))
const rootsOf = (...trustedRoots: readonly Uint8Array[]): KnownRoots => ({ trustedRoots, publicRoot: null })
const trust = trustOf(contract, rootsOf(file))

/** A bundle with a timestamp over its signature, or over something else. */
function stamped(bundle: Bundle, minute: number, options: { over?: Uint8Array; by?: typeof clock } = {}): Bundle {
  const { over = bundle.envelope.signature, by = clock } = options
  const imprint = nodeCrypto.sha256(over)
  const token = timestampToken({
    imprint,
    nonce: null,
    time: genTime(Date.parse(at(minute))),
    serial: 1,
    signer: by,
    certificates: [by.der, root.der],
  })
  return parseBundle(writeBundle({ ...bundle, timestamps: [timestampResponse(token)] }))
}

const run = { chain: { id: newChainId(), pipeline: 'shop/web', contract: contract.digest }, name: 'source' }
const payload = writeStep(claiming({ ...run, subject: [source('first')] }, { system: 'github-actions' }))
const signed = sealUnder(issued({ identity: workflow('source'), minute: 1 }), payload)
const codeOf = (bundle: Bundle, believed: Trust = trust): Code | null => {
  const { steps, refused } = readChain([bundle], believed, nodeCrypto)
  return steps.size === 1 ? null : refused[0]!.report.code
}

describe('a timestamp beside the signature', () => {
  test('of a trusted authority tells when it was there', async () => {
    const good = stamped(signed, 4)
    expect(codeOf(good)).toBeNull()
    for (const crypto of [nodeCrypto, portableCrypto]) {
      const { signer } = verifyStep(good, trust, crypto)
      expect(signer).toMatchObject({
        name: 'source',
        grade: 'A',
        certificate: { signedAt: at(4), authorityId: digest },
      })
    }
    expect((await readChainConcurrently([good], trust, nodeCrypto)).steps.size).toBe(1)
  })

  test.each<[string, Bundle, Code]>([
    ['none', signed, 'time-untrusted'],
    ['over the payload', stamped(signed, 4, { over: payload }), 'time-untrusted'],
    ['over the signature of another', stamped(signed, 4, { over: new Uint8Array(64) }), 'time-untrusted'],
    ['of a stranger', stamped(signed, 4, { by: stranger }), 'time-untrusted'],
    ['before the certificate was valid', stamped(signed, 0), 'certificate-expired'],
    ['after it was', stamped(signed, 12), 'certificate-expired'],
    ['that is none', { ...signed, timestamps: [new Uint8Array(9)] }, 'time-untrusted'],
    ['that was not granted', { ...signed, timestamps: [timestampResponse(null, 2, 0)] }, 'time-untrusted'],
  ])('%s is refused', (_, bundle, code) => {
    expect(codeOf(bundle)).toBe(code)
    expect(() => verifyStep(bundle, trust, nodeCrypto)).toThrow(expect.objectContaining({ code }))
  })

  test('tells nothing to who trusts no authority for it', () => {
    const { timestamps: _, ...rest } = trust
    expect(codeOf(stamped(signed, 4), rest)).toBe('time-untrusted')
  })
})

describe('a timestamp beside the signature of a key that was revoked', () => {
  const [ci, log] = [party('ci'), party('log', 'ed25519')]
  const made = (name: string) => signStep(ci, { ...run, name, subject: [source(name)], minute: 1 })
  const one = made('one')
  const keyed = (minute: number): Trust => ({
    ...trust,
    signers: [{ name: 'ci', key: ci.publicKey, revokedAt: at(minute) }],
    countersigners: logKeys([logKeyOf(log)]),
  })
  const late = countersign(log, one, 0, { acceptedAt: at(5) })

  test('says that it was there before, or not', () => {
    expect([codeOf(stamped(one.bundle, 4), keyed(5)), codeOf(stamped(one.bundle, 4), keyed(4))]).toEqual([
      null,
      'signer-revoked',
    ])
    for (const ask of [verifyStep, verifySigner]) {
      expect(() => ask(stamped(one.bundle, 4), keyed(5), nodeCrypto)).not.toThrow()
      expect(() => ask(stamped(one.bundle, 4), keyed(4), nodeCrypto)).toThrow(
        expect.objectContaining({ code: 'signer-revoked', what: expect.stringContaining(at(4)) as string }),
      )
    }
  })

  test('counts where the log had it too late', () => {
    const read = (bundle: Bundle) => readChain([bundle, late], keyed(5), nodeCrypto).steps.size
    expect([read(one.bundle), read(stamped(one.bundle, 4)), read(stamped(one.bundle, 5))]).toEqual([0, 1, 0])
  })

  test('is looked at for so many signatures, and for none that needs it not', () => {
    const yes = { ...nodeCrypto, verify: () => true }
    const junk = { ...one.bundle, timestamps: [new Uint8Array(9)] }
    const read = (count: number, bundle: Bundle, ...more: readonly ChainLine[]) => {
      const lines = Array.from({ length: count }, () => bundle)
      return readChain([...lines, ...more, stamped(made('two').bundle, 4)], keyed(6), yes).steps.size
    }
    expect([read(4_999, junk), read(5_000, junk)]).toEqual([1, 0])
    expect([read(5_000, one.bundle), read(5_000, junk, late)]).toEqual([1, 2])
  }, 30_000)

  test('tells steps in the order in which they were read, whenever it is known who signed them', () => {
    const now = { ...keyed(5), signers: [{ name: 'ci', key: ci.publicKey, revokedAt: null }] }
    const lines = [stamped(signed, 4), one.bundle, made('two').bundle]
    const chain = readChain(lines, now, nodeCrypto)
    expect([...chain.steps.values()].map(({ bundle }) => bundle)).toEqual(lines)
  })
})

describe('a trusted root of Sigstore', () => {
  test('counts where the contract pins it, and only then', () => {
    expect(codeOf(stamped(signed, 4), trustOf(contract, rootsOf()))).toBe('certificate-untrusted')
    expect(codeOf(stamped(signed, 4), trustOf(contract, rootsOf(new Uint8Array([...file, 0x0a]))))).toBe(
      'certificate-untrusted',
    )
    const other = parse(keylessContract({ authorities: `  public: { sigstore: "${'0'.repeat(64)}" }`, server: null }))
    expect(codeOf(stamped(signed, 4), trustOf(other, rootsOf(file)))).toBe('certificate-untrusted')
  })

  test('that is pinned and is none is refused as a whole', () => {
    const nothing = new TextEncoder().encode('{}')
    const text = keylessContract({ authorities: `  public: { sigstore: "${hex(nodeCrypto.sha256(nothing))}" }` })
    expect(() => trustOf(parse(text), rootsOf(nothing))).toThrow(
      expect.objectContaining({ code: 'trust-root-invalid' }),
    )
  })

  test('vouches for a whole run, by its receipts', () => {
    const whole = keylessRun({ contract: keylessContract({ authorities }) })
    const believed = trustOf(whole.contract, rootsOf(file))
    const chain = readChain(whole.lines, believed, nodeCrypto)
    const artifact = whole.app.digest.sha256
    expect(judge({ artifact, chain, contract: whole.contract, now: at(60) }).verdict).toBe('pass')
    const [first] = chain.steps.values()
    expect(first!.signer).toMatchObject({ authority: 'public (fulcio.example)', certificate: { system: null } })
  })
})

describe('the public Sigstore', () => {
  const world = '  world: { sigstore: public }'
  const named = parse(keylessContract({ authorities: world, server: null }))
  const good = stamped(signed, 4)
  const newer = new Uint8Array([...file, 0x0a])
  const verdictOf = (text: string, known: KnownRoots) => {
    const whole = keylessRun({
      contract: keylessContract({ ...(text === '' ? {} : { signers: withAuthority(text) }), authorities: both }),
    })
    const chain = readChain(whole.lines, trustOf(whole.contract, known), nodeCrypto)
    const artifact = whole.app.digest.sha256
    return judge({ artifact, chain, contract: whole.contract, now: at(60) }).verdict
  }
  const both = `  pinned: { sigstore: "${digest}" }\n${world}`
  /** Whose word the first steps need; an authority that is named for nobody would be a fault. */
  const withAuthority = (name: string) => ({
    source: `${WORKFLOWS.source}\n    authority: ${name}`,
    build: `${WORKFLOWS.build}\n    authority: ${name}`,
    deploy: `${WORKFLOWS.deploy}\n    authority: [world, pinned]`,
  })

  test('is whatever somebody made sure it is, and nothing else that is there', () => {
    expect(codeOf(good, trustOf(named, { trustedRoots: [], publicRoot: file }))).toBeNull()
    expect(codeOf(good, trustOf(named, { trustedRoots: [], publicRoot: newer }))).toBeNull()
    expect(codeOf(good, trustOf(named, rootsOf(file, newer)))).toBe('certificate-untrusted')
    expect(codeOf(good, trustOf(named))).toBe('certificate-untrusted')
    // What a contract pins may come from anywhere.
    expect(codeOf(good, trustOf(contract, { trustedRoots: [], publicRoot: file }))).toBeNull()
    expect(codeOf(good, trustOf(contract, { trustedRoots: [], publicRoot: newer }))).toBe('certificate-untrusted')
    const nothing = new TextEncoder().encode('{}')
    expect(() => trustOf(named, { trustedRoots: [], publicRoot: nothing })).toThrow(
      expect.objectContaining({ code: 'trust-root-invalid' }),
    )
  })

  test('judges a run under its own name, and under no other', () => {
    for (const publicRoot of [file, newer]) {
      expect(verdictOf('world', { trustedRoots: [], publicRoot })).toBe('pass')
    }
    expect(verdictOf('world', rootsOf(file))).toBe('fail')
    expect(verdictOf('pinned', { trustedRoots: [], publicRoot: newer })).toBe('fail')
    expect(verdictOf('pinned', rootsOf(file))).toBe('pass')
  })

  test('has certificates that another trusted root has too: each vouches for whom it is named for', () => {
    for (const known of [
      { trustedRoots: [file], publicRoot: newer },
      { trustedRoots: [file], publicRoot: file },
    ]) {
      for (const name of ['world', 'pinned', '[world, pinned]', '']) expect(verdictOf(name, known)).toBe('pass')
    }
    const known = { trustedRoots: [file], publicRoot: newer }
    const two = parse(keylessContract({ authorities: both, server: null }))
    const step = readChain([good], trustOf(two, known), nodeCrypto).steps.values().next().value!
    const ids = [digest, hex(nodeCrypto.sha256(newer)), 'public']
    expect(step.signer.certificate!.vouchedBy.toSorted()).toEqual(ids.toSorted())
    expect(authorityRootsOf(two, { trustedRoots: [file], publicRoot: file })).toMatchObject([
      { name: 'pinned', isPublic: true, revokedAt: null },
    ])
  })

  test('that is revoked vouches for nobody, and takes nobody else’s word away', () => {
    const since = (names: string, first = '', second = '') => {
      const text = `  pinned: { sigstore: "${digest}"${first} }\n  world: { sigstore: public${second} }`
      const made = parse(keylessContract({ authorities: text, signers: withAuthority(names), server: null }))
      return codeOf(good, trustOf(made, { trustedRoots: [file], publicRoot: newer }))
    }
    const revoked = `, revokedSince: "${at(3)}"`
    expect(since('[world, pinned]', revoked)).toBeNull()
    expect(since('[world, pinned]', '', revoked)).toBeNull()
    expect(since('world', revoked)).toBeNull()
    expect(since('world', '', revoked)).toBe('signer-revoked')
    expect(since('pinned', revoked)).toBe('signer-revoked')
    expect(since('[world, pinned]', revoked, revoked)).toBe('signer-revoked')
  })
})

test('a certificate counts for nothing where no authority is believed, nor where nobody is meant', () => {
  const { steps, refused } = readChain(keylessRun().lines, { ...trust, authorities: [] }, nodeCrypto)
  expect([steps.size, refused[0]!.report.code]).toEqual([0, 'certificate-untrusted'])
  const { identities: _, ...nobody } = trust
  expect(codeOf(stamped(signed, 4), nobody)).toBe('signer-unknown')
})
