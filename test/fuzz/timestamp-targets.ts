import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { equal, fromBase64, hex } from '@countersign/core'
import { parseTimestampResponse, parseTimestampToken } from '@countersign/formats/anchor'
import { basicConstraints, commonName, extendedKeyUsage, keyUsage, parseCertificate } from '@countersign/formats/x509'
import { type Rfc3161Trust, verifyTimestamp } from '@countersign/verify/anchors'
import { timestampResponse } from '../anchors/tokens.ts'
import { vectors } from '../vectors/read.ts'
import type { Target } from './targets.ts'
import { DER_WORDS, demand } from './words.ts'

interface Vector {
  readonly anchor: { readonly token?: string; readonly certificates?: readonly string[] }
  readonly trust: { readonly authorities: readonly { readonly certificates: readonly string[] }[] }
  readonly proved?: object
}

const VECTORS = vectors<Vector>('anchor-rfc3161').map(([, vector]) => vector)
const tokenOf = ({ anchor }: Vector) => new Uint8Array(Buffer.from(anchor.token ?? '', 'base64'))
const PINNED = VECTORS[0]!.trust.authorities[0]!.certificates.map((text) => fromBase64(text))
const TRUST: Rfc3161Trust = {
  authorities: [
    { name: 'a', certificates: PINNED.map((one) => parseCertificate(one, 'anchor-invalid')), from: null, until: null },
  ],
}
/** What the one authority really signed, in whatever vector. */
const SIGNED = new Set(
  VECTORS.filter(
    (vector) => vector.trust.authorities[0]!.certificates[0] === VECTORS[0]!.trust.authorities[0]!.certificates[0],
  )
    .map(tokenOf)
    .flatMap((token) => {
      try {
        return [hex(parseTimestampToken(token).signer.signed)]
      } catch {
        return []
      }
    }),
)
/** Readers of what timestamp authorities send. */
export const TIMESTAMP_TARGETS: readonly Target[] = [
  {
    name: 'timestamp-token',
    seeds: VECTORS.map(tokenOf),
    words: DER_WORDS,
    run(input) {
      const token = parseTimestampToken(input)
      demand(equal(token.der, input), 'read less than there is')
      demand(Number.isSafeInteger(token.info.time.milliseconds), 'a time that is none')
      const { path } = verifyTimestamp(token, [], token.info.imprint.digest, TRUST, nodeCrypto)
      demand(SIGNED.has(hex(token.signer.signed)), 'verified what nobody signed')
      demand(
        path.some(({ der }) => PINNED.some((one) => equal(one, der))),
        'verified under nobody',
      )
    },
  },
  {
    name: 'timestamp-response',
    seeds: [timestampResponse(null, 2, 14), timestampResponse(tokenOf(VECTORS[0]!)), timestampResponse(null, 3)],
    words: DER_WORDS,
    run(input) {
      const { status, failures, token } = parseTimestampResponse(input)
      demand(status >= 0 && status <= 5 && failures.every((bit) => bit >= 0 && bit < 32), 'a status out of bounds')
      demand(token === null || token.length < input.length, 'a token out of nothing')
    },
  },
  {
    name: 'certificate',
    seeds: VECTORS.flatMap(({ trust }) => trust.authorities.flatMap(({ certificates }) => certificates))
      .filter((text, i, all) => all.indexOf(text) === i)
      .map((text) => fromBase64(text)),
    words: DER_WORDS,
    run(input) {
      const certificate = parseCertificate(input, 'anchor-invalid')
      demand(equal(certificate.der, input), 'read less than there is')
      basicConstraints(certificate)
      demand(extendedKeyUsage(certificate)?.purposes.length !== 0, 'no purpose at all')
      keyUsage(certificate)?.(0)
      commonName(certificate.subject, 'anchor-invalid')
    },
  },
]
