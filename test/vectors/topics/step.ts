import { mutated, type Mutation, type Topic } from './topic.ts'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)
const FROM = 'f0'.repeat(32)

/** A small, complete step statement: one product, one material from its one predecessor. */
export const STEP = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'web.tgz', digest: { sha256: A }, annotations: { mode: '100644' } }],
  predicateType: 'https://countersign.dev/step/v1',
  predicate: {
    chain: { id: '0123456789abcdef0123456789abcdef', pipeline: 'shop/web', contract: 'c0'.repeat(32) },
    step: { name: 'pack', attempt: 1, matrix: null, nonce: '00112233445566778899aabbccddeeff' },
    previous: [{ link: FROM, step: 'compile' }],
    materials: [
      {
        name: 'dist/',
        digest: { sha256: B },
        mediaType: 'application/vnd.countersign.tree.v1',
        annotations: { mode: '040000', from: FROM },
      },
    ],
    invocation: {
      argv: ['npm', 'pack'],
      exitCode: 0,
      signal: null,
      error: null,
      startedAt: '2026-11-20T12:00:00.000Z',
      finishedAt: '2026-11-20T12:00:01.500Z',
      workingDirectory: '.',
      environment: { CI: 'true' },
    },
    runner: {
      system: 'github-actions',
      identity: {
        issuer: 'https://token.actions.githubusercontent.com',
        sourceRepositoryURI: 'https://github.com/shop/web',
        sourceRepositoryDigest: 'd1'.repeat(20),
        sourceRepositoryRef: 'refs/heads/main',
        sourceRepositoryIdentifier: '4711',
        buildConfigURI: null,
        buildTrigger: 'push',
        runInvocationURI: null,
        runnerEnvironment: 'github-hosted',
      },
      os: 'linux',
      arch: 'x64',
      tools: { node: '24.11.0' },
      actions: { 'actions/checkout@v5': 'e2'.repeat(20) },
    },
    evidence: [{ name: 'sbom.json', digest: { sha256: 'e3'.repeat(32) }, mediaType: 'application/vnd.cyclonedx+json' }],
  },
}

const bad = 'step-invalid'
const dirtySource = (annotations: object) => ({
  name: 'source',
  digest: { sha256: B, gitCommit: 'c1'.repeat(20) },
  uri: `git+https://git.example.com/shop/web@${'c1'.repeat(20)}`,
  annotations,
})
const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`N${i}`, '']))

/** What a fault in a fact must be refused for, wherever it stands: text of 1 to `max` characters. */
function text(name: string, place: string, max: number, nullable: boolean): Mutation[] {
  return [
    [`${name}-missing`, place, undefined, bad],
    [`${name}-null`, place, null, nullable ? null : bad],
    [`${name}-number`, place, 7, bad],
    [`${name}-empty`, place, '', bad],
    [`${name}-control`, place, 'a\u001b[2Jb', bad],
    [`${name}-bidi-override`, place, 'a\u202eb', bad],
    ...(max <= 512
      ? ([
          [`${name}-longest`, place, 'x'.repeat(max), null],
          [`${name}-too-long`, place, 'x'.repeat(max + 1), bad],
        ] as const)
      : []),
  ]
}

function hexDigits(name: string, place: string, length: number, nullable: boolean): Mutation[] {
  return [
    [`${name}-missing`, place, undefined, bad],
    [`${name}-null`, place, null, nullable ? null : bad],
    [`${name}-number`, place, 1, bad],
    [`${name}-empty`, place, '', bad],
    [`${name}-uppercase`, place, 'A'.repeat(length), bad],
    [`${name}-short`, place, 'a'.repeat(length - 1), bad],
    [`${name}-long`, place, 'a'.repeat(length + 1), bad],
    [`${name}-not-hex`, place, `${'a'.repeat(length - 1)}g`, bad],
  ]
}

function names(name: string, place: string): Mutation[] {
  return [
    [`${name}-missing`, place, undefined, bad],
    [`${name}-null`, place, null, bad],
    [`${name}-empty`, place, '', bad],
    [`${name}-space`, place, 'a b', bad],
    [`${name}-not-ascii`, place, 'caf\u00e9', bad],
    [`${name}-slash-first`, place, '/a', bad],
    [`${name}-slash-last`, place, 'a/', bad],
    [`${name}-slash-twice`, place, 'a//b', bad],
    [`${name}-dot-segment`, place, 'a/./b', bad],
    [`${name}-dot-dot-segment`, place, 'a/../b', bad],
    [`${name}-dots`, place, 'a/.github', null],
    [`${name}-hyphen-first`, place, '-a', bad],
    [`${name}-percent`, place, 'a%2fb', bad],
    [`${name}-one-character`, place, 'a', null],
    [`${name}-longest`, place, 'n'.repeat(128), null],
    [`${name}-too-long`, place, 'n'.repeat(129), bad],
  ]
}

function times(name: string, place: string): Mutation[] {
  return [
    [`${name}-missing`, place, undefined, bad],
    [`${name}-null`, place, null, bad],
    [`${name}-number`, place, 1_795_000_000, bad],
    [`${name}-no-milliseconds`, place, '2026-11-20T12:00:00Z', bad],
    [`${name}-microseconds`, place, '2026-11-20T12:00:00.000000Z', bad],
    [`${name}-offset`, place, '2026-11-20T12:00:00.000+00:00', bad],
    [`${name}-no-zone`, place, '2026-11-20T12:00:00.000', bad],
    [`${name}-small-t`, place, '2026-11-20t12:00:00.000z', bad],
    [`${name}-day-31-of-november`, place, '2026-11-31T12:00:00.000Z', bad],
    [`${name}-hour-24`, place, '2026-11-20T24:00:00.000Z', bad],
    [`${name}-leap-second`, place, '2016-12-31T23:59:60.000Z', bad],
    [`${name}-year-10000`, place, '+010000-01-01T00:00:00.000Z', bad],
    [`${name}-year-before-0`, place, '-000001-01-01T00:00:00.000Z', bad],
    [`${name}-leap-day`, place, '2028-02-29T00:00:00.000Z', null],
  ]
}

function strings(name: string, place: string): Mutation[] {
  return [
    [`${name}-missing`, place, undefined, bad],
    [`${name}-null`, place, null, bad],
    [`${name}-array`, place, [], bad],
    [`${name}-empty`, place, {}, null],
    [`${name}-empty-value`, place, { A: '' }, null],
    [`${name}-value-with-newline`, place, { A: 'a\nb' }, null],
    [`${name}-value-number`, place, { A: 1 }, bad],
    [`${name}-value-null`, place, { A: null }, bad],
    [`${name}-name-empty`, place, { '': 'a' }, bad],
    [`${name}-name-control`, place, { 'A\n': 'a' }, bad],
    [`${name}-name-too-long`, place, { ['n'.repeat(257)]: 'a' }, bad],
    [`${name}-1000-names`, place, many(1000), null],
    [`${name}-1001-names`, place, many(1001), bad],
    [`${name}-name-longest`, place, { ['n'.repeat(256)]: 'a' }, null],
  ]
}

const object = (name: string, place: string): Mutation[] => [
  [`${name}-missing`, place, undefined, bad],
  [`${name}-array`, place, [], bad],
  [`${name}-string`, place, 'x', bad],
  [`${name}-empty`, place, {}, bad],
  [`${name}-unknown-field`, place, (old: object) => ({ ...old, note: 'x' }), bad],
]

const material = STEP.predicate.materials[0]!
const COMMITMENT = { sealed: '5e'.repeat(32) }

/** A commitment in the place of a value. */
function sealed(name: string, place: string): Mutation[] {
  return [
    [`${name}-sealed`, place, COMMITMENT, null],
    [`${name}-sealed-null`, place, { sealed: null }, bad],
    [`${name}-sealed-empty`, place, { sealed: '' }, bad],
    [`${name}-sealed-uppercase`, place, { sealed: '5E'.repeat(32) }, bad],
    [`${name}-sealed-short`, place, { sealed: '5e'.repeat(31) }, bad],
    [`${name}-sealed-long`, place, { sealed: '5e'.repeat(33) }, bad],
    [`${name}-sealed-twice`, place, { sealed: COMMITMENT }, bad],
    [`${name}-sealed-in-a-list`, place, [COMMITMENT], bad],
    [`${name}-sealed-with-its-salt`, place, { ...COMMITMENT, salt: 7 }, bad],
  ]
}

const NOTED = 'predicate.evidence.0.annotations'
const NOTES = {
  about: [STEP.subject[0]!.digest.sha256],
  facts: { version: '1.6', components: 12, complete: true },
  signer: null,
  size: 4096,
  type: 'cyclonedx',
}

const sealable = [
  ...sealed('predicate-invocation-argv', 'predicate.invocation.argv'),
  ...sealed('predicate-invocation-workingdirectory', 'predicate.invocation.workingDirectory'),
  ...sealed('predicate-invocation-environment', 'predicate.invocation.environment'),
  ...sealed('predicate-runner-identity', 'predicate.runner.identity'),
  ...sealed('predicate-runner-tools', 'predicate.runner.tools'),
  ...sealed('predicate-evidence', 'predicate.evidence'),
]

/** What a handshake or a verdict may need is never sealed. */
const neverSealed = [
  'chain',
  'chain.id',
  'chain.contract',
  'step',
  'step.name',
  'step.matrix',
  'step.nonce',
  'previous',
  'materials',
  'materials.0.digest',
  'invocation',
  'invocation.exitCode',
  'invocation.signal',
  'invocation.error',
  'invocation.startedAt',
  'invocation.finishedAt',
  'runner',
  'runner.system',
  'runner.os',
  'runner.arch',
].map(
  (place): Mutation => [
    `predicate-${place.toLowerCase().replaceAll('.', '-')}-sealed`,
    `predicate.${place}`,
    COMMITMENT,
    place.endsWith('digest') ? 'digest-invalid' : bad,
  ],
)

const identity = Object.keys(STEP.predicate.runner.identity).flatMap((field): Mutation[] => {
  const name = `predicate-runner-identity-${field.toLowerCase()}`
  return text(name, `predicate.runner.identity.${field}`, 4096, true).slice(0, 5)
})

export const MUTATIONS: readonly Mutation[] = [
  ['predicate-type-other-version', 'predicateType', 'https://countersign.dev/step/v2', 'predicate-type'],
  ['predicate-type-trailing-slash', 'predicateType', 'https://countersign.dev/step/v1/', 'predicate-type'],
  ['predicate-type-upper-case', 'predicateType', 'https://countersign.dev/Step/v1', 'predicate-type'],
  ['predicate-type-http', 'predicateType', 'http://countersign.dev/step/v1', 'predicate-type'],
  ['predicate-type-no-version', 'predicateType', 'https://countersign.dev/step', 'predicate-type'],
  ['predicate-type-space', 'predicateType', 'https://countersign.dev/step/v1 ', 'predicate-type'],
  ['predicate-type-query', 'predicateType', 'https://countersign.dev/step/v1?', 'predicate-type'],
  [
    'predicate-type-prefix-host',
    'predicateType',
    'https://evil.example/https://countersign.dev/step/v1',
    'predicate-type',
  ],
  ['predicate-type-slsa', 'predicateType', 'https://slsa.dev/provenance/v1', 'predicate-type'],
  [
    'predicate-type-media-type-of-a-receipt',
    'predicateType',
    'application/vnd.countersign.receipt.v1+json',
    'predicate-type',
  ],
  ['predicate-null', 'predicate', null, bad],
  ...object('predicate', 'predicate').filter(([name]) => name !== 'predicate-missing'),
  ...object('predicate-chain', 'predicate.chain'),
  ...hexDigits('predicate-chain-id', 'predicate.chain.id', 32, false),
  ...names('predicate-chain-pipeline', 'predicate.chain.pipeline'),
  ...hexDigits('predicate-chain-contract', 'predicate.chain.contract', 64, true),
  ...object('predicate-step', 'predicate.step'),
  ...names('predicate-step-name', 'predicate.step.name'),
  ['predicate-step-attempt-missing', 'predicate.step.attempt', undefined, bad],
  ['predicate-step-attempt-null', 'predicate.step.attempt', null, bad],
  ['predicate-step-attempt-zero', 'predicate.step.attempt', 0, bad],
  ['predicate-step-attempt-negative', 'predicate.step.attempt', -1, bad],
  ['predicate-step-attempt-fraction', 'predicate.step.attempt', 1.5, bad],
  ['predicate-step-attempt-string', 'predicate.step.attempt', '1', bad],
  ['predicate-step-attempt-largest', 'predicate.step.attempt', 1_000_000, null],
  ['predicate-step-attempt-too-large', 'predicate.step.attempt', 1_000_001, bad],
  ['predicate-step-matrix-missing', 'predicate.step.matrix', undefined, bad],
  ['predicate-step-matrix-key', 'predicate.step.matrix', 'os=linux, node=24', null],
  ['predicate-step-matrix-empty', 'predicate.step.matrix', '', bad],
  ['predicate-step-matrix-not-ascii', 'predicate.step.matrix', 'os=l\u00efnux', bad],
  ['predicate-step-matrix-newline', 'predicate.step.matrix', 'a\nb', bad],
  ['predicate-step-matrix-object', 'predicate.step.matrix', { os: 'linux' }, bad],
  ['predicate-step-matrix-longest', 'predicate.step.matrix', 'm'.repeat(256), null],
  ['predicate-step-matrix-too-long', 'predicate.step.matrix', 'm'.repeat(257), bad],
  ...hexDigits('predicate-step-nonce', 'predicate.step.nonce', 32, false),
  ['predicate-previous-missing', 'predicate.previous', undefined, bad],
  ['predicate-previous-null', 'predicate.previous', null, bad],
  ['predicate-previous-object', 'predicate.previous', {}, bad],
  ['predicate-previous-empty', 'predicate.previous', [], bad],
  ['predicate-previous-item-null', 'predicate.previous.0', null, bad],
  ['predicate-previous-item-string', 'predicate.previous.0', FROM, bad],
  ['predicate-previous-item-unknown-field', 'predicate.previous.0.attempt', 1, bad],
  ...hexDigits('predicate-previous-link', 'predicate.previous.0.link', 64, false),
  ...names('predicate-previous-step', 'predicate.previous.0.step'),
  [
    'predicate-previous-same-link-twice',
    'predicate.previous',
    [
      { link: FROM, step: 'compile' },
      { link: FROM, step: 'test' },
    ],
    bad,
  ],
  [
    'predicate-previous-same-step-twice',
    'predicate.previous',
    [
      { link: FROM, step: 'compile' },
      { link: A, step: 'compile' },
    ],
    null,
  ],
  ['predicate-materials-missing', 'predicate.materials', undefined, bad],
  ['predicate-materials-null', 'predicate.materials', null, bad],
  ['predicate-materials-empty', 'predicate.materials', [], null],
  ['predicate-materials-item-null', 'predicate.materials.0', null, bad],
  ['predicate-materials-from-outside', 'predicate.materials.0.annotations.from', null, null],
  ['predicate-materials-from-missing', 'predicate.materials.0.annotations.from', undefined, bad],
  ['predicate-materials-annotations-missing', 'predicate.materials.0.annotations', undefined, bad],
  ['predicate-materials-annotations-unknown', 'predicate.materials.0.annotations.note', 'x', bad],
  ['predicate-materials-from-uppercase', 'predicate.materials.0.annotations.from', 'F0'.repeat(32), bad],
  ['predicate-materials-from-short', 'predicate.materials.0.annotations.from', 'f0'.repeat(31), bad],
  ['predicate-materials-from-not-in-previous', 'predicate.materials.0.annotations.from', A, bad],
  ['predicate-materials-dirty', 'predicate.materials.0', dirtySource({ from: null, dirty: true }), null],
  ['predicate-materials-dirty-false', 'predicate.materials.0', dirtySource({ from: null, dirty: false }), bad],
  ['predicate-materials-dirty-without-a-commit', 'predicate.materials.0.annotations.dirty', true, bad],
  ['predicate-materials-mode-missing', 'predicate.materials.0.annotations.mode', undefined, null],
  ['predicate-materials-mode-null', 'predicate.materials.0.annotations.mode', null, null],
  ['predicate-materials-mode-of-a-file', 'predicate.materials.0.annotations.mode', '100644', bad],
  ['predicate-materials-mode-unknown', 'predicate.materials.0.annotations.mode', '100600', bad],
  ['predicate-materials-mode-number', 'predicate.materials.0.annotations.mode', 40_000, bad],
  ['predicate-materials-name-missing', 'predicate.materials.0.name', undefined, bad],
  ['predicate-materials-name-no-slash', 'predicate.materials.0.name', 'dist', bad],
  ['predicate-materials-name-dot-dot', 'predicate.materials.0.name', '../dist/', 'path-invalid'],
  ['predicate-materials-name-two-slashes', 'predicate.materials.0.name', 'dist//', 'path-invalid'],
  ['predicate-materials-name-root', 'predicate.materials.0.name', './', null],
  ['predicate-materials-media-type-missing', 'predicate.materials.0.mediaType', undefined, bad],
  ['predicate-materials-digest-missing', 'predicate.materials.0.digest', undefined, bad],
  ['predicate-materials-digest-sha1-only', 'predicate.materials.0.digest', { sha1: 'a1'.repeat(20) }, 'digest-invalid'],
  ['predicate-materials-same-name-twice', 'predicate.materials', [material, material], 'name-collision'],
  ...object('predicate-invocation', 'predicate.invocation'),
  ['predicate-invocation-argv-missing', 'predicate.invocation.argv', undefined, bad],
  ['predicate-invocation-argv-string', 'predicate.invocation.argv', 'npm pack', bad],
  ['predicate-invocation-argv-number-inside', 'predicate.invocation.argv.1', 7, bad],
  ['predicate-invocation-argv-null-inside', 'predicate.invocation.argv.1', null, bad],
  ['predicate-invocation-argv-empty', 'predicate.invocation.argv', [], null],
  ['predicate-invocation-argv-empty-argument', 'predicate.invocation.argv.1', '', null],
  ['predicate-invocation-argv-newline', 'predicate.invocation.argv.1', 'a\nb', null],
  ['predicate-invocation-exitcode-missing', 'predicate.invocation.exitCode', undefined, bad],
  ['predicate-invocation-exitcode-null', 'predicate.invocation.exitCode', null, null],
  ['predicate-invocation-exitcode-255', 'predicate.invocation.exitCode', 255, null],
  ['predicate-invocation-exitcode-256', 'predicate.invocation.exitCode', 256, bad],
  ['predicate-invocation-exitcode-negative', 'predicate.invocation.exitCode', -1, bad],
  ['predicate-invocation-exitcode-string', 'predicate.invocation.exitCode', '0', bad],
  ['predicate-invocation-exitcode-boolean', 'predicate.invocation.exitCode', false, bad],
  ...text('predicate-invocation-signal', 'predicate.invocation.signal', 20, true),
  ...text('predicate-invocation-error', 'predicate.invocation.error', 60, true),
  ...times('predicate-invocation-startedat', 'predicate.invocation.startedAt'),
  ...times('predicate-invocation-finishedat', 'predicate.invocation.finishedAt'),
  ...text('predicate-invocation-workingdirectory', 'predicate.invocation.workingDirectory', 4096, true),
  ...strings('predicate-invocation-environment', 'predicate.invocation.environment'),
  ...object('predicate-runner', 'predicate.runner'),
  ...text('predicate-runner-system', 'predicate.runner.system', 64, false),
  ['predicate-runner-identity-missing', 'predicate.runner.identity', undefined, bad],
  ['predicate-runner-identity-null', 'predicate.runner.identity', null, null],
  ['predicate-runner-identity-empty', 'predicate.runner.identity', {}, bad],
  ['predicate-runner-identity-unknown-field', 'predicate.runner.identity.actor', 'x', bad],
  ...identity,
  ...text('predicate-runner-os', 'predicate.runner.os', 64, false),
  ...text('predicate-runner-arch', 'predicate.runner.arch', 64, false),
  ...strings('predicate-runner-tools', 'predicate.runner.tools'),
  ...strings('predicate-runner-actions', 'predicate.runner.actions'),
  ...sealable,
  ...neverSealed,
  // An object of strings as any other.
  ['predicate-runner-actions-named-sealed', 'predicate.runner.actions', COMMITMENT, null],
  [
    'predicate-invocation-environment-sealed-and-more',
    'predicate.invocation.environment',
    { ...COMMITMENT, CI: '' },
    null,
  ],
  ['predicate-invocation-argv-sealed-and-more', 'predicate.invocation.argv', { ...COMMITMENT, CI: '' }, bad],
  ['predicate-evidence-missing', 'predicate.evidence', undefined, bad],
  ['predicate-evidence-null', 'predicate.evidence', null, bad],
  ['predicate-evidence-empty', 'predicate.evidence', [], null],
  ['predicate-evidence-item-string', 'predicate.evidence.0', 'sbom.json', bad],
  ['predicate-evidence-annotations-mode', 'predicate.evidence.0.annotations', { mode: '100644' }, bad],
  ['predicate-evidence-read', NOTED, NOTES, null],
  ['predicate-evidence-read-and-signed-by-a-key', NOTED, { ...NOTES, signer: { key: 'f1'.repeat(32) } }, null],
  [
    'predicate-evidence-read-and-signed-by-an-identity',
    NOTED,
    { ...NOTES, signer: { issuer: 'https://issuer.test', subject: 'https://who.test' } },
    null,
  ],
  ['predicate-evidence-read-about-the-step', NOTED, { ...NOTES, about: [] }, null],
  ['predicate-evidence-read-about-something-else', NOTED, { ...NOTES, about: ['e3'.repeat(32)] }, bad],
  ['predicate-evidence-read-about-one-twice', NOTED, { ...NOTES, about: [NOTES.about[0], NOTES.about[0]] }, bad],
  ['predicate-evidence-read-about-a-name', NOTED, { ...NOTES, about: ['web.tgz'] }, bad],
  ['predicate-evidence-read-facts-empty', NOTED, { ...NOTES, facts: {} }, null],
  ['predicate-evidence-read-facts-list', NOTED, { ...NOTES, facts: [] }, bad],
  ['predicate-evidence-read-fact-null', NOTED, { ...NOTES, facts: { components: null } }, bad],
  ['predicate-evidence-read-fact-negative', NOTED, { ...NOTES, facts: { components: -1 } }, bad],
  ['predicate-evidence-read-fact-fraction', NOTED, { ...NOTES, facts: { components: 0.5 } }, bad],
  ['predicate-evidence-read-fact-list', NOTED, { ...NOTES, facts: { components: [1] } }, bad],
  ['predicate-evidence-read-fact-empty', NOTED, { ...NOTES, facts: { version: '' } }, bad],
  ['predicate-evidence-read-fact-control', NOTED, { ...NOTES, facts: { version: 'a\u001b[2J' } }, bad],
  ['predicate-evidence-read-fact-long', NOTED, { ...NOTES, facts: { version: 'a'.repeat(513) } }, bad],
  ['predicate-evidence-read-fact-named-otherwise', NOTED, { ...NOTES, facts: { 'not-a-name': 1 } }, bad],
  [
    'predicate-evidence-read-facts-33',
    NOTED,
    { ...NOTES, facts: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`f${i}`, i])) },
    bad,
  ],
  ['predicate-evidence-read-signer-missing', NOTED, { ...NOTES, signer: undefined }, bad],
  ['predicate-evidence-read-signer-text', NOTED, { ...NOTES, signer: 'somebody' }, bad],
  ['predicate-evidence-read-signer-without-issuer', NOTED, { ...NOTES, signer: { subject: 'https://who.test' } }, bad],
  [
    'predicate-evidence-read-signer-of-both-kinds',
    NOTED,
    { ...NOTES, signer: { key: 'f1'.repeat(32), issuer: 'i' } },
    bad,
  ],
  ['predicate-evidence-read-size-missing', NOTED, { ...NOTES, size: undefined }, bad],
  ['predicate-evidence-read-size-negative', NOTED, { ...NOTES, size: -1 }, bad],
  ['predicate-evidence-read-type-missing', NOTED, { ...NOTES, type: undefined }, bad],
  ['predicate-evidence-read-type-in-capitals', NOTED, { ...NOTES, type: 'CycloneDX' }, bad],
  ['predicate-evidence-read-type-long', NOTED, { ...NOTES, type: 'a'.repeat(42) }, bad],
  ['predicate-evidence-read-unknown-field', NOTED, { ...NOTES, verified: true }, bad],
  [
    'predicate-evidence-read-without-media-type',
    'predicate.evidence.0',
    { name: 'sbom.json', digest: { sha256: 'e3'.repeat(32) }, annotations: NOTES },
    bad,
  ],
  ['predicate-evidence-digest-empty', 'predicate.evidence.0.digest', {}, 'digest-invalid'],
  ['predicate-evidence-name-absolute', 'predicate.evidence.0.name', '/sbom.json', 'path-invalid'],
]

export const steps: Topic = { name: 'step', vectors: mutated('statement', STEP, MUTATIONS) }
