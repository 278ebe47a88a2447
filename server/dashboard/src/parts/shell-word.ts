const WORD = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/

/**
 * A name as it may stand in a command that somebody copies into a shell. Names come from addresses that anybody can send:
 * where a shell would read more than a word, it is `otherwise` that is shown.
 */
export function shellWord(name: string | null, otherwise: string): string {
  return name !== null && WORD.test(name) ? name : otherwise
}
