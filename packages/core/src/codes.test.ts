import { expect, test } from 'vitest'
import { CATALOGUE } from './codes.ts'

test('a code is spelt in lower case with hyphens and says why and what to do', () => {
  for (const [code, { why, fix }] of Object.entries(CATALOGUE)) {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(why, code).toMatch(/^[A-Z].*\.$/s)
    expect(fix.length, code).toBeGreaterThan(10)
    for (const text of [why, fix]) expect(text, code).not.toMatch(/\n|  /)
  }
})

test('no two codes explain themselves with the same words', () => {
  const whys = Object.values(CATALOGUE).map((entry) => entry.why)
  expect(new Set(whys).size).toBe(whys.length)
})
