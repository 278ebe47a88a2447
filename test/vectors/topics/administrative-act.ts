import { canonical } from './bundle.ts'
import { mutated, type Topic } from './topic.ts'

const ACT = {
  about: '0a1b2c3d4e5f6071',
  act: 'person.role',
  at: '2026-11-21T08:30:00.000Z',
  by: { id: '7162534435261708', kind: 'person', name: 'ada' },
  detail: { role: 'auditor', was: 'viewer' },
  id: '00112233445566778899aabbccddeeff',
  number: 7,
  previous: 'ab'.repeat(32),
  version: 1,
}
const bad = 'act-invalid'
const text = (value: string, error: string) => ({ text: value, error })

export const administrativeActs: Topic = {
  name: 'administrative-act',
  vectors: {
    ...mutated('act', ACT, [
      ['first', '', { ...ACT, number: 0, previous: null }, null],
      ['by-a-token', 'by', { id: 'abc', kind: 'token', name: null }, null],
      ['no-detail', 'detail', {}, null],
      ['first-with-previous', 'number', 0, bad],
      ['later-without-previous', 'previous', null, bad],
      ['previous-short', 'previous', 'ab'.repeat(31), bad],
      ['previous-upper-case', 'previous', 'AB'.repeat(32), bad],
      ['number-negative', 'number', -1, bad],
      ['number-fraction', 'number', 1.5, bad],
      ['number-as-text', 'number', '7', bad],
      ['id-short', 'id', '00'.repeat(15), bad],
      ['id-missing', 'id', undefined, bad],
      ['act-one-word', 'act', 'person', bad],
      ['act-upper-case', 'act', 'Person.role', bad],
      ['act-three-words', 'act', 'person.role.set', bad],
      ['act-long', 'act', `${'a'.repeat(60)}.role`, bad],
      ['about-empty', 'about', '', bad],
      ['time-without-zone', 'at', '2026-11-21T08:30:00.000', bad],
      ['time-no-such-day', 'at', '2026-02-30T08:30:00.000Z', bad],
      ['by-nobody', 'by', null, bad],
      ['by-another-kind', 'by.kind', 'robot', bad],
      ['by-without-name', 'by.name', undefined, bad],
      ['by-with-more', 'by.role', 'admin', bad],
      ['detail-a-list', 'detail', [], bad],
      ['detail-missing', 'detail', undefined, bad],
      ['unknown-field', 'ground', 'a request', bad],
      ['version-2', 'version', 2, bad],
      ['a-list', '', [], bad],
    ]),
    spaced: text(canonical(ACT).replace(':', ': '), bad),
    'fields-in-another-order': text(JSON.stringify(Object.fromEntries(Object.entries(ACT).toReversed())), bad),
    'field-twice': text(canonical(ACT).replace('{', '{"version":1,'), 'json-duplicate-key'),
    'line-end-after': text(`${canonical(ACT)}\n`, bad),
    'no-json': text('person.role', 'json-invalid'),
  },
}
