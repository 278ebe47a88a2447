// Strings for the terminal (OSC, DCS, …), then control sequences (ECMA-48 §5.4, §5.6), also where they are cut short.
// Linear: every match begins at an escape, and no two parts of one compete for the same characters.
const SEQUENCES =
  // eslint-disable-next-line no-control-regex
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[?|\u009b)[0-?]*[ -/]*[@-~]/g
// eslint-disable-next-line no-control-regex
const SPACES = /[\t\n\v\f\r\u0085\u2028\u2029]+/g
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/**
 * Somebody else's text, safe to show on a terminal or in a log: one line, without escape sequences, control
 * characters and marks that turn text around (T-92), clipped to `max` characters.
 */
export function plainText(text: string, max = 1000): string {
  const clipped = text.slice(0, 4 * max)
  const plain = clipped.replace(SEQUENCES, '').replace(SPACES, ' ').replace(CONTROLS, '').toWellFormed()
  return plain.length > max ? `${plain.slice(0, max - 1).toWellFormed()}…` : plain
}
