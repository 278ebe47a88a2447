import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Waiting } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'
import type { ChartProps } from '../../pictures/chart.tsx'
import type { Tone } from '../../pictures/shapes.tsx'
import type { Anchored, Standing } from './answers.ts'

const TONES: readonly Tone[] = ['info', 'good', 'warn', 'bad']
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3]]
const HOUR = 3_600_000

interface Props {
  /** Newest first. */
  readonly statements: readonly Anchored[]
  readonly standings: readonly Standing[]
}

/** How long each anchor took until it proved a statement. */
export function Patience({ statements, standings }: Props) {
  const [Chart, setChart] = useState<ComponentType<ChartProps> | null>(null)
  const rising = statements.toReversed()
  const series = standings.slice(0, TONES.length).map(({ anchor }, i) => ({
    name: anchor,
    tone: TONES[i]!,
    dash: DASHES[i]!,
    values: rising.map((one) => hoursOf(one, anchor)),
  }))
  const enough = series.some(({ values }) => values.filter((value) => value !== null).length > 1)
  // What draws it is large, and here alone.
  useEffect(() => {
    if (enough) void import('../../pictures/chart.tsx').then(({ Chart: loaded }) => setChart(() => loaded))
  }, [enough])
  if (!enough) return null
  return (
    <Section id="patience" title="How long it took">
      {Chart === null ? (
        <Waiting />
      ) : (
        <Chart
          title="Hours from the end of the day until its proof"
          times={rising.map(({ end }) => Date.parse(end) / 1000)}
          series={series}
          valueText={hoursText}
          twin={{
            head: ['statement', ...series.map(({ name }) => name)],
            rows: statements.map((one) => [
              `${one.number}, ${one.end.slice(0, 10)}`,
              ...series.map(({ name }) => {
                const hours = hoursOf(one, name)
                return hours === null ? 'not yet' : hoursText(hours)
              }),
            ]),
          }}
        />
      )}
    </Section>
  )
}

function hoursOf({ end, anchors }: Anchored, anchor: string): number | null {
  const finalAt = anchors.find((one) => one.anchor === anchor)?.finalAt ?? null
  return finalAt === null ? null : Math.max(0, Date.parse(finalAt) - Date.parse(end)) / HOUR
}

function hoursText(hours: number): string {
  if (hours === 0) return '0'
  return hours < 1 ? `${Math.round(hours * 60)} min` : `${Math.round(hours * 10) / 10} h`
}
