import { shellWord } from '../../parts/shell-word.ts'

const DAY = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/

interface Asked {
  readonly since: string | null
  readonly until: string | null
  readonly pipeline: string | null
  readonly environment: string | null
}

/** A day of the calendar; null for any other text. */
export function dayOf(text: string | null): string | null {
  return text !== null && DAY.test(text) ? text : null
}

/**
 * What to type for an audit pack of a period, by default the month up to today. What an address says goes into a shell: of
 * that only days and names of pipelines are taken.
 */
export function packCommands(asked: Asked, now: string) {
  const today = now.slice(0, 10)
  const until = dayOf(asked.until) ?? today
  const since = dayOf(asked.since) ?? `${until.slice(0, 8)}01`
  const pipeline = shellWord(asked.pipeline, '') || null
  const environment = shellWord(asked.environment, '') || null
  const into = environment === null ? '' : ` --environment ${environment}`
  const file = `audit-${since}-to-${until}.tar`
  const some = pipeline === null ? '' : ` --pipeline ${pipeline}`
  return {
    since,
    until,
    pipeline,
    environment,
    commands: [
      {
        says: 'Make it where your key is: it is then your word, and not the server’s.',
        command: `countersign audit export --since ${since} --until ${until}${some}${into} --key audit.key --out ${file}`,
      },
      {
        says: 'The auditor needs no server and no login:',
        command: `countersign audit verify ${file} --trust audit.pub --contract contract.yaml --report report`,
      },
    ],
  }
}
