import { describe, expect, test } from 'vitest'
import { type Resource, TREE_MEDIA_TYPE } from '@countersign/formats'
import { file, newChainId, received, signStep } from '../pipeline.ts'
import { ci, codesOf, shaken } from '../../packages/verify/src/verify.test-kit.ts'

// Products that share their bytes are merged, so a material may take its name from one and its mode or kind from another.
const chain = { id: newChainId(), pipeline: 'p', contract: null }
const take = (made: readonly Resource[], taken: readonly Resource[]) => {
  const build = signStep(ci, { chain, name: 'build', subject: made })
  const next = signStep(ci, {
    chain,
    name: 'next',
    previous: [{ link: build.link, step: 'build' }],
    materials: taken.map((m) => received(m, build.link)),
    subject: taken,
    minute: 2,
  })
  return codesOf(shaken(next, [build]))
}
describe('T-32', () => {
  const a = file('a.sh', '', '100644')
  const b = file('b.sh', '', '100755')
  test('control: alone, a.sh may not become executable', () =>
    expect(take([a], [{ ...a, annotations: { mode: '100755' } }])).toEqual(['material-swapped']))
  test('beside an executable of the same bytes it may not either', () =>
    expect(take([a, b], [{ ...a, annotations: { mode: '100755' } }])).toEqual(['material-swapped']))
})
describe('file for tree', () => {
  const tree = { ...file('dist/', 'm'), mediaType: TREE_MEDIA_TYPE, annotations: { mode: '040000' as const } }
  const manifest = file('dist.manifest', 'm')
  const planted = file('dist', 'm')
  test('control', () => expect(take([tree], [planted])).toEqual(['material-swapped']))
  test('beside the file of the manifest', () => expect(take([tree, manifest], [planted])).toEqual(['material-swapped']))
})
