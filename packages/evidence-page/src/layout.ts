import type { Graph, Line, Node } from './graph.ts'

/** Which way time goes: across a wide page, down a narrow one. */
export type Direction = 'across' | 'down'

export interface Placed {
  readonly node: Node
  readonly x: number
  readonly y: number
}

/** A lane of one CI system, with room for the jobs that ran side by side on it. */
export interface Lane {
  readonly system: string | null
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Curve {
  readonly line: Line
  /** SVG path data of the line, and of the tip at its end. */
  readonly path: string
  readonly tip: string
  /** The point half way, for a mark. */
  readonly middle: { readonly x: number; readonly y: number }
}

export interface Drawing {
  readonly width: number
  readonly height: number
  readonly lanes: readonly Lane[]
  readonly nodes: readonly Placed[]
  readonly curves: readonly Curve[]
}

export const NODE = { across: { width: 148, height: 54 }, down: { width: 104, height: 56 } } as const
/** As far as nodes move apart along time where there is room. */
const MOST_ALONG = 110
/** Between nodes along time, between nodes side by side, and at the edges of a lane. */
const GAP = { across: { along: 46, beside: 12, edge: 14 }, down: { along: 30, beside: 8, edge: 8 } }
/** Room for the name of a lane: at its left where time goes across, at its top where it goes down. */
const TITLE = { across: 124, down: 30 } as const

/**
 * A layered drawing: a step comes after everything before it, in the lane of its CI system; what ran side by side
 * there shares the lane. Pure numbers, in pixels; `room` is what the page has across, which the drawing fills.
 */
export function layout({ nodes, lines }: Graph, direction: Direction, room: number): Drawing {
  const size = NODE[direction]
  const [along, beside] = direction === 'across' ? [size.width, size.height] : [size.height, size.width]
  const layers = layersOf(nodes)
  const systems = systemsOf(nodes)
  const last = nodes.reduce((most, { id }) => Math.max(most, layers.get(id)!), 0)
  const gap = { ...GAP[direction] }
  if (direction === 'across' && last > 0) {
    const free = (room - TITLE.across - (last + 1) * along - gap.edge) / last
    gap.along = Math.max(gap.along, Math.min(MOST_ALONG, free))
  }
  // Places side by side in a lane, by layer.
  const filled = new Map<string, number>()
  const cells = nodes.map((node) => {
    const layer = layers.get(node.id)!
    const lane = systems.of(node)
    const cell = `${lane} ${layer}`
    const index = filled.get(cell) ?? 0
    filled.set(cell, index + 1)
    return { node, layer, lane, index }
  })
  const depth = systems.names.map((_, lane) =>
    cells.reduce((most, cell) => (cell.lane === lane ? Math.max(most, cell.index + 1) : most), 1),
  )
  const starts: number[] = []
  let across = 0
  for (const count of depth) {
    starts.push(across)
    across += count * beside + (count - 1) * gap.beside + 2 * gap.edge
  }
  const needed = TITLE[direction] + (last + 1) * along + last * gap.along + gap.edge
  const length = direction === 'across' ? Math.max(room, needed) : needed
  const at = (time: number, side: number) => (direction === 'across' ? { x: time, y: side } : { x: side, y: time })
  const placed = cells.map(({ node, layer, lane, index }) => {
    const time = TITLE[direction] + layer * (along + gap.along)
    const side = starts[lane]! + gap.edge + index * (beside + gap.beside)
    return { node, ...at(time, side) }
  })
  const places = new Map(placed.map((one) => [one.node.id, one]))
  const whole = at(length, across)
  return {
    width: whole.x,
    height: whole.y,
    lanes: systems.names.map((system, i) => {
      const extent = at(length, (starts[i + 1] ?? across) - starts[i]!)
      return { system, ...at(0, starts[i]!), width: extent.x, height: extent.y }
    }),
    nodes: placed,
    curves: lines.flatMap((line) => {
      const [from, to] = [places.get(line.from), places.get(line.to)]
      return from === undefined || to === undefined ? [] : [{ line, ...curve(from, to, direction) }]
    }),
  }
}

/** How many steps at least go before each. */
function layersOf(nodes: readonly Node[]): Map<string, number> {
  const layers = new Map<string, number>()
  // Nodes come after those before them; in a claimed circle somebody is first.
  for (const { id, previous } of nodes) {
    layers.set(id, 1 + previous.reduce((most, { link }) => Math.max(most, layers.get(link) ?? -1), -1))
  }
  return layers
}

/** Lanes in the order in which the run came to them. A gap is drawn where it is missed. */
function systemsOf(nodes: readonly Node[]): { names: (string | null)[]; of(node: Node): number } {
  const missedBy = new Map<string, Node>()
  for (const node of nodes) for (const { link } of node.previous) if (!missedBy.has(link)) missedBy.set(link, node)
  const of = (node: Node): string | null => node.system ?? missedBy.get(node.id)?.system ?? null
  const names = [...new Set(nodes.map(of))]
  return { names, of: (node) => names.indexOf(of(node)) }
}

function curve(from: Placed, to: Placed, direction: Direction): Omit<Curve, 'line'> {
  const { width, height } = NODE[direction]
  if (direction === 'across') {
    const [x1, y1, x2, y2] = [from.x + width, from.y + height / 2, to.x, to.y + height / 2]
    const bend = Math.max(20, (x2 - x1) / 2)
    return {
      path: `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`,
      tip: `M ${x2 - 8} ${y2 - 4.5} L ${x2} ${y2} L ${x2 - 8} ${y2 + 4.5}`,
      middle: { x: (x1 + x2) / 2, y: (y1 + y2) / 2 },
    }
  }
  const [x1, y1, x2, y2] = [from.x + width / 2, from.y + height, to.x + width / 2, to.y]
  const bend = Math.max(14, (y2 - y1) / 2)
  return {
    path: `M ${x1} ${y1} C ${x1} ${y1 + bend}, ${x2} ${y2 - bend}, ${x2} ${y2}`,
    tip: `M ${x2 - 4.5} ${y2 - 8} L ${x2} ${y2} L ${x2 + 4.5} ${y2 - 8}`,
    middle: { x: (x1 + x2) / 2, y: (y1 + y2) / 2 },
  }
}
