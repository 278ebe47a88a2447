import { hasControl } from '@countersign/core'

declare const markup: unique symbol

/** Text that is HTML already. Only {@link html} makes any. */
export interface Markup {
  readonly [markup]: true
  readonly text: string
}

type Part = Markup | string | number | null | readonly Part[]

/** HTML of a template: whatever is put into it is text, unless it is markup itself (T-92). */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const text = literals.map((literal, i) => (i === 0 ? literal : textOf(parts[i - 1]!) + literal)).join('')
  return { text } as unknown as Markup
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function textOf(part: Part): string {
  if (part === null) return ''
  if (typeof part === 'number') return grouped(part)
  if (typeof part === 'string') return printable(part).replace(/[&<>"']/g, (character) => ESCAPES[character]!)
  if (Array.isArray(part)) return (part as readonly Part[]).map(textOf).join('')
  return (part as Markup).text
}

/** Control characters and direction marks become `�`: they could make a line read as another. */
function printable(text: string): string {
  return hasControl(text) ? [...text].map((one) => (hasControl(one) ? '\ufffd' : one)).join('') : text
}

/** 1234567 as 1,234,567: whatever the language of the machine, for a report is the same bytes everywhere. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',')
}
