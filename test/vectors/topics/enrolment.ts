import { createHash } from 'node:crypto'
import { b64, OTHER_PAIR, WITNESS_PAIR } from './note-signers.ts'
import { mutated, type Topic } from './topic.ts'

const ID = '0a1b2c3d4e5f'
const SECRET = 'a1'.repeat(32)
const badCode = (code: string) => ({ code, error: 'enrolment-invalid' })

export const enrolmentCodes: Topic = {
  name: 'enrolment-code',
  vectors: {
    good: { code: `cse_${ID}_${SECRET}`, id: ID, secret: SECRET },
    empty: badCode(''),
    'no-secret': badCode(`cse_${ID}`),
    'secret-empty': badCode(`cse_${ID}_`),
    'secret-short': badCode(`cse_${ID}_${SECRET.slice(1)}`),
    'secret-long': badCode(`cse_${ID}_${SECRET}0`),
    'secret-upper-case': badCode(`cse_${ID}_${SECRET.toUpperCase()}`),
    'id-short': badCode(`cse_${ID.slice(1)}_${SECRET}`),
    'id-long': badCode(`cse_${ID}0_${SECRET}`),
    'id-upper-case': badCode(`cse_${ID.toUpperCase()}_${SECRET}`),
    'id-empty': badCode(`cse__${SECRET}`),
    'prefix-upper-case': badCode(`CSE_${ID}_${SECRET}`),
    'prefix-of-an-api-token': badCode(`cst_${ID}_${SECRET}`),
    'space-before': badCode(` cse_${ID}_${SECRET}`),
    'line-end-after': badCode(`cse_${ID}_${SECRET}\n`),
    'hyphens-between': badCode(`cse-${ID}-${SECRET}`),
    'not-ascii': badCode(`cse_${ID}_${SECRET.slice(1)}\u0661`),
    'very-long': badCode(`cse_${ID}_${'a1'.repeat(10_000)}`),
  },
}

const SPKI = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), WITNESS_PAIR.raw])
const KEY = createHash('sha256').update(SPKI).digest('hex')
const message = (code: string | null, key = KEY) => `countersign enrolment v1\n${code ?? '-'}\n${key}\n`
const proof = (text: string, by = WITNESS_PAIR) => b64(by.sign(Buffer.from(text)))
const shown = { spki: SPKI.toString('hex'), keyId: KEY }

/** Whether a proof shows that whoever enrols a key holds it. */
export const enrolments: Topic = {
  name: 'enrolment',
  vectors: {
    'by-code': { ...shown, code: ID, message: message(ID), proof: proof(message(ID)), valid: true },
    'by-an-administrator': { ...shown, code: null, message: message(null), proof: proof(message(null)), valid: true },
    'for-another-code': { ...shown, code: ID, proof: proof(message('0'.repeat(12))), valid: false },
    'for-an-administrator': { ...shown, code: ID, proof: proof(message(null)), valid: false },
    'for-another-key': { ...shown, code: ID, proof: proof(message(ID, 'f'.repeat(64))), valid: false },
    'by-another-key': { ...shown, code: ID, proof: proof(message(ID), OTHER_PAIR), valid: false },
    'without-line-end': { ...shown, code: ID, proof: proof(message(ID).slice(0, -1)), valid: false },
    'of-another-version': { ...shown, code: ID, proof: proof(message(ID).replace('v1', 'v2')), valid: false },
    'as-a-dsse-envelope': {
      ...shown,
      code: ID,
      proof: proof(`DSSEv1 0  ${message(ID).length} ${message(ID)}`),
      valid: false,
    },
    'over-its-hash': {
      ...shown,
      code: ID,
      proof: b64(WITNESS_PAIR.sign(createHash('sha256').update(message(ID)).digest())),
      valid: false,
    },
    'code-not-an-id': { ...shown, code: `${ID}\n`, proof: proof(message(ID)), error: 'enrolment-invalid' },
    'key-id-upper-case': {
      ...shown,
      keyId: KEY.toUpperCase(),
      code: ID,
      proof: proof(message(ID)),
      error: 'key-invalid',
    },
  },
}

const bad = 'revocations-invalid'
const one = (keyId: string, more: object = {}) => ({
  keyId,
  reason: 'compromised',
  since: '2026-11-20T12:00:00.000Z',
  ...more,
})
const GOOD = {
  mediaType: 'application/vnd.countersign.revocations.v1+json',
  revocations: [one('0'.repeat(63) + '1'), one('a'.repeat(64), { reason: null })],
}

export const revocationLists: Topic = {
  name: 'revocations',
  vectors: {
    ...mutated('revocations', GOOD, [
      ['none', 'revocations', [], null],
      ['reason-rotated', 'revocations.0.reason', 'rotated', null],
      ['reason-retired', 'revocations.0.reason', 'retired', null],
      ['since-some-day-to-come', 'revocations.0.since', '2099-01-01T00:00:00.000Z', null],
      ['media-type-missing', 'mediaType', undefined, bad],
      ['media-type-of-another-version', 'mediaType', 'application/vnd.countersign.revocations.v2+json', bad],
      ['media-type-of-a-receipt', 'mediaType', 'application/vnd.countersign.receipt.v1+json', bad],
      ['unknown-field', 'expires', '2026-11-20T12:00:00.000Z', bad],
      ['list-missing', 'revocations', undefined, bad],
      ['list-an-object', 'revocations', {}, bad],
      ['list-null', 'revocations', null, bad],
      ['item-a-text', 'revocations.0', '0'.repeat(64), bad],
      ['twice', 'revocations.1', one('0'.repeat(63) + '1', { since: '2027-01-01T00:00:00.000Z' }), bad],
      ['out-of-order', 'revocations.1', one('0'.repeat(64)), bad],
      ['key-id-short', 'revocations.0.keyId', '0'.repeat(63), bad],
      ['key-id-upper-case', 'revocations.0.keyId', '0'.repeat(63) + 'A', bad],
      ['key-id-missing', 'revocations.0.keyId', undefined, bad],
      ['since-missing', 'revocations.0.since', undefined, bad],
      ['since-null', 'revocations.0.since', null, bad],
      ['since-without-milliseconds', 'revocations.0.since', '2026-11-20T12:00:00Z', bad],
      ['since-in-another-zone', 'revocations.0.since', '2026-11-20T12:00:00.000+01:00', bad],
      ['since-never', 'revocations.0.since', '2026-02-30T12:00:00.000Z', bad],
      ['since-a-number', 'revocations.0.since', 1795177200, bad],
      ['reason-missing', 'revocations.0.reason', undefined, bad],
      ['reason-another', 'revocations.0.reason', 'bored', bad],
      ['item-unknown-field', 'revocations.0.name', 'build', bad],
    ]),
    'with-spaces': { text: JSON.stringify(GOOD, null, 2), spelling: 'another' },
    truncated: { text: JSON.stringify(GOOD).slice(0, -2), error: 'json-invalid' },
    'since-twice': {
      text: JSON.stringify(GOOD).replace('"since":', '"since":"2099-01-01T00:00:00.000Z","since":'),
      error: 'json-duplicate-key',
    },
  },
}
