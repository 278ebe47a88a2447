import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grouped } from './dag-groups.ts'
import { type DagEdge, type DagNode, layoutDag } from './dag-layout.ts'

const node = (id: string, more: Partial<DagNode> = {}): DagNode => ({
  id,
  title: id,
  under: 'somebody',
  grade: 'A',
  system: 'github-actions',
  state: 'good',
  faint: false,
  count: 1,
  ...more,
})
const edge = (from: string, to: string, more: Partial<DagEdge> = {}): DagEdge => ({
  from,
  to,
  kind: 'handed',
  said: false,
  ...more,
})

test.each([12, 120])('each of %i steps comes after what is before it, in its lane, and none on another', (count) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 2 * count }), (pairs) => {
      const nodes = Array.from({ length: count }, (_, i) => node(`n${i}`, { system: ['a', 'b', null][i % 3]! }))
      const edges = pairs.flatMap(([a, b]) => (a < b ? [edge(`n${a}`, `n${b}`)] : []))
      for (const direction of ['across', 'down'] as const) {
        const { nodes: boxes, lanes, edges: curves } = layoutDag(nodes, edges, direction, 800)
        expect(boxes).toHaveLength(count)
        expect(curves).toHaveLength(edges.length)
        const at = new Map(boxes.map((box) => [box.node.id, box]))
        for (const { from, to } of edges) {
          const [a, b] = [at.get(from)!, at.get(to)!]
          if (direction === 'across') expect(a.x + a.width).toBeLessThan(b.x)
          else expect(a.y + a.height).toBeLessThan(b.y)
        }
        expect(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(count)
        for (const { x, y, width, height } of boxes) {
          const around = lanes.filter(
            (lane) =>
              lane.x <= x && x + width <= lane.x + lane.width && lane.y <= y && y + height <= lane.y + lane.height,
          )
          expect(around).toHaveLength(1)
        }
      }
    }),
    { numRuns: 20 },
  )
})

test('a claimed circle is drawn, and ends', () => {
  const nodes = Array.from({ length: 200 }, (_, i) => node(`n${i}`))
  const edges = nodes.map(({ id }, i) => edge(id, `n${(i + 1) % nodes.length}`))
  expect(layoutDag(nodes, edges, 'across', 800).nodes).toHaveLength(200)
})

test('jobs of one matrix are one node that stands as its worst does, until somebody opens it', () => {
  const jobs = ['x', 'y', 'z', 'w'].map((key) => node(`test-${key}`, { state: key === 'z' ? 'bad' : 'good' }))
  const nodes = [node('build'), ...jobs, node('pack')]
  const edges = jobs.flatMap(({ id }) => [
    edge('build', id),
    edge(id, 'pack', id === 'test-z' ? { kind: 'broken' } : {}),
  ])
  const nameOf = (id: string) => id.replace(/-.*/, '')
  const closed = grouped(nodes, edges, nameOf, new Set())
  expect(closed.nodes.map(({ title, count, state }) => `${title} ${count} ${state}`)).toEqual([
    'build 1 good',
    'test 4 bad',
    'pack 1 good',
  ])
  expect(closed.edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`)).toEqual([
    'build handed group:test-x',
    'group:test-x broken pack',
  ])
  const open = grouped(nodes, edges, nameOf, new Set(['group:test-x']))
  expect(open.nodes).toHaveLength(6)
  expect(open.open).toEqual(['group:test-x'])
})
