import { shellWord } from '../../parts/shell-word.ts'

const DAY = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/

interface Asked {
  readonly since: string | null
  readonly until: string | null
  readonly pipeline: string | null
}

/**
 * What to type for an audit pack of a period, by default the month up to today. What an address says goes into a shell: of
 * that only days and names of pipelines are taken.
 */
export function packCommands(asked: Asked, now: string) {
  const today = now.slice(0, 10)
  const day = (text: string | null, otherwise: string) => (text !== null && DAY.test(text) ? text : otherwise)
  const until = day(asked.until, today)
  const since = day(asked.since, `${until.slice(0, 8)}01`)
  const pipeline = shellWord(asked.pipeline, '') || null
  const file = `audit-${since}-to-${until}.tar`
  const some = pipeline === null ? '' : ` --pipeline ${pipeline}`
  return {
    since,
    until,
    pipeline,
    commands: [
      {
        says: 'Make it, with a key that lasts:',
        command: `countersign audit export --since ${since} --until ${until}${some} --key audit.key --out ${file}`,
      },
      {
        says: 'The auditor needs no server and no login:',
        command: `countersign audit verify ${file} --trust audit.pub --report report`,
      },
    ],
  }
}
