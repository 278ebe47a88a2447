import { CodedError, fromBase64, hex } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseSigstoreBundle } from '@countersign/formats/sigstore'
import { parseSigstoreTrust, verifySigstoreBundle } from '@countersign/verify/sigstore'
import { vectors } from '../vectors/read.ts'
import { policyOf, type SigstoreBundleVector, trustOf } from '../vectors/sigstore-bundle-vector.ts'
import type { Target } from './targets.ts'
import { demand, JSON_WORDS, of, words } from './words.ts'

const VECTORS = vectors<SigstoreBundleVector>('sigstore-bundle')
const GOOD = VECTORS.find(([name]) => name === 'good')![1]
const TRUST = trustOf(GOOD)
const POLICY = policyOf(GOOD)
const ARTIFACT = fromBase64(GOOD.artifact)
const WORDS = [
  ...JSON_WORDS,
  ...words('"kind":"dsse"', '"version":"0.0.2"', '"logIndex":"0"', '"integratedTime":"1"', '"tlogEntries":[]', 'null'),
]

/** Signatures that somebody who is trusted really made, in whatever vector. */
const SIGNED = new Set(
  VECTORS.flatMap(([, { bundle }]) => {
    try {
      const { content } = parseSigstoreBundle(JSON.stringify(bundle))
      return [hex(content.kind === 'dsse' ? content.envelope.signature : content.signature)]
    } catch {
      return []
    }
  }),
)

/** Readers of what others sign with Sigstore, and of whom they say to believe. */
export const SIGSTORE_TARGETS: readonly Target[] = [
  {
    name: 'sigstore-bundle',
    seeds: of('sigstore-bundle', 'bundle'),
    words: WORDS,
    run(input) {
      const bundle = parseSigstoreBundle(input)
      for (const { inclusion, logId, record } of bundle.entries) {
        demand(logId.length === 32 && record.digest.length === 32 && record.signature.length > 0, 'a record of nothing')
        demand(inclusion === null || inclusion.treeIndex < inclusion.checkpoint.size, 'an entry outside of its tree')
      }
      try {
        verifySigstoreBundle({ bundle, artifact: ARTIFACT, trust: TRUST, policy: POLICY, crypto: portableCrypto })
      } catch (error) {
        if (!(error instanceof CodedError)) throw error
        return
      }
      const { content } = bundle
      demand(SIGNED.has(hex(content.kind === 'dsse' ? content.envelope.signature : content.signature)), 'a forgery')
    },
  },
  {
    name: 'sigstore-root',
    seeds: of('sigstore-root', 'trustedRoot'),
    words: [...WORDS, ...words('"validFor":{}', '"start":"2026-01-01T00:00:00Z"', '"certificates":[]')],
    run(input) {
      const { authorities, logs, timestampAuthorities } = parseSigstoreTrust(input, portableCrypto)
      for (const { validFor } of [...authorities, ...logs, ...timestampAuthorities]) {
        demand(validFor.start !== null, 'trust without a beginning')
      }
      const ids = logs.map(({ key }) => key.keyId)
      for (const [i, { name }] of logs.entries()) {
        demand(
          logs.every((other, j) => i === j || ids[i] !== ids[j] || other.name === name),
          'one log under two names',
        )
      }
    },
  },
]
