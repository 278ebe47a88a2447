import type { Graph, NodeState } from '../graph.ts'
import { type Curve, type Direction, type Lane, layout, NODE, type Placed } from '../layout.ts'
import { stepName, systemName } from '../names.ts'
import { plain } from '../plain.ts'
import { h, section, svg } from './dom.ts'

/** More would be no picture. */
const MAX_DRAWN = 400

const MARK: Readonly<Record<NodeState, string>> = { good: '✓', bad: '✗', refused: '✗', missing: '?', withheld: '–' }
const SAID: Readonly<Record<NodeState, string>> = {
  good: 'verified',
  bad: 'verified, but does not fit',
  refused: 'does not verify',
  missing: 'is missing',
  withheld: 'is withheld',
}

/** The run as it went over the CI systems, a lane each. */
export function drawing(graph: Graph, direction: Direction, room: number): HTMLElement {
  const shown = new Set(graph.nodes.slice(0, MAX_DRAWN).map(({ id }) => id))
  const part: Graph = {
    nodes: graph.nodes.filter(({ id }) => shown.has(id)),
    lines: graph.lines.filter(({ from, to }) => shown.has(from) && shown.has(to)),
  }
  const { width, height, lanes, nodes, curves } = layout(part, direction, room)
  const picture = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width: String(width),
      height: String(height),
      role: 'group',
      'aria-label': 'The steps of the run and what was handed from each to the next',
      class: direction,
    },
    ...lanes.map((lane, i) => laneOf(lane, i, direction)),
    ...curves.map(curveOf),
    ...nodes.map((placed) => nodeOf(placed, direction)),
  )
  const left = graph.nodes.length - part.nodes.length
  return section(
    'way',
    'The way it went',
    h(
      'figure',
      {},
      h('div', { class: 'scroll', tabindex: '0', 'aria-label': 'Drawing of the run, scrolls' }, picture),
      h(
        'figcaption',
        {},
        h('span', { class: 'key handed' }, 'handed over, byte for byte'),
        h('span', { class: 'key order' }, 'order only'),
        h('span', { class: 'key broken' }, 'broken'),
        part.nodes.every(({ onWay }) => onWay) ? null : h('span', {}, 'faint: not on the way that was judged'),
        left > 0 ? `The first ${MAX_DRAWN} of ${graph.nodes.length} steps; all are in the table.` : null,
      ),
    ),
  )
}

function laneOf({ system, x, y, width, height }: Lane, i: number, direction: Direction): SVGElement {
  const place = { x: String(x), y: String(y), width: String(width), height: String(height) }
  const name = clip(systemName(system), direction === 'across' ? 16 : 15)
  const at = direction === 'across' ? { x: x + 12, y: y + height / 2 + 4 } : { x: x + 9, y: y + 19 }
  return svg(
    'g',
    { class: `lane ${i % 2 === 0 ? 'even' : 'odd'}` },
    svg('rect', place),
    svg('text', { x: String(at.x), y: String(at.y), class: 'lane-name' }, name),
  )
}

function curveOf({ line, path, tip, middle }: Curve): SVGElement {
  const mark = svg('text', { x: String(middle.x), y: String(middle.y + 5), class: 'cut', 'aria-hidden': 'true' }, '✗')
  return svg(
    'g',
    { class: `line ${line.kind}` },
    svg('path', { d: path, class: 'curve' }),
    svg('path', { d: tip }),
    line.kind === 'broken' ? mark : null,
  )
}

function nodeOf({ node, x, y }: Placed, direction: Direction): SVGElement {
  const { width, height } = NODE[direction]
  const name = stepName(node)
  const signer = node.step === null ? null : `${node.step.signer.name} (${node.step.signer.grade})`
  const said = signer === null ? SAID[node.state] : `signed by ${signer}, ${SAID[node.state]}`
  const title = stepName({ ...node, matrix: null })
  const known =
    node.state === 'missing' || node.state === 'withheld' || node.state === 'refused' ? SAID[node.state] : signer
  const under = node.matrix === null ? (known ?? '') : `${node.matrix} · ${known}`
  return svg(
    'a',
    {
      href: `#step-${node.id}`,
      class: `node ${node.state}${node.onWay ? '' : ' aside'}`,
      'aria-label': `Step ${name}, ${systemName(node.system)}, ${said}`,
      transform: `translate(${x} ${y})`,
      'data-state': node.state,
    },
    svg('title', {}, `${name}: ${said}`),
    svg('rect', { width: String(width), height: String(height), rx: '9', class: 'box' }),
    svg('text', { x: '13', y: String(height / 2 - 4), class: 'name' }, clip(title, Math.floor((width - 38) / 8.2))),
    svg('text', { x: '13', y: String(height / 2 + 14), class: 'signer' }, clip(under, Math.floor((width - 22) / 7))),
    svg(
      'text',
      { x: String(width - 13), y: String(height / 2 - 4), class: 'state', 'aria-hidden': 'true' },
      MARK[node.state],
    ),
  )
}

function clip(text: string, letters: number): string {
  return plain(text, letters)
}
