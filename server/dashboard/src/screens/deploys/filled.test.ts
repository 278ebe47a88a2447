import { expect, test } from 'vitest'
import { filled } from './filled.ts'

test('days on which nothing was asked are there, and empty', () => {
  const lanes = filled({
    since: '2026-11-01T00:00:00.000Z',
    until: '2026-11-04T00:00:00.000Z',
    bucket: 'day',
    environments: [
      {
        name: 'prod',
        current: null,
        buckets: [{ start: '2026-11-02T00:00:00Z', allow: 2, deny: 1, unknown: 0, deviated: 1 }],
      },
      { name: 'test', current: null, buckets: [] },
    ],
    next: null,
    countedUntil: '2026-11-04T00:00:00.000Z',
  })
  expect(lanes.get('prod')).toEqual([
    { start: '2026-11-01T00:00:00.000Z', allow: 0, deny: 0, unknown: 0, deviated: 0 },
    { start: '2026-11-02T00:00:00.000Z', allow: 2, deny: 1, unknown: 0, deviated: 1 },
    { start: '2026-11-03T00:00:00.000Z', allow: 0, deny: 0, unknown: 0, deviated: 0 },
  ])
  expect(lanes.get('test')).toHaveLength(3)
})
