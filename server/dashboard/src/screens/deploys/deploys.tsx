import '../board.css'
import type { Deploy, Deploys as Page, DeployStrips } from '@countersign/client/views'
import { Choice, Chosen, Narrow } from '../../parts/choice.tsx'
import { Empty } from '../../parts/empty.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { timeText } from '../../parts/moment.tsx'
import { Pager } from '../../parts/pager.tsx'
import { PageHead, Section } from '../../parts/section.tsx'
import { WaitingDeviations } from '../../parts/waiting-deviations.tsx'
import { Strip } from '../../pictures/strip.tsx'
import { hrefOf } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { Address } from './address.tsx'
import { DecisionTable } from './decisions.tsx'
import { filled } from './filled.ts'

const DAY = 86_400_000
const SPANS = [
  ['30', '30 days'],
  ['7', '7 days'],
  ['1', '24 hours, by hour'],
  ['90', '90 days'],
] as const
const DECISIONS = [
  ['', 'all'],
  ['deny', 'refused'],
  ['unknown', 'unknown'],
  ['allow', 'let through'],
] as const
const ASK = 'countersign gate app.tgz --remote --pipeline shop/web --environment prod'

/** Which deploys had gaps? */
export default function Deploys({ query }: ScreenProps) {
  const [environment, pipeline, decision] = ['environment', 'pipeline', 'decision'].map((name) => query.get(name))
  const [since, until, days] = [query.get('since'), query.get('until'), query.get('days')]
  const stripPath = hrefOf('/v1/deploys/strips', spanOf(days ?? '30'))
  const kept = { environment: environment!, pipeline: pipeline!, decision: decision!, since, until }
  const listPath = hrefOf('/v1/deploys', { ...kept, cursor: query.get('cursor') })
  const strips = useAnswer<DeployStrips>(stripPath)
  const list = useAnswer<Page>(listPath)
  const chosen: [string[], string][] = []
  if (environment !== null) chosen.push([['environment'], `in ${environment}`])
  if (since !== null && until !== null) chosen.push([['since', 'until'], `${timeText(since)} to ${timeText(until)}`])
  return (
    <>
      <PageHead title="Which deploys had gaps?" aside={<JsonLink path={listPath} />}>
        What gates let into each environment, what they kept out, and why.
      </PageHead>
      <WaitingDeviations />
      <Loaded answer={strips}>
        {(answer) => {
          if (answer.environments.length === 0) {
            return (
              <Empty title="No gate was asked about an environment yet" command={ASK}>
                Let the gate say where the artifact goes; each answer is kept, and shown here.
              </Empty>
            )
          }
          const buckets = filled(answer)
          return (
            <>
              <Section
                id="strips"
                title="Environments over time"
                aside={<Choice label="Time" unlabelled name="days" options={SPANS} />}
              >
                <Strip
                  title={`Decisions of gates, ${answer.bucket === 'day' ? 'a day' : 'an hour'} each`}
                  bucket={answer.bucket}
                  selected={environment ?? null}
                  lanes={answer.environments.map(({ name, current }) => ({
                    name,
                    href: hrefOf('/deploys', { days, environment: name }),
                    now: current === null ? null : nowOf(current),
                    buckets: buckets.get(name) ?? [],
                  }))}
                  hrefOf={(lane, from, to) => hrefOf('/deploys', { days, environment: lane, since: from, until: to })}
                />
                {answer.next === null ? null : (
                  <p class="picture-note">There are more environments; name one to see it.</p>
                )}
              </Section>
              <Section id="decisions" title="Decisions">
                <div class="filters">
                  <Choice label="Decision" name="decision" options={DECISIONS} />
                  <Narrow label="Pipeline" name="pipeline" placeholder="shop/web" />
                  <Narrow label="Environment" name="environment" placeholder="prod" />
                </div>
                <Chosen filters={chosen} />
                <Loaded answer={list}>{(page) => <Decisions page={page} />}</Loaded>
              </Section>
              <Section id="address" title="What was deployed then?">
                <Address />
              </Section>
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function Decisions({ page: { items, next } }: { readonly page: Page }) {
  if (items.length === 0) return <p class="quiet">No decision is like that.</p>
  return (
    <>
      <DecisionTable decisions={items} />
      <Pager next={next} count={items.length} />
    </>
  )
}

function nowOf({ artifact, pipeline, deviated }: Deploy) {
  const name = artifact === null ? 'an erased artifact' : artifact.slice(0, 12)
  return {
    text: `${name}${pipeline === null ? '' : ` of ${pipeline}`}`,
    tone: deviated ? ('warn' as const) : ('good' as const),
    href: artifact === null ? null : `/artifact/sha256:${artifact}`,
  }
}

/** Whole days back from tomorrow, or hours from the next one: the address of the answer stays the same for a while. */
function spanOf(days: string): { since: string; until: string; bucket: string } {
  const count = /^[1-9][0-9]{0,2}$/.test(days) ? Math.min(366, Number(days)) : 30
  const [bucket, step] = count === 1 ? ['hour', DAY / 24] : ['day', DAY]
  const until = (Math.floor(Date.now() / step) + 1) * step
  const iso = (time: number) => new Date(time).toISOString()
  return { since: iso(until - count * DAY), until: iso(until), bucket }
}
