import type { JsonValue } from '@countersign/core'
import { parseStep } from '@countersign/formats'
import { expect, test } from 'vitest'
import { change, payloadOf, STEP } from './documents.ts'

const SHA256 = 'a1'.repeat(32)
const SHA1 = 'a1'.repeat(20)
const about = (subject: JsonValue) => () => parseStep(payloadOf(change(STEP, ['subject'], () => subject)))

test.each([
  ['nothing', [], 'subject-missing'],
  ['a name only', [{ name: 'web.tgz' }], 'statement-invalid'],
  ['a digest only', [{ digest: { sha256: SHA256 } }], 'statement-invalid'],
  ['a name and an empty digest set', [{ name: 'web.tgz', digest: {} }], 'digest-invalid'],
  ['a name and an empty digest', [{ name: 'web.tgz', digest: { sha256: '' } }], 'digest-invalid'],
  ['a name and a digest of null', [{ name: 'web.tgz', digest: { sha256: null } }], 'digest-invalid'],
  ['a weak digest only', [{ name: 'web.tgz', digest: { sha1: SHA1 } }], 'digest-invalid'],
  ['a digest under a name like sha256', [{ name: 'web.tgz', digest: { 'SHA-256': SHA256 } }], 'digest-invalid'],
  ['a digest in upper case', [{ name: 'web.tgz', digest: { sha256: SHA256.toUpperCase() } }], 'digest-invalid'],
  [
    'a good one beside one without digest',
    [{ name: 'a', digest: { sha256: SHA256 } }, { name: 'b' }],
    'statement-invalid',
  ],
  [
    'two of one name',
    [
      { name: 'a', digest: { sha256: SHA256 } },
      { name: 'a', digest: { sha256: 'b2'.repeat(32) } },
    ],
    'name-collision',
  ],
  [
    'two of one name but for case',
    [
      { name: 'a', digest: { sha256: SHA256 } },
      { name: 'A', digest: { sha256: SHA256 } },
    ],
    'name-collision',
  ],
  ['null', null, 'statement-invalid'],
] as const)('T-43: a step about %s proves nothing about any file', (_, subject, code) => {
  expect(about(subject)).toThrow(expect.objectContaining({ code }))
})

test('T-43: red control: with its SHA-256 the same subject is read, whatever weaker digests stand beside it', () => {
  expect(about([{ name: 'web.tgz', digest: { sha256: SHA256 } }])().subject[0]!.digest.sha256).toBe(SHA256)
  expect(about([{ name: 'web.tgz', digest: { sha256: SHA256, sha1: SHA1 } }])().subject.length).toBe(1)
})
