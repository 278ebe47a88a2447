import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { type LegendItem, Picture, type Twin } from './frame.tsx'
import { dayText } from './scale.ts'
import type { Tone } from './shapes.tsx'
import { useWidth } from './width.ts'

export interface Series {
  readonly name: string
  readonly tone: Tone
  /** Lines are told apart without their colour. */
  readonly dash: readonly number[]
  /** One a time; null where there is none. */
  readonly values: readonly (number | null)[]
}

export interface ChartProps {
  readonly title: string
  /** Seconds since 1970, rising. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  /** How a value is written on the axis. */
  valueText(value: number): string
  readonly twin: Twin
}

const HEIGHT = 180
const COLOURS: Readonly<Record<Tone, string>> = {
  good: '--good',
  bad: '--bad',
  warn: '--warn',
  unknown: '--quiet',
  info: '--accent',
}

/** Values over time, as lines. */
export function Chart({ title, times, series, valueText, twin }: ChartProps): VNode {
  const [ref, width] = useWidth<HTMLDivElement>()
  const holder = useRef<HTMLDivElement | null>(null)
  useEffect(() => {
    const element = holder.current
    if (element === null || width === 0) return undefined
    let plot = drawn(element, width)
    // A canvas does not follow the colours of the page by itself.
    const redraw = () => {
      plot.destroy()
      plot = drawn(element, width)
    }
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const observer = new MutationObserver(redraw)
    dark.addEventListener('change', redraw)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    return () => {
      dark.removeEventListener('change', redraw)
      observer.disconnect()
      plot.destroy()
    }
  }, [width, times, series])

  const drawn = (element: HTMLElement, wide: number) => {
    // What `light-dark()` comes to is known where it is used alone.
    const probe = element.appendChild(document.createElement('span'))
    const colour = (name: string) => {
      probe.style.color = `var(${name})`
      return getComputedStyle(probe).color
    }
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } }
    const font = '11px system-ui, sans-serif'
    const data: uPlot.AlignedData = [[...times], ...series.map(({ values }) => [...values])]
    const options: uPlot.Options = {
      width: wide,
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
      axes: [
        { ...axis, font, size: 28, space: 64, values: (_plot, splits) => splits.map(dateOf) },
        { ...axis, font, size: 52, values: (_plot, splits) => splits.map(valueText) },
      ],
      series: [
        {},
        ...series.map(({ name, tone, dash }) => ({
          label: name,
          stroke: colour(COLOURS[tone]),
          width: 2,
          dash: [...dash],
          spanGaps: true,
          points: { show: times.length < 60, size: 6, fill: colour(COLOURS[tone]) },
        })),
      ],
    }
    probe.remove()
    return new uPlot(options, data, element)
  }

  const legend: readonly LegendItem[] = series.map(({ name, tone, dash }) => ({
    tone,
    shape: 'line',
    dash,
    says: name,
  }))
  return (
    <Picture title={title} legend={legend} twin={twin}>
      <div ref={ref} class="picture-room">
        <div ref={holder} role="img" aria-label={title} class="chart" />
      </div>
    </Picture>
  )
}

function dateOf(seconds: number): string {
  return dayText(new Date(seconds * 1000).toISOString())
}
