import { base64, type JsonValue } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { expect, test } from 'vitest'
import { certificate, newKey } from '../../../../test/anchors/certificates.ts'
import { readRfc3161Trust } from './rfc3161-trust.ts'

const rootOf = () => base64(certificate({ name: 'Root', key: newKey(), issuer: null, ca: true }).der)
const [one, other] = [rootOf(), rootOf()]
const read = (trust: unknown) => readRfc3161Trust(new Shape('anchor-setup-invalid', trust as JsonValue, 'trust'))

test('authorities with their certificates and bounds', () => {
  const { authorities, skew } = read({
    authorities: [
      { name: 'one', certificates: [one], from: '2026-01-01T00:00:00.000Z', until: null },
      { name: 'other', certificates: [other] },
    ],
    skew: 60,
  })
  expect(authorities.map(({ name, from, until }) => [name, from, until])).toEqual([
    ['one', Date.parse('2026-01-01T00:00:00.000Z'), null],
    ['other', null, null],
  ])
  expect(skew).toBe(60)
  expect(read({ authorities: [] })).toEqual({ authorities: [] })
})

test.each([
  ['no list', {}],
  ['a member more', { authorities: [], note: '' }],
  ['no certificate', { authorities: [{ name: 'a', certificates: [] }] }],
  ['an empty name', { authorities: [{ name: '', certificates: [one] }] }],
  [
    'a name twice',
    {
      authorities: [
        { name: 'a', certificates: [one] },
        { name: 'a', certificates: [other] },
      ],
    },
  ],
  [
    'a key twice',
    {
      authorities: [
        { name: 'a', certificates: [one] },
        { name: 'b', certificates: [other, one] },
      ],
    },
  ],
  ['a time that is none', { authorities: [{ name: 'a', certificates: [one], until: '2026' }] }],
  ['a skew of more than a day', { authorities: [], skew: 86_401 }],
])('%s is refused', (_, trust) => {
  expect(() => read(trust)).toThrow(expect.objectContaining({ code: 'anchor-setup-invalid' }))
})
