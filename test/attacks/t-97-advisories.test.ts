import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// The twelve advisories of in-toto/go-witness (July 2026, #784): a verifier that passed what it should not. Each is
// reproduced against us by an attack test that names it, with a control that passes.

const ADVISORIES: Readonly<Record<string, string>> = {
  '2v4r': 't-41',
  '3vpg': 't-33',
  '567m': 't-99',
  '5qp5': 't-84',
  c346: 't-34',
  g9jx: 't-20',
  mpvw: 't-57',
  pgpm: 't-26',
  r4fv: 't-99',
  rgp5: 't-99',
  v6px: 't-28',
  vmvj: 't-25',
}

const texts = readdirSync(import.meta.dirname)
  .filter((name) => /^t-\d+.*\.test\.ts$/.test(name))
  .map((name) => [name, readFileSync(join(import.meta.dirname, name), 'utf8')] as const)

test('there are twelve', () => expect(Object.keys(ADVISORIES).length).toBe(12))

test.each(Object.entries(ADVISORIES))('GHSA-%s is reproduced, with a control', (id, attack) => {
  const own = texts.filter(
    ([name, text]) => name.startsWith(attack) && new RegExp(`(?:test|describe)[\\s\\S]*GHSA-${id}`).test(text),
  )
  expect(own.map(([name]) => name)).not.toEqual([])
  expect(own.some(([, text]) => /control|such a one does|toEqual\(\[\]\)|'pass'/i.test(text))).toBe(true)
})
