import type { RuleHeat } from '@countersign/client/views'
import { Choice } from '../../parts/choice.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'
import { Grid, type GridCell } from '../../pictures/grid.tsx'
import { countText, dayText, shortCount, stepOf } from '../../pictures/scale.ts'
import { hrefOf, query } from '../../router.ts'

const BY = [
  ['pipeline', 'by pipeline'],
  ['day', 'by day'],
] as const
const SPANS = [
  ['30', '30 days'],
  ['7', '7 days'],
  ['90', '90 days'],
] as const
const DAY = 86_400_000

/** Which rules refused what, and where. */
export function Heat() {
  const by = query.value.get('by') === 'day' ? 'day' : 'pipeline'
  const days = /^(?:7|30|90)$/.exec(query.value.get('days') ?? '')?.[0] ?? '30'
  const iso = (time: number) => new Date(time).toISOString().slice(0, 10)
  const since = iso(Date.now() - (Number(days) - 1) * DAY)
  const answer = useAnswer<RuleHeat>(hrefOf('/v1/rules/heat', { since, until: iso(Date.now()), by }))
  return (
    <Section
      id="heat"
      title="What rules refuse"
      aside={
        <div class="choices">
          <Choice label="Columns" unlabelled name="by" options={BY} />
          <Choice label="Time" unlabelled name="days" options={SPANS} />
        </div>
      }
    >
      <Loaded answer={answer}>
        {(heat) =>
          heat.rows.length === 0 ? (
            <p class="quiet">No rule has refused anything in this time.</p>
          ) : (
            <>
              <Grid
                title={`Refusals and denials of each rule, ${by === 'day' ? 'by day' : 'by pipeline'}`}
                of={['rule', by === 'day' ? 'days' : 'pipelines']}
                rows={heat.rows.map((code) => ({
                  key: code,
                  name: code,
                  detail: null,
                  href: hrefOf('/inbox', { code }),
                }))}
                columns={heat.columns.map((name) => ({
                  key: name,
                  name: by === 'day' ? dayText(name) : name === '' ? 'unknown' : name,
                }))}
                cells={heatCells(heat)}
                legend={[
                  { tone: 'warn', shape: 'square', step: 1, says: 'few' },
                  { tone: 'warn', shape: 'square', step: 4, says: 'many' },
                  { tone: 'unknown', shape: 'corner', says: 'a deploy was denied' },
                ]}
                upright={by === 'pipeline'}
              />
              {heat.left === 0 ? null : <p class="picture-note">{heat.left} more pipelines are left out.</p>}
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

function heatCells({ rows, columns, cells, denied, by }: RuleHeat): readonly GridCell[] {
  const most = cells.reduce((top, row) => Math.max(top, ...row), 0)
  return cells.flatMap((counts, row) =>
    counts.flatMap((count, column) => {
      if (count === 0) return []
      const kept = denied[row]?.[column] ?? 0
      const where = columns[column]!
      const told = `${rows[row]}, ${where === '' ? 'no pipeline known' : where}: ${countText(count)} refused${kept === 0 ? '' : `, ${kept} of them denials of a deploy`}`
      const href = by === 'pipeline' && where !== '' ? hrefOf('/contracts', { pipeline: where }) : null
      const glyph = { tone: 'warn' as const, shape: 'square' as const, step: stepOf(count, most) }
      return [{ row, column, ...glyph, text: shortCount(count), told, href, corner: kept > 0 }]
    }),
  )
}
