import { systemName } from '@countersign/evidence-page/names'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import {
  type Box,
  type DagDrawing,
  type DagEdge,
  type DagNode,
  type DagState,
  type Direction,
  layoutDag,
  NODE,
} from './dag-layout.ts'
import { fittedApart } from './fitted.ts'
import { useSlices } from './slices.ts'

const MARK: Readonly<Record<DagState, string>> = {
  good: '✓',
  bad: '✗',
  refused: '✗',
  missing: '?',
  withheld: '–',
  said: '…',
}

/** What is said of a node, for those who do not see how it is drawn. */
export const SAYS: Readonly<Record<DagState, string>> = {
  good: 'your browser verified this',
  bad: 'your browser verified its signature; it does not fit',
  refused: 'does not verify',
  missing: 'is missing',
  withheld: 'is withheld',
  said: 'the server says',
}

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

/** Nodes of a part that is drawn after what is in view: each part waits for a frame, which costs more than it draws. */
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
    const titles = fittedApart(boxes.map(titleOf), (NODE[direction].width - 68) / 8.4)
    const look = { selected, first, hrefOf, titles }
    return partsOf(drawing, viewOf(scroll.current)).map((part) => () => ({
      edges: part.edges.map((edge) => <Edge key={`${edge.edge.from} ${edge.edge.to}`} {...edge} />),
      nodes: part.nodes.map((box) => <Step key={box.node.id} {...box} {...look} />),
    }))
  }, [drawing, selected, first, hrefOf])
  const { shown, isWhole } = useSlices(parts)
  useLayoutEffect(() => {
    if (isWhole) measured('countersign-drawn', begun)
  }, [isWhole, begun])
  return (
    <div class="dag-scroll" ref={scroll}>
      <svg
        class={`dag ${direction}`}
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="group"
        aria-label={label}
        aria-busy={!isWhole}
        onKeyDown={(event) => walk(event, boxes)}
      >
        {lanes.map(({ system, x, y, width: w, height: h }, i) => (
          <g key={system ?? ''} class={i % 2 === 0 ? 'lane even' : 'lane odd'}>
            <rect x={x} y={y} width={w} height={h} />
            <text x={x + 10} y={y + 17}>
              {clip(systemName(system), direction === 'across' ? 40 : 16)}
            </text>
          </g>
        ))}
        {shown.map((part, i) => (
          <g key={`edges ${i}`}>{part?.edges}</g>
        ))}
        {shown.map((part, i) => (
          <g key={`nodes ${i}`}>{part?.nodes}</g>
        ))}
      </svg>
    </div>
  )
}

function measured(name: string, start: number): void {
  requestAnimationFrame(() => setTimeout(() => performance.measure(name, { start })))
}

interface DagPart {
  readonly nodes: readonly DagDrawing['nodes'][number][]
  readonly edges: readonly DagDrawing['edges'][number][]
}

/** What is in view first, then the others in their order. An edge is drawn with the first of its two steps. */
function partsOf({ nodes, edges }: DagDrawing, view: Box): readonly DagPart[] {
  const inView = (box: Box) =>
    box.x < view.x + view.width &&
    box.x + box.width > view.x &&
    box.y < view.y + view.height &&
    box.y + box.height > view.y
  const [near, far] = [nodes.filter(inView), nodes.filter((box) => !inView(box))]
  const parts: { nodes: typeof near; edges: DagDrawing['edges'][number][] }[] = [{ nodes: near, edges: [] }]
  for (let i = 0; i < far.length; i += PART) parts.push({ nodes: far.slice(i, i + PART), edges: [] })
  const place = new Map(parts.flatMap((part, i) => part.nodes.map(({ node }) => [node.id, i] as const)))
  for (const edge of edges) {
    const at = Math.min(place.get(edge.edge.from) ?? 0, place.get(edge.edge.to) ?? 0)
    parts[at]!.edges.push(edge)
  }
  return parts
}

/** What a reader sees of a picture, about; of one that is not there yet, its beginning. */
function viewOf(scroll: HTMLElement | null): Box {
  const top = scroll === null ? 0 : Math.max(0, -scroll.getBoundingClientRect().top)
  const [left, width] = scroll === null ? [0, innerWidth] : [scroll.scrollLeft, scroll.clientWidth]
  return { x: left - AROUND, y: top - AROUND, width: width + 2 * AROUND, height: innerHeight + 2 * AROUND }
}

function Edge({ edge, path, tip, middle }: DagDrawing['edges'][number]) {
  const look = `edge ${edge.kind}${edge.said ? ' said' : ''}`
  // Not dashed: line and tip are one.
  if (edge.kind === 'handed') return <path d={path + tip} class={look} data-kind={edge.kind} />
  return (
    <g class={look} data-kind={edge.kind}>
      <path d={path} class="curve" />
      <path d={tip} class="tip" />
      {edge.kind === 'broken' ? (
        <>
          <circle cx={middle.x} cy={middle.y} r="9" />
          <text x={middle.x} y={middle.y + 4.5} class="cut" aria-hidden="true">
            ✗
          </text>
        </>
      ) : null}
    </g>
  )
}

type StepProps = DagDrawing['nodes'][number] &
  Pick<DagProps, 'selected' | 'hrefOf'> & {
    readonly first: string | null
    readonly titles: ReadonlyMap<string, string>
  }

function Step({ node, x, y, width, height, selected, first, hrefOf, titles }: StepProps) {
  const { id, state, faint, count, under, grade } = node
  // An attribute of SVG that the types of links do not know.
  const place = { transform: `translate(${x} ${y})` }
  return (
    <a
      {...place}
      href={hrefOf(id)}
      class={`node ${state}${faint ? ' faint' : ''}${id === selected ? ' selected' : ''}`}
      data-state={state}
      data-id={id}
      aria-current={id === selected ? 'true' : undefined}
      tabIndex={id === first ? 0 : -1}
    >
      <title>{saying(node)}</title>
      {count > 1 ? <rect x="5" y="-5" width={width} height={height} rx="8" class="behind" /> : null}
      <rect width={width} height={height} rx="8" class="box" />
      <circle cx="17" cy="19" r="8.5" class="dot" />
      <text x="17" y="23" class="state" aria-hidden="true">
        {MARK[state]}
      </text>
      <text x="32" y="24" class="name" aria-hidden="true">
        {titles.get(titleOf({ node }))}
      </text>
      <text x="12" y="43" class="signer" aria-hidden="true">
        {clip(under, (width - 24) / 6.4)}
      </text>
      {grade === null ? null : (
        <g class={`badge grade-${grade.toLowerCase()}`} aria-hidden="true">
          <rect x={width - 30} y="9" width="20" height="19" rx="4" />
          <text x={width - 20} y="23">
            {clip(grade, 2)}
          </text>
        </g>
      )}
    </a>
  )
}

function titleOf({ node: { title, count } }: { readonly node: DagNode }): string {
  return count > 1 ? `${title} ×${count}` : title
}

function saying({ title, count, under, grade, system, state }: DagNode): string {
  const what = count > 1 ? `${count} steps ${title}` : `Step ${title}`
  const by = under === '' ? '' : `, ${under}${grade === null ? '' : `, grade ${grade}`}`
  return `${what}, ${systemName(system)}${by}: ${SAYS[state]}`
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

function clip(text: string, letters: number): string {
  const most = Math.floor(letters)
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text
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
