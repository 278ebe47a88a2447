import { mutated, type Topic } from './topic.ts'

const RECEIPT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'attestation', digest: { sha256: 'a1'.repeat(32) } }],
  predicateType: 'https://countersign.dev/receipt/v1',
  predicate: {
    origin: 'countersign.example.com/acme',
    index: 0,
    chain: '0123456789abcdef0123456789abcdef',
    step: 'pack',
    acceptedAt: '2026-11-20T12:00:02.000Z',
    late: false,
  },
}

const bad = 'receipt-invalid'

export const receipts: Topic = {
  name: 'receipt',
  vectors: mutated('statement', RECEIPT, [
    ['predicate-type-step', 'predicateType', 'https://countersign.dev/step/v1', 'predicate-type'],
    ['predicate-type-other-version', 'predicateType', 'https://countersign.dev/receipt/v2', 'predicate-type'],
    ['subject-empty', 'subject', [], 'subject-missing'],
    ['subject-two', 'subject.1', { name: 'other', digest: { sha256: 'b2'.repeat(32) } }, bad],
    ['subject-other-name', 'subject.0.name', 'web.tgz', bad],
    ['subject-second-digest', 'subject.0.digest.sha1', 'a1'.repeat(20), bad],
    ['subject-uri', 'subject.0.uri', 'https://example.com/', bad],
    ['subject-annotations', 'subject.0.annotations', { mode: '100644' }, bad],
    ['predicate-null', 'predicate', null, bad],
    ['predicate-unknown-field', 'predicate.root', 'x', bad],
    ['origin-missing', 'predicate.origin', undefined, bad],
    ['origin-empty', 'predicate.origin', '', bad],
    ['origin-control', 'predicate.origin', 'a\nb', bad],
    ['origin-too-long', 'predicate.origin', 'o'.repeat(257), bad],
    ['index-missing', 'predicate.index', undefined, bad],
    ['index-negative', 'predicate.index', -1, bad],
    ['index-fraction', 'predicate.index', 0.5, bad],
    ['index-string', 'predicate.index', '0', bad],
    ['index-largest', 'predicate.index', Number.MAX_SAFE_INTEGER, null],
    ['chain-missing', 'predicate.chain', undefined, bad],
    ['chain-uppercase', 'predicate.chain', 'A'.repeat(32), bad],
    ['chain-short', 'predicate.chain', 'a'.repeat(31), bad],
    ['step-missing', 'predicate.step', undefined, bad],
    ['step-not-a-name', 'predicate.step', 'a b', bad],
    ['accepted-at-missing', 'predicate.acceptedAt', undefined, bad],
    ['accepted-at-no-milliseconds', 'predicate.acceptedAt', '2026-11-20T12:00:02Z', bad],
    ['accepted-at-year-10000', 'predicate.acceptedAt', '+010000-01-01T00:00:00.000Z', bad],
    ['late-missing', 'predicate.late', undefined, bad],
    ['late-null', 'predicate.late', null, bad],
    ['late-string', 'predicate.late', 'false', bad],
    ['late-true', 'predicate.late', true, null],
  ]),
}
