import type { IdentityRow } from '@countersign/client/views'
import { expect, test } from 'vitest'
import { identityCells, sharedOwner } from './cells.ts'

const weeks = ['2026-11-02', '2026-11-09', '2026-11-16']
const row = (more: Partial<IdentityRow>): IdentityRow => ({
  signer: 'ci',
  system: 'github-actions',
  grade: 'A',
  counts: [0, 0, 0],
  firstAt: '2026-01-01T00:00:00.000Z',
  lastAt: '2026-11-16T00:00:00.000Z',
  revokedAt: null,
  ...more,
})
const cells = (one: Partial<IdentityRow>, rotations: Parameters<typeof identityCells>[2] = []) =>
  identityCells([row(one)], weeks, rotations, ({ signer }) => `/identities?signer=${signer}`)

test('weeks without anything have no field', () => {
  expect(cells({})).toEqual([])
  expect(cells({ counts: [0, 3, 0] })).toMatchObject([{ column: 1, text: '3', corner: false, struck: false }])
})

test('the first week is marked as such, the last moment of a week is still in it', () => {
  const [first, second] = cells({ counts: [1, 1, 0], firstAt: '2026-11-08T23:59:59.999Z' })
  expect(first).toMatchObject({ corner: true, told: 'ci, week of 2 Nov: 1 signed, seen for the first time' })
  expect(second).toMatchObject({ corner: false })
})

test('what is signed after a revocation stands out', () => {
  const all = cells({ counts: [2, 0, 1], revokedAt: '2026-11-10T00:00:00.000Z' })
  expect(all).toMatchObject([
    { column: 0, tone: 'info', struck: false },
    { column: 1, tone: 'info', shape: 'ring', struck: true, told: 'ci, week of 9 Nov: nothing signed, revoked' },
    { column: 2, tone: 'bad', struck: false, told: 'ci, week of 16 Nov: 1 signed, after it was revoked' },
  ])
})

test('a rotation is seen whether or not anything was signed', () => {
  const rotated = [{ name: 'ci', at: '2026-11-10T00:00:00.000Z' }]
  expect(cells({}, rotated)).toMatchObject([{ column: 1, shape: 'diamond' }])
  expect(cells({ counts: [0, 4, 0] }, rotated)).toMatchObject([{ column: 1, shape: 'square', turned: true }])
  expect(cells({}, [{ name: 'another', at: '2026-11-10T00:00:00.000Z' }])).toEqual([])
})

test('an owner that all repositories share is left out, and that of a stranger never', () => {
  const own = ['github.com/acme/shop@main · build.yml', 'ci-key', 'github.com/acme/api@main']
  expect(sharedOwner(own)).toBe('github.com/acme/')
  expect(sharedOwner([...own, 'github.com.example/acme/shop@main'])).toBe('')
  expect(sharedOwner([...own, 'github.com/acm/shop@main'])).toBe('')
  expect(sharedOwner(['ci-key', 'shop/web'])).toBe('')
})
