/**
 * Text for the log of a job, in which the runner takes a line that begins with `::`, and `##[` anywhere, for a command
 * to itself: what others wrote must not become one (T-06).
 */
export function safeForLog(text: string): string {
  return text
    .replaceAll('##[', '## [')
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^(\s*):(?=:)/, '$1\u02d0'))
    .join('\n')
}
