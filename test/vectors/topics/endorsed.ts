import { createHash, createHmac } from 'node:crypto'
import { entriesOf, naive, SHA256 } from '../../../packages/merkle/src/naive.test-kit.ts'
import { canonical, SPKI } from './bundle.ts'
import { b64, LOG_PAIR, noteOf, OTHER_PAIR, plain } from './note-signers.ts'
import { ORIGIN } from './receipt.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const INDEX = 2
const SIZE = 5
const SALT = Buffer.alloc(32, 7)
const KEY_ID = createHash('sha256').update(Buffer.from(SPKI, 'hex')).digest('hex')
const payloadType = 'application/vnd.countersign.deviation.v1+json'
const mediaType = 'application/vnd.countersign.signed-deviation.v1+json'
const contractType = 'application/vnd.countersign.contract.v1+yaml'
const signedContract = 'application/vnd.countersign.signed-contract.v1+json'

/** What is let through: a run without its tests. */
const DEVIATION = {
  artifact: null,
  chain: 'a1'.repeat(16),
  contract: 'b2'.repeat(32),
  excuses: [
    { code: 'step-order', step: 'deploy' },
    { code: 'step-skipped', step: 'deploy' },
    { code: 'step-skipped', step: 'test' },
  ],
  expiresAt: '2026-11-21T12:00:00.000Z',
  issuedAt: '2026-11-20T12:00:00.000Z',
  pipeline: 'shop/web',
  reason: 'the scanner is down, INC-42',
  version: 1,
}

const paeOf = (type: string, payload: Buffer) =>
  Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload])
const payload = Buffer.from(canonical(DEVIATION))
const signed = paeOf(payloadType, payload)
const committed = Buffer.concat([signed, Buffer.of(1), Buffer.from(KEY_ID, 'hex')])
const hmac = (hash: string) => createHmac(hash, SALT).update(committed).digest('hex')
const LEAF = {
  at: '2026-11-20T12:00:02.000Z',
  commitment: { sha256: hmac('sha256'), sha3_256: hmac('sha3-256') },
  kind: 'act',
  version: 1,
}
const OPENING = { leaf: LEAF, salt: b64(SALT), signers: [KEY_ID] }

const tree = naive([...entriesOf(SIZE)].with(INDEX, Buffer.from(canonical(LEAF))), SHA256)
const CHECKPOINT = `${ORIGIN}\n${SIZE}\n${b64(tree.root(SIZE))}\n`
const HASHES = tree.path(INDEX, SIZE).map((hash) => `${b64(hash)}\n`)

interface Parts {
  readonly extra?: string | null
  readonly index?: number
  readonly checkpoint?: string
}

function proofOf({
  extra = canonical(OPENING),
  index = INDEX,
  checkpoint = noteOf(CHECKPOINT, plain(ORIGIN, LOG_PAIR)),
}: Parts = {}) {
  const line = extra === null ? '' : `extra ${b64(Buffer.from(extra))}\n`
  return `c2sp.org/tlog-proof@v1\n${line}index ${index}\n${HASHES.join('')}\n${checkpoint}`
}

const signature = (pae: Buffer) => ({ keyid: KEY_ID, sig: b64(LOG_PAIR.sign(pae)) })
const ENDORSED = {
  mediaType,
  payload: b64(payload),
  payloadType,
  proof: proofOf(),
  signatures: [signature(signed)],
}

/** The good deviation as it stands in a file. */
export const DEVIATION_LINE = canonical(ENDORSED)

const bad = 'envelope-invalid'
const proof = (name: string, parts: Parts, error: Mutation[3]): Mutation => [
  `proof-${name}`,
  'proof',
  proofOf(parts),
  error,
]
const opened = (name: string, change: object, error: Mutation[3]): Mutation =>
  proof(name, { extra: canonical(without({ ...OPENING, ...change })) }, error)
/** The same members, the last first. */
const turned = (value: object) => JSON.stringify(Object.fromEntries(Object.entries(value).toReversed()))
/** Less what is undefined. */
const without = (value: object) => JSON.parse(JSON.stringify(value)) as object
const yaml = Buffer.from('contract: v1\n')

export const endorseds: Topic = {
  name: 'endorsed',
  vectors: {
    ...mutated('endorsed', ENDORSED, [
      ['whole-null', '', null, bad],
      ['whole-empty', '', {}, bad],
      ['unknown-field', 'name', 'mine', bad],
      ['media-type-missing', 'mediaType', undefined, bad],
      ['media-type-v2', 'mediaType', mediaType.replace('v1', 'v2'), bad],
      ['media-type-of-a-contract', 'mediaType', signedContract, bad],
      ['payload-type-missing', 'payloadType', undefined, bad],
      ['payload-type-of-a-contract', 'payloadType', contractType, 'payload-type'],
      ['payload-missing', 'payload', undefined, bad],
      ['payload-in-the-url-alphabet', 'payload', '__8=', 'base64-invalid'],
      // Whether it is a deviation is read from what is signed.
      ['payload-of-any-kind', 'payload', 'YQ==', null],
      ['signatures-missing', 'signatures', undefined, bad],
      ['signatures-none', 'signatures', [], 'signature-missing'],
      ['signatures-null', 'signatures', null, bad],
      ['signatures-65', 'signatures', Array.from({ length: 65 }, () => signature(signed)), bad],
      ['signatures-64', 'signatures', Array.from({ length: 64 }, () => signature(signed)), null],
      ['signature-empty', 'signatures.0.sig', '', 'signature-missing'],
      ['signature-missing', 'signatures.0.sig', undefined, bad],
      ['signature-with-hidden-bits', 'signatures.0.sig', 'YR==', 'base64-invalid'],
      ['signature-of-others', 'signatures.0.sig', 'YQ==', null],
      ['signature-unknown-field', 'signatures.0.name', 'ann', bad],
      ['keyid-missing', 'signatures.0.keyid', undefined, null],
      ['keyid-empty', 'signatures.0.keyid', '', bad],
      ['keyid-of-another', 'signatures.0.keyid', 'c3'.repeat(32), null],
      ['certificate', 'signatures.0.certificate', 'MAA=', null],
      ['certificate-empty', 'signatures.0.certificate', '', bad],
      ['certificate-null', 'signatures.0.certificate', null, bad],
      ['timestamps', 'signatures.0.timestamps', ['MAA=', 'MAA='], null],
      ['timestamps-none', 'signatures.0.timestamps', [], bad],
      ['timestamps-three', 'signatures.0.timestamps', ['MAA=', 'MAA=', 'MAA='], bad],
      ['not-logged', 'proof', undefined, null],
      ['proof-null', 'proof', null, bad],
      ['proof-empty', 'proof', '', 'tlog-proof-invalid'],
      proof('without-opening', { extra: null }, bad),
      proof('opening-not-json', { extra: 'example' }, 'json-invalid'),
      proof('opening-with-a-space', { extra: canonical(OPENING).replace(':', ': ') }, 'leaf-invalid'),
      proof('index-beyond-the-tree', { index: SIZE }, 'tlog-proof-invalid'),
      // What it is signed with is for the verifier.
      proof('checkpoint-of-another-key', { checkpoint: noteOf(CHECKPOINT, plain(ORIGIN, OTHER_PAIR)) }, null),
      opened(
        'opening-of-a-certificate',
        { leaf: { issuedAt: LEAF.at, kind: 'certificate', tbs: LEAF.commitment, version: 1 } },
        'leaf-invalid',
      ),
      opened('opening-salt-short', { salt: b64(SALT.subarray(1)) }, 'leaf-invalid'),
      opened('opening-unknown-field', { link: KEY_ID }, 'leaf-invalid'),
      opened('opening-signers-missing', { signers: undefined }, 'leaf-invalid'),
      opened('opening-signer-twice', { signers: [KEY_ID, KEY_ID] }, 'leaf-invalid'),
      opened('opening-signers-in-another-order', { signers: ['ff'.repeat(32), KEY_ID] }, 'leaf-invalid'),
      opened('opening-signer-short', { signers: ['ff'.repeat(31)] }, 'leaf-invalid'),
      // A contract that nobody maintains has none; whether it is so is for the verifier.
      opened('opening-no-signers', { signers: [] }, null),
    ]),
    contract: {
      contract: {
        mediaType: signedContract,
        payload: b64(yaml),
        payloadType: contractType,
        signatures: [signature(paeOf(contractType, yaml))],
      },
    },
    'contract-of-a-deviation': { error: 'payload-type', contract: { ...ENDORSED, mediaType: signedContract } },
    'spelling-other-order': {
      error: bad,
      text: turned(ENDORSED),
    },
    'spelling-space-after': { error: bad, text: `${DEVIATION_LINE} ` },
    'key-twice': { error: 'json-duplicate-key', text: DEVIATION_LINE.replace('{', `{"mediaType":"${mediaType}",`) },
  },
}

const wrong = 'deviation-invalid'
const [first, second] = DEVIATION.excuses

export const deviations: Topic = {
  name: 'deviation',
  vectors: {
    ...mutated('deviation', DEVIATION, [
      ['whole-null', '', null, wrong],
      ['whole-empty', '', {}, wrong],
      ['unknown-field', 'name', 'mine', wrong],
      ['version-two', 'version', 2, wrong],
      ['version-missing', 'version', undefined, wrong],
      ['contract-missing', 'contract', undefined, wrong],
      ['contract-short', 'contract', 'b2'.repeat(31), wrong],
      ['contract-null', 'contract', null, wrong],
      ['pipeline-empty', 'pipeline', '', wrong],
      ['pipeline-no-name', 'pipeline', '../web', wrong],
      ['about-nothing', 'chain', null, wrong],
      ['chain-missing', 'chain', undefined, wrong],
      ['chain-uppercase', 'chain', 'A1'.repeat(16), wrong],
      ['artifact', 'artifact', 'c3'.repeat(32), null],
      ['artifact-missing', 'artifact', undefined, wrong],
      ['artifact-short', 'artifact', 'c3'.repeat(31), wrong],
      ['excuses-none', 'excuses', [], wrong],
      ['excuses-missing', 'excuses', undefined, wrong],
      ['excuses-in-another-order', 'excuses', [second, first], wrong],
      ['excuse-twice', 'excuses', [first, first], wrong],
      ['excuse-of-no-step', 'excuses.0.step', undefined, wrong],
      ['excuse-of-every-step', 'excuses.0.step', '*', wrong],
      ['excuse-of-every-code', 'excuses.0.code', '*', wrong],
      ['excuse-unknown-field', 'excuses.0.job', 'linux', wrong],
      // What can be excused is for the verifier.
      ['excuse-of-a-signature', 'excuses', [{ code: 'signature-invalid', step: 'test' }], null],
      ['reason-empty', 'reason', '', wrong],
      ['reason-missing', 'reason', undefined, wrong],
      ['reason-over-two-lines', 'reason', 'a\nb', wrong],
      ['reason-longest', 'reason', 'x'.repeat(1024), null],
      ['reason-too-long', 'reason', 'x'.repeat(1025), wrong],
      ['expires-as-it-begins', 'expiresAt', DEVIATION.issuedAt, wrong],
      ['expires-before', 'expiresAt', '2026-11-19T12:00:00.000Z', wrong],
      ['expires-never', 'expiresAt', null, wrong],
      ['expires-after-90-days', 'expiresAt', '2027-02-18T12:00:00.000Z', null],
      ['expires-after-longer', 'expiresAt', '2027-02-18T12:00:00.001Z', wrong],
      ['expires-in-another-zone', 'expiresAt', '2026-11-21T12:00:00.000+01:00', wrong],
      ['issued-missing', 'issuedAt', undefined, wrong],
    ]),
    'spelling-other-order': { error: wrong, text: turned(DEVIATION) },
    'spelling-space-after': { error: wrong, text: `${canonical(DEVIATION)}\n` },
    'key-twice': { error: 'json-duplicate-key', text: canonical(DEVIATION).replace('{', '{"version":1,') },
  },
}
