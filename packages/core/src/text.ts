/**
 * True when a text holds characters that change what a reader sees: C0 and C1 controls, the line and
 * paragraph separators, marks and overrides of the bidirectional algorithm, a byte order mark.
 */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c < 0x20 || (c >= 0x7f && (c < 0xa0 || isFormat(c)))) return true
  }
  return false
}

function isFormat(c: number): boolean {
  return (
    c === 0x061c ||
    c === 0x200e ||
    c === 0x200f ||
    (c >= 0x2028 && c <= 0x202e) ||
    (c >= 0x2066 && c <= 0x2069) ||
    c === 0xfeff
  )
}

/** True when every character is ASCII: such text is in every Unicode normal form. */
export function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[^\x00-\x7f]/.test(text)
}
