import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contractLayout } from './contract-layout.ts'

const chain = {
  nodes: ['a', 'b', 'c'],
  lines: [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
  ],
}

test('from left to right where there is room, else from the top down', () => {
  const wide = contractLayout(chain, 1000)
  const left = ['a', 'b', 'c'].map((id) => wide.nodes.get(id)!.x)
  expect(left).toEqual(left.toSorted((a, b) => a - b))
  expect(wide.height).toBeLessThan(100)
  const narrow = contractLayout(chain, 358)
  expect(narrow.width).toBeLessThan(358)
  expect(narrow.nodes.get('c')!.y).toBeGreaterThan(narrow.nodes.get('a')!.y + 100)
})

test('no box lies on another, whatever follows what', () => {
  const some = fc.record({
    count: fc.integer({ min: 1, max: 14 }),
    pairs: fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 30 }),
    width: fc.integer({ min: 300, max: 1500 }),
  })
  fc.assert(
    fc.property(some, ({ count, pairs, width }) => {
      const nodes = Array.from({ length: count }, (_, i) => `n${i}`)
      // What goes before has the lower number, as in a contract without circles; some lead to what is not there.
      const lines = pairs.filter(([a, b]) => a < b).map(([a, b]) => ({ from: `n${a}`, to: `n${b}` }))
      const { nodes: places, box } = contractLayout({ nodes, lines }, width)
      const all = [...places.values()]
      for (const [i, one] of all.entries()) {
        for (const other of all.slice(i + 1)) {
          const apart = Math.abs(one.x - other.x) >= box.width || Math.abs(one.y - other.y) >= box.height
          expect(apart).toBe(true)
        }
      }
    }),
    { numRuns: 40 },
  )
})
