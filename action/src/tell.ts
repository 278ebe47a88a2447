import { error as annotate, setOutput, summary } from '@actions/core'
import type { ErrorReport } from '@countersign/core'
import { plain } from '@countersign/cli/output'
import type { Job } from './job.ts'
import { safeForLog } from './log.ts'

/** GitHub shows ten annotations of a kind, and drops the others without a word. */
const MAX_ANNOTATIONS = 10

/** One annotation for each thing that is wrong, the tenth for the rest. */
export function annotateAll(reports: readonly ErrorReport[]): void {
  const shown = reports.length > MAX_ANNOTATIONS ? reports.slice(0, MAX_ANNOTATIONS - 1) : reports
  for (const { code, what, why, fix } of shown) {
    annotate(safeForLog(`${plain(what, 500)}\n${why}\nFix: ${plain(fix, 500)}`), { title: `Countersign: ${code}` })
  }
  if (shown.length < reports.length) {
    annotate(`and ${reports.length - shown.length} more, in the summary of the job`, { title: 'Countersign' })
  }
}

/** Outputs by name; null is left out. The library writes each under a random delimiter (T-06). */
export function setOutputs(outputs: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(outputs)) if (value !== null) setOutput(name, value)
}

/** GitHub refuses a summary of more than 1 MiB as a whole. */
const MAX_SUMMARY = 1_000_000

export async function writeSummary({ inputs, environment }: Job, markdown: string): Promise<void> {
  const file = environment['GITHUB_STEP_SUMMARY'] ?? ''
  if (!inputs.summary || file === '' || markdown.length > MAX_SUMMARY) return
  await summary.addRaw(markdown, true).write()
}
