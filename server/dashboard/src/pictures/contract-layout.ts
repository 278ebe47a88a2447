import { Graph, layout } from '@dagrejs/dagre'

/** What is to be placed: boxes of one size, and what leads from one to another. */
export interface Placing {
  readonly nodes: readonly string[]
  readonly lines: readonly { readonly from: string; readonly to: string }[]
}

export interface PlacedLine {
  readonly from: string
  readonly to: string
  /** SVG path data of the line, and of the tip at its end. */
  readonly path: string
  readonly tip: string
  readonly middle: { readonly x: number; readonly y: number }
}

export interface ContractLayout {
  readonly width: number
  readonly height: number
  readonly box: { readonly width: number; readonly height: number }
  /** Upper left corners. */
  readonly nodes: ReadonlyMap<string, { readonly x: number; readonly y: number }>
  readonly lines: readonly PlacedLine[]
}

const BOX = { across: { width: 168, height: 64 }, down: { width: 150, height: 64 } }
const MARGIN = 6

/** From left to right where that fits into `width`, else from the top down. */
export function contractLayout(placing: Placing, width: number): ContractLayout {
  const across = placed(placing, 'across')
  return across.width <= width ? across : placed(placing, 'down')
}

function placed({ nodes, lines }: Placing, direction: 'across' | 'down'): ContractLayout {
  const box = BOX[direction]
  const graph = new Graph()
  graph.setGraph({
    rankdir: direction === 'across' ? 'LR' : 'TB',
    nodesep: 18,
    ranksep: direction === 'across' ? 52 : 36,
    marginx: MARGIN,
    marginy: MARGIN,
  })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const id of nodes) graph.setNode(id, { ...box })
  const known = new Set(nodes)
  const drawn = lines.filter(({ from, to }) => known.has(from) && known.has(to))
  for (const { from, to } of drawn) graph.setEdge(from, to)
  layout(graph)
  const size = graph.graph() as { width?: number; height?: number }
  const places = new Map(
    nodes.map((id) => {
      const { x, y } = graph.node(id) as { x: number; y: number }
      return [id, { x: x - box.width / 2, y: y - box.height / 2 }]
    }),
  )
  return {
    width: Math.ceil(size.width ?? 0),
    height: Math.ceil(size.height ?? 0),
    box,
    nodes: places,
    lines: drawn.map(({ from, to }) => {
      const { points } = graph.edge(from, to) as { points: readonly { x: number; y: number }[] }
      return { from, to, ...curve(points, direction) }
    }),
  }
}

/** A smooth line through points, with a tip that stands along it. */
function curve(
  points: readonly { x: number; y: number }[],
  direction: 'across' | 'down',
): Omit<PlacedLine, 'from' | 'to'> {
  const [first, last] = [points[0]!, points.at(-1)!]
  const parts = [`M ${round(first.x)} ${round(first.y)}`]
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!]
    const [half, side] = [(a.x + b.x) / 2, (a.y + b.y) / 2]
    const bend = direction === 'across' ? [half, a.y, half, b.y] : [a.x, side, b.x, side]
    parts.push(`C ${bend.map(round).join(' ')} ${round(b.x)} ${round(b.y)}`)
  }
  const [x, y] = [round(last.x), round(last.y)]
  return {
    path: parts.join(' '),
    tip:
      direction === 'across'
        ? `M ${x - 8} ${y - 4.5} L ${x} ${y} L ${x - 8} ${y + 4.5}`
        : `M ${x - 4.5} ${y - 8} L ${x} ${y} L ${x + 4.5} ${y - 8}`,
    middle: points[Math.floor(points.length / 2)]!,
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
