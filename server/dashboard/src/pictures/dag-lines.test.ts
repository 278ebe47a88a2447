import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Box } from './dag-layout.ts'
import { lineBetween } from './dag-lines.ts'

const WIDTH = 100
const HEIGHT = 50
const box = (column: number, row: number): Box => ({ x: column * 150, y: row * 60, width: WIDTH, height: HEIGHT })
const turned = ({ x, y, width, height }: Box): Box => ({ x: y, y: x, width: height, height: width })

/** Points of a path, close enough together that none of a box would be jumped over. */
function pointsOf(path: string): [number, number][] {
  const [first, ...curves] = path
    .slice(1)
    .split('C')
    .map((part) => part.trim().split(/ /).map(Number))
  let [x, y] = first as [number, number]
  return curves.flatMap((points) => {
    const [a, b, c, d, e, f] = points as [number, number, number, number, number, number]
    const along = Array.from({ length: 101 }, (_, i): [number, number] => {
      const t = i / 100
      const [p, q, r, s] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3]
      return [p * x + q * a + r * c + s * e, p * y + q * b + r * d + s * f]
    })
    ;[x, y] = [e, f]
    return along
  })
}
const behind = (path: string, boxes: readonly Box[]) =>
  boxes.filter((one) =>
    pointsOf(path).some(([x, y]) => x > one.x && x < one.x + one.width && y > one.y && y < one.y + one.height),
  )

test('a line with nothing in its way is one curve, from the one to the other', () => {
  const { path, tip, middle } = lineBetween(box(0, 0), box(1, 1), [box(0, 0), box(1, 1), box(1, 0)], 'across')
  expect(path).toBe('M100 25C125 25 125 85 150 85')
  expect(tip).toBe('M142 80.5L150 85L142 89.5')
  expect(middle).toEqual({ x: 125, y: 55 })
})

test('it goes past what stands in its way, on the side that is nearest', () => {
  const straight = [box(0, 0), box(1, 0), box(2, 0)]
  const above = lineBetween(box(0, 0), box(2, 0), straight, 'across')
  expect(behind(above.path, straight.slice(1, 2))).toEqual([])
  expect([above.middle.x, above.middle.y]).toEqual([200, -6])
  // Down to where it ends, and along there: nobody stands in that row.
  const lower = lineBetween(box(0, 0), box(2, 3), [...straight, box(1, 1), box(1, 2)], 'across')
  expect(lower.middle.y).toBe(box(0, 3).y + HEIGHT / 2)
})

test('whatever stands there, no line goes behind it; and the same where time goes down', () => {
  let passed = 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(5)), { maxLength: 15 }),
      fc.nat(5),
      fc.nat(5),
      (cells, a, b) => {
        const others = cells.map(([column, row]) => box(column, row))
        const [from, to] = [box(0, a), box(5, b)]
        const { path, middle } = lineBetween(from, to, [from, ...others, to], 'across')
        expect(behind(path, others)).toEqual([])
        if (path.split('C').length > 2) passed++
        const down = lineBetween(turned(from), turned(to), [from, ...others, to].map(turned), 'down')
        expect(behind(down.path, others.map(turned))).toEqual([])
        if (path.split('C').length > 2) expect(down.middle).toEqual({ x: middle.y, y: middle.x })
      },
    ),
    { numRuns: 200 },
  )
  expect(passed).toBeGreaterThan(50)
})
