import { hasControl } from '@countersign/core/text'

/**
 * Text that somebody else wrote, without characters that change what is seen around them (T-92). New lines and tabs stay:
 * where a page does not keep them, they are spaces.
 */
export function printable(text: string): string {
  const known = text.toWellFormed()
  if (!hasControl(known)) return known
  return [...known].map((c) => (c !== '\n' && c !== '\t' && hasControl(c) ? '\ufffd' : c)).join('')
}
