import type { Box, Direction } from './dag-layout.ts'

/** A line from one box to another: SVG path data of it and of the tip at its end, and where it can be marked. */
export interface Line {
  readonly path: string
  readonly tip: string
  readonly middle: { readonly x: number; readonly y: number }
}

/** A box along time and across it, whichever way time goes. */
interface Extent {
  readonly begin: number
  readonly end: number
  readonly top: number
  readonly bottom: number
}

/** Room that a line keeps to a box that it passes. */
const CLEAR = 6
const BEND = { across: { least: 20, most: 80 }, down: { least: 14, most: 60 } } as const
const LOOKS = 24

/**
 * The line from one box to another that follows it in time. Where others stand in its way it goes past them, beside the
 * one that takes it least far about: a line that went behind a box would seem to end or to begin there.
 */
export function lineBetween(from: Box, to: Box, others: readonly Box[], direction: Direction): Line {
  const [a, b] = [extentOf(from, direction), extentOf(to, direction)]
  const start: Point = [a.end, (a.top + a.bottom) / 2]
  const end: Point = [b.begin, (b.top + b.bottom) / 2]
  const between = others
    .map((box) => extentOf(box, direction))
    .filter(({ begin, end: last }) => begin > a.end && last < b.begin)
  const straight: Curve = [start, ...bent(start, end, direction), end]
  if (!between.some((box) => crosses(straight, box))) return drawn([straight], middleOf(start, end), direction)
  const [first, last] = [Math.min(...between.map(({ begin }) => begin)), Math.max(...between.map(({ end }) => end))]
  const side = freeSide(between, start[1], end[1])
  const [into, out]: [Point, Point] = [
    [first, side],
    [last, side],
  ]
  const curves: Curve[] = [
    [start, ...eased(start, into), into],
    [into, into, out, out],
    [out, ...eased(out, end), end],
  ]
  return drawn(curves, middleOf(into, out), direction)
}

type Point = readonly [time: number, side: number]
type Curve = readonly [Point, Point, Point, Point]

function extentOf({ x, y, width, height }: Box, direction: Direction): Extent {
  return direction === 'across'
    ? { begin: x, end: x + width, top: y, bottom: y + height }
    : { begin: y, end: y + height, top: x, bottom: x + width }
}

/** Where all that stand between let it pass: of such places the one with the shortest way there and back. */
function freeSide(between: readonly Extent[], from: number, to: number): number {
  const places = [from, to, ...between.flatMap(({ top, bottom }) => [top - CLEAR, bottom + CLEAR])]
  const free = places.filter((side) =>
    between.every(({ top, bottom }) => side <= top - CLEAR || side >= bottom + CLEAR),
  )
  const way = (side: number) => Math.abs(side - from) + Math.abs(side - to)
  return free.reduce((best, side) => (way(side) < way(best) ? side : best))
}

function bent(from: Point, to: Point, direction: Direction): [Point, Point] {
  const { least, most } = BEND[direction]
  const bend = Math.max(least, Math.min(most, (to[0] - from[0]) / 2))
  return [
    [from[0] + bend, from[1]],
    [to[0] - bend, to[1]],
  ]
}

function eased(from: Point, to: Point): [Point, Point] {
  const half = (from[0] + to[0]) / 2
  return [
    [half, from[1]],
    [half, to[1]],
  ]
}

function crosses([a, b, c, d]: Curve, { begin, end, top, bottom }: Extent): boolean {
  for (let i = 1; i < LOOKS; i++) {
    const t = i / LOOKS
    const [p, q, r, s] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3]
    const time = p * a[0] + q * b[0] + r * c[0] + s * d[0]
    const side = p * a[1] + q * b[1] + r * c[1] + s * d[1]
    if (time > begin && time < end && side > top - CLEAR / 2 && side < bottom + CLEAR / 2) return true
  }
  return false
}

function middleOf(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}

function drawn(curves: readonly Curve[], middle: Point, direction: Direction): Line {
  const at = ([time, side]: Point) =>
    direction === 'across' ? `${round(time)} ${round(side)}` : `${round(side)} ${round(time)}`
  const end = curves.at(-1)![3]
  const tip = (time: number, side: number) => at([end[0] + time, end[1] + side])
  const [x, y] = direction === 'across' ? middle : [middle[1], middle[0]]
  return {
    path: `M${at(curves[0]![0])}${curves.map(([, ...points]) => `C${points.map(at).join(' ')}`).join('')}`,
    tip: `M${tip(-8, -4.5)}L${tip(0, 0)}L${tip(-8, 4.5)}`,
    middle: { x, y },
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
