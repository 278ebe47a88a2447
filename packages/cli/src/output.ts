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
  return [
    `${paint.red('✗')} ${paint.bold(report.code)}: ${plain(report.what, 1000)}`,
    `  ${paint.dim('why')}  ${plain(report.why, 1000)}`,
    `  ${paint.dim('fix')}  ${plain(report.fix, 1000)}`,
    '',
  ].join('\n')
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
