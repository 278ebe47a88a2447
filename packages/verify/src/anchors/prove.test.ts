import { base64, type Code, concat, type JsonValue, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { Shape, statementDigests } from '@countersign/formats'
import {
  type AnchorProof,
  type AnchorRoots,
  NO_ANCHOR_ROOTS,
  readEthereum,
  readOpentimestamps,
  readRekor,
  readRfc3161,
} from '@countersign/formats/anchor'
import { describe, expect, test } from 'vitest'
import { certificate, newKey } from '../../../../test/anchors/certificates.ts'
import { at, party } from '../../../../test/pipeline.ts'
import { vectors } from '../../../../test/vectors/read.ts'
import { anchorTrustOf, verifyAnchor } from './prove.ts'
import { verifyRekor } from './rekor.ts'
import { parseRekorVkey, rekorLog, rekorTrust } from './rekor-trust.ts'
import { parseAnchorTrust, rekorRootOf, timestampAuthoritiesIn } from './trust-file.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

interface Vector {
  readonly anchor: JsonValue
  readonly statement?: string
  readonly text?: string
  readonly vkeys?: readonly string[]
  readonly trust?: Readonly<Record<string, JsonValue>>
}
const vector = (folder: string, named: string): Vector => vectors<Vector>(folder).find(([name]) => name === named)![1]

/** A good proof of each kind, the statement that it is of, and what its verifier has to believe, and nothing else. */
function good(kind: AnchorProof['kind']): [anchor: AnchorProof, text: string, roots: AnchorRoots] {
  const shape = ({ anchor }: Vector) => new Shape('anchor-invalid', anchor, 'anchor')
  const whenever = { from: null, until: null }
  if (kind === 'rekor') {
    const it = vector('anchor-rekor', 'good')
    const rekor = it.vkeys!.map((vkey) => ({ vkey, operator: null, ...whenever }))
    return [readRekor(shape(it)), it.statement!, { ...NO_ANCHOR_ROOTS, rekor }]
  }
  if (kind === 'rfc3161') {
    const it = vector('anchor-rfc3161', 'good')
    const authorities = it.trust!['authorities'] as unknown as readonly { name: string; certificates: string[] }[]
    const rfc3161 = authorities.map(({ name, certificates }) => ({
      name,
      certificates: certificates.map((text) => new Uint8Array(Buffer.from(text, 'base64'))),
      ...whenever,
    }))
    return [readRfc3161(shape(it)), it.statement!, { ...NO_ANCHOR_ROOTS, rfc3161 }]
  }
  if (kind === 'ethereum') {
    const it = vector('anchor-ethereum', 'good-event')
    const chains = it.trust!['chains'] as unknown as AnchorRoots['ethereum']
    const ethereum = chains.map((chain) => ({
      ...chain,
      blocks: chain.blocks.map(({ number, hash }) => ({ number, hash: hash.slice(2) })),
    }))
    return [readEthereum(shape(it)), it.statement!, { ...NO_ANCHOR_ROOTS, ethereum }]
  }
  const it = vector('anchor-opentimestamps', 'pinned')
  const opentimestamps = it.trust as unknown as NonNullable<AnchorRoots['opentimestamps']>
  return [readOpentimestamps(shape(it)), it.text!, { ...NO_ANCHOR_ROOTS, opentimestamps }]
}

describe.each(['rekor', 'rfc3161', 'ethereum', 'opentimestamps'] as const)('an anchor of %s', (kind) => {
  const [anchor, text, roots] = good(kind)
  const verify = (believed: AnchorRoots) => {
    const statement = { text: utf8(text), digests: statementDigests(text, portableCrypto) }
    return verifyAnchor(anchor, statement, anchorTrustOf(believed, portableCrypto), nodeCrypto)
  }

  test('is verified as what it is', () => {
    expect(verify(roots)).toMatchObject({ kind })
  })

  test('is believed by whom its own root is, and by nobody who believes the others', () => {
    expect(() => verify(NO_ANCHOR_ROOTS)).toThrow(coded('anchor-untrusted'))
    const others = (['rekor', 'rfc3161', 'ethereum', 'opentimestamps'] as const).filter((one) => one !== kind)
    const all = others.reduce((joined, one) => ({ ...joined, [one]: good(one)[2][one] }), NO_ANCHOR_ROOTS)
    expect(() => verify(all)).toThrow(coded('anchor-untrusted'))
  })
})

// T-67: the key of a log that has ended may be anybody's, and no entry says when it came in.
test.each(['good', 'v1'])(
  'a log that took no entries any more when a statement was made has not got it: %s',
  (name) => {
    const { anchor, statement: text, vkeys } = vector('anchor-rekor', name)
    const proof = readRekor(new Shape('anchor-invalid', anchor, 'anchor'))
    const statement = { text: utf8(text!), digests: statementDigests(text!, portableCrypto) }
    const made = Date.parse(/^time (.*)$/m.exec(text!)![1]!)
    const verify = (end: number | null) => {
      const logs = vkeys!.map((vkey) => {
        const { name: own, key } = parseRekorVkey(vkey, portableCrypto)
        return rekorLog(own, key, portableCrypto, { validFor: { start: null, end } })
      })
      return verifyRekor(proof, statement, rekorTrust(logs), portableCrypto).kind
    }
    expect([verify(null), verify(made + 86_400_000)]).toEqual(['rekor', 'rekor'])
    const ended = expect.objectContaining({
      code: 'anchor-untrusted',
      what: expect.stringContaining('any more') as string,
    })
    expect(() => verify(made - 1)).toThrow(ended as Error)
    // Red control: the proof is as good as ever, the log alone is not.
    if (proof.entry.promise === null) expect(verify(made)).toBe('rekor')
  },
)

describe('what is believed, as it is written down', () => {
  const logs = [party('rekor.example'), party('ed.example', 'ed25519')].map(({ name, publicKey }) =>
    rekorLog(name, publicKey, portableCrypto, {
      operator: 'somebody',
      validFor: { start: Date.parse(at(1)), end: Date.parse(at(9)) },
    }),
  )

  test('is read with its times and who runs it', () => {
    const roots = logs.map(rekorRootOf)
    expect(roots.map(({ operator, from, until }) => [operator, from, until])).toEqual(
      logs.map(() => ['somebody', at(1), at(9)]),
    )
    const trust = anchorTrustOf({ ...NO_ANCHOR_ROOTS, rekor: roots }, portableCrypto)
    expect(trust.rekor!.logs).toEqual(logs)
    for (const [i, { vkey }] of roots.entries()) {
      expect(parseRekorVkey(vkey, portableCrypto)).toEqual({
        ...logs[i]!,
        operator: null,
        validFor: { start: null, end: null },
      })
    }
    const open = rekorRootOf({ ...logs[0]!, validFor: { start: null, end: null } })
    expect([open.from, open.until]).toEqual([null, null])
  })

  test('of authorities too; a certificate that is none is refused', () => {
    const root = certificate({ name: 'Root', key: newKey(), issuer: null, ca: true })
    const own = (der: Uint8Array) => ({ name: 'tsa', certificates: [der], from: at(1), until: null })
    const trust = anchorTrustOf({ ...NO_ANCHOR_ROOTS, rfc3161: [own(root.der)] }, portableCrypto)
    expect(trust.rfc3161.authorities).toMatchObject([{ name: 'tsa', from: Date.parse(at(1)), until: null }])
    expect(trust.rfc3161.authorities[0]!.certificates[0]!.der).toEqual(root.der)
    expect(() => anchorTrustOf({ ...NO_ANCHOR_ROOTS, rfc3161: [own(new Uint8Array(9))] }, portableCrypto)).toThrow(
      coded('anchor-invalid'),
    )
  })

  test('of Bitcoin nothing where nothing is said, the work in hex, and only of networks that there are', () => {
    const of = (opentimestamps: AnchorRoots['opentimestamps']) =>
      anchorTrustOf({ ...NO_ANCHOR_ROOTS, opentimestamps }, portableCrypto).opentimestamps
    expect(of(null)).toEqual({ network: 'mainnet', blocks: [], minimumWork: null })
    const blocks = [{ height: 3, hash: 'a'.repeat(64) }]
    expect(of({ network: 'signet', blocks, minimumWork: '1f' })).toEqual({
      network: 'signet',
      blocks,
      minimumWork: 31n,
    })
    expect(of({ network: 'regtest', blocks, minimumWork: null }).minimumWork).toBeNull()
    expect(() => of({ network: 'dogecoin', blocks, minimumWork: null })).toThrow(coded('anchor-setup-invalid'))
  })
})

describe('a trusted root of Sigstore', () => {
  const [signer, root] = [newKey(), newKey()]
  const ca = certificate({ name: 'Root', key: root, issuer: null, ca: true })
  const own = certificate({ name: 'TSA', key: signer, issuer: ca })
  const { publicKey } = party('rekor')
  const log = rekorLog('rekor.example', publicKey, portableCrypto)
  const authority = (more: object = {}) => ({
    subject: { organization: 'example', commonName: 'tsa' },
    uri: 'https://tsa.example/api',
    certChain: { certificates: [own, ca].map(({ der }) => ({ rawBytes: base64(der) })) },
    validFor: { start: at(1), end: at(9) },
    ...more,
  })
  const tlog = {
    baseUrl: 'https://rekor.example',
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(publicKey.spki), keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
    logId: { keyId: base64(log.logId) },
  }
  const mediaType = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1'
  const bytes = (more: object) => utf8(JSON.stringify({ mediaType, ...more }))
  const read = (more: object) => parseAnchorTrust(bytes(more), portableCrypto)

  test('names logs and timestamp authorities, these by their own certificate alone', () => {
    const roots = read({ tlogs: [tlog], timestampAuthorities: [authority()] })
    expect(roots).toEqual({
      ...NO_ANCHOR_ROOTS,
      rekor: [rekorRootOf(log)],
      rfc3161: [{ name: 'tsa.example/api', certificates: [own.der], from: at(1), until: at(9) }],
    })
    expect(read({ tlogs: [tlog] }).rfc3161).toEqual([])
    expect(read({ timestampAuthorities: [authority()] }).rekor).toEqual([])
    expect(read({})).toEqual(NO_ANCHOR_ROOTS)
  })

  test('has authorities that may say when a signature was there', () => {
    const believed = timestampAuthoritiesIn(bytes({ timestampAuthorities: [authority(), authority({ validFor: {} })] }))
    expect(believed.map(({ name, from, until }) => [name, from, until])).toEqual([
      ['tsa.example/api', Date.parse(at(1)), Date.parse(at(9))],
      ['tsa.example/api', null, null],
    ])
    expect(believed.map(({ certificates }) => certificates.map(({ der }) => der))).toEqual([[own.der], [own.der]])
    expect(timestampAuthoritiesIn(bytes({}))).toEqual([])
  })

  test('calls one by its address, else by its name, else by what it is', () => {
    const without = (...members: readonly string[]) =>
      Object.fromEntries(Object.entries(authority()).filter(([name]) => !members.includes(name)))
    const names = [
      without('uri'),
      { ...without('uri'), subject: { organization: 'example' } },
      without('uri', 'subject'),
    ].map((one) => read({ timestampAuthorities: [one] }).rfc3161[0]!.name)
    expect(names).toEqual(['tsa', 'timestamp authority', 'timestamp authority'])
  })

  test.each<[string, object]>([
    ['no certificate', { certChain: { certificates: [] } }],
    ['a certificate that is none', { certChain: { certificates: [{ rawBytes: 'AAAA' }] } }],
    ['a certificate that is no base64', { certChain: { certificates: [{ rawBytes: '!' }] } }],
    ['no chain', { certChain: null }],
    ['an address that is no text', { uri: 7 }],
    ['a time that is none', { validFor: { start: 'soon' } }],
  ])('with an authority with %s is refused as a whole', (_, more) => {
    const all = bytes({ timestampAuthorities: [authority(), authority(more)] })
    expect(() => parseAnchorTrust(all, portableCrypto)).toThrow()
    try {
      timestampAuthoritiesIn(all)
      expect.fail()
    } catch (error) {
      expect(error).toMatchObject({ code: 'trust-root-invalid', cause: { name: 'CodedError' } })
    }
  })

  test('is told from our own file by its media type', () => {
    expect(() => parseAnchorTrust(bytes({ mediaType: 'application/json' }), portableCrypto)).toThrow(
      coded('anchor-setup-invalid'),
    )
    expect(() => parseAnchorTrust(utf8('{}'), portableCrypto)).toThrow(coded('anchor-setup-invalid'))
    expect(() => parseAnchorTrust(concat(bytes({}), utf8('x')), portableCrypto)).toThrow()
    expect(parsePublicKey(publicKey.spki).keyId).toBe(publicKey.keyId)
  })
})
