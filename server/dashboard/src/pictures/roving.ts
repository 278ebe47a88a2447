/** Where a field of a picture is: numbers of its row and column. */
export interface Spot {
  readonly row: number
  readonly column: number
}

/**
 * Where an arrow key leads: the nearest field in that direction, in the same line if there is one there, else the one that is
 * least aside. Null where there is none, or the key is no such key.
 */
export function nextSpot(spots: readonly Spot[], from: Spot, key: string): Spot | null {
  if (key === 'Home' || key === 'End') {
    const line = spots.filter(({ row }) => row === from.row).toSorted((a, b) => a.column - b.column)
    return line.at(key === 'Home' ? 0 : -1) ?? null
  }
  const ways: Readonly<Record<string, readonly [along: 'row' | 'column', sign: 1 | -1]>> = {
    ArrowRight: ['column', 1],
    ArrowLeft: ['column', -1],
    ArrowDown: ['row', 1],
    ArrowUp: ['row', -1],
  }
  const way = Object.hasOwn(ways, key) ? ways[key] : undefined
  if (way === undefined) return null
  const [along, sign] = way
  const aside = along === 'row' ? 'column' : 'row'
  const ranked = spots
    .filter((spot) => (spot[along] - from[along]) * sign > 0)
    .map((spot) => ({ spot, off: Math.abs(spot[aside] - from[aside]), far: Math.abs(spot[along] - from[along]) }))
    .toSorted((a, b) => (a.off === 0 ? 0 : 1) - (b.off === 0 ? 0 : 1) || a.far - b.far || a.off - b.off)
  return ranked[0]?.spot ?? null
}

const FIELD = '[data-row][data-column]'

function spotOf(element: Element): Spot {
  return { row: Number(element.getAttribute('data-row')), column: Number(element.getAttribute('data-column')) }
}

/** Of all fields of a picture one is reached by Tab, the others from it by arrows. Handlers for what holds them. */
export const roving = {
  onKeyDown(event: KeyboardEvent): void {
    const [holder, target] = [event.currentTarget, event.target]
    if (!(holder instanceof Element) || !(target instanceof Element)) return
    const own = target.closest(FIELD)
    if (own === null || event.altKey || event.ctrlKey || event.metaKey) return
    const fields = [...holder.querySelectorAll(FIELD)]
    const next = nextSpot(fields.map(spotOf), spotOf(own), event.key)
    if (next === null) return
    event.preventDefault()
    const found = fields.find((field) => {
      const { row, column } = spotOf(field)
      return row === next.row && column === next.column
    })
    if (found instanceof SVGElement || found instanceof HTMLElement) found.focus()
  },
  onFocusIn(event: FocusEvent): void {
    const [holder, target] = [event.currentTarget, event.target]
    if (!(holder instanceof Element) || !(target instanceof Element)) return
    const own = target.closest(FIELD)
    if (own === null) return
    for (const field of holder.querySelectorAll(`${FIELD}[tabindex="0"]`)) field.setAttribute('tabindex', '-1')
    own.setAttribute('tabindex', '0')
  },
}
