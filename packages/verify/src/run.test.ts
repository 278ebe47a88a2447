import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { expect, test } from 'vitest'
import { at, file, signStep, source } from '../../../test/pipeline.ts'
import { judgeRun, readChain } from './index.ts'
import { ci, contractOf, trustIn } from './verify.test-kit.ts'

const contract = contractOf('  build: { signers: [ci], products: ["*"] }')
const chain = { id: 'c'.repeat(32), pipeline: 'p', contract: contract.digest }

/** What is said of places that more than one step holds. */
function taken(...steps: readonly [name: string, content: string][]) {
  const signed = steps.map(([name, content], i) =>
    signStep(ci, { chain, name, subject: [name === 'source' ? source(content) : file('app', content)], minute: i }),
  )
  const lines = signed.map(({ bundle }) => bundle)
  const said = (given: typeof lines) =>
    judgeRun({ run: chain.id, chain: readChain(given, trustIn([ci]), nodeCrypto), contract: null, now: at(60) })
      .findings.filter(({ code }) => code === 'place-taken')
      .map(({ what }) => what)
  const [one, other] = [said(lines), said(lines.toReversed())]
  // In whatever order they come.
  expect(other).toEqual(one)
  return { said: one, links: signed.map(({ link }) => link.slice(0, 12)) }
}

test('a place that two steps hold is said once, with both', () => {
  expect(taken(['build', 'a']).said).toEqual([])
  expect(taken(['build', 'a'], ['lint', 'a']).said).toEqual([])
  const { said, links } = taken(['build', 'a'], ['build', 'b'])
  expect(said).toEqual([`step build was signed twice: ${links.toSorted().join(' and ')}`])
})

test('of more it is said how many, and two are named', () => {
  const { said, links } = taken(['build', 'a'], ['build', 'b'], ['build', 'c'], ['build', 'd'])
  expect(said).toEqual([`step build was signed 4 times: ${links.toSorted().slice(0, 2).join(' and ')}`])
})

test('several places are said by their names', () => {
  const { said } = taken(['test', 'a'], ['build', 'a'], ['test', 'b'], ['build', 'b'])
  expect(said.map((what) => what.split(' ')[1])).toEqual(['build', 'test'])
})
