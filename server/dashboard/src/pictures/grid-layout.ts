/** Where the fields of a grid are, in pixels. */
export interface GridLayout {
  readonly width: number
  readonly height: number
  /** Edge of a field, with its gap. */
  readonly cell: number
  /** Whether the names of rows stand above them: on a narrow page they leave no room beside them. */
  readonly above: boolean
  /** Room for names at the left; 0 where they stand above. */
  readonly labels: number
  /** The first column that is shown: older ones have no room. */
  readonly first: number
  x(column: number): number
  y(row: number): number
}

export interface GridSizes {
  /** Of the edge of a field. */
  readonly least?: number
  readonly most?: number
  /** Room for the names of rows, where they stand at the left. */
  readonly labels?: number
  /** Height of the names of columns. */
  readonly head?: number
}

/** Height of the line with the names of columns. */
export const HEAD = 20
/** Height of a name above its row: a finger finds it. */
const NAME = 28
const NARROW = 640

/**
 * Rows × columns in a room that is `width` wide, fields between `least` and `most` pixels: 24 is what WCAG 2.2 (2.5.8) asks
 * of a target. What has no room is left out at the
 * left, where the oldest is: nothing scrolls sideways.
 */
export function gridLayout(
  rows: number,
  columns: number,
  width: number,
  { least = 24, most = 44, labels: wanted = 240, head = HEAD }: GridSizes = {},
): GridLayout {
  const above = width < NARROW
  const labels = above ? 0 : Math.min(wanted, Math.floor(width * 0.4))
  const room = Math.max(least, width - labels)
  const shown = Math.max(0, Math.min(columns, Math.floor(room / least)))
  const cell = shown === 0 ? least : Math.max(least, Math.min(most, Math.floor(room / shown)))
  const first = columns - shown
  const tall = above ? cell + NAME : cell
  return {
    width,
    height: head + rows * tall,
    cell,
    above,
    labels,
    first,
    x: (column) => labels + (column - first) * cell,
    y: (row) => head + row * tall + (above ? NAME : 0),
  }
}
