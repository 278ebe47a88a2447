import { Digest } from '../../parts/digest.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Reason } from '../../parts/reason.tsx'
import { Table } from '../../parts/table.tsx'
import { type Square, Squares } from '../../pictures/squares.tsx'
import { radiusOf } from './judging.ts'
import type { LabReplayed } from './messages.ts'

/** As many blocked runs as are told one by one. */
const TOLD = 50

interface Props {
  /** Newest first. */
  readonly replayed: readonly LabReplayed[]
  /** Whether there is a contract in force that they were held against too. */
  readonly compared: boolean
}

/** What a draft would have blocked of the runs that there were. */
export function Outcome({ replayed, compared }: Props) {
  const { runs, blocked, newly, freed, codes } = radiusOf(replayed)
  if (runs === 0) return null
  const stopped = replayed.filter(({ after }) => !after.passed)
  return (
    <div class="outcome">
      <p class="radius">
        {blocked === 0 ? (
          <Mark tone="good">{`It would have let all ${runs} runs through`}</Mark>
        ) : (
          <Mark
            tone={compared && newly === 0 ? 'warn' : 'bad'}
          >{`It would have blocked ${blocked} of ${runs} runs`}</Mark>
        )}
        {compared ? (
          <span>
            {newly === 0 ? 'none of them is let through now' : `${newly} of them are let through now`}
            {freed === 0 ? '' : `; ${freed} that are blocked now would get through`}
          </span>
        ) : null}
      </p>
      <Squares
        title="Each run under the draft, the newest last"
        of="run"
        squares={replayed.toReversed().map(squareOf)}
        legend={[
          { tone: 'good', shape: 'check', says: 'gets through' },
          { tone: 'bad', shape: 'cross', says: compared ? 'newly blocked' : 'blocked' },
          ...(compared
            ? ([
                { tone: 'unknown', shape: 'cross', says: 'blocked, as now' },
                { tone: 'warn', shape: 'check', says: 'gets through, not now' },
              ] as const)
            : []),
        ]}
      />
      {codes.length === 0 ? null : (
        <Table
          caption="Why, and how often"
          captioned
          rows={codes}
          keyOf={([code]) => code}
          columns={[
            { name: 'Rule', head: true, cell: ([code]) => <code class="code">{code}</code> },
            { name: 'Runs', number: true, cell: ([, count]) => count },
          ]}
        />
      )}
      {stopped.length === 0 ? null : (
        <Table
          caption={
            stopped.length > TOLD
              ? `The newest ${TOLD} of the runs that it would have blocked`
              : 'Runs that it would have blocked'
          }
          captioned
          rows={stopped.slice(0, TOLD)}
          keyOf={({ run }) => run}
          columns={[
            { name: 'Run', head: true, cell: ({ run }) => <Digest value={run} href={`/run/${run}`} /> },
            { name: 'Now', cell: ({ before }) => (before === null ? '–' : before.passed ? 'let through' : 'blocked') },
            {
              name: 'Reason',
              cell: ({ after }) => {
                const last = after.findings.at(-1)
                return last === undefined ? null : <Reason code={last.code} what={last.what} />
              },
            },
          ]}
        />
      )}
    </div>
  )
}

function squareOf({ run, before, after }: LabReplayed): Square {
  const newly = before === null || before.passed
  const reason = after.findings.at(-1)?.code ?? 'refused'
  const [tone, shape, told] = after.passed
    ? before?.passed === false
      ? (['warn', 'check', 'gets through, and is blocked now'] as const)
      : (['good', 'check', 'gets through'] as const)
    : ([newly ? 'bad' : 'unknown', 'cross', `blocked: ${reason}`] as const)
  return { key: run, name: `run ${run.slice(0, 12)}`, told, href: `/run/${run}`, tone, shape }
}
