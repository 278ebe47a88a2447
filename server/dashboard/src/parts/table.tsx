import type { ComponentChildren } from 'preact'

export interface Column<T> {
  readonly name: string
  readonly cell: (row: T) => ComponentChildren
  /** Numbers stand at the right. */
  readonly number?: boolean
  /** The cell that says which row it is. */
  readonly head?: boolean
}

interface TableProps<T> {
  /** What the table is, for those who do not see where it stands. */
  readonly caption: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T, i: number) => string
  /** Whether the caption is seen. */
  readonly captioned?: boolean
}

/** Rows under their columns. On a phone each row is a card, its cells under their names. */
export function Table<T>({ caption, columns, rows, keyOf, captioned = false }: TableProps<T>) {
  return (
    <div class="table" role="group" aria-label={caption} tabIndex={0}>
      <table>
        <caption class={captioned ? '' : 'sr'}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, number }) => (
              <th key={name} scope="col" class={number === true ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={keyOf(row, i)}>
              {columns.map(({ name, cell, number, head }) => {
                const shape = number === true ? 'number' : ''
                return head === true ? (
                  <th key={name} scope="row" class={shape} data-name={name}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={name} class={shape} data-name={name}>
                    {cell(row)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
