import type { JsonObject } from '@countersign/core'
import { b64 } from './note-signers.ts'
import { bad, documents, OTHER, type Says, SHA256 } from './report-kit.ts'
import { local } from './sigstore-kit.ts'

const statementOf = (predicateType: string, predicate: object) => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'web.tgz', digest: { sha256: SHA256 } }],
  predicateType,
  predicate,
})

const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1'
const PROVENANCE = statementOf(PROVENANCE_TYPE, {
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: {
      workflow: { ref: 'refs/heads/main', repository: 'https://github.com/shop/web', path: '.github/workflows/a.yml' },
    },
    resolvedDependencies: [
      { uri: 'git+https://github.com/shop/web@refs/heads/main', digest: { gitCommit: 'e5'.repeat(20) } },
    ],
  },
  runDetails: { builder: { id: 'https://github.com/shop/web/.github/workflows/a.yml@refs/heads/main' } },
})
const statementSays = (type: string, predicateType: string, facts: object): Says => ({
  type,
  mediaType: 'application/vnd.in-toto+json',
  about: [{ sha256: SHA256 }],
  facts: { form: 'statement', predicateType, ...facts },
})
const PROVENANCE_FACTS = {
  builder: 'https://github.com/shop/web/.github/workflows/a.yml@refs/heads/main',
  buildType: 'https://actions.github.io/buildtypes/workflow/v1',
  dependencies: 1,
}

const OLD_TYPE = 'https://slsa.dev/provenance/v0.2'
const TESTS_TYPE = 'https://in-toto.io/attestation/test-result/v0.1'
const TESTS = statementOf(TESTS_TYPE, {
  result: 'PASSED',
  configuration: [{ name: 'tests.yml', digest: { sha256: OTHER } }],
  passedTests: ['one', 'two'],
})
const VULNS_TYPE = 'https://in-toto.io/attestation/vulns/v0.1'
const VULNS = statementOf(VULNS_TYPE, {
  scanner: {
    uri: 'pkg:github/aquasecurity/trivy@0.70.0',
    version: '0.70.0',
    db: { uri: 'https://shop.test/db', version: '2' },
    result: [
      { id: 'CVE-2026-1', severity: [{ method: 'nvd', score: '9.8' }] },
      {
        id: 'CVE-2026-2',
        severity: [
          { method: 'cna', score: 'MODERATE' },
          { method: 'nvd', score: '7.1' },
        ],
      },
    ],
  },
  metadata: { scanStartedOn: '2026-11-20T12:00:00Z', scanFinishedOn: '2026-11-20T12:01:00Z' },
})
const VULNS_COUNTS = {
  tool: 'pkg:github/aquasecurity/trivy@0.70.0',
  results: 2,
  critical: 1,
  high: 1,
  highIds: 'CVE-2026-2',
  medium: 0,
  low: 0,
  unrated: 0,
}
const VULNS_FACTS = { ...VULNS_COUNTS, criticalIds: 'CVE-2026-1' }
const vulnsSay = (facts: object) => statementSays('vulns', VULNS_TYPE, facts)
const VSA_TYPE = 'https://slsa.dev/verification_summary/v1'
const LINK_TYPE = 'https://in-toto.io/attestation/link/v0.3'
const COLLECTION_TYPE = 'https://witness.testifysec.com/attestation-collection/v0.1'
const NPM_TYPE = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1'
const SIGNATURE_SAYS: Says = {
  type: 'signature',
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  about: [{ sha256: Buffer.from(local.digest).toString('hex') }],
  facts: { form: 'sigstore-bundle' },
}
const ENVELOPE = {
  payload: b64(Buffer.from(JSON.stringify(PROVENANCE))),
  payloadType: 'application/vnd.in-toto+json',
  signatures: [{ keyid: 'k', sig: b64(Buffer.alloc(64, 7)) }],
}
const METABLOCK = {
  signed: {
    _type: 'link',
    name: 'build',
    command: ['make'],
    materials: { 'src/a': { sha256: OTHER } },
    products: { 'web.tgz': { sha256: SHA256 } },
    byproducts: { 'return-value': 0, stdout: '', stderr: '' },
    environment: {},
  },
  signatures: [{ keyid: 'k', sig: '07'.repeat(64) }],
}

/** Vectors of statements, in every form that they come in. */
export const statements: Record<string, object> = {
  ...documents('provenance', PROVENANCE, statementSays('slsa-provenance', PROVENANCE_TYPE, PROVENANCE_FACTS), [
    ['statement-v0.1', '_type', 'https://in-toto.io/Statement/v0.1', {}],
    ['statement-v2', '_type', 'https://in-toto.io/Statement/v2', bad],
    ['subject-empty', 'subject', [], bad],
    ['subject-without-a-digest', 'subject.0.digest', {}, bad],
    ['subject-by-name-alone', 'subject.0.digest', undefined, bad],
    ['subject-by-sha1', 'subject.0.digest', { sha1: 'd4'.repeat(20) }, { about: [{ sha1: 'd4'.repeat(20) }] }],
    ['digest-a-number', 'subject.0.digest.sha256', 7, bad],
    [
      'type-like-another',
      'predicateType',
      `${PROVENANCE_TYPE}/`,
      { type: 'attestation', facts: { form: 'statement', predicateType: `${PROVENANCE_TYPE}/` } },
    ],
    ['type-of-another-predicate', 'predicateType', TESTS_TYPE, bad],
    ['type-of-a-bom', 'predicateType', 'https://cyclonedx.org/bom', bad],
    ['predicate-missing', 'predicate', undefined, bad],
    ['builder-missing', 'predicate.runDetails.builder', undefined, bad],
    ['builder-a-list', 'predicate.runDetails.builder.id', ['x'], bad],
    ['member-beside', 'signatures', [], bad],
  ]),
  ...documents(
    'provenance-v0.2',
    statementOf(OLD_TYPE, {
      builder: { id: 'https://tekton.dev/chains/v2' },
      buildType: 'tekton.dev/v1beta1/TaskRun',
      invocation: {},
      materials: [{ uri: 'git+https://github.com/shop/web', digest: { sha1: 'e5'.repeat(20) } }],
    }),
    statementSays('slsa-provenance', OLD_TYPE, {
      builder: 'https://tekton.dev/chains/v2',
      buildType: 'tekton.dev/v1beta1/TaskRun',
      dependencies: 1,
    }),
    [
      ['build-type-missing', 'predicate.buildType', undefined, bad],
      ['as-v1', 'predicateType', PROVENANCE_TYPE, bad],
    ],
  ),
  ...documents(
    'test-result',
    TESTS,
    statementSays('test-result', TESTS_TYPE, { result: 'PASSED', passed: 2, warned: 0, failed: 0 }),
    [
      [
        'failed',
        'predicate.result',
        'FAILED',
        {
          facts: { form: 'statement', predicateType: TESTS_TYPE, result: 'FAILED', passed: 2, warned: 0, failed: 0 },
        },
      ],
      ['result-in-lower-case', 'predicate.result', 'passed', bad],
      ['passed-with-a-failure', 'predicate.failedTests', ['three'], bad],
    ],
  ),
  ...documents('vulns', VULNS, vulnsSay(VULNS_FACTS), [
    [
      'severity-unknown',
      'predicate.scanner.result.0.severity.0.score',
      'bad',
      vulnsSay({ ...VULNS_COUNTS, critical: 0, unrated: 1, unratedIds: 'CVE-2026-1' }),
    ],
    ['result-missing', 'predicate.scanner.result', undefined, bad],
    ['id-missing', 'predicate.scanner.result.0.id', undefined, bad],
  ]),
  ...documents(
    'vsa',
    statementOf(VSA_TYPE, {
      verifier: { id: 'https://shop.test/verifier' },
      timeVerified: '2026-11-20T12:00:00Z',
      resourceUri: 'pkg:generic/web',
      policy: { uri: 'https://shop.test/policy' },
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_3'],
    }),
    statementSays('vsa', VSA_TYPE, {
      verifier: 'https://shop.test/verifier',
      resource: 'pkg:generic/web',
      result: 'PASSED',
      levels: 'SLSA_BUILD_LEVEL_3',
    }),
    [
      ['result-true', 'predicate.verificationResult', true, bad],
      ['levels-a-text', 'predicate.verifiedLevels', 'SLSA_BUILD_LEVEL_3', bad],
    ],
  ),
  ...documents(
    'link',
    statementOf(LINK_TYPE, {
      name: 'build',
      command: ['make'],
      materials: [{ name: 'a', digest: { sha256: OTHER } }],
      byproducts: { 'return-value': 0 },
      environment: {},
    }),
    statementSays('link', LINK_TYPE, { step: 'build', materials: 1, exitCode: 0 }),
    [
      ['name-missing', 'predicate.name', undefined, bad],
      ['exit-code-a-text', 'predicate.byproducts.return-value', '0', bad],
    ],
  ),
  ...documents(
    'witness',
    statementOf(COLLECTION_TYPE, {
      name: 'build',
      attestations: [
        {
          type: 'https://witness.dev/attestations/git/v0.1',
          attestation: {},
          starttime: '2026-11-20T12:00:00Z',
          endtime: '2026-11-20T12:00:01Z',
        },
      ],
    }),
    statementSays('witness-collection', COLLECTION_TYPE, { step: 'build', attestations: 1 }),
    [['empty', 'predicate.attestations', [], bad]],
  ),
  ...documents(
    'envelope',
    ENVELOPE,
    {
      ...statementSays('slsa-provenance', PROVENANCE_TYPE, PROVENANCE_FACTS),
      mediaType: 'application/vnd.in-toto+dsse',
      facts: { form: 'dsse', predicateType: PROVENANCE_TYPE, ...PROVENANCE_FACTS },
    },
    [
      ['signatures-empty', 'signatures', [], bad],
      ['payload-type-of-another', 'payloadType', 'application/json', bad],
      ['payload-lax-base64', 'payload', `${ENVELOPE.payload.replaceAll('=', '')}-_`, bad],
      ['payload-no-statement', 'payload', b64(Buffer.from('{}')), bad],
      [
        'payload-with-a-key-twice',
        'payload',
        b64(Buffer.from(JSON.stringify(PROVENANCE).replace('{', '{"_type":"https://in-toto.io/Statement/v1",'))),
        bad,
      ],
      ['signature-with-a-certificate-that-is-none', 'signatures.0.certificate', 'LS0t', bad],
      ['member-beside', 'signed', {}, bad],
    ],
  ),
  ...documents(
    'npm-publish',
    statementOf(NPM_TYPE, { name: 'web', version: '1.0.0', registry: 'https://registry.example' }),
    statementSays('npm-publish', NPM_TYPE, { package: 'web', version: '1.0.0' }),
    [['name-missing', 'predicate.name', undefined, bad]],
  ),
  ...documents('signature', local.sign({}) as object, SIGNATURE_SAYS, [
    ['media-type-of-the-future', 'mediaType', 'application/vnd.dev.sigstore.bundle.v0.9+json', bad],
    ['without-its-digest', 'messageSignature.messageDigest', undefined, { about: [] }],
    ['member-beside', 'payloadType', 'application/vnd.in-toto+json', bad],
  ]),
  ...documents(
    'bundle',
    local.sign({ content: 'dsse', entries: [{ kind: 'dsse' }], statement: PROVENANCE as JsonObject }) as object,
    {
      ...statementSays('slsa-provenance', PROVENANCE_TYPE, PROVENANCE_FACTS),
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      facts: { form: 'sigstore-bundle', predicateType: PROVENANCE_TYPE, ...PROVENANCE_FACTS },
    },
    [['payload-no-statement', 'dsseEnvelope.payload', b64(Buffer.from('{}')), bad]],
  ),
  ...documents(
    'envelope-of-a-link',
    { ...ENVELOPE, payload: b64(Buffer.from(JSON.stringify(METABLOCK.signed))) },
    {
      type: 'link',
      mediaType: 'application/vnd.in-toto+dsse',
      about: [{ sha256: SHA256 }],
      facts: { form: 'dsse', step: 'build', materials: 1, products: 1, exitCode: 0 },
    },
    [['payload-of-a-layout', 'payload', b64(Buffer.from('{"_type":"layout"}')), bad]],
  ),
  ...documents(
    'metablock',
    METABLOCK,
    {
      type: 'link',
      mediaType: 'application/json',
      about: [{ sha256: SHA256 }],
      facts: { form: 'link', step: 'build', materials: 1, products: 1, exitCode: 0 },
    },
    [
      [
        'products-empty',
        'signed.products',
        {},
        {
          about: [{ sha256: OTHER }],
          facts: { form: 'link', step: 'build', materials: 1, products: 0, exitCode: 0 },
        },
      ],
      ['of-a-layout', 'signed._type', 'layout', bad],
      ['signature-in-base64', 'signatures.0.sig', b64(Buffer.alloc(64, 7)), bad],
      ['digest-a-number', 'signed.products', { 'web.tgz': { sha256: 7 } }, bad],
    ],
  ),
}
