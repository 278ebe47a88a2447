/** What turns text around, or moves a terminal: C0, delete and C1, separators, marks and overrides, byte order mark. */
const ACTIVE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

/**
 * JSON in which no character does anything but mean itself: whoever prints an answer as it comes gets what he reads
 * (T-92). `JSON.stringify` escapes C0 only.
 */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(ACTIVE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
