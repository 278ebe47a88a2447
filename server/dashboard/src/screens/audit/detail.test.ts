import { expect, test } from 'vitest'
import { detailText } from './detail.ts'

test.each([
  [{ role: 'viewer', was: 'admin' }, 'role: viewer, was: admin'],
  [{ scopes: ['read', 'append'], expires: null, events: [] }, 'scopes: read append'],
  [
    { rule: { audience: null, claims: [{ name: 'sub', value: '104' }], session: 3600, id: 'cloud-build' } },
    'claims: sub = 104, session: 3600, id: cloud-build',
  ],
  [{ scope: { name: 'a', value: { deep: ['b', { c: 1 }] } } }, 'name: a, deep: b (c: 1)'],
  [{ name: 'kept', proven: true }, 'name: kept, proven: true'],
])('%o is %s', (detail, text) => expect(detailText(detail)).toBe(text))
