import { Copy } from '../../parts/copy.tsx'
import { Moment, timeText } from '../../parts/moment.tsx'
import { Loaded, useWork } from '../../parts/loaded.tsx'
import { Reason } from '../../parts/reason.tsx'
import { Facts, Section } from '../../parts/section.tsx'
import { Sign } from '../../pictures/shapes.tsx'
import type { SeenProof } from '../../worker/messages.ts'
import type { Anchored, Progress } from './answers.ts'
import { fetchStatement } from './fetched.ts'
import { CheckedAnchor, CheckedStatement, useChecked } from './checked.tsx'
import { costText, progressGlyph, progressText } from './days.ts'

/** One statement: what it says, how far it is in each anchor, and what to check it with. */
export function StatementDetail({ statement }: { readonly statement: Anchored }) {
  const { number, start, end, covers, size, chains, time, anchors } = statement
  const check = `countersign statement show ${number}`
  const checked = useChecked(statement)
  return (
    <article class="statement">
      <h3>Statement {number}</h3>
      <Facts
        rows={[
          [
            'period',
            `${timeText(start)} to ${timeText(end)}${covers > 1 ? `: ${covers} periods, those before had none` : ''}`,
          ],
          ['made', <Moment key="made" time={time} whole />],
          ['entries', size.toLocaleString('en')],
          ['chains', chains.toLocaleString('en')],
          [
            'text',
            <a key="text" href={`/statements/${number}`}>
              as the log signed it
            </a>,
          ],
          ['checked', <CheckedStatement key="checked" checked={checked} />],
          [
            'by command',
            <span key="check">
              <code>{check}</code> <Copy text={check} what="the command" />
            </span>,
          ],
        ]}
      />
      {anchors.length === 0 ? (
        <p class="quiet">No anchor was asked for it.</p>
      ) : (
        <ul class="progress">
          {anchors.map((one) => (
            <li key={one.anchor}>
              <AnchorProgress
                number={number}
                progress={one}
                proof={checked.value?.anchors.find(({ anchor }) => anchor === one.anchor) ?? null}
              />
            </li>
          ))}
        </ul>
      )}
    </article>
  )
}

interface AnchorProgressProps {
  readonly number: number
  readonly progress: Progress
  /** What this browser found; null until it did. */
  readonly proof: SeenProof | null
}

function AnchorProgress({ number, progress, proof }: AnchorProgressProps) {
  const { anchor, queuedAt, finalAt, nextLook, dead, failing, costs } = progress
  const trouble = dead ?? failing
  return (
    <>
      <p>
        <Sign {...progressGlyph(progress)} size={16} /> <strong>{anchor}</strong>{' '}
        {trouble === null ? progressText(progress) : dead === null ? progress.phase : 'refused'}
        {finalAt === null ? null : (
          <>
            {' '}
            <Moment time={finalAt} />,{' '}
            <a href={`/statements/${number}/anchors/${encodeURIComponent(anchor)}`}>the proof</a>
          </>
        )}
      </p>
      <p class="quiet small">
        queued {timeText(queuedAt)}
        {nextLook === null ? '' : `, looked at again ${timeText(nextLook)}`}
        {costs.length === 0 ? '' : `, cost ${costs.map(costText).join(', ')}`}
      </p>
      {proof === null ? null : <CheckedAnchor proof={proof} />}
      {trouble === null ? null : <Reason code={trouble.code} what={trouble.what} />}
    </>
  )
}

/** One by its number, as a search leads to it. */
export function StatementByNumber({ number }: { readonly number: string }) {
  const answer = useWork<{ readonly found: Anchored | null }>(async (signal) => fetchStatement(number, signal), number)
  return (
    <Section id="statement" title={`Statement ${number}`}>
      <Loaded answer={answer}>
        {({ found }) =>
          found === null ? (
            <p role="status">The log has made no such statement.</p>
          ) : (
            <StatementDetail statement={found} />
          )
        }
      </Loaded>
    </Section>
  )
}
