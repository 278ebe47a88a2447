import '../board.css'
import { systemName } from '@countersign/evidence-page/names'
import type { Coverage as Answer, CoveredPipeline, CoveredSystem } from '@countersign/client/views'
import { Narrow } from '../../parts/choice.tsx'
import { Command } from '../../parts/command.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Grade, System } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Pager } from '../../parts/pager.tsx'
import { Facts, PageHead, Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import type { Glyph } from '../../pictures/shapes.tsx'
import { Tiles } from '../../pictures/tiles.tsx'
import { hrefOf } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { fixOf, standingOf } from './fixes.ts'

const PAGE = '60'

/** Which pipelines are not recorded? */
export default function Coverage({ query }: ScreenProps) {
  const [begins, chosen, cursor] = [query.get('begins'), query.get('pipeline'), query.get('cursor')]
  const path = hrefOf('/v1/coverage', { pipeline: begins, limit: PAGE, cursor })
  const answer = useAnswer<Answer>(path)
  return (
    <>
      <PageHead title="Which pipelines are not recorded?" aside={<JsonLink path={path} />}>
        Every pipeline by the CI systems it ran on: how well it is recorded, what is missing, and what to copy to mend
        it.
      </PageHead>
      <div class="filters">
        <Narrow label="Pipelines that begin with" name="begins" placeholder="shop/" />
      </div>
      {chosen === null ? null : <Chosen pipeline={chosen} />}
      <Loaded answer={answer}>
        {({ pipelines, next }) => {
          if (pipelines.length === 0) {
            return (
              <Empty
                title={begins === null ? 'No pipeline is recorded yet' : `No pipeline begins with ${begins}`}
                command="countersign run --pipeline shop/web --step build --products dist -- make"
              >
                Wrap a first step; where there is none, nothing can be missing.
              </Empty>
            )
          }
          return (
            <>
              <Section id="pipelines" title="Pipelines">
                <Tiles
                  title="How well each pipeline is recorded"
                  of={['pipeline', 'CI systems']}
                  selected={chosen}
                  tiles={pipelines.map((one) => ({
                    key: one.pipeline,
                    name: one.pipeline,
                    ...standingOf(one.findings),
                    says: saysOf(one),
                    href: `${hrefOf('/coverage', { begins, cursor, pipeline: one.pipeline })}#detail`,
                    chips: one.systems.map((system) => ({
                      name: chipOf(system),
                      told: toldOf(system),
                      ...glyphOf(system),
                    })),
                  }))}
                  legend={[
                    { tone: 'good', shape: 'check', says: 'recorded whole' },
                    { tone: 'warn', shape: 'half', says: 'with gaps' },
                    { tone: 'bad', shape: 'half', says: 'steps missing' },
                    { tone: 'warn', shape: 'ring', says: 'without a contract' },
                    { tone: 'bad', shape: 'dashed', says: 'not recorded' },
                  ]}
                />
                <Pager next={next} count={pipelines.length} />
              </Section>
            </>
          )
        }}
      </Loaded>
    </>
  )
}

/** One by its name: whoever was sent its address may not have it on this page. */
function Chosen({ pipeline }: { readonly pipeline: string }) {
  // Of names that begin with it, it comes first.
  const answer = useAnswer<Answer>(hrefOf('/v1/coverage', { pipeline, limit: '1' }))
  return (
    <Loaded answer={answer}>
      {({ pipelines: [first] }) =>
        first?.pipeline === pipeline ? <Detail covered={first} /> : <p role="status">Nothing is known of {pipeline}.</p>
      }
    </Loaded>
  )
}

function saysOf({ findings, runs, contract }: CoveredPipeline): string {
  const counted = runs === 0 ? 'no run' : `${runs.toLocaleString('en')} run${runs === 1 ? '' : 's'}`
  return `${standingOf(findings).says} · ${counted}${contract === null ? '' : ` · contract ${contract.revision}`}`
}

function chipOf({ system, weakestGrade }: CoveredSystem): string {
  return `${systemName(system)}${weakestGrade === null ? '' : ` ${weakestGrade}`}`
}

function glyphOf({ weakestGrade, late }: CoveredSystem): Glyph {
  const weak = weakestGrade === 'C' || weakestGrade === 'D'
  if (weak) return { tone: 'warn', shape: 'half' }
  return late > 0 ? { tone: 'warn', shape: 'ring' } : { tone: 'good', shape: 'check' }
}

function toldOf({ steps, late, failed, weakestGrade }: CoveredSystem): string {
  return [
    `${steps.toLocaleString('en')} steps`,
    weakestGrade === null ? 'no grade known' : `grade ${weakestGrade} at the lowest`,
    late === 0 ? '' : `${late} late`,
    failed === 0 ? '' : `${failed} failed`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function Detail({ covered }: { readonly covered: CoveredPipeline }) {
  const { pipeline, contract, systems, runs, lastAt, findings } = covered
  return (
    <Section id="detail" title={pipeline} aside={<a href={hrefOf('/', { pipeline })}>its runs</a>}>
      <Facts
        rows={[
          ['runs', runs.toLocaleString('en')],
          lastAt === null ? null : ['last step', <Moment key="last" time={lastAt} />],
          [
            'contract',
            contract === null ? (
              'none'
            ) : (
              <span key="contract">
                <a href={`${hrefOf('/contracts', { pipeline })}#contract`}>revision {contract.revision}</a>{' '}
                <Digest value={contract.digest} />
              </span>
            ),
          ],
        ]}
      />
      {systems.length === 0 ? null : (
        <Table
          caption="CI systems"
          rows={systems}
          keyOf={({ system }) => system}
          columns={[
            { name: 'CI system', head: true, cell: ({ system }) => <System name={system} /> },
            { name: 'Weakest grade', cell: ({ weakestGrade }) => <Grade grade={weakestGrade} /> },
            { name: 'Steps', number: true, cell: ({ steps }) => steps.toLocaleString('en') },
            { name: 'Late', number: true, cell: ({ late }) => late },
            { name: 'Failed', number: true, cell: ({ failed }) => failed },
            { name: 'Last', cell: (one) => <Moment time={one.lastAt} /> },
          ]}
        />
      )}
      {findings.length === 0 ? <p>Nothing is missing.</p> : <h3>What is missing</h3>}
      <ul class="fixes">
        {findings.map((finding) => {
          const { says, command, about } = fixOf(finding, covered)
          return (
            <li key={finding}>
              <p>
                <strong>{says}</strong>
              </p>
              <p class="quiet">{about}</p>
              {command === null ? null : <Command text={command} />}
            </li>
          )
        })}
      </ul>
    </Section>
  )
}
