// C0, delete and C1; Arabic letter, left and right marks; separators, embeddings and overrides; isolates; BOM.
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u

/**
 * True when a text holds characters that change what a reader sees: C0 and C1 controls, the line and
 * paragraph separators, marks and overrides of the bidirectional algorithm, a byte order mark.
 */
export function hasControl(text: string): boolean {
  return CONTROL.test(text)
}

/** True when every character is ASCII: such text is in every Unicode normal form. */
export function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text)
}
