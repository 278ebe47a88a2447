import type { Box, DagDrawing } from './dag-layout.ts'

/** Pixels of a tile, either way: about what is seen at once, so that few are in view and few stand empty. */
const SIDE = 1600
/** Pixels around its steps: what is drawn over their edge is not cut off. */
const AROUND = 8

/** Steps that stand together, and the edges that begin or end there first. Its box holds its steps, not its edges. */
export interface DagTile extends Box {
  readonly nodes: DagDrawing['nodes']
  readonly edges: DagDrawing['edges']
}

/** A drawing in tiles, in the order of their first steps: each step and each edge is in one of them. */
export function tilesOf({ nodes, edges }: Pick<DagDrawing, 'nodes' | 'edges'>): readonly DagTile[] {
  const inTiles = [...Map.groupBy(nodes, ({ x, y }) => `${Math.floor(x / SIDE)} ${Math.floor(y / SIDE)}`).values()]
  const place = new Map(inTiles.flatMap((inTile, i) => inTile.map(({ node }) => [node.id, i] as const)))
  const edgesOf = Map.groupBy(edges, ({ edge: { from, to } }) => Math.min(place.get(from) ?? 0, place.get(to) ?? 0))
  return inTiles.map((inTile, i) => {
    const [x, y] = [Math.min(...inTile.map((box) => box.x)) - AROUND, Math.min(...inTile.map((box) => box.y)) - AROUND]
    const right = Math.max(...inTile.map((box) => box.x + box.width)) + AROUND
    const bottom = Math.max(...inTile.map((box) => box.y + box.height)) + AROUND
    return { x, y, width: right - x, height: bottom - y, nodes: inTile, edges: edgesOf.get(i) ?? [] }
  })
}
