import { canonicalJson, fromUtf8, utf8 } from '@countersign/core'
import { writeEnvelope } from '@countersign/formats'
import { passedSummary } from '@countersign/verify/slsa'
import { readReview, writeReview } from '../../packages/cli/src/kubernetes/admission-review.ts'
import { readImageName, referenceOf } from '../../packages/cli/src/kubernetes/image-name.ts'
import { hasPods, imagesOf } from '../../packages/cli/src/kubernetes/images.ts'
import { readProtectionEvent } from '../../packages/cli/src/github/protection-event.ts'
import { pod, review } from '../gates/cluster.ts'
import { API, FakeGithub } from '../gates/fake-github.ts'
import { at, party, seal, sha256 } from '../pipeline.ts'
import type { Target } from './targets.ts'
import { demand, DIGITS, JSON_WORDS, words } from './words.ts'

const gate = party('gate', 'ed25519')
const artifact = sha256('app')
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'app', digest: { sha256: artifact } }],
  predicateType: 'https://slsa.dev/verification_summary/v1',
  predicate: {
    verifier: { id: 'https://gate.example' },
    timeVerified: at(0),
    resourceUri: 'pkg:generic/app',
    policy: { uri: 'https://x.example', digest: { sha256: artifact } },
    inputAttestations: [{ uri: 'https://x.example', digest: { sha256: artifact } }],
    verificationResult: 'PASSED',
    verifiedLevels: ['SLSA_BUILD_LEVEL_1'],
  },
}
const payload = utf8(JSON.stringify(statement))
const IMAGE = `ghcr.io/shop/web:1@sha256:${artifact}`

/** Readers of what gates are sent. */
export const GATE_TARGETS: readonly Target[] = [
  {
    name: 'summary',
    seeds: [payload],
    words: [...JSON_WORDS, ...words('"PASSED"', '"FAILED"', '"sha256":"', DIGITS)],
    run(input) {
      const { envelope } = seal(gate, input)
      // Whoever signs, signs anything: what is in it is judged all the same.
      const demanded = { keys: [gate.publicKey], artifact, contract: null, now: at(0), maxAge: 1, clockTolerance: 0 }
      const read = passedSummary(canonicalJson(writeEnvelope(envelope)), demanded, { verify: () => true })
      demand(read.artifact === artifact && read.timeVerified === at(0), 'a yes about something else')
      demand(fromUtf8(input).includes('PASSED'), 'a yes that nobody said')
    },
  },
  {
    name: 'admission-review',
    seeds: [
      review(pod([IMAGE], { volumes: [{ name: 'v', image: { reference: IMAGE } }] })),
      review({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        spec: { template: { spec: { containers: [{ image: IMAGE }] } } },
      }),
    ],
    words: [...JSON_WORDS, ...words('"containers":[', '"initContainers":', '"image":"', '"uid":"', '"oldObject":')],
    run(input) {
      const { uid, kind, object } = readReview(input)
      demand(JSON.stringify(writeReview(uid, { allowed: false })).includes('"allowed":false'), 'a no that is none')
      if (object === null || !hasPods(kind)) return
      for (const { path, image } of imagesOf(kind, object)) {
        const named = path
          .split('/')
          .slice(1)
          .reduce((value: unknown, member) => (value as Record<string, unknown>)[member], object)
        demand(named === image, 'a pointer to something else')
      }
    },
  },
  {
    name: 'image-name',
    seeds: [IMAGE, 'nginx', 'shop/web:1', 'localhost:5000/a/b', 'registry.k8s.io/pause:3.10'].map(utf8),
    words: words('@sha256:', ':', '/', '.', '..', 'localhost', DIGITS, '@', ' ', '%2f'),
    run(input) {
      const image = readImageName(fromUtf8(input))
      demand(referenceOf(image).origin.startsWith('http'), 'a registry that nobody can ask')
      demand(image.name.includes('/') && !/[@\s]/.test(image.name), 'no name')
      demand(image.text.includes(image.digest ?? ''), 'a digest that it does not have')
    },
  },
  {
    name: 'protection-event',
    seeds: [new FakeGithub().delivery('a'.repeat(40)).body],
    words: [...JSON_WORDS, ...words('"deployment_callback_url":"', API, '"id":', '"sha":"', DIGITS)],
    run(input) {
      const callbackFor = ({ repository, run }: { repository: string; run: string }) =>
        `${API}/repos/${repository}/actions/runs/${run}/deployment_protection_rule`
      const event = readProtectionEvent(input, callbackFor)
      if (event === null) return
      demand(new URL(callbackFor(event)).href === callbackFor(event), 'an answer that goes elsewhere')
      demand(new URL(callbackFor(event)).origin === API, 'an answer to somebody else')
    },
  },
]
