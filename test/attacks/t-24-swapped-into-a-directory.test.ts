import type { Contract } from '@countersign/contract'
import type { Resource } from '@countersign/formats'
import { expect, test } from 'vitest'
import { file, newChainId, received, signStep } from '../pipeline.ts'
import { ci, codesOf, shaken, contractOf } from '../../packages/verify/src/verify.test-kit.ts'

const [live, other] = [file('live.env', 'live'), file('test.env', 'test')]
const take = (taken: readonly Resource[], contract: Contract | null = null) => {
  const chain = { id: newChainId(), pipeline: 'p', contract: contract?.digest ?? null }
  const build = signStep(ci, { chain, name: 'build', subject: [live, other] })
  const next = signStep(ci, {
    chain,
    name: 'next',
    previous: [{ link: build.link, step: 'build' }],
    materials: taken.map((m) => received(m, build.link)),
    subject: taken,
    minute: 2,
  })
  return codesOf(shaken(next, [build], { contract }))
}
const contract = contractOf(`  build: { signers: [ci], products: ["*.env"] }
  next: { signers: [ci], after: [build] }`)
for (const c of [null, contract]) {
  test('control: in place, and foreign bytes in a directory', () => {
    expect(take([{ ...other, name: 'live.env' }], c)).toContain('material-swapped')
    expect(take([file('deploy/live.env', 'foreign')], c)).toContain('material-swapped')
    expect(take([{ ...live, name: 'deploy/live.env' }], c)).toEqual([])
  })
  test('two files changed places on their way into a directory', () => {
    expect(
      take(
        [
          { ...other, name: 'deploy/live.env' },
          { ...live, name: 'deploy/test.env' },
        ],
        c,
      ),
    ).toContain('material-swapped')
  })
}
