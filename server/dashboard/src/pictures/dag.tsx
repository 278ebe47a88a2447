import { systemName } from '@countersign/evidence-page/names'
import { useLayoutEffect } from 'preact/hooks'
import { type DagEdge, type DagNode, type DagState, type Direction, layoutDag } from './dag-layout.ts'

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

/** How something was built: steps from left to right, a lane for each CI system, an edge for each hand-over. */
export function Dag({ nodes, edges, direction, room, selected, hrefOf, label }: DagProps) {
  const begun = performance.now()
  // Until it is seen, so that anybody can tell in his own tools what drawing costs.
  useLayoutEffect(() => {
    requestAnimationFrame(() => setTimeout(() => performance.measure('countersign-draw', { start: begun })))
  })
  const { width, height, lanes, nodes: boxes, edges: curves } = layoutDag(nodes, edges, direction, room)
  const first = boxes.some(({ node }) => node.id === selected) ? selected : (boxes[0]?.node.id ?? null)
  return (
    <div class="dag-scroll">
      <svg
        class={`dag ${direction}`}
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="group"
        aria-label={label}
        onKeyDown={(event) => walk(event)}
      >
        {lanes.map(({ system, x, y, width: w, height: h }, i) => (
          <g key={system ?? ''} class={i % 2 === 0 ? 'lane even' : 'lane odd'}>
            <rect x={x} y={y} width={w} height={h} />
            <text x={x + 10} y={y + 17}>
              {clip(systemName(system), direction === 'across' ? 40 : 16)}
            </text>
          </g>
        ))}
        {curves.map(({ edge, path, tip, middle }) => (
          <g
            key={`${edge.from} ${edge.to}`}
            class={`edge ${edge.kind}${edge.said ? ' said' : ''}`}
            data-kind={edge.kind}
          >
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
        ))}
        {boxes.map(({ node, x, y, width: w, height: h }) => (
          <g key={node.id} transform={`translate(${x} ${y})`}>
            <a
              href={hrefOf(node.id)}
              class={`node ${node.state}${node.faint ? ' faint' : ''}${node.id === selected ? ' selected' : ''}`}
              data-state={node.state}
              data-id={node.id}
              aria-current={node.id === selected ? 'true' : undefined}
              tabIndex={node.id === first ? 0 : -1}
            >
              <title>{saying(node)}</title>
              {node.count > 1 ? <rect x="5" y="-5" width={w} height={h} rx="8" class="behind" /> : null}
              <rect width={w} height={h} rx="8" class="box" />
              <circle cx="17" cy="19" r="8.5" class="dot" />
              <text x="17" y="23" class="state" aria-hidden="true">
                {MARK[node.state]}
              </text>
              <text x="32" y="24" class="name" aria-hidden="true">
                {clip(node.count > 1 ? `${node.title} ×${node.count}` : node.title, (w - 68) / 8.1)}
              </text>
              <text x="12" y="43" class="signer" aria-hidden="true">
                {clip(node.under, (w - 24) / 6.4)}
              </text>
              {node.grade === null ? null : (
                <g class={`badge grade-${node.grade.toLowerCase()}`} aria-hidden="true">
                  <rect x={w - 30} y="9" width="20" height="19" rx="4" />
                  <text x={w - 20} y="23">
                    {clip(node.grade, 2)}
                  </text>
                </g>
              )}
            </a>
          </g>
        ))}
      </svg>
    </div>
  )
}

function saying({ title, count, under, grade, system, state }: DagNode): string {
  const what = count > 1 ? `${count} steps ${title}` : `Step ${title}`
  const by = under === '' ? '' : `, ${under}${grade === null ? '' : `, grade ${grade}`}`
  return `${what}, ${systemName(system)}${by}: ${SAYS[state]}`
}

/** Arrows go from node to node, in the order in which they stand. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
  if (step === undefined || !(event.currentTarget instanceof Element)) return
  const nodes = [...event.currentTarget.querySelectorAll<SVGAElement>('a.node')]
  const here = nodes.indexOf(document.activeElement as unknown as SVGAElement)
  const next = nodes[here + step]
  if (here < 0 || next === undefined) return
  event.preventDefault()
  next.focus()
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
