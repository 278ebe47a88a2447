import { CodedError, equal, fromBase64, hex } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  identityExtensions,
  identityOf,
  IDENTITY_FACTS,
  ISSUANCE_PROOF_OID,
  loggedTbs,
  parseCertificateRequest,
  precertTbs,
  readIssuanceProof,
  readSctList,
  SCT_LIST_OID,
  sctMessage,
  writeIssuanceProof,
  writeSctList,
} from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import { parseTrustedAuthorities, verifyCertificate } from '@countersign/verify/identity'
import { certificateRequest, ISSUED, LocalAuthority } from '../identity/local-ca.ts'
import { seededKey } from '../anchors/certificates.ts'
import { authorityOf, type CertificateVector } from '../vectors/certificate-vector.ts'
import { vectors } from '../vectors/read.ts'
import type { Target } from './targets.ts'
import { DER_WORDS, demand, JSON_WORDS, of, words } from './words.ts'

const VECTORS = vectors<CertificateVector>('certificate').map(([, vector]) => vector)
const LEAVES = VECTORS.flatMap(({ chain }) => (chain[0] === undefined ? [] : [fromBase64(chain[0])]))
const GOOD = vectors<CertificateVector>('certificate').find(([name]) => name === 'good')![1]
const [TRUSTED] = GOOD.authorities.map(authorityOf)
const LOCAL = new LocalAuthority()
/** What the authority really signed, in whatever vector. */
const read = (der: Uint8Array) => parseCertificate(der, 'certificate-invalid')
const SIGNED = new Set(LEAVES.flatMap(tbsIn))

function tbsIn(leaf: Uint8Array): string[] {
  try {
    return [hex(read(leaf).signed)]
  } catch {
    return []
  }
}

const valuesOf = (oid: string) =>
  LEAVES.flatMap((leaf) => {
    if (tbsIn(leaf).length === 0) return []
    const extension = read(leaf).extensions.get(oid)
    return extension === undefined ? [] : [extension.value]
  })

/** Readers of what names a signer, and of the proofs that it was issued. */
export const CERTIFICATE_TARGETS: readonly Target[] = [
  {
    name: 'identity',
    seeds: LEAVES,
    words: [...DER_WORDS, ...words('https://github.com/acme/shop', 'refs/heads/main')],
    run(input) {
      const certificate = read(input)
      const found = identityOf(certificate)
      const { identity } = found
      demand(identity.issuer !== '' && identity.subject.value !== '', 'somebody without a name')
      for (const fact of IDENTITY_FACTS) demand(identity[fact] !== '', 'a fact that is empty')
      // Whatever was read can be written, and is then read as the same.
      const written = new Map(identityExtensions(found).map(({ oid, critical, value }) => [oid, { critical, value }]))
      const again = identityOf({ ...certificate, extensions: written })
      demand(JSON.stringify(again) === JSON.stringify(found), 'two identities')
      demand(loggedTbs(certificate).length <= precertTbs(certificate).length, 'more than there is')
    },
  },
  {
    name: 'signer-certificate',
    seeds: LEAVES,
    words: DER_WORDS,
    run(input) {
      const chain = [input, ...GOOD.chain.slice(1).map(fromBase64)]
      for (const authority of [TRUSTED!, LOCAL.fulcio]) {
        try {
          const { identity } = verifyCertificate({
            chain,
            authorities: [authority],
            at: ISSUED,
            crypto: portableCrypto,
          })
          demand(SIGNED.has(hex(read(input).signed)), `somebody whom nobody certified: ${identity.subject.value}`)
        } catch (error) {
          if (!(error instanceof CodedError)) throw error
        }
      }
      read(input)
    },
  },
  {
    name: 'sct-list',
    seeds: valuesOf(SCT_LIST_OID),
    words: DER_WORDS,
    run(input) {
      const scts = readSctList(input)
      for (const sct of scts)
        demand(sctMessage(sct, new Uint8Array(32), new Uint8Array(1)).length > 45, 'a message too short')
      if (scts.length > 0) demand(equal(writeSctList(readSctList(writeSctList(scts))), writeSctList(scts)), 'two lists')
    },
  },
  {
    name: 'issuance-proof',
    seeds: valuesOf(ISSUANCE_PROOF_OID),
    words: [...DER_WORDS, ...words('c2sp.org/tlog-proof@v1', 'index 3', 'extra AAAA')],
    run(input) {
      demand(equal(writeIssuanceProof(readIssuanceProof(input)), input), 'two spellings')
    },
  },
  {
    name: 'certificate-request',
    seeds: [certificateRequest(seededKey('signer'))],
    words: DER_WORDS,
    run(input) {
      const { signed, spki } = parseCertificateRequest(input)
      demand(signed.length < input.length && spki.length < signed.length, 'more than there is')
    },
  },
  {
    name: 'trusted-root',
    seeds: of('trusted-root', 'trustedRoot'),
    words: [...JSON_WORDS, ...words('"validFor":{}', '"start":"2026-01-01T00:00:00Z"', '"certificates":[]')],
    run(input) {
      const authorities = parseTrustedAuthorities(input, portableCrypto)
      demand(authorities.length > 0, 'trust in nobody')
      for (const { chain, validFor } of authorities) {
        demand(chain.length > 0 && validFor.start !== null, 'trust without an end')
      }
    },
  },
]
