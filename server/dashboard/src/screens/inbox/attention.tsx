import type { CountersignEvent, EventName, EventPage } from '@countersign/client/events'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Mark, type Tone } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { hrefOf } from '../../router.ts'
import { tellEvent } from './told.ts'

/** What somebody should look at, though no step was refused for it. */
const NAMES: readonly EventName[] = [
  'log.fork',
  'mismatch',
  'conflict',
  'anchor.missed',
  'anchor.dead',
  'deviation.expiring',
  'deviation.admitted',
  'note.disputed',
  'identity.first-seen',
  'key.revoked',
  'erased',
  'webhook.disabled',
  'events.lost',
]
const DAYS = 7
const DAY = 86_400_000
const TONES: Readonly<Record<CountersignEvent['severity'], Tone>> = { info: 'info', warning: 'warn', alert: 'bad' }
const SHOWN = 30

/** What happened in the last days, gravest first. */
export function Attention() {
  const since = `${new Date(Date.now() - DAYS * DAY).toISOString().slice(0, 10)}T00:00:00Z`
  const answer = useAnswer<EventPage>(hrefOf('/v1/events', { type: NAMES.join(','), since, limit: '200' }))
  return (
    <Section id="attention" title={`To be looked at, of the last ${DAYS} days`}>
      <Loaded answer={answer}>
        {({ items, next }) => {
          const rank = ({ severity }: CountersignEvent) => ['alert', 'warning', 'info'].indexOf(severity)
          const sorted = items.toSorted((a, b) => rank(a) - rank(b) || (a.time < b.time ? 1 : -1))
          return (
            <>
              {items.length === 0 ? <p class="quiet">Nothing.</p> : null}
              <ul class="events">
                {sorted.slice(0, SHOWN).map((event) => {
                  const { title, detail, href } = tellEvent(event)
                  return (
                    <li key={event.id}>
                      <Mark tone={TONES[event.severity]}>{href === null ? title : <a href={href}>{title}</a>}</Mark>
                      <span>{detail}</span>
                      <span class="quiet small">
                        <Moment time={event.time} />
                      </span>
                    </li>
                  )
                })}
              </ul>
              {sorted.length > SHOWN || next !== null ? (
                <p class="picture-note">
                  {sorted.length - Math.min(SHOWN, sorted.length)}
                  {next === null ? '' : ' and more'} are not shown here; GET /v1/events has all.
                </p>
              ) : null}
            </>
          )
        }}
      </Loaded>
    </Section>
  )
}
