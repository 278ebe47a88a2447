import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layoutDag } from './dag-layout.ts'
import { tilesOf } from './dag-tiles.ts'

test('each step and each edge is in one tile, which holds its steps whole and is no larger than a screen', () => {
  const pairs = fc.array(fc.tuple(fc.nat(199), fc.nat(199)), { maxLength: 300 })
  fc.assert(
    fc.property(pairs, fc.constantFrom('across' as const, 'down' as const), (wanted, direction) => {
      const nodes = Array.from({ length: 200 }, (_, i) => ({
        id: `n${i}`,
        title: `n${i}`,
        under: 'somebody',
        grade: 'A',
        system: ['a', 'b', null][i % 3]!,
        state: 'good' as const,
        faint: false,
        count: 1,
      }))
      const edges = wanted.flatMap(([a, b]) =>
        a < b ? [{ from: `n${a}`, to: `n${b}`, kind: 'handed' as const, said: false }] : [],
      )
      const drawing = layoutDag(nodes, edges, direction, 800)
      const tiles = tilesOf(drawing)
      const held = tiles.flatMap((tile) => tile.nodes)
      expect(new Set(held)).toEqual(new Set(drawing.nodes))
      expect(held).toHaveLength(nodes.length)
      expect(tiles.flatMap((tile) => tile.edges)).toHaveLength(edges.length)
      for (const { x, y, width, height, nodes: inside } of tiles) {
        expect(Math.max(width, height)).toBeLessThan(1600 + 164 + 2 * 8)
        for (const box of inside) {
          expect(box.x).toBeGreaterThan(x)
          expect(box.y).toBeGreaterThan(y)
          expect(box.x + box.width).toBeLessThan(x + width)
          expect(box.y + box.height).toBeLessThan(y + height)
        }
      }
    }),
    { numRuns: 30 },
  )
})

test('an edge is drawn with the first of its two steps', () => {
  const at = (id: string, x: number) => ({
    node: { id, title: id, under: '', grade: null, system: null, state: 'good' as const, faint: false, count: 1 },
    x,
    y: 0,
    width: 164,
    height: 56,
  })
  const edge = {
    edge: { from: 'b', to: 'a', kind: 'order' as const, said: false },
    path: '',
    tip: '',
    middle: { x: 0, y: 0 },
  }
  const tiles = tilesOf({ nodes: [at('a', 0), at('b', 5000)], edges: [edge] })
  expect(tiles.map(({ edges }) => edges.length)).toEqual([1, 0])
})
