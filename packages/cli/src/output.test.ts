import { CodedError, type ErrorReport, Findings } from '@countersign/core'
import { expect, test } from 'vitest'
import { errorsText, errorText, paintFor } from './output.ts'

const paint = paintFor({ colour: false })
const swapped = (what: string): ErrorReport => new CodedError('material-swapped', what).report()
const lines = (text: string) => text.trimEnd().split('\n')

test('an error says what, why, and the way out', () => {
  const [what, why, fix] = lines(errorText(swapped('a is not a'), paint))
  expect(what).toBe('✗ material-swapped: a is not a')
  expect([why, fix]).toEqual([expect.stringMatching(/^ {2}why {2}\S/), expect.stringMatching(/^ {2}fix {2}\S/)])
})

test('of several of one kind why and the way out are told once, and of another kind again', () => {
  const own = new CodedError('material-swapped', 'c', { fix: 'another way' }).report()
  const other = new CodedError('step-skipped', 'd').report()
  const told = lines(errorsText([swapped('a'), other, own, swapped('b')], paint))
  expect(told.map((line) => line.slice(0, 22))).toEqual([
    '✗ material-swapped: a',
    '✗ material-swapped: b',
    expect.stringMatching(/^ {2}why/),
    expect.stringMatching(/^ {2}fix/),
    '✗ step-skipped: d',
    expect.stringMatching(/^ {2}why/),
    expect.stringMatching(/^ {2}fix/),
    '✗ material-swapped: c',
    expect.stringMatching(/^ {2}why/),
    '  fix  another way',
  ])
})

test.each([
  [8, 8, null],
  [9, 7, '  … and 2 more of this kind'],
  [100, 7, '  … and 93 more of this kind'],
  [2_000, 7, '  … and 1993 more of this kind'],
])('of %i of one kind %i are told each', (count, each, more) => {
  const findings = new Findings()
  for (let i = 0; i < count; i++) findings.find('material-swapped', `material ${i}`)
  const told = lines(errorsText(findings.list, paint))
  expect(told.filter((line) => line.startsWith('✗'))).toHaveLength(each)
  expect(told.find((line) => line.startsWith('  …')) ?? null).toBe(more)
})

test('what is told alike of several is told once', () => {
  const told = lines(errorsText(['a', 'b', 'a', 'a'].map(swapped), paint))
  expect(told.slice(0, 2)).toEqual(['✗ material-swapped: a (3 times)', '✗ material-swapped: b'])
  expect(told).toHaveLength(4)
})

test('none are nothing', () => expect(errorsText([], paint)).toBe(''))
