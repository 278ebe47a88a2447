import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXCUSABLE, isExcusable } from './deviation.ts'

describe('what maintainers can let through', () => {
  test('is what SPEC.md §17 names, and nothing besides', () => {
    const spec = readFileSync(join(import.meta.dirname, '../../formats/SPEC.md'), 'utf8')
    const [, list] = /the code is one of ((?:`[a-z-]+`(?:, )?)+)/.exec(spec)!
    const named = [...list!.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((code) => !isExcusable(code!))).toEqual([])
    expect(EXCUSABLE).toEqual(named)
  })

  test.each([
    'signature-invalid',
    'signer-unknown',
    'signer-not-allowed',
    'signer-revoked',
    'identity-mismatch',
    'approval-own',
    'artifact-unproven',
    'step-unknown',
    'name-disallowed',
    'condition-unmet',
    '',
    'step',
    'constructor',
  ])('is never %j', (code) => {
    expect(isExcusable(code)).toBe(false)
  })
})
