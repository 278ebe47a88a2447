import './pictures.css'
import type { ComponentChildren, VNode } from 'preact'
import { type Glyph, Sign } from './shapes.tsx'

/** One sign of a picture, and what it says. */
export interface LegendItem extends Glyph {
  readonly says: string
}

/** What a picture says, in words. A cell may link. */
export interface Twin {
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | { readonly text: string; readonly href: string })[])[]
}

interface Props {
  /** What is seen, as a sentence would begin. */
  readonly title: string
  readonly legend: readonly LegendItem[]
  readonly twin: Twin
  /** What the picture leaves out, if anything. */
  readonly note?: string | null
  readonly children: ComponentChildren
}

/** A picture with its legend, and the same as a table for whoever cannot see it, or would rather read. */
export function Picture({ title, legend, twin, note = null, children }: Props): VNode {
  return (
    <figure class="picture">
      <figcaption class="picture-head">
        <span class="picture-title">{title}</span>
        <ul class="legend">
          {legend.map(({ says, ...glyph }) => (
            <li key={says}>
              <Sign {...glyph} size={glyph.shape === 'line' ? 22 : 14} /> {says}
            </li>
          ))}
        </ul>
      </figcaption>
      {children}
      {note === null ? null : <p class="picture-note">{note}</p>}
      <details class="twin">
        <summary>As a table</summary>
        {/* A region that scrolls can be reached by keyboard. */}
        <div class="twin-room" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
          <table>
            <thead>
              <tr>
                {twin.head.map((text) => (
                  <th scope="col" key={text}>
                    {text}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {twin.rows.map((row, i) => (
                <tr key={i}>
                  {row.map((cell, j) => {
                    const shown = typeof cell === 'string' ? cell : <a href={cell.href}>{cell.text}</a>
                    return j === 0 ? (
                      <th scope="row" key={j}>
                        {shown}
                      </th>
                    ) : (
                      <td key={j}>{shown}</td>
                    )
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}
