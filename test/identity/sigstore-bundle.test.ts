import { createPublicKey } from 'node:crypto'
import { CodedError, fromBase64 } from '@countersign/core'
import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, type TrustMaterial, Verifier } from '@sigstore/verify'
import { expect, test } from 'vitest'
import { vectors } from '../vectors/read.ts'
import { rootOf, type SigstoreBundleVector, verifyVector } from '../vectors/sigstore-bundle-vector.ts'
import { THOROUGH } from '../thorough.ts'

type Groups = readonly (readonly [why: string, vectors: readonly string[]])[]

/**
 * Our verifier beside `@sigstore/verify` on every bundle that there is a vector of. Each disagreement stands here with
 * its reason: SPEC.md, “Beside Sigstore’s own verifier”.
 */
const STRICTER: Groups = [
  // Whoever has a signature logged under a certificate of their own has that entry for the bundle of another (T-63).
  [
    'theirs does not compare who signed by the entry with who signed by the bundle',
    [
      'entry-of-another-certificate',
      'entry-of-another-certificate-dsse',
      'entry-of-another-certificate-intoto',
      'entry-of-another-certificate-v2',
      'entry-of-another-key',
      'entry-of-the-key-of-the-certificate',
      'entry-with-two-certificates',
    ],
  ],
  // in-toto: it is the caller's to find the artifact among the subjects. A user of ours who names one is answered.
  [
    'theirs does not read statements',
    [
      'another-artifact-dsse',
      'statement-by-a-weak-digest-alone',
      'statement-of-another-type',
      'statement-that-is-none',
      'statement-with-a-subject-without-a-digest',
      'statement-with-an-upper-case-digest',
      'statement-with-two-digests-that-differ',
      'statement-without-subjects',
    ],
  ],
  [
    'theirs leaves who must have signed to its caller',
    ['another-fact', 'identity-of-another-kind', 'identity-without-a-subject'],
  ],
  // protobuf-specs: a root “MUST NOT” be in a bundle.
  ['theirs takes a root that the bundle brings, and does not use it', ['root-in-the-chain']],
  [
    'theirs does not hold the checkpoint against the log and the proof that it is for',
    [
      'checkpoint-of-another-log',
      'checkpoint-of-another-log-v2',
      'proof-of-another-root',
      'proof-of-another-size',
      'two-indices-v2',
    ],
  ],
  // A log whose time has passed can be made to sign again by whoever has its old key.
  ['theirs does not ask when a log took entries that promises no time', ['log-v2-after-it-took-entries']],
  // T-64; a promise of a log is no timestamp of an authority.
  [
    'theirs counts entries and times, ours independent logs and timestamp authorities',
    ['fewer-timestamps-than-demanded', 'one-operator-twice'],
  ],
  [
    'theirs is lax in what it reads',
    [
      'entry-by-sha512',
      'entry-with-a-new-member',
      'log-index-a-number',
      'material-unknown',
      'media-type-v0.4',
      'member-unknown',
      'two-things-signed',
    ],
  ],
]
const LENIENT: Groups = [
  // An entry or a time that nobody here can judge takes nothing away from one that is good, and counts for nothing.
  [
    'theirs demands that every log and every timestamp authority is trusted, ours as many as the caller says',
    ['good-in-a-log-of-a-stranger-too', 'good-with-a-timestamp-of-a-stranger-beside'],
  ],
  // protobuf-specs says of it that it proves nothing.
  ['theirs demands the digest beside the signature of an artifact', ['digest-missing']],
]
const namesIn = (groups: Groups) => groups.flatMap(([, names]) => names).toSorted()

function theirs(vector: SigstoreBundleVector): void {
  const { policy, thresholds, artifact, bundle } = vector
  const byKey = 'key' in policy
  const material = toTrustMaterial(TrustedRoot.fromJSON(rootOf(vector)))
  const trust: TrustMaterial = {
    ...material,
    publicKey: () => {
      if (!byKey) throw new Error('no key')
      const publicKey = createPublicKey({ key: Buffer.from(policy.key, 'base64'), format: 'der', type: 'spki' })
      return { publicKey, validFor: () => true }
    },
  }
  const verifier = new Verifier(trust, {
    tlogThreshold: thresholds?.logs ?? 1,
    ctlogThreshold: 1,
    // Theirs counts the promises of logs too; a certificate needs one time of either kind with both.
    timestampThreshold: byKey ? 0 : Math.max(1, thresholds?.timestamps ?? 0),
  })
  const signer = verifier.verify(
    toSignedEntity(bundleFromJSON(bundle), Buffer.from(fromBase64(artifact))),
    byKey
      ? undefined
      : {
          // Theirs takes a pattern that need not begin or end anywhere.
          ...(policy.subject === null
            ? {}
            : { subjectAlternativeName: `^${policy.subject.value.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$` }),
          extensions: { issuer: policy.issuer },
        },
  )
  if (byKey !== (signer.identity === undefined)) throw new Error('another kind of signer')
}

const outcome = (judge: () => unknown, ours: boolean) => {
  try {
    judge()
    return true
  } catch (error) {
    // Ours fails with a code, theirs with whatever it meets.
    if (ours) expect(error).toBeInstanceOf(CodedError)
    return false
  }
}

test.runIf(THOROUGH)('@sigstore/verify and ours agree on every bundle, but for what is known', () => {
  const stricter: string[] = []
  const lenient: string[] = []
  let agreed = 0
  for (const [name, vector] of vectors<SigstoreBundleVector>('sigstore-bundle')) {
    const we = outcome(() => verifyVector(vector), true)
    const they = outcome(() => theirs(vector), false)
    if (we === they) agreed++
    else (we ? lenient : stricter).push(name)
  }
  expect(lenient.toSorted()).toEqual(namesIn(LENIENT))
  expect(stricter.toSorted()).toEqual(namesIn(STRICTER))
  expect(agreed).toBeGreaterThan(100)
})
