import '../board.css'
import { Empty } from '../../parts/empty.tsx'
import { shortKind } from '../../parts/anchor-words.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useWork } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { dateText, Moment } from '../../parts/moment.tsx'
import { useEffect } from 'preact/hooks'
import { Facts, PageHead, Section } from '../../parts/section.tsx'
import { Calendar } from '../../pictures/calendar.tsx'
import { Grid } from '../../pictures/grid.tsx'
import { dayText } from '../../pictures/scale.ts'
import { hrefOf } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import type { Anchored, Cost, Standing } from './answers.ts'
import {
  costsOf,
  costText,
  type Day,
  DAY_GLYPHS,
  DAY_SAYS,
  daysOf,
  type DayState,
  progressGlyph,
  progressText,
} from './days.ts'
import { watchParties } from '../../worker/anchors-seen.ts'
import { Belief } from './belief.tsx'
import { type Fetched, fetchStatements } from './fetched.ts'
import { Patience } from './patience.tsx'
import { StatementByNumber, StatementDetail } from './statement.tsx'

const DAY = 86_400_000
/** Of the picture of each anchor by itself. */
const LATEST = 30
const SHOWN: readonly DayState[] = ['proven', 'waiting', 'refused', 'stated', 'healed', 'missed', 'open']

/** Can I prove that it existed that day without trusting you? */
export default function Anchors({ query }: ScreenProps) {
  const today = new Date().toISOString().slice(0, 10)
  const from = new Date(Date.parse(today) - 364 * DAY).toISOString().slice(0, 10)
  const answer = useWork<Fetched>((signal) => fetchStatements(from, signal), from)
  useEffect(() => {
    void watchParties().catch(() => undefined)
  }, [])
  return (
    <>
      <PageHead title="What proves it without us?" aside={<JsonLink path="/v1/anchors" />}>
        Once a day the log’s statement goes to places that nobody here can rewrite. What they prove holds even if this
        server lies. The calendar is what it says; open a day, and your browser verifies it.
      </PageHead>
      {query.get('statement') === null ? null : <StatementByNumber number={query.get('statement')!} />}
      <Loaded answer={answer}>
        {(fetched) => (
          <Found fetched={fetched} days={daysOf(fetched.statements, from, today)} chosen={query.get('day')} />
        )}
      </Loaded>
      <Belief />
    </>
  )
}

interface FoundProps {
  readonly fetched: Fetched
  readonly days: readonly Day[]
  readonly chosen: string | null
}

function Found({ fetched: { standings, statements, more }, days, chosen }: FoundProps) {
  if (days.length === 0) {
    return (
      <Empty title="The log has stated nothing yet" command="countersign statement now">
        A statement is made at the end of each day on which something is in the log.
      </Empty>
    )
  }
  const day = days.find(({ date }) => date === chosen) ?? null
  const month = days.at(-1)!.date.slice(0, 7)
  const costs = costsOf(statements, month)
  return (
    <>
      {standings.length === 0 ? (
        <Empty
          title="No anchor is set up: nobody outside vouches for these days"
          command="npm start -- --anchors anchors.json"
        >
          Name at least one in a settings file; Rekor and timestamp authorities cost nothing. See server/README.md,
          Anchors.
        </Empty>
      ) : (
        <ul class="standings">
          {standings.map((one) => (
            <li key={one.anchor}>
              <StandingCard standing={one} costs={costs.get(one.anchor) ?? []} />
            </li>
          ))}
        </ul>
      )}
      <Section id="calendar" title="Days">
        <Calendar
          title="How each day is proven"
          from={days[0]!.date}
          to={days.at(-1)!.date}
          selected={chosen}
          days={days.map(({ date, state, statements: of }) => ({
            date,
            ...DAY_GLYPHS[state],
            told: toldOf(state, of),
            href: of.length === 0 ? null : `${hrefOf('/anchors', { day: date })}#day`,
          }))}
          legend={SHOWN.filter((state) => days.some((one) => one.state === state)).map((state) => ({
            ...DAY_GLYPHS[state],
            says: DAY_SAYS[state],
          }))}
        />
        {more ? <p class="picture-note">There are older statements than the 800 that are shown.</p> : null}
      </Section>
      {day === null ? null : (
        <Section id="day" title={dateText(day.date)}>
          <p>{DAY_SAYS[day.state]}</p>
          {day.statements.map((one) => (
            <StatementDetail key={one.number} statement={one} />
          ))}
        </Section>
      )}
      {standings.length === 0 ? null : <Lanes statements={statements.slice(0, LATEST)} standings={standings} />}
      {standings.length === 0 ? null : <Patience statements={statements.slice(0, LATEST * 3)} standings={standings} />}
    </>
  )
}

function toldOf(state: DayState, statements: readonly Anchored[]): string {
  const entries = statements.flatMap(({ anchors }) => anchors.map((one) => `${one.anchor} ${progressText(one)}`))
  return [DAY_SAYS[state], ...(statements.length > 1 ? [`${statements.length} statements`] : entries)].join('; ')
}

function StandingCard({ standing, costs }: { readonly standing: Standing; readonly costs: readonly Cost[] }) {
  const { anchor, kind, on, counts, provenTo, gap } = standing
  const waiting = counts.pending + counts.submitted + counts.included
  const [tone, says] = !on
    ? (['unknown', 'not asked any more'] as const)
    : counts.dead > 0
      ? (['bad', `${counts.dead} refused`] as const)
      : gap !== null
        ? (['bad', `statement ${gap.number} is overdue`] as const)
        : waiting > 0
          ? (['good', `${waiting} on the way`] as const)
          : (['good', 'all proven'] as const)
  return (
    <div class="standing">
      <h2>{anchor}</h2>
      <p>
        <Mark tone={tone}>{says}</Mark>
      </p>
      <Facts
        rows={[
          ['kind', shortKind(kind)],
          ['proven up to', provenTo === null ? 'nothing yet' : <Moment key="to" time={provenTo} />],
          ['proven', `${counts.final} of ${counts.final + waiting + counts.dead}`],
          ['this month', costs.length === 0 ? 'nothing' : costs.map(costText).join(', ')],
        ]}
      />
      {counts.dead === 0 ? null : <p class="quiet small">countersign anchor retry puts back what was refused.</p>}
    </div>
  )
}

/** Each anchor by itself: the newest statements. */
function Lanes({
  statements,
  standings,
}: {
  readonly statements: readonly Anchored[]
  readonly standings: readonly Standing[]
}) {
  const columns = statements.toReversed()
  const rows = new Map(standings.map(({ anchor }, row) => [anchor, row]))
  const cells = columns.flatMap((statement, column) =>
    statement.anchors.flatMap((one) => {
      const row = rows.get(one.anchor)
      if (row === undefined) return []
      const told = `${one.anchor}, statement ${statement.number}: ${progressText(one)}`
      const href = `${hrefOf('/anchors', { day: new Date(Date.parse(statement.end) - 1).toISOString().slice(0, 10) })}#day`
      return [{ row, column, ...progressGlyph(one), text: null, told, href }]
    }),
  )
  return (
    <Section id="lanes" title="Each anchor by itself">
      <Grid
        title="The newest statements in each anchor"
        of={['anchor', 'statements']}
        rows={standings.map(({ anchor, kind }) => ({
          key: anchor,
          name: anchor,
          detail: anchor.startsWith(kind) ? null : kind,
          href: null,
        }))}
        columns={columns.map(({ number, end }) => ({
          key: String(number),
          name: dayText(new Date(Date.parse(end) - 1).toISOString()),
        }))}
        cells={cells}
        legend={[
          { tone: 'good', shape: 'check', says: 'proven' },
          { tone: 'unknown', shape: 'half', says: 'on its way' },
          { tone: 'warn', shape: 'half', says: 'does not answer' },
          { tone: 'bad', shape: 'cross', says: 'refused' },
        ]}
      />
    </Section>
  )
}
