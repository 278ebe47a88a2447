import { systemName } from '@countersign/evidence-page/names'
import { type Box, type DagDrawing, type DagNode, type DagState, type Direction, NODE } from './dag-layout.ts'

/** Around the middle of its dot. */
const MARK: Readonly<Record<DagState, string>> = {
  good: 'M-4 .5L-1.3 3.2 4-3',
  bad: 'M-3-3L3 3M3-3L-3 3',
  refused: 'M-3-3L3 3M3-3L-3 3',
  missing: 'M-2.5-1.8C-2.5-5.2 2.6-5 2.6-2 2.6.1 0 0 0 2M0 4.4V4.5',
  withheld: 'M-3.5 0H3.5',
  said: 'M-3.6 1.5V1.6M0 1.5V1.6M3.6 1.5V1.6',
}

/** What is said of a node, for those who do not see how it is drawn. */
const SAYS: Readonly<Record<DagState, string>> = {
  good: 'your browser verified this',
  bad: 'your browser verified its signature; it does not fit',
  refused: 'does not verify',
  missing: 'is missing',
  withheld: 'is withheld',
  said: 'the server says',
}

/** What is the same for all steps of a picture. */
export interface StepsLook {
  readonly selected: string | null
  /** The one that the tab key comes to. */
  readonly first: string | null
  /** Where a node leads. */
  readonly hrefOf: (id: string) => string
  /** What is written of each title, as far as there is room. */
  readonly titles: ReadonlyMap<string, string>
}

const SVG = 'http://www.w3.org/2000/svg'

/**
 * Makes `svg` hold these steps and no others; those that are there already stay, and with them what has the focus. Each is
 * a copy of one element: of hundreds the browser makes copies in a fraction of the time that it takes to build them.
 */
export function drawSteps(svg: SVGSVGElement, boxes: DagDrawing['nodes'], look: StepsLook): void {
  const there = new Map([...svg.children].map((step) => [step.getAttribute('data-id'), step as SVGAElement]))
  const fresh = document.createDocumentFragment()
  for (const box of boxes) {
    const step = there.get(box.node.id)
    there.delete(box.node.id)
    if (step !== undefined) write(step, box, look)
    else fresh.append(write(copyOf(box), box, look))
  }
  for (const step of there.values()) step.remove()
  svg.append(fresh)
}

const models = new Map<number, SVGAElement>()

/** A step of a size with nothing written in it. */
function copyOf({ width, height }: Box): SVGAElement {
  const model =
    models.get(width) ??
    (element('a', {}, [
      element('title'),
      element('rect', { class: 'behind', x: 5, y: -5, width, height, rx: 8 }),
      element('rect', { class: 'box', width, height, rx: 8 }),
      element('circle', { class: 'dot', cx: 17, cy: 19, r: 8.5 }),
      element('path', { class: 'state', transform: 'translate(17 19)' }),
      element('text', { class: 'name', x: 32, y: 24, 'aria-hidden': 'true' }),
      element('text', { class: 'signer', x: 12, y: 43, 'aria-hidden': 'true' }),
      element('rect', { class: 'frame', x: width - 30, y: 9, width: 20, height: 19, rx: 4 }),
      element('text', { class: 'grade', x: width - 20, y: 23, 'aria-hidden': 'true' }),
    ]) as SVGAElement)
  models.set(width, model)
  return model.cloneNode(true) as SVGAElement
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  children: readonly SVGElement[] = [],
): SVGElement {
  const one = document.createElementNS(SVG, name) as SVGElement
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, `${value}`)
  one.append(...children)
  return one
}

function write(step: SVGAElement, { node, x, y, width }: DagDrawing['nodes'][number], look: StepsLook): SVGAElement {
  const { id, state, faint, count, under, grade } = node
  const [title, , , , mark, name, signer, , letter] = step.children as unknown as SVGElement[]
  const isSelected = id === look.selected
  const kind = `${state}${faint ? ' faint' : ''}${count > 1 ? ' many' : ''}${isSelected ? ' selected' : ''}`
  set(step, 'class', `node ${kind} ${grade === null ? 'no-grade' : `grade-${grade.toLowerCase()}`}`)
  set(step, 'href', look.hrefOf(id))
  set(step, 'transform', `translate(${x} ${y})`)
  set(step, 'data-id', id)
  set(step, 'tabindex', id === look.first ? '0' : '-1')
  set(step, 'aria-current', isSelected ? 'true' : null)
  set(mark!, 'd', MARK[state])
  say(title!, saying(node))
  say(name!, look.titles.get(titleOf(node)) ?? '')
  say(signer!, clip(under, (width - 24) / 6.4))
  say(letter!, clip(grade ?? '', 2))
  return step
}

function set(one: Element, name: string, value: string | null): void {
  if (one.getAttribute(name) === value) return
  if (value === null) one.removeAttribute(name)
  else one.setAttribute(name, value)
}

function say(one: Element, text: string): void {
  if (one.textContent !== text) one.textContent = text
}

/** Letters of a title for which there is room. */
export function lettersOf(direction: Direction): number {
  return (NODE[direction].width - 68) / 8.4
}

export function titleOf({ title, count }: DagNode): string {
  return count > 1 ? `${title} ×${count}` : title
}

function saying({ title, count, under, grade, system, state }: DagNode): string {
  const what = count > 1 ? `${count} steps ${title}` : `Step ${title}`
  const by = under === '' ? '' : `, ${under}${grade === null ? '' : `, grade ${grade}`}`
  return `${what}, ${systemName(system)}${by}: ${SAYS[state]}`
}

export function clip(text: string, letters: number): string {
  const most = Math.floor(letters)
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text
}
