import type { Resource } from '@countersign/formats'
import { expect, test } from 'vitest'
import { file, sha256 } from '../../../test/pipeline.ts'
import { elsewhere, type Other } from './elsewhere.ts'
import { contractOf } from './verify.test-kit.ts'

const contract = contractOf('  build: { signers: [ci] }')
const [one, another] = [sha256('one'), sha256('another')]
const other: Other = { contract, chain: {} as never }

test('whether another pipeline proves a material is asked once for each contract, digest and kind', () => {
  const asked: [string, boolean][] = []
  const proven = elsewhere(
    new Map([
      [one, other],
      [another, other],
    ]),
    (_, artifact, tree) => {
      asked.push([artifact, tree])
      return artifact === sha256('good') && !tree
    },
  )
  const good = file('lib', 'good')
  const tree: Resource = {
    ...good,
    name: 'lib/',
    mediaType: 'application/vnd.countersign.tree.v1',
    annotations: { mode: '040000' },
  }
  for (let i = 0; i < 2; i++) {
    expect([proven(one, good), proven(one, file('lib', 'bad')), proven(one, tree)]).toEqual([true, false, false])
    expect(proven(another, file('renamed', 'good'))).toBe(true)
  }
  expect(asked).toEqual([
    [sha256('good'), false],
    [sha256('bad'), false],
    [sha256('good'), true],
    [sha256('good'), false],
  ])
  // What is not shown is not proven, and nobody is asked.
  expect(proven(sha256('a third'), good)).toBe(false)
  expect(asked).toHaveLength(4)
})
