import type { VNode } from 'preact'
import { type LegendItem, Picture } from './frame.tsx'
import { roving } from './roving.ts'
import { type Glyph, Sign } from './shapes.tsx'

export interface Square extends Glyph {
  readonly key: string
  readonly name: string
  readonly told: string
  readonly href: string
}

interface Props {
  readonly title: string
  readonly squares: readonly Square[]
  readonly legend: readonly LegendItem[]
  /** What each of them is, as the head of the table. */
  readonly of: string
}

/** Many things of one kind, a square each, in the order in which they come. */
export function Squares({ title, squares, legend, of }: Props): VNode {
  const twin = {
    head: [of, 'what'],
    rows: squares.map(({ name, told, href }) => [{ text: name, href }, told]),
  }
  return (
    <Picture title={title} legend={legend} twin={twin}>
      <ul class="squares" aria-label={title} {...roving}>
        {squares.map(({ key, name, told, href, ...glyph }, i) => (
          <li key={key}>
            <a
              href={href}
              aria-label={`${name}: ${told}`}
              title={`${name}: ${told}`}
              data-row={0}
              data-column={i}
              tabIndex={i === 0 ? 0 : -1}
            >
              <Sign {...glyph} size={18} />
            </a>
          </li>
        ))}
      </ul>
    </Picture>
  )
}
