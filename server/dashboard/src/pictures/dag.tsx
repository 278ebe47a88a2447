import { systemName } from '@countersign/evidence-page/names'
import { Fragment } from 'preact'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { type Box, type DagDrawing, type DagEdge, type DagNode, type Direction, layoutDag } from './dag-layout.ts'
import { clip, drawSteps, lettersOf, type StepsLook, titleOf } from './dag-steps.ts'
import { type DagTile, tilesOf } from './dag-tiles.ts'
import { fittedApart } from './fitted.ts'
import { useSlices } from './slices.ts'

interface DagProps {
  readonly nodes: readonly DagNode[]
  readonly edges: readonly DagEdge[]
  readonly direction: Direction
  /** Pixels across. */
  readonly room: number
  readonly selected: string | null
  /** Where a node leads. */
  readonly hrefOf: (id: string) => string
  readonly label: string
}

/** Steps that are drawn between two frames, of what is out of sight: each part waits for a frame, which costs more than it draws. */
const PART = 500
/** Pixels around what is in view that are drawn with it. */
const AROUND = 200

/** How something was built: steps from left to right, a lane for each CI system, an edge for each hand-over. */
export function Dag({ nodes, edges, direction, room, selected, hrefOf, label }: DagProps) {
  const scroll = useRef<HTMLDivElement>(null)
  const begun = useMemo(() => performance.now(), [nodes, edges, direction, room])
  // Until it is seen, so that anybody can tell in his own tools what drawing costs.
  useLayoutEffect(() => measured('countersign-draw', begun), [begun])
  const drawing = useMemo(() => layoutDag(nodes, edges, direction, room), [nodes, edges, direction, room])
  const { width, height, lanes, nodes: boxes } = drawing
  const first = boxes.some(({ node }) => node.id === selected) ? selected : (boxes[0]?.node.id ?? null)
  const parts = useMemo(() => {
    const titles = fittedApart(
      boxes.map(({ node }) => titleOf(node)),
      lettersOf(direction),
    )
    const look = { selected, first, hrefOf, titles }
    return inTurn(tilesOf(drawing), viewOf(scroll.current)).map(({ tile, turn }) => ({
      turn,
      draw: () => ({
        edges: <Edges edges={tile.edges} />,
        nodes: <Tile tile={tile} look={look} />,
      }),
    }))
  }, [drawing, selected, first, hrefOf])
  const { shown, isWhole } = useSlices(parts)
  useLayoutEffect(() => {
    if (isWhole) measured('countersign-drawn', begun)
  }, [isWhole, begun])
  return (
    <div class="dag-scroll" ref={scroll}>
      <div
        class={`dag ${direction}`}
        role="group"
        aria-label={label}
        aria-busy={!isWhole}
        onKeyDown={(event) => walk(event, boxes)}
      >
        <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height}>
          {lanes.map(({ system, x, y, width: w, height: h }, i) => (
            <g key={system ?? ''} class={i % 2 === 0 ? 'lane even' : 'lane odd'}>
              <rect x={x} y={y} width={w} height={h} />
              <text x={x + 10} y={y + 17}>
                {clip(systemName(system), direction === 'across' ? 40 : 16)}
              </text>
            </g>
          ))}
          {shown.map((part, i) => (
            <g key={i}>{part?.edges}</g>
          ))}
        </svg>
        {shown.map((part, i) => (
          <Fragment key={i}>{part?.nodes}</Fragment>
        ))}
      </div>
    </div>
  )
}

/** Steps that stand together: a picture of its own, which costs the browser little as long as it is out of sight. */
function Tile({ tile, look }: { readonly tile: DagTile; readonly look: StepsLook }) {
  const { x, y, width, height, nodes } = tile
  const svg = useRef<SVGSVGElement>(null)
  useLayoutEffect(() => drawSteps(svg.current!, nodes, look), [nodes, look])
  const place = { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }
  return (
    <div class="dag-tile" style={place}>
      <svg ref={svg} viewBox={`${x} ${y} ${width} ${height}`} width={width} height={height} />
    </div>
  )
}

function measured(name: string, start: number): void {
  requestAnimationFrame(() => setTimeout(() => performance.measure(name, { start })))
}

/** Tiles with the frame in which each is drawn: those in view with the first, then as many as make a part with each. */
function inTurn(tiles: readonly DagTile[], view: Box): readonly { readonly tile: DagTile; readonly turn: number }[] {
  let steps = 0
  return tiles.map((tile) => {
    const inView =
      tile.x < view.x + view.width &&
      tile.x + tile.width > view.x &&
      tile.y < view.y + view.height &&
      tile.y + tile.height > view.y
    if (inView) return { tile, turn: 0 }
    const turn = 1 + Math.floor(steps / PART)
    steps += tile.nodes.length
    return { tile, turn }
  })
}

/** What a reader sees of a picture, about; of one that is not there yet, its beginning. */
function viewOf(scroll: HTMLElement | null): Box {
  const top = scroll === null ? 0 : Math.max(0, -scroll.getBoundingClientRect().top)
  const [left, width] = scroll === null ? [0, innerWidth] : [scroll.scrollLeft, scroll.clientWidth]
  return { x: left - AROUND, y: top - AROUND, width: width + 2 * AROUND, height: innerHeight + 2 * AROUND }
}

/** Edges that look the same are one line to the browser, however many they are. */
function Edges({ edges }: Pick<DagTile, 'edges'>) {
  const alike = Map.groupBy(edges, ({ edge }) => `${edge.kind}${edge.said ? ' said' : ''}`)
  return [...alike].map(([look, all]) => {
    const { kind } = all[0]!.edge
    const [curves, tips] = [all.map(({ path }) => path).join(''), all.map(({ tip }) => tip).join('')]
    const about = { key: look, class: `edge ${look}`, 'data-edges': all.length }
    // Not dashed: lines and tips are one.
    if (kind === 'handed') return <path {...about} d={curves + tips} />
    return (
      <g {...about}>
        <path d={curves} class="curve" />
        <path d={tips} class="tip" />
        {kind === 'broken'
          ? all.map(({ edge: { from, to }, middle }) => (
              <Fragment key={`${from} ${to}`}>
                <circle cx={middle.x} cy={middle.y} r="9" />
                <text x={middle.x} y={middle.y + 4.5} class="cut" aria-hidden="true">
                  ✗
                </text>
              </Fragment>
            ))
          : null}
      </g>
    )
  })
}

/** Arrows go from node to node, in the order in which they stand. */
function walk(event: KeyboardEvent, boxes: DagDrawing['nodes']): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
  if (step === undefined || !(event.currentTarget instanceof Element)) return
  const active = document.activeElement?.getAttribute('data-id')
  const here = boxes.findIndex(({ node }) => node.id === active)
  const next = here < 0 ? undefined : boxes[here + step]
  if (next === undefined) return
  const link = event.currentTarget.querySelector<SVGAElement>(`[data-id="${CSS.escape(next.node.id)}"]`)
  if (link === null) return
  event.preventDefault()
  link.focus()
}

/** What the lines mean. */
export function DagKey({ said }: { readonly said: boolean }) {
  return (
    <p class="dag-key quiet small">
      <span>
        <svg width="36" height="10" aria-hidden="true" class="edge handed">
          <path d="M1 5H34" class="curve" />
        </svg>
        handed over, byte for byte
      </span>
      <span>
        <svg width="36" height="10" aria-hidden="true" class="edge order">
          <path d="M1 5H34" class="curve" />
        </svg>
        order only
      </span>
      <span>
        <svg width="36" height="10" aria-hidden="true" class="edge broken">
          <path d="M1 5H34" class="curve" />
        </svg>
        broken
      </span>
      {said ? <span>grey: the server says so, nothing is verified yet</span> : null}
    </p>
  )
}
