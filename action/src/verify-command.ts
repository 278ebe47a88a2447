import { plain } from '@countersign/cli/output'
import type { Resource } from '@countersign/formats'
import type { Job } from './job.ts'

/** The command by which anybody checks the same; null where there is nothing to name. */
export function verifyCommand({ context, inputs }: Job, subject: readonly Resource[]): string | null {
  const file = subject.find(({ digest, uri }) => digest['gitCommit'] === undefined && uri === undefined)
  if (file === undefined) return null
  const { url } = context.settings
  const origin = url !== null && URL.canParse(url) ? new URL(url).origin : null
  const server = origin === null ? '' : `COUNTERSIGN_URL=${origin} `
  const contract = inputs.contract === null ? '' : ` --contract ${quoted(inputs.contract)}`
  return `${server}countersign verify ${quoted(file.name)}${contract}`
}

function quoted(text: string): string {
  const clean = plain(text, 400)
  return /^[A-Za-z0-9_./@:+-]+$/.test(clean) ? clean : `'${clean.replaceAll("'", "'\\''")}'`
}
