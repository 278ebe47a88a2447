import type { ErrorReport } from '@countersign/core'

/** Where a code is explained. */
export function problemUrl(code: string): string {
  return `https://countersign.dev/problems/${code}`
}

/** `CODE: what: why: fix LINK` in one line, as gates tell it that have no room for more. */
export function reasonLine(
  { code, what, why, fix }: ErrorReport,
  { name = (text: string) => text.toUpperCase(), text = (words: string) => words } = {},
): string {
  return `${name(code)}: ${text(what)}: ${text(why.replace(/\.$/, ''))}: ${text(fix)} ${problemUrl(code)}`
}
