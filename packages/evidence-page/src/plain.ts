import { hasControl } from '@countersign/core'

/**
 * Text that somebody else wrote, as the page shows it: on one line, clipped, and without characters that change what is
 * seen around them (T-92). Everything that becomes a text node goes through here.
 */
export function plain(text: string, max = 400): string {
  const clipped = text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text.toWellFormed()
  return hasControl(clipped) ? [...clipped].map((c) => (hasControl(c) ? '\ufffd' : c)).join('') : clipped
}

/** {@link plain} for text of several lines, such as a contract. */
export function plainLines(text: string): string {
  return text
    .split('\n')
    .map((line) => plain(line.replace(/\r$/, ''), 4000))
    .join('\n')
}
