import { portableCrypto } from '@countersign/core/portable'
import { CodedError, fromBase64 } from '@countersign/core'
import { factOid, IDENTITY_FACTS } from '@countersign/formats/identity'
import { type FulcioAuthority, type TrustedAuthority, verifyCertificate } from '@countersign/verify/identity'
import { toTrustMaterial } from '@sigstore/verify'
import { verifyCertificate as sigstoreVerify } from '@sigstore/verify/dist/key/index.js'
import { expect, test } from 'vitest'
import { authorityOf, type CertificateVector } from '../vectors/certificate-vector.ts'
import { vectors } from '../vectors/read.ts'
import { ctLog } from './local-ca.ts'
import { THOROUGH } from '../thorough.ts'

/**
 * Our verifier beside that of `@sigstore/verify`, each taking every authority for a Fulcio, on all certificates that
 * there are vectors of. Where they disagree, ours is the stricter one, but for two cases: SPEC.md, “Beside Sigstore’s own
 * verifier”.
 */
const STRICTER: readonly (readonly [why: string, vectors: readonly string[]])[] = [
  // RFC 5280 §4.2.1.3, 9 and 12: a certificate for servers, or for anything, would sign releases.
  [
    'theirs does not ask what the certificate of a signer is for',
    [
      'a-ca',
      'for-any-purpose',
      'for-code-and-servers',
      'for-code-twice',
      'for-encryption',
      'for-servers',
      'for-signing-and-issuing',
      'for-signing-and-revoking',
      'key-usage-empty',
      'no-key-usage',
      'no-purpose',
    ],
  ],
  // RFC 5280 §4.2: whoever does not know a critical extension must refuse.
  [
    'theirs does not look for extensions that must be understood',
    [
      'unknown-critical-extension',
      'critical-fact',
      'an-extension-twice',
      'intermediate-constrains-names',
      'intermediate-for-timestamps',
      'intermediate-with-an-unknown-critical-extension',
    ],
  ],
  // Which name theirs tells is the first that it meets; ours is the only one (T-57, T-58).
  [
    'theirs takes any number of names, of any kind, and two issuers',
    [
      'no-name',
      'no-name-but-a-subject',
      'two-names',
      'two-kinds-of-names',
      'empty-name',
      'empty-names',
      'a-host-as-the-name',
      'another-name',
      'name-with-a-nul',
      'name-in-utf-8',
      'name-with-something-after',
      'name-of-4097-bytes',
      'no-issuer',
      'two-issuers',
      'two-issuers-by-a-slash',
      'issuer-raw',
      'issuer-empty',
      'old-issuer-in-der',
    ],
  ],
  [
    'theirs hands the facts on as they are',
    [
      'fact-as-ia5',
      'fact-empty',
      'fact-not-utf-8',
      'fact-of-4097-bytes',
      'fact-turned-around',
      'fact-with-a-line-break',
      'fact-with-something-after',
      'grade-d',
      'grade-unknown',
      'system-with-a-space',
    ],
  ],
  ['ours takes P-256 and Ed25519 alone', ['key-p-384', 'key-p-384-of-a-fulcio', 'key-rsa']],
  // Node reads such a key, and one signature under it fits many messages (T-52).
  ['theirs takes keys of small order', ['key-of-small-order']],
  ['ours has bounds', ['longer-than-a-day-of-a-fulcio', 'seventeen-scts']],
  // RFC 6962 §2.1.4; theirs takes the algorithm of the key, whatever the SCT says.
  ['theirs does not read how an SCT is signed', ['sct-of-another-algorithm']],
]
const LENIENT: readonly (readonly [why: string, vectors: readonly string[]])[] = [
  // An SCT that nobody here can judge takes nothing away from one that is good.
  ['theirs demands that every SCT is of a trusted log, ours one', ['good-with-an-sct-of-a-stranger-beside']],
  // Whoever names an intermediate trusts less than its root.
  ['theirs demands that trust ends in a certificate that signed itself', ['good-with-the-intermediate-trusted']],
]
const namesIn = (groups: typeof STRICTER) => groups.flatMap(([, names]) => names).toSorted()

const fulcioOf = (one: TrustedAuthority): FulcioAuthority => ({
  kind: 'fulcio',
  name: one.name,
  chain: one.chain,
  validFor: one.validFor,
  ctlogs: one.kind === 'fulcio' ? one.ctlogs : [ctLog()],
})

const rawBytes = (bytes: Uint8Array) => ({ rawBytes: Buffer.from(bytes) })
const spanOf = ({ start, end }: FulcioAuthority['validFor']) => ({
  start: start === null ? undefined : new Date(start),
  end: end === null ? undefined : new Date(end),
})

/** Their trust, out of ours. */
function materialOf(authorities: readonly FulcioAuthority[]) {
  return toTrustMaterial({
    certificateAuthorities: authorities.map(({ chain, validFor }) => ({
      certChain: { certificates: chain.map(({ der }) => rawBytes(der)) },
      validFor: spanOf(validFor),
    })),
    ctlogs: authorities.flatMap(({ ctlogs }) =>
      ctlogs.map(({ key, logId, validFor }) => ({
        baseUrl: '',
        publicKey: { ...rawBytes(key.spki), keyDetails: 5, validFor: spanOf(validFor) },
        logId: { keyId: Buffer.from(logId) },
      })),
    ),
    tlogs: [],
    timestampAuthorities: [],
  } as unknown as Parameters<typeof toTrustMaterial>[0])
}

function theirs({ chain, at }: CertificateVector, authorities: readonly FulcioAuthority[]) {
  // Certificates that come along are of no use to them: a bundle holds that of the signer alone.
  const leaf = materialOf([{ ...authorities[0]!, chain: [{ der: fromBase64(chain[0]!) } as never] }])
  const [certificate] = leaf.certificateAuthorities[0]!.certChain
  const { scts, signer } = sigstoreVerify(certificate!, [new Date(at)], materialOf(authorities))
  // One SCT is what their verifier asks for unless it is told otherwise.
  if (scts.length === 0) throw new Error('no SCT')
  return signer.identity!
}

function ours({ chain, at }: CertificateVector, authorities: readonly FulcioAuthority[]) {
  return verifyCertificate({
    chain: chain.slice(0, 1).map(fromBase64),
    authorities,
    at: Date.parse(at),
    crypto: portableCrypto,
  })
}

const outcome = (name: string, judge: () => unknown) => {
  try {
    judge()
    return true
  } catch (error) {
    // Ours fails with a code, theirs with whatever it meets.
    if (name === 'ours') expect(error).toBeInstanceOf(CodedError)
    return false
  }
}

test.runIf(THOROUGH)('@sigstore/verify and ours agree on every certificate, but for what is known', () => {
  const stricter: string[] = []
  const lenient: string[] = []
  let agreed = 0
  for (const [name, vector] of vectors<CertificateVector>('certificate')) {
    const authorities = vector.authorities.map((one) => fulcioOf(authorityOf(one)))
    const [we, they] = [
      outcome('ours', () => ours(vector, authorities)),
      authorities.length > 0 && vector.chain.length > 0 && outcome('theirs', () => theirs(vector, authorities)),
    ]
    if (we === they) agreed++
    else (we ? lenient : stricter).push(name)
    if (!we || !they) continue
    const [mine, identity] = [ours(vector, authorities).identity, theirs(vector, authorities)]
    expect(identity.subjectAlternativeName, name).toBe(mine.subject.value)
    for (const fact of IDENTITY_FACTS) {
      const found = identity.oids?.find(({ oid }) => oid!.id.join('.') === factOid(fact))
      if (fact === 'issuer') expect(identity.extensions?.issuer, name).toBe(mine.issuer)
      // Theirs are still in DER.
      else
        expect(found?.value.subarray(found.value[1] === 0x81 ? 3 : 2).toString() ?? null, `${name} ${fact}`).toBe(
          mine[fact],
        )
    }
  }
  expect(lenient.toSorted()).toEqual(namesIn(LENIENT))
  expect(stricter.toSorted()).toEqual(namesIn(STRICTER))
  expect(agreed).toBeGreaterThan(60)
})
