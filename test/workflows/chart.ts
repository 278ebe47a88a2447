import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const CHART = join(import.meta.dirname, '..', '..', 'workflows', 'kubernetes', 'chart')

/** The values of the chart. */
export function chartValues(): Record<string, unknown> {
  return parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Record<string, unknown>
}

/**
 * The chart as Helm renders it, as far as its templates go: values, the name space of the release, `toJson` and `quote`.
 * Anything else in them is a fault.
 */
export function renderChart(values: Record<string, unknown>, namespace: string): string {
  const valueOf = (path: string): unknown => {
    if (path === '.Release.Namespace') return namespace
    const name = /^\.Values\.([A-Za-z]+)$/.exec(path)?.[1]
    if (name === undefined || !Object.hasOwn(values, name)) throw new Error(`no value ${path}`)
    return values[name]
  }
  const call = (name: string, value: unknown): unknown => {
    if (name === 'quote') return JSON.stringify(value)
    // Helm's values are maps of Go, whose members JSON has in order.
    if (name === 'toJson')
      return JSON.stringify(value, (_, member: unknown) => (isMap(member) ? sorted(member) : member))
    throw new Error(`no function ${name}`)
  }
  const files = readdirSync(join(CHART, 'templates')).toSorted()
  return files
    .map((file) => readFileSync(join(CHART, 'templates', file), 'utf8'))
    .map((text) =>
      text.replace(/\{\{(.*?)\}\}/g, (_, expression: string) => {
        const [path, ...functions] = expression.split('|').map((part) => part.trim())
        const rendered = functions.reduce((value, name) => call(name, value), valueOf(path!))
        if (typeof rendered !== 'string' && typeof rendered !== 'number') throw new Error(`${expression} is no text`)
        return String(rendered)
      }),
    )
    .join('---\n')
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(map: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
