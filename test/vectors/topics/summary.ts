import { b64, LOG_PAIR, OTHER_PAIR, type Pair } from './note-signers.ts'
import type { Topic } from './topic.ts'

const TYPE = 'application/vnd.in-toto+json'
const ARTIFACT = 'a1'.repeat(32)
const CONTRACT = 'c0'.repeat(32)
const DEVIATION = 'de'.repeat(32)
const LINK = '11'.repeat(32)
const AT = '2026-11-01T12:00:00.000Z'
const digest = (sha256: string) => ({ digest: { sha256 } })

const predicate = {
  verifier: { id: 'https://gate.example', version: { countersign: '0' } },
  timeVerified: AT,
  resourceUri: 'pkg:generic/app',
  policy: { uri: `https://countersign.dev/contracts/sha256:${CONTRACT}`, ...digest(CONTRACT) },
  inputAttestations: [{ uri: `https://countersign.dev/chains/${'0f'.repeat(16)}/${LINK}`, ...digest(LINK) }],
  verificationResult: 'PASSED',
  verifiedLevels: ['SLSA_BUILD_LEVEL_1'],
  slsaVersion: '1.1',
}
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'app', ...digest(ARTIFACT) }],
  predicateType: 'https://slsa.dev/verification_summary/v1',
  predicate,
}
const deviating = {
  ...predicate,
  inputAttestations: [
    ...predicate.inputAttestations,
    { uri: `https://countersign.dev/deviations/${DEVIATION}`, ...digest(DEVIATION) },
  ],
  verifiedLevels: ['SLSA_BUILD_LEVEL_1', 'COUNTERSIGN_BY_DEVIATION'],
}

function signed(text: string, by: Pair = LOG_PAIR, type = TYPE) {
  const payload = Buffer.from(text)
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload])
  return { payloadType: type, payload: b64(payload), signatures: [{ sig: b64(by.sign(pae)) }] }
}

/** What who takes it demands: under this key, of this artifact and contract, at this time, and no older than that. */
const demand = {
  key: b64(LOG_PAIR.raw),
  artifact: ARTIFACT,
  contract: CONTRACT,
  now: '2026-11-01T12:01:00.000Z',
  maxAge: 120_000,
  clockTolerance: 30_000,
}
const good = { ...demand, summary: signed(JSON.stringify(statement)) }
const inputs = [LINK]
const passes = { inputs, deviations: [], deviated: false }

const saying = (more: object, error: string) => ({
  ...good,
  error,
  summary: signed(JSON.stringify({ ...statement, ...more })),
})
const predicated = (more: object, error: string) => saying({ predicate: { ...predicate, ...more } }, error)
const without = (member: keyof typeof predicate) => {
  const { [member]: _left, ...rest } = predicate
  return saying({ predicate: rest }, 'statement-invalid')
}

/** Verification summaries that a server signed, and what somebody demands who takes them for a yes. */
export const summaries: Topic = {
  name: 'summary',
  vectors: {
    good: { ...good, passes },
    'good-whatever-the-contract': { ...good, contract: null, passes },
    'good-by-deviation': {
      ...good,
      summary: signed(JSON.stringify({ ...statement, predicate: deviating })),
      passes: { inputs, deviations: [DEVIATION], deviated: true },
    },
    // A clock that goes a little wrong.
    'good-of-a-moment-to-come': { ...good, now: '2026-11-01T11:59:31.000Z', passes },
    'good-to-its-last-moment': { ...good, now: '2026-11-01T12:02:00.000Z', passes },
    'good-of-a-tool-that-names-no-inputs': {
      ...good,
      summary: signed(JSON.stringify({ ...statement, predicate: { ...predicate, inputAttestations: undefined } })),
      passes: { ...passes, inputs: [] },
    },
    'signed-by-another': {
      ...good,
      error: 'signature-invalid',
      summary: signed(JSON.stringify(statement), OTHER_PAIR),
    },
    'signed-as-json': {
      ...good,
      error: 'payload-type',
      summary: signed(JSON.stringify(statement), LOG_PAIR, 'application/json'),
    },
    'type-put-on-after-signing': {
      ...good,
      error: 'signature-invalid',
      summary: { ...signed(JSON.stringify(statement), LOG_PAIR, 'application/json'), payloadType: TYPE },
    },
    'signature-of-another-summary': {
      ...good,
      error: 'signature-invalid',
      summary: {
        ...good.summary,
        signatures: signed(JSON.stringify({ ...statement, predicate: deviating })).signatures,
      },
    },
    'without-signature': { ...good, error: 'signature-missing', summary: { ...good.summary, signatures: [] } },
    'signed-twice': {
      ...good,
      error: 'signature-count',
      summary: { ...good.summary, signatures: [...good.summary.signatures, ...good.summary.signatures] },
    },
    'artifact-of-somebody-else': { ...good, error: 'artifact-mismatch', artifact: 'b2'.repeat(32) },
    'contract-of-somebody-else': { ...good, error: 'contract-mismatch', contract: 'c1'.repeat(32) },
    'too-old': { ...good, error: 'summary-expired', now: '2026-11-01T12:02:00.001Z' },
    'to-come': { ...good, error: 'time-future', now: '2026-11-01T11:59:29.999Z' },
    'of-two-artifacts': saying(
      { subject: [statement.subject[0], { name: 'b', ...digest('b2'.repeat(32)) }] },
      'artifact-mismatch',
    ),
    'of-nothing': saying({ subject: [] }, 'subject-missing'),
    provenance: saying({ predicateType: 'https://slsa.dev/provenance/v1' }, 'predicate-type'),
    'another-version-of-summaries': saying(
      { predicateType: 'https://slsa.dev/verification_summary/v0.2' },
      'predicate-type',
    ),
    failed: predicated({ verificationResult: 'FAILED' }, 'summary-refused'),
    'passed-in-small-letters': predicated({ verificationResult: 'passed' }, 'summary-refused'),
    'passed-at-level-failed': predicated({ verifiedLevels: ['SLSA_BUILD_LEVEL_1', 'FAILED'] }, 'summary-refused'),
    'passed-at-no-level': predicated({ verifiedLevels: [] }, 'summary-refused'),
    'result-left-out': without('verificationResult'),
    'policy-left-out': without('policy'),
    'time-left-out': without('timeVerified'),
    'levels-left-out': without('verifiedLevels'),
    'verifier-left-out': without('verifier'),
    'policy-without-digest': predicated({ policy: { uri: predicate.policy.uri } }, 'statement-invalid'),
    'policy-by-another-hash': predicated({ policy: { digest: { sha512: 'c0'.repeat(64) } } }, 'statement-invalid'),
    'time-without-zone': predicated({ timeVerified: '2026-11-01T12:00:00' }, 'statement-invalid'),
    'time-of-another-zone': predicated({ timeVerified: '2026-11-01T13:00:00+01:00' }, 'statement-invalid'),
    'member-twice': {
      ...good,
      error: 'json-duplicate-key',
      summary: signed(
        JSON.stringify(statement).replace(
          '"verificationResult":',
          '"verificationResult":"FAILED","verificationResult":',
        ),
      ),
    },
  },
}
