import type { Resource } from '@countersign/formats'
import { expect, test } from 'vitest'
import { file, newChainId, received, sha256, signStep } from '../../../test/pipeline.ts'
import { checkElsewhere, elsewhere, type Other } from './elsewhere.ts'
import { ci, contractOf, opened } from './verify.test-kit.ts'

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

test('what a contract lets in as made by another pipeline is proven under a contract of that, or it is refused', () => {
  const both = contractOf(`  first: { signers: [ci], products: [lib] }
  build:
    signers: [ci]
    after: [first]
    products: [app]
    materials:
      - { from: first }
      - { outside: "lib/**", contract: ${one} }
      - { outside: "**/so", contract: ${another} }
      - { outside: "any/**" }`)
  const chain = { id: newChainId(), pipeline: 'p', contract: both.digest }
  const first = signStep(ci, { chain, name: 'first', subject: [file('lib', 'lib')] })
  const asked: string[] = []
  /** What is found where these are proven, by contract and name. */
  const found = (names: readonly string[], ...good: readonly string[]) => {
    asked.length = 0
    const materials = [
      received(file('lib', 'lib'), first.link),
      ...names.map((name) => received(file(name, name), null)),
    ]
    const previous = [{ link: first.link, step: 'first' }]
    const build = signStep(ci, { chain, name: 'build', previous, materials, subject: [file('app', 'app')], minute: 2 })
    const what: string[] = []
    checkElsewhere(
      [opened(first), opened(build)],
      both,
      (digest, { name }) => {
        asked.push(`${digest === one ? 'one' : 'another'} ${name}`)
        return good.includes(asked.at(-1)!)
      },
      (code, text) => what.push(`${code}: ${text}`),
    )
    return what
  }
  const unproven = (name: string, by: string) =>
    `material-unproven: material ${name} of step build is not proven under contract ${by}`
  const [a, b] = [one.slice(0, 12), another.slice(0, 12)]
  // What a step before it made, and what may come from anywhere, is asked about nowhere else.
  expect([found(['any/thing']), asked]).toEqual([[], []])
  expect([found(['lib/x']), asked]).toEqual([[unproven('lib/x', a)], ['one lib/x']])
  expect(found(['lib/x'], 'one lib/x')).toEqual([])
  // Where two contracts may prove it, either does, and not one of them for another material.
  for (const by of ['one', 'another']) expect(found(['lib/so'], `${by} lib/so`)).toEqual([])
  expect(found(['lib/so', 'lib/x'], 'one lib/so', 'another lib/x')).toEqual([unproven('lib/x', a)])
  expect(found(['lib/so', 'x/so'])).toEqual([unproven('lib/so', `${a} or ${b}`), unproven('x/so', b)])
  // Nobody who judges without a contract lets anything in by one.
  checkElsewhere(
    [opened(first)],
    null,
    () => true,
    () => expect.fail(),
  )
})
