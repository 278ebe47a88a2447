import { mutated, type Topic } from './topic.ts'

const ATTESTATION = {
  acceptedAt: '2026-11-20T12:00:02.000Z',
  chain: { id: 'a1'.repeat(32), seq: 3 },
  commitment: { sha256: 'b2'.repeat(32), sha3_256: 'c3'.repeat(32) },
  kind: 'attestation',
  late: false,
  version: 1,
}
const TOMBSTONE = {
  at: '2026-11-20T12:00:02.000Z',
  erased: 7,
  ground: 'GDPR, article 17',
  kind: 'tombstone',
  version: 1,
}

const bad = 'leaf-invalid'

function ofTombstone(vectors: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [`tombstone-${name}`, vector]))
}

export const leaves: Topic = {
  name: 'leaf',
  vectors: {
    ...mutated('leaf', ATTESTATION, [
      ['version-missing', 'version', undefined, bad],
      ['version-two', 'version', 2, bad],
      ['version-string', 'version', '1', bad],
      ['kind-missing', 'kind', undefined, bad],
      ['kind-unknown', 'kind', 'contract', bad],
      ['kind-of-the-other', 'kind', 'tombstone', bad],
      ['unknown-field', 'subject', 'web.tgz', bad],
      ['accepted-at-missing', 'acceptedAt', undefined, bad],
      ['accepted-at-no-milliseconds', 'acceptedAt', '2026-11-20T12:00:02Z', bad],
      ['chain-missing', 'chain', undefined, bad],
      ['chain-id-in-clear', 'chain.id', 'a1'.repeat(16), bad],
      ['chain-id-uppercase', 'chain.id', 'A1'.repeat(32), bad],
      ['chain-seq-missing', 'chain.seq', undefined, bad],
      ['chain-seq-negative', 'chain.seq', -1, bad],
      ['chain-seq-fraction', 'chain.seq', 0.5, bad],
      ['chain-seq-largest', 'chain.seq', Number.MAX_SAFE_INTEGER, null],
      ['chain-unknown-field', 'chain.pipeline', 'shop/web', bad],
      ['commitment-one-hash', 'commitment.sha3_256', undefined, bad],
      ['commitment-short', 'commitment.sha256', 'b2'.repeat(31), bad],
      ['commitment-third-hash', 'commitment.sha512', 'b2'.repeat(64), bad],
      ['late-missing', 'late', undefined, bad],
      ['late-null', 'late', null, bad],
      ['late-true', 'late', true, null],
    ]),
    ...ofTombstone(
      mutated('leaf', TOMBSTONE, [
        ['at-missing', 'at', undefined, bad],
        ['erased-missing', 'erased', undefined, bad],
        ['erased-negative', 'erased', -1, bad],
        ['ground-missing', 'ground', undefined, bad],
        ['ground-empty', 'ground', '', bad],
        ['ground-of-two-lines', 'ground', 'a\nb', bad],
        ['ground-too-long', 'ground', 'g'.repeat(257), bad],
        ['ground-longest', 'ground', 'g'.repeat(256), null],
        ['unknown-field', 'link', 'a1'.repeat(32), bad],
      ]),
    ),
  },
}
