import { writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import build from '../bundles.ts'
import type { Bench, Row } from './row.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string', multiple: true } } })

const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.bench.ts')).toSorted()
const benches: Bench[] = []
for (const file of files) benches.push(((await import(`./${file}`)) as { default: Bench }).default)

const only = values.only ?? []
const unknown = only.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(`bench: no row ${unknown.join(', ')}; there are ${benches.map((b) => b.name).join(', ')}`)
  process.exit(2)
}

// What was built before the sources were changed is not what is to be measured.
build()
const rows: Row[] = []
const cell = (text: string, width: number) => text.padStart(width)
console.log(
  `${'row'.padEnd(16)}${cell('value', 12)} ${'unit'.padEnd(10)}${cell('bare limit', 12)}${cell('ratio', 8)}  target`,
)
for (const bench of benches) {
  if (only.length > 0 && !only.includes(bench.name)) continue
  const row = await bench.run()
  rows.push(row)
  const ratio = row.ratio === null ? '–' : row.ratio.toFixed(2)
  const limit = row.limit === null ? '–' : format(row.limit)
  console.log(
    `${row.name.padEnd(16)}${cell(format(row.value), 12)} ${row.unit.padEnd(10)}${cell(limit, 12)}${cell(ratio, 8)}  ${row.held ? '✓' : '✗'} ${row.target}`,
  )
}
if (values.json !== undefined) {
  const lines = rows.map(({ name, value, unit, limit, ratio }) => ({ name, value, unit, limit, ratio }))
  writeFileSync(values.json, `${JSON.stringify(lines, null, 2)}\n`)
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}
