import { Graph, layout as dagre } from '@dagrejs/dagre'
import { lineBetween } from './dag-lines.ts'

/** How a node stands: verified here, verified and not fitting, not verifying, not there, kept back, or only said. */
export type DagState = 'good' | 'bad' | 'refused' | 'missing' | 'withheld' | 'said'

export interface DagNode {
  readonly id: string
  readonly title: string
  /** Who signed it. */
  readonly under: string
  readonly grade: string | null
  /** The CI system that it ran on: its lane. Null where nobody says. */
  readonly system: string | null
  readonly state: DagState
  /** Not on the way that was judged. */
  readonly faint: boolean
  /** How many steps it stands for; 1 for a step. */
  readonly count: number
}

/** `handed`: bytes were handed over. `order`: named, nothing more. `broken`: it does not hold. */
export type DagEdgeKind = 'handed' | 'order' | 'broken'

export interface DagEdge {
  readonly from: string
  readonly to: string
  readonly kind: DagEdgeKind
  /** Only the server says so. */
  readonly said: boolean
}

/** Which way time goes: across a wide page, down a narrow one. */
export type Direction = 'across' | 'down'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface DagDrawing {
  readonly width: number
  readonly height: number
  readonly lanes: readonly (Box & { readonly system: string | null })[]
  readonly nodes: readonly (Box & { readonly node: DagNode })[]
  readonly edges: readonly {
    readonly edge: DagEdge
    readonly path: string
    readonly tip: string
    readonly middle: { readonly x: number; readonly y: number }
  }[]
}

export const NODE = { across: { width: 164, height: 56 }, down: { width: 128, height: 56 } } as const
const GAP = { across: { along: 48, beside: 12, edge: 12 }, down: { along: 36, beside: 8, edge: 8 } } as const
/** As far as nodes move apart along time where there is room. */
const MOST_ALONG = 120
const LEAST_ALONG = 36
/** Room for the name of a lane: over it where time goes across, at its top where it goes down. */
const TITLE = 24
/** Up to here dagre finds the layers and their order, so that edges cross little; beyond, it takes seconds. */
const FEW_NODES = 80
const FEW_EDGES = 160

/**
 * Layers from left to right, or down; a lane for each CI system, in the order in which the run came to them. Pure numbers, in pixels; `room` is what the page has across.
 */
export function layoutDag(
  nodes: readonly DagNode[],
  edges: readonly DagEdge[],
  direction: Direction,
  room: number,
): DagDrawing {
  const size = NODE[direction]
  const [along, beside] = direction === 'across' ? [size.width, size.height] : [size.height, size.width]
  const gap = { ...GAP[direction] } as { along: number; beside: number; edge: number }
  const placed = ranked(nodes, edges)
  const last = placed.reduce((most, { rank }) => Math.max(most, rank), 0)
  if (direction === 'across' && last > 0) {
    const free = (room - (last + 1) * along - 2 * gap.edge) / last
    gap.along = Math.max(LEAST_ALONG, Math.min(MOST_ALONG, free))
  }
  const systems = systemsOf(nodes, edges)
  const cells = new Map<string, number>()
  const inLane = placed.map(({ node, rank }) => {
    const lane = systems.names.indexOf(systems.of(node))
    const key = `${lane} ${rank}`
    const index = cells.get(key) ?? 0
    cells.set(key, index + 1)
    return { node, rank, lane, index }
  })
  const depths = systems.names.map((_, lane) =>
    inLane.reduce((most, cell) => (cell.lane === lane ? Math.max(most, cell.index + 1) : most), 1),
  )
  // Where time goes across, the name of a lane stands over its steps; where it goes down, at its top.
  const over = direction === 'across' ? TITLE : 0
  const before = direction === 'across' ? gap.edge : TITLE + gap.edge
  const starts: number[] = []
  let side = 0
  for (const depth of depths) {
    starts.push(side)
    side += over + depth * beside + (depth - 1) * gap.beside + 2 * gap.edge
  }
  const needed = before + (last + 1) * along + last * gap.along + gap.edge
  const length = direction === 'across' ? Math.max(needed, room) : needed
  const across = direction === 'across' ? side : Math.max(side, 0)
  const at = (time: number, place: number) => (direction === 'across' ? { x: time, y: place } : { x: place, y: time })
  const boxes = inLane.map(({ node, rank, lane, index }) => ({
    node,
    ...size,
    ...at(before + rank * (along + gap.along), starts[lane]! + over + gap.edge + index * (beside + gap.beside)),
  }))
  const box = new Map(boxes.map((one) => [one.node.id, one]))
  const whole = at(length, across)
  // Past so many no line finds its way, and nobody follows one.
  const passed = nodes.length <= FEW_NODES ? boxes : []
  return {
    width: whole.x,
    height: whole.y,
    lanes: systems.names.map((system, i) => {
      const extent = at(length, (starts[i + 1] ?? side) - starts[i]!)
      return { system, ...at(0, starts[i]!), width: extent.x, height: extent.y }
    }),
    nodes: boxes,
    edges: edges.flatMap((edge) => {
      const [from, to] = [box.get(edge.from), box.get(edge.to)]
      return from === undefined || to === undefined ? [] : [{ edge, ...lineBetween(from, to, passed, direction) }]
    }),
  }
}

interface Ranked {
  readonly node: DagNode
  readonly rank: number
}

/** Nodes with their layers, in the order in which they stand in them. */
function ranked(nodes: readonly DagNode[], edges: readonly DagEdge[]): Ranked[] {
  const known = new Set(nodes.map(({ id }) => id))
  const inside = edges.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to)
  return nodes.length <= FEW_NODES && inside.length <= FEW_EDGES ? byDagre(nodes, inside) : byLongestWay(nodes, inside)
}

function byDagre(nodes: readonly DagNode[], edges: readonly DagEdge[]): Ranked[] {
  const graph = new Graph({ multigraph: false, compound: false })
  graph.setGraph({ rankdir: 'LR', ranksep: 10, nodesep: 10 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id } of nodes) graph.setNode(id, { width: 10, height: 10 })
  for (const { from, to } of edges) graph.setEdge(from, to)
  dagre(graph)
  const xs = [...new Set(nodes.map(({ id }) => Math.round(graph.node(id).x)))].toSorted((a, b) => a - b)
  const rank = new Map(xs.map((x, i) => [x, i]))
  return nodes
    .map((node) => ({ node, rank: rank.get(Math.round(graph.node(node.id).x))!, y: graph.node(node.id).y }))
    .toSorted((a, b) => a.rank - b.rank || a.y - b.y)
}

/** Each after the longest way to it, beside what it goes on from. In a claimed circle somebody is first. */
function byLongestWay(nodes: readonly DagNode[], edges: readonly DagEdge[]): Ranked[] {
  const [before, after] = [new Map<string, string[]>(), new Map<string, string[]>()]
  for (const { from, to } of edges) {
    before.set(to, [...(before.get(to) ?? []), from])
    after.set(from, [...(after.get(from) ?? []), to])
  }
  const waiting = new Map(nodes.map(({ id }) => [id, before.get(id)?.length ?? 0]))
  const rank = new Map<string, number>()
  const ready = nodes.flatMap(({ id }) => (waiting.get(id) === 0 ? [id] : []))
  for (const id of ready) {
    rank.set(id, 1 + (before.get(id) ?? []).reduce((most, one) => Math.max(most, rank.get(one) ?? -1), -1))
    for (const next of after.get(id) ?? []) {
      const left = waiting.get(next)! - 1
      waiting.set(next, left)
      if (left === 0) ready.push(next)
    }
  }
  const layers: DagNode[][] = []
  for (const node of nodes) (layers[rank.get(node.id) ?? 0] ??= []).push(node)
  const place = new Map<string, number>()
  return layers.flatMap((layer, i) => {
    const middle = (node: DagNode) => {
      const places = (before.get(node.id) ?? []).map((id) => place.get(id) ?? 0)
      return places.length === 0 ? 0 : places.reduce((sum, one) => sum + one, 0) / places.length
    }
    const order = layer.map((node) => ({ node, at: middle(node) })).toSorted((a, b) => a.at - b.at)
    for (const [k, { node }] of order.entries()) place.set(node.id, k)
    return order.map(({ node }) => ({ node, rank: i }))
  })
}

/** Lanes in the order in which the run came to them. What is missing is drawn where it is missed. */
function systemsOf(
  nodes: readonly DagNode[],
  edges: readonly DagEdge[],
): { names: (string | null)[]; of: (node: DagNode) => string | null } {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const after = new Map(edges.map(({ from, to }) => [from, byId.get(to)]))
  const of = (node: DagNode) => node.system ?? after.get(node.id)?.system ?? null
  return { names: [...new Set(nodes.map(of))], of }
}
