import type { VNode } from 'preact'
import { type LegendItem, Picture } from './frame.tsx'
import { type Glyph, Sign } from './shapes.tsx'

/** Something of its own, with what it is made of. */
export interface Tile extends Glyph {
  readonly key: string
  readonly name: string
  /** How it stands, in words. */
  readonly says: string
  readonly href: string
  readonly chips: readonly (Glyph & { readonly name: string; readonly told: string })[]
}

interface Props {
  readonly title: string
  readonly tiles: readonly Tile[]
  readonly legend: readonly LegendItem[]
  /** What a tile is, and its chips, as heads of the table. */
  readonly of: readonly [tile: string, chips: string]
  readonly selected: string | null
}

/** Things side by side, each with how it stands. */
export function Tiles({ title, tiles, legend, of, selected }: Props): VNode {
  const twin = {
    head: [of[0], 'how it stands', of[1]],
    rows: tiles.map(({ name, href, says, chips }) => [
      { text: name, href },
      says,
      chips.map((chip) => `${chip.name}: ${chip.told}`).join('; ') || 'none',
    ]),
  }
  return (
    <Picture title={title} legend={legend} twin={twin}>
      <ul class="tiles">
        {tiles.map(({ key, name, says, href, chips, ...glyph }) => (
          <li key={key}>
            <a class={`tile tone-${glyph.tone}`} href={href} aria-current={key === selected ? 'true' : undefined}>
              <span class="tile-name">
                <Sign {...glyph} size={16} /> {name}
              </span>
              <span class="tile-says">{says}</span>
              <span class="tile-chips">
                {chips.map(({ name: chip, told, ...sign }) => (
                  <span class="tile-chip" key={chip} title={told}>
                    <Sign {...sign} size={12} /> {chip}
                    <span class="sr">: {told}</span>
                  </span>
                ))}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Picture>
  )
}
