import { expect, test } from 'vitest'
import { CATALOGUE } from '@countersign/core'
import { contextFor } from '../../../../test/gates/four-gates.ts'
import { explain } from './explain.ts'

test('explain covers every code, with why and the way out', () => {
  const told = (code?: string) => {
    const out = { text: '' }
    expect(explain(contextFor('/', '2026-11-21T00:00:00Z', out), code, { format: 'json' })).toBe(0)
    return JSON.parse(out.text) as { code: string; why: string; fix: string }
  }
  for (const code of Object.keys(CATALOGUE)) {
    const { why, fix } = told(code)
    expect([code, why.length > 10, fix.length > 10]).toEqual([code, true, true])
  }
  expect((told() as unknown as { code: string }[]).map(({ code }) => code)).toEqual(Object.keys(CATALOGUE))
})
