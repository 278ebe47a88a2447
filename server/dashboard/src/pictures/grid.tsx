import type { VNode } from 'preact'
import { type LegendItem, Picture, type Twin } from './frame.tsx'
import { fitted } from './fitted.ts'
import { gridLayout, HEAD } from './grid-layout.ts'
import { roving } from './roving.ts'
import { ticks } from './scale.ts'
import { type Glyph, GlyphShape } from './shapes.tsx'
import { useWidth } from './width.ts'

export interface GridLine {
  readonly key: string
  readonly name: string
  /** Said more quietly beside the name; null: nothing. */
  readonly detail: string | null
  readonly href: string | null
}

/** A field that has something to say; the others stay empty. */
export interface GridCell extends Glyph {
  readonly row: number
  readonly column: number
  /** Inside the field, where there is room for it. */
  readonly text: string | null
  /** All that it says, in words. */
  readonly told: string
  readonly href: string | null
  /** A corner that is turned down: something happened there first. */
  readonly corner?: boolean
  /** Struck through: from here on it does not count. */
  readonly struck?: boolean
  /** A diamond in the lower corner: something took the place of another. */
  readonly turned?: boolean
}

interface Props {
  readonly title: string
  readonly rows: readonly GridLine[]
  /** From the oldest to the newest, where they are times. */
  readonly columns: readonly { readonly key: string; readonly name: string }[]
  readonly cells: readonly GridCell[]
  readonly legend: readonly LegendItem[]
  /** What the rows are, and the columns, as heads of the table. */
  readonly of: readonly [rows: string, columns: string]
  readonly selected?: string | null
  /** Names of columns that are long, and stand upright. */
  readonly upright?: boolean
}

const LETTER = 6.6
const DIGIT = 6.2
/** Height of names of columns that stand upright. */
const UPRIGHT = 124

/** Rows × columns of fields: a matrix of counts, a heat map. */
export function Grid({ title, rows, columns, cells, legend, of, selected = null, upright = false }: Props): VNode {
  const [ref, width] = useWidth<HTMLDivElement>()
  const grid = gridLayout(rows.length, columns.length, Math.max(width, 200), upright ? { head: UPRIGHT } : {})
  const longest = columns.reduce((longer, { name }) => Math.max(longer, name.length), 0)
  const named = ticks(columns.length, upright ? 1 : (longest * LETTER + 8) / grid.cell)
  const shown = cells.filter(({ column }) => column >= grid.first)
  const note = grid.first === 0 ? null : `${grid.first} earlier ${of[1]} have no room here; the table has them.`
  return (
    <Picture title={title} legend={legend} twin={twinOf(rows, columns, cells, of)} note={note}>
      <div ref={ref} class="picture-room">
        {width === 0 ? null : (
          <svg
            class="grid"
            width={grid.width}
            height={grid.height}
            viewBox={`0 0 ${grid.width} ${grid.height}`}
            role="group"
            aria-label={title}
            {...roving}
          >
            {columns.map(({ key, name }, column) => {
              if (column < grid.first || !named.has(column)) return null
              // It would begin before the picture does.
              if (!upright && grid.x(column) + grid.cell < name.length * LETTER) return null
              const [x, y] = upright
                ? [grid.x(column) + grid.cell / 2 + 4, UPRIGHT - 6]
                : [grid.x(column) + grid.cell - 2, HEAD - 7]
              return (
                <text
                  key={key}
                  class="axis"
                  x={x}
                  y={y}
                  text-anchor={upright ? 'start' : 'end'}
                  transform={upright ? `rotate(-90 ${x} ${y})` : undefined}
                >
                  <title>{name}</title>
                  {upright ? fitted(name, Math.floor(UPRIGHT / LETTER)) : name}
                </text>
              )
            })}
            {rows.map((row, i) => {
              const [x, y] = grid.above ? [0, grid.y(i) - 8] : [0, grid.y(i) + grid.cell / 2 + 4]
              const room = grid.above ? grid.width : grid.labels - 12
              return <Name key={row.key} row={row} x={x} y={y} room={room} selected={row.key === selected} />
            })}
            {rows.map((row, i) => (
              <rect
                key={row.key}
                class="grid-line"
                x={grid.x(grid.first)}
                y={grid.y(i) + grid.cell - 1}
                width={(columns.length - grid.first) * grid.cell}
                height="1"
              />
            ))}
            {shown.map((cell, i) => (
              <Field
                key={`${cell.row} ${cell.column}`}
                cell={cell}
                first={i === 0}
                x={grid.x(cell.column)}
                y={grid.y(cell.row)}
                size={grid.cell}
              />
            ))}
          </svg>
        )}
      </div>
    </Picture>
  )
}

function Name({
  row,
  x,
  y,
  room,
  selected,
}: {
  row: GridLine
  x: number
  y: number
  room: number
  selected: boolean
}): VNode {
  const letters = Math.max(6, Math.floor(room / LETTER))
  const name = fitted(row.name, letters)
  const left = letters - name.length - 2
  const detail = row.detail === null || left < 4 ? null : fitted(row.detail, left)
  const text = (
    <text class={selected ? 'grid-name selected' : 'grid-name'} x={x} y={y}>
      <title>{row.detail === null ? row.name : `${row.name}, ${row.detail}`}</title>
      {name}
      {detail === null ? null : (
        <tspan class="grid-detail" dx="8">
          {detail}
        </tspan>
      )}
    </text>
  )
  if (row.href === null) return text
  return (
    <a href={row.href}>
      {text}
      <rect class="hit" x={x} y={y - 16} width={room} height="24" />
    </a>
  )
}

function Field({
  cell,
  first,
  x,
  y,
  size,
}: {
  cell: GridCell
  first: boolean
  x: number
  y: number
  size: number
}): VNode {
  const gap = size >= 20 ? 2 : 1
  const inner = size - 2 * gap
  const { text, told, href, corner = false, struck = false, turned = false, row, column, ...glyph } = cell
  const fits = text !== null && text.length * DIGIT + 3 <= inner
  const place = { 'data-row': row, 'data-column': column, tabindex: first ? 0 : -1 }
  const drawn = (
    <>
      <title>{told}</title>
      <GlyphShape {...glyph} x={x + gap} y={y + gap} size={inner} />
      {fits ? (
        <text
          class={glyph.step === 4 && glyph.shape === 'square' ? 'grid-count on' : 'grid-count'}
          x={x + size / 2}
          y={y + size / 2 + 4}
          text-anchor="middle"
          aria-hidden="true"
        >
          {text}
        </text>
      ) : null}
      {corner ? (
        <path
          class="grid-corner"
          d={`M ${x + gap} ${y + gap} h ${inner * 0.45} l ${-inner * 0.45} ${inner * 0.45} Z`}
        />
      ) : null}
      {turned ? (
        <path class="grid-turned" d={`M ${x + size - gap - 5} ${y + size - gap - 10} l 5 5 l -5 5 l -5 -5 Z`} />
      ) : null}
      {struck ? (
        <path
          class="grid-struck"
          d={`M ${x + gap} ${y + gap} L ${x + size - gap} ${y + size - gap} M ${x + size - gap} ${y + gap} L ${x + gap} ${y + size - gap}`}
        />
      ) : null}
      <rect class="hit" x={x} y={y} width={size} height={size} />
      <rect class="focus-ring" x={x + 0.5} y={y + 0.5} width={size - 1} height={size - 1} rx="4" />
    </>
  )
  return href === null ? (
    <g role="img" aria-label={told} {...place}>
      {drawn}
    </g>
  ) : (
    <a href={href} aria-label={told} {...place}>
      {drawn}
    </a>
  )
}

function twinOf(rows: Props['rows'], columns: Props['columns'], cells: readonly GridCell[], of: Props['of']): Twin {
  return {
    head: [of[0], of[1], 'what'],
    rows: cells
      .toSorted((a, b) => a.row - b.row || b.column - a.column)
      .map(({ row, column, told, href }) => {
        const { name, detail } = rows[row]!
        const what = href === null ? told : { text: told, href }
        return [detail === null ? name : `${name} (${detail})`, columns[column]!.name, what]
      }),
  }
}
