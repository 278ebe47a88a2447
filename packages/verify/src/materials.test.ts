import type { Contract } from '@countersign/contract'
import type { Resource } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { file, newChainId, received, type Signed, signStep } from '../../../test/pipeline.ts'
import { ci, codesOf, contractOf, shaken } from './verify.test-kit.ts'

const app = file('out/app', 'app')
const notes = file('notes', 'notes')
const FETCHED = file('app', 'fetched')

/** The handshake of a step that takes these from one that made those. */
function taking(
  materials: readonly Resource[],
  options: { made?: readonly Resource[]; contract?: Contract; from?: (build: Signed) => string | null } = {},
): string[] {
  const { made = [app, notes], contract = null, from = ({ link }: Signed) => link } = options
  const chain = { id: newChainId(), pipeline: 'p', contract: contract?.digest ?? null }
  const build = signStep(ci, { chain, name: 'build', subject: made })
  const ship = signStep(ci, {
    chain,
    name: 'ship',
    previous: [{ link: build.link, step: 'build' }],
    materials: materials.map((material) => received(material, made.includes(material) ? build.link : from(build))),
    subject: [file('shipped', 'shipped')],
    minute: 2,
  })
  return codesOf(shaken(ship, [build], { contract }))
}

test('control: what was made is taken, and under a new name too', () => {
  expect(taking([app, notes])).toEqual([])
  expect(taking([notes, { ...app, name: 'new' }])).toEqual([])
})

describe('what comes in from outside', () => {
  const contract = (outside: string) =>
    contractOf(`  build: { signers: [ci], products: ["**"] }
  ship:
    signers: [ci]
    after: [build]
    materials: [{ from: build }, ${outside}]
    products: [shipped]`)
  const byName = contract('{ outside: "**" }')
  const byBytes = contract(`{ outside: "**", sha256: "${FETCHED.digest.sha256}" }`)
  const outside = { from: () => null }

  test('may have the last part of a product’s name where its own is allowed, else it is taken for that product', () => {
    expect(taking([notes, FETCHED], { contract: byName, ...outside })).toEqual([])
    expect(taking([notes, FETCHED], outside)).toEqual(['material-swapped'])
  })

  test('may not have the whole of it, for then any bytes would do for that product', () => {
    const swapped = { ...FETCHED, name: app.name }
    expect(taking([notes, swapped], { contract: byName, ...outside })).toEqual(['material-swapped'])
  })

  test('may have any name where the contract gives its very bytes', () => {
    expect(taking([notes, { ...FETCHED, name: app.name }], { contract: byBytes, ...outside })).toEqual([])
    const other = file(app.name, 'other')
    expect(taking([notes, other], { contract: byBytes, ...outside })).toEqual([
      'material-swapped',
      'material-unexplained',
    ])
  })

  test('came from nobody', () => {
    expect(taking([notes, FETCHED], { contract: byName })).toEqual(['material-unexplained'])
    expect(taking([notes, file('else', 'else')], outside)).toEqual(['material-unexplained'])
  })
})

describe('T-26: a weak digest alone is no match', () => {
  const sha1 = 'a'.repeat(40)
  const weak = { ...app, digest: { ...app.digest, sha1 } }

  test('with other bytes under another name it is the product swapped', () => {
    const forged = { ...file('new', 'forged'), digest: { ...file('new', 'forged').digest, sha1 } }
    expect(taking([notes, forged], { made: [weak, notes] })).toEqual(['material-swapped'])
    // Red control: without the weak digest it is no product's at all.
    expect(taking([notes, file('new', 'forged')], { made: [weak, notes] })).toEqual(['material-unexplained'])
  })

  test('nor may it differ where both sides name it, or two products do', () => {
    const other = { ...weak, digest: { ...weak.digest, sha1: 'b'.repeat(40) } }
    expect(taking([other], { made: [weak] })).toEqual(['digest-conflict'])
    expect(taking([app], { made: [weak] })).toEqual([])
    expect(taking([weak, notes], { made: [weak, { ...other, name: 'copy' }, notes] })).toEqual(['digest-conflict'])
    expect(taking([weak, notes], { made: [weak, { ...weak, name: 'copy' }, notes] })).toEqual([])
    // What was not received is between those who made it.
    expect(taking([notes], { made: [weak, { ...other, name: 'copy' }, notes] })).toEqual([])
  })
})
