import { plain } from '../plain.ts'

export type Child = Node | string | null
type Attributes = Readonly<Record<string, string | boolean | EventListener>>

const SVG = 'http://www.w3.org/2000/svg'

/** An element. Its texts are made {@link plain}, and are never markup; listeners are given as `onclick` and the like. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children)
}

/** {@link h} for drawings. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag) as SVGElementTagNameMap[K], attributes, children)
}

function filled<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false) element.setAttribute(name, plain(value, 4000))
  }
  for (const child of children) {
    if (child !== null) element.append(typeof child === 'string' ? plain(child) : child)
  }
  return element
}

/** A digest or id: as much as tells it apart, all of it when pointed at, and all of it when copied. */
export function digest(text: string, length = 12): HTMLElement {
  return h('code', { class: 'digest', title: text }, text.length > length ? `${text.slice(0, length)}…` : text)
}

/** A part of the page under its heading. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), ...children)
}

/** Pairs of a word and what it is. */
export function facts(...rows: readonly (readonly [string, Child] | null)[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    ...rows.flatMap((row) => (row === null ? [] : [h('dt', {}, row[0]), h('dd', {}, row[1])])),
  )
}
