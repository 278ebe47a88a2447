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
const CERTIFICATE = {
  issuedAt: '2026-11-20T12:00:02.000Z',
  kind: 'certificate',
  tbs: { sha256: 'b2'.repeat(32), sha3_256: 'c3'.repeat(32) },
  version: 1,
}

const ACT = {
  at: '2026-11-20T12:00:02.000Z',
  commitment: { sha256: 'b2'.repeat(32), sha3_256: 'c3'.repeat(32) },
  kind: 'act',
  version: 1,
}

const bad = 'leaf-invalid'

function of(kind: string, vectors: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [`${kind}-${name}`, vector]))
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
    ...of(
      'act',
      mutated('leaf', ACT, [
        ['at-missing', 'at', undefined, bad],
        ['at-no-milliseconds', 'at', '2026-11-20T12:00:02Z', bad],
        ['one-hash', 'commitment.sha3_256', undefined, bad],
        ['hash-short', 'commitment.sha256', 'b2'.repeat(31), bad],
        ['with-its-pipeline', 'about', 'shop/web', bad],
        ['with-its-chain', 'chain', { id: 'a1'.repeat(32), seq: 0 }, bad],
        ['version-two', 'version', 2, bad],
      ]),
    ),
    ...of(
      'certificate',
      mutated('leaf', CERTIFICATE, [
        ['issued-at-missing', 'issuedAt', undefined, bad],
        ['issued-at-no-milliseconds', 'issuedAt', '2026-11-20T12:00:02Z', bad],
        ['one-hash', 'tbs.sha3_256', undefined, bad],
        ['third-hash', 'tbs.sha512', 'b2'.repeat(64), bad],
        ['hash-short', 'tbs.sha256', 'b2'.repeat(31), bad],
        ['hash-uppercase', 'tbs.sha256', 'B2'.repeat(32), bad],
        ['tbs-missing', 'tbs', undefined, bad],
        ['with-its-subject', 'subject', 'dev@acme.example', bad],
        ['late', 'late', false, bad],
        ['version-two', 'version', 2, bad],
      ]),
    ),
    ...of(
      'tombstone',
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

const SALT = Buffer.alloc(32, 1).toString('base64')
const OPENING = {
  blind: Buffer.alloc(32, 2).toString('base64'),
  leaf: ATTESTATION,
  link: 'd4'.repeat(32),
  salt: SALT,
  signer: 'e5'.repeat(32),
}

export const openings: Topic = {
  name: 'opening',
  vectors: mutated('opening', OPENING, [
    ['link-missing', 'link', undefined, bad],
    ['link-uppercase', 'link', 'D4'.repeat(32), bad],
    ['salt-missing', 'salt', undefined, bad],
    ['salt-short', 'salt', Buffer.alloc(31).toString('base64'), bad],
    ['salt-long', 'salt', Buffer.alloc(33).toString('base64'), bad],
    ['salt-without-padding', 'salt', SALT.replace('=', ''), 'base64-invalid'],
    ['blind-missing', 'blind', undefined, bad],
    ['blind-empty', 'blind', '', bad],
    ['leaf-missing', 'leaf', undefined, bad],
    ['leaf-tombstone', 'leaf', TOMBSTONE, bad],
    ['leaf-version-two', 'leaf.version', 2, bad],
    ['signer-missing', 'signer', undefined, bad],
    ['signer-null', 'signer', null, bad],
    ['signer-empty', 'signer', '', bad],
    ['signer-uppercase', 'signer', 'E5'.repeat(32), bad],
    ['signer-short', 'signer', 'e5'.repeat(31), bad],
    ['signer-in-base64', 'signer', Buffer.alloc(32, 0xe5).toString('base64'), bad],
    ['unknown-field', 'key', 'x', bad],
  ]),
}
