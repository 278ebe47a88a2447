import { type ErrorReport, hasControl } from '@countersign/core'
import type { Context } from './context.ts'

/** Text somebody else wrote, safe for a terminal: control characters and direction marks become `�` (T-92). */
export function plain(text: string, max = 200): string {
  const short = text.length > max ? `${text.slice(0, max - 1)}…` : text
  if (!hasControl(short)) return short
  return [...short].map((c) => (hasControl(c) ? '\ufffd' : c)).join('')
}

/** Like {@link plain}, for output that goes on over lines. */
export function plainLines(text: string): string {
  return text
    .split('\n')
    .map((line) => plain(line, 4000))
    .join('\n')
}

/** Digest or id, as much of it as tells it apart. */
export function short(digest: string): string {
  return digest.slice(0, 12)
}

export interface Paint {
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
  red(text: string): string
  yellow(text: string): string
}

export function paintFor(context: Pick<Context, 'colour'>): Paint {
  const code = (n: number) => (text: string) => (context.colour ? `\u001b[${n}m${text}\u001b[0m` : text)
  return { bold: code(1), dim: code(2), green: code(32), red: code(31), yellow: code(33) }
}

/** An error as users read it: code and what, then why, then the way out. */
export function errorText(report: ErrorReport, paint: Paint): string {
  return errorsText([report], paint)
}

/** Most errors of one kind that are told each by itself. */
const MAX_ALIKE = 8

/** Errors one after another; of those that differ in what they are about alone, why and the way out are told once. */
export function errorsText(reports: readonly ErrorReport[], paint: Paint): string {
  const kinds = Map.groupBy(reports, ({ code, why, fix }) => JSON.stringify([code, why, fix]))
  return [...kinds.values()].map((alike) => alikeText(alike, paint)).join('')
}

function alikeText(alike: readonly ErrorReport[], paint: Paint): string {
  const { code, why, fix } = alike[0]!
  // Such as of the jobs of a matrix, which have one name.
  const same = [...Map.groupBy(alike, ({ what }) => what)]
  const cut = same.length > MAX_ALIKE
  const told = cut ? same.slice(0, MAX_ALIKE - 1) : same
  const more = cut ? alike.length - told.flatMap(([, each]) => each).length + uncounted(alike.at(-1)!) : 0
  return [
    ...told.map(([what, { length }]) => `${paint.red('✗')} ${paint.bold(code)}: ${plain(what, 1000)}${times(length)}`),
    ...(more === 0 ? [] : [`  … and ${more} more of this kind`]),
    `  ${paint.dim('why')}  ${plain(why, 1000)}`,
    `  ${paint.dim('fix')}  ${plain(fix, 1000)}`,
    '',
  ].join('\n')
}

/** How often a line is meant, behind it. */
export const times = (count: number): string => (count === 1 ? '' : ` (${count} times)`)

/** How many more a list of findings, whose last this is, stands for beside itself. */
function uncounted({ what }: ErrorReport): number {
  return Number(/^and ([0-9]+) more findings$/.exec(what)?.[1] ?? 1) - 1
}

/** Rows with their first columns aligned; the last is left as it is. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell))
  }
  return rows
    .map((row) =>
      `${indent}${row.map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(widths[i]! - width(cell)))).join('  ')}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** Columns a text takes, colour codes aside. */
function width(text: string): number {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;]*m/g, '').length
}
