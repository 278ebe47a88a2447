import { createHash } from 'node:crypto'
import { SPKI } from './bundle.ts'
import { LOG_PAIR, noteOf, plain } from './note-signers.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const ORIGIN = 'countersign.example.com/acme'
const log = plain(ORIGIN, LOG_PAIR)
const CHECKPOINT = noteOf(`${ORIGIN}\n42\n${Buffer.alloc(32, 9).toString('base64')}\n`, log)
const CHAIN = 'a1'.repeat(16)
const GONE = 'b2'.repeat(16)
const CONTRACT = 'c3'.repeat(32)
const fileOf = (path: string, size: number) => ({ path, sha256: createHash('sha256').update(path).digest('hex'), size })

const PATHS = [
  'acts/0000000006.json',
  'acts/0000000007.json',
  `contracts/${CONTRACT}.yaml`,
  'listed/contracts.json',
  'listed/coverage.json',
  'listed/decisions.json',
  'listed/keys.json',
  'listed/refusals.json',
  'listed/runs.json',
  'report.html',
  `runs/${CHAIN}.evidence.json`,
  `vsas/${'d4'.repeat(32)}.json`,
]

/** What an honest exporter says of one run that is there and one that the server could not give. */
export const MANIFEST = {
  createdAt: '2026-12-01T08:00:00.000Z',
  exporter: {
    by: null,
    key: Buffer.from(SPKI, 'hex').toString('base64'),
    version: '0.1.0',
  },
  files: PATHS.map((path, i) => fileOf(path, 100 + i)),
  mediaType: 'application/vnd.countersign.audit-pack.v1+json',
  missing: [{ chain: GONE, code: 'not-found' }],
  period: { since: '2026-11-01T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' },
  report: { layout: 1 },
  scope: { environments: [], pipelines: ['shop/api', 'shop/web'] },
  server: {
    checkpoint: CHECKPOINT,
    counts: { acts: 2, contracts: 1, decisions: 7, refusals: 2, runs: 2 },
    origin: ORIGIN,
  },
}

const INVALID = 'pack-invalid'
const without = (path: string) => (files: unknown) =>
  (files as readonly { readonly path: string }[]).filter((one) => one.path !== path)
const MUTATIONS: readonly Mutation[] = [
  ['all-pipelines', 'scope.pipelines', [], null],
  [
    'nothing-missing',
    '',
    (m: unknown) => ({
      ...(m as typeof MANIFEST),
      missing: [],
      server: { ...MANIFEST.server, counts: { ...MANIFEST.server.counts, runs: 1 } },
    }),
    null,
  ],
  ['exporter-key-null', 'exporter.key', null, INVALID],
  ['another-version', 'mediaType', 'application/vnd.countersign.audit-pack.v2+json', INVALID],
  ['unknown-field', 'note', '', INVALID],
  ['created-at-missing', 'createdAt', undefined, INVALID],
  ['created-at-a-day', 'createdAt', '2026-12-01', INVALID],
  ['exporter-missing', 'exporter', undefined, INVALID],
  ['exporter-by-a-person', 'exporter.by', { id: 'a1b2', kind: 'person', name: 'Ada' }, null],
  ['exporter-by-nobody', 'exporter.by', undefined, INVALID],
  ['exporter-by-another-kind', 'exporter.by', { id: 'a1b2', kind: 'robot', name: null }, INVALID],
  ['exporter-by-with-more', 'exporter.by', { id: 'a1b2', kind: 'person', name: 'Ada', role: 'admin' }, INVALID],
  ['exporter-name', 'exporter.name', 'Acme Audit', INVALID],
  ['exporter-version-turns-around', 'exporter.version', '1\u202e0', INVALID],
  [
    'exporter-key-of-small-order',
    'exporter.key',
    Buffer.from(`302a300506032b6570032100${'00'.repeat(32)}`, 'hex').toString('base64'),
    'key-invalid',
  ],
  ['exporter-key-lax-base64', 'exporter.key', MANIFEST.exporter.key.replace(/=*$/, ''), 'base64-invalid'],
  ['exporter-version-missing', 'exporter.version', undefined, INVALID],
  ['period-missing', 'period', undefined, INVALID],
  ['period-ends-before-it-begins', 'period.until', '2026-10-31T00:00:00.000Z', INVALID],
  ['period-empty', 'period.until', MANIFEST.period.since, INVALID],
  ['period-31-of-november', 'period.until', '2026-11-31T00:00:00.000Z', INVALID],
  ['scope-of-environments', 'scope.environments', ['prod', 'staging'], null],
  ['scope-environments-out-of-order', 'scope.environments', ['staging', 'prod'], INVALID],
  ['scope-environments-missing', 'scope.environments', undefined, INVALID],
  ['scope-environment-empty', 'scope.environments', [''], INVALID],
  ['scope-missing', 'scope', undefined, INVALID],
  ['scope-out-of-order', 'scope.pipelines', ['shop/web', 'shop/api'], INVALID],
  ['scope-twice', 'scope.pipelines', ['shop/web', 'shop/web'], INVALID],
  ['scope-no-name', 'scope.pipelines', ['shop web'], INVALID],
  ['server-missing', 'server', undefined, INVALID],
  ['server-another-log', 'server.origin', 'other.example.com', INVALID],
  ['server-checkpoint-none', 'server.checkpoint', `${ORIGIN}\n42\n`, INVALID],
  ['server-checkpoint-null', 'server.checkpoint', null, INVALID],
  ['server-counts-acts-null', 'server.counts.acts', null, INVALID],
  ['server-counts-an-act-more', 'server.counts.acts', 3, INVALID],
  ['files-without-an-act', 'files', without('acts/0000000006.json'), INVALID],
  ['files-path-act-unpadded', 'files.0.path', 'acts/6.json', INVALID],
  ['server-counts-missing', 'server.counts.decisions', undefined, INVALID],
  ['server-counts-negative', 'server.counts.refusals', -1, INVALID],
  ['server-counts-text', 'server.counts.refusals', '2', INVALID],
  ['server-counts-a-run-more', 'server.counts.runs', 3, INVALID],
  ['server-counts-a-run-less', 'server.counts.runs', 1, INVALID],
  ['missing-not-a-list', 'missing', null, INVALID],
  ['missing-without-code', 'missing.0.code', undefined, INVALID],
  ['missing-code-a-sentence', 'missing.0.code', 'It is gone.', INVALID],
  ['missing-and-there', 'missing.0.chain', CHAIN, INVALID],
  ['missing-twice', 'missing', [...MANIFEST.missing, ...MANIFEST.missing], INVALID],
  ['report-missing', 'report', undefined, INVALID],
  ['report-another-layout', 'report.layout', 2, INVALID],
  ['files-none', 'files', [], INVALID],
  ['files-without-report', 'files', without('report.html'), INVALID],
  ['files-without-a-list', 'files', without('listed/keys.json'), INVALID],
  ['files-out-of-order', 'files', [...MANIFEST.files].toReversed(), INVALID],
  ['files-twice', 'files', [...MANIFEST.files, MANIFEST.files.at(-1)], INVALID],
  ['files-path-climbs', 'files.0.path', '../evil.yaml', INVALID],
  ['files-path-absolute', 'files.0.path', '/etc/passwd', INVALID],
  ['files-path-backslash', 'files.0.path', `contracts\\${CONTRACT}.yaml`, INVALID],
  ['files-path-upper-case', 'files.0.path', `contracts/${CONTRACT.toUpperCase()}.yaml`, INVALID],
  ['files-path-of-the-manifest', 'files.9.path', 'manifest.json', INVALID],
  ['files-path-another-extension', 'files.11.path', `vsas/${'d4'.repeat(32)}.yaml`, INVALID],
  ['files-contract-twice', 'files', MANIFEST.files.toSpliced(2, 0, fileOf(`contracts/${CONTRACT}.json`, 1)), INVALID],
  ['files-digest-short', 'files.0.sha256', 'ab', INVALID],
  ['files-digest-upper-case', 'files.0.sha256', 'AB'.repeat(32), INVALID],
  ['files-digest-missing', 'files.0.sha256', undefined, INVALID],
  ['files-size-negative', 'files.0.size', -1, INVALID],
  ['files-size-text', 'files.0.size', '100', INVALID],
  ['files-size-of-a-bomb', 'files.0.size', 134_217_729, INVALID],
  ['files-size-empty', 'files.0.size', 0, null],
  ['files-unknown-field', 'files.0.mode', '100755', INVALID],
]

export const auditPacks: Topic = {
  name: 'audit-pack',
  vectors: {
    ...mutated('manifest', MANIFEST, MUTATIONS),
    'another-spelling': { error: INVALID, text: JSON.stringify(MANIFEST, null, 1) },
    'a-key-twice': { error: 'json-duplicate-key', text: '{"mediaType":"","mediaType":""}' },
    'no-json': { error: 'json-invalid', text: 'manifest' },
  },
}
