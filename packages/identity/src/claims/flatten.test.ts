import { expect, test } from 'vitest'
import { flatten } from './flatten.ts'

test('texts, whole numbers and truth values have one form each; all else has none', () => {
  const flat = flatten({ a: 'x', b: 20, c: true, d: null, e: ['x'], f: 0.5, g: '' })
  expect([...flat]).toEqual([
    ['a', 'x'],
    ['b', '20'],
    ['c', 'true'],
    ['g', ''],
  ])
})

test('claims within claims have both names, without a second slash', () => {
  const flat = flatten({ 'kubernetes.io': { serviceaccount: { uid: '1' } }, 'https://sts.amazonaws.com/': { a: 'x' } })
  expect([...flat.keys()]).toEqual(['kubernetes.io/serviceaccount/uid', 'https://sts.amazonaws.com/a'])
})

test('a name that two claims would have is nobody’s', () => {
  expect([...flatten({ 'a/b': '1', a: { b: '1' }, c: '2' }).keys()]).toEqual(['c'])
  expect(flatten({ sub: 'spiffe://a.example/b', 'spiffe/trust-domain': 'b.example' }).has('spiffe/trust-domain')).toBe(
    false,
  )
  expect(
    flatten({ sub: 'spiffe://a.example/b', spiffe: { 'trust-domain': 'b.example' } }).has('spiffe/trust-domain'),
  ).toBe(false)
})

test('only a SPIFFE ID has a trust domain', () => {
  expect(flatten({ sub: 'spiffe://a.example/b' }).get('spiffe/trust-domain')).toBe('a.example')
  for (const sub of ['spiffe://A.example/b', 'spiffe://a.example:80/b', 'https://a.example/b', 'spiffe://', 1]) {
    expect(flatten({ sub }).has('spiffe/trust-domain'), String(sub)).toBe(false)
  }
})

test('what is nested too deep is not seen', () => {
  expect([...flatten({ a: { b: { c: { d: { e: 'x' } } } } }).keys()]).toEqual([])
  expect([...flatten({ a: { b: { c: { d: 'x' } } } }).keys()]).toEqual(['a/b/c/d'])
})
