import { CodedError, equal } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { dockerCredentials, dockerHelper } from '@countersign/adapters/oci-credentials'
import { parseOciReference } from '@countersign/adapters/oci-reference'
import { unpackSnappy } from '@countersign/adapters/snappy'
import { parseReport, parseXml } from '@countersign/formats/report'
import { MAX_FACT_TEXT } from '@countersign/formats'
import { verifyAttestation } from '@countersign/verify/foreign'
import { parsePublicKey, utf8 } from '@countersign/core'
import { vectors } from '../vectors/read.ts'
import type { Target } from './targets.ts'
import { demand, JSON_WORDS, of, words } from './words.ts'

const [, signed] = vectors<{ readonly spki?: string }>('bundle').find(([name]) => name === 'signed')!
const KEY = parsePublicKey(new Uint8Array(Buffer.from(signed.spki!, 'hex')))
const TYPES = /^[a-z0-9][a-z0-9-]{0,40}$/

// biome-ignore format: a word list
const REPORT_WORDS = words(
  '"bomFormat":"CycloneDX"', '"specVersion":"1.6"', '"spdxVersion":"SPDX-2.3"', '"@graph":[', '"@context":', '"runs":[{}]',
  '"version":"2.1.0"', '"_type":"https://in-toto.io/Statement/v1"', '"subject":[]', '"predicateType":', '"payloadType":',
  '"signatures":[]', '"signed":{}', '"base64Signature":', '"results":null', '"digest":{}', '"sha256":', '"hashes":[]',
)
// biome-ignore format: a word list
const XML_WORDS = words(
  '<', '>', '/>', '</', '<!--', '-->', '<![CDATA[', ']]>', '<!DOCTYPE a [', ']>', '<?xml version="1.0"?>', '&amp;', '&#0;',
  '&#x10ffff;', '&#xd800;', '&a;', '&', '"', "'", ' a="b"', '<testsuite>', '</testsuite>', '<testcase/>', 'failures="9"',
)

/** Readers of what others made. */
export const REPORT_TARGETS: readonly Target[] = [
  {
    name: 'report',
    seeds: [...of('report', 'json'), ...of('report', 'text')],
    words: [...JSON_WORDS, ...REPORT_WORDS, ...XML_WORDS],
    run(input) {
      const report = parseReport(input)
      demand(TYPES.test(report.type) && report.mediaType !== '', 'a report of no type')
      const facts = Object.entries(report.facts)
      demand(facts.length <= 32, 'too many facts')
      for (const [, fact] of facts) {
        if (typeof fact === 'number') demand(Number.isSafeInteger(fact) && fact >= 0, 'a fact that cannot be signed')
        if (typeof fact === 'string')
          demand(fact !== '' && fact.length <= MAX_FACT_TEXT, 'a text that cannot be signed')
      }
      demand(report.attestation === null || report.facts['form'] === report.attestation.form, 'of another form')
      // Nobody signed any of the seeds: none may ever verify.
      try {
        const digests = { sha256: 'a1'.repeat(32) }
        const artifact = { sha256: new Uint8Array(32).fill(0xa1), sha512: null }
        const thresholds = { logs: 0 }
        const policy = { key: KEY }
        verifyAttestation({ report, artifact, digests, policy, trust: null, thresholds, crypto: portableCrypto })
      } catch (error) {
        if (error instanceof CodedError) return
        throw error
      }
      demand(false, 'is believed without a signature')
    },
  },
  {
    name: 'xml',
    seeds: of('report', 'text'),
    words: XML_WORDS,
    run(input) {
      const { name, attributes } = parseXml(input)
      demand(name !== '' && attributes.size <= 64, 'an element of nothing')
      demand(!Buffer.from(input).includes('<!DOCTYPE') || hides(input), 'a document type')
    },
  },
  {
    name: 'snappy',
    seeds: ['00', '0308616263', '0900611101', '06086162630a0300'].map(
      (text) => new Uint8Array(Buffer.from(text, 'hex')),
    ),
    words: [[0xff], [0x0a, 0x01, 0x00], [0xf0, 0x10], [0x11, 0x01], [0x80, 0x80]].map((bytes) =>
      Uint8Array.from(bytes),
    ),
    run(input) {
      const unpacked = unpackSnappy(input, 1000)
      demand(unpacked.length <= 1000, 'larger than it may be')
      demand(equal(unpacked, unpackSnappy(input, 1000)), 'not one thing')
    },
  },
  {
    name: 'oci-reference',
    seeds: [utf8('ghcr.io/shop/web:1.2'), utf8(`localhost:5000/web@sha256:${'a1'.repeat(32)}`)],
    words: words('@', ':', '/', '//', '..', '@sha256:', 'http://', '?', '#', '%2f', 'user:pass@', 'A', '\n'),
    run(input) {
      const text = Buffer.from(input).toString('latin1')
      const { origin, host, repository, reference } = parseOciReference(text)
      const url = new URL(`${origin}/v2/${repository}/manifests/${reference}`)
      demand(url.origin === origin && url.pathname === `/v2/${repository}/manifests/${reference}`, 'leads elsewhere')
      demand(url.protocol === 'https:' || /^(localhost|127\.|\[::1\])/.test(host), 'in clear to somebody else')
    },
  },
  {
    name: 'docker-config',
    seeds: [
      utf8('{"auths":{"ghcr.io":{"auth":"YTpi"}}}'),
      utf8('{"auths":{},"credsStore":"x"}'),
      utf8('{"credHelpers":{"ghcr.io":"x"}}'),
    ],
    words: [...JSON_WORDS, ...words('"auths":{', '"ghcr.io":', '"auth":"YTpi"', '"auth":"YQ=="')],
    run(input) {
      const found = dockerCredentials(input, 'ghcr.io')
      demand(found === null || found.username !== '', 'a login of nobody')
      const helper = dockerHelper(input, 'ghcr.io')
      demand(helper === null || /^docker-credential-[\w.-]+$/.test(helper.program), 'a program of another name')
    },
  },
]

/** In a comment, a text or an instruction it is none. */
function hides(input: Uint8Array): boolean {
  return /<!--|<!\[CDATA\[|<\?|"|'/.test(Buffer.from(input).toString('latin1'))
}
