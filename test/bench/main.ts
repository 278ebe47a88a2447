import { accessSync, constants, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { argumentsOf, endWrongly } from '../arguments.ts'
import build from '../bundles.ts'
import type { Bench, Row } from './row.ts'

const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.bench.ts')).toSorted()
const benches: Bench[] = []
for (const file of files) benches.push(((await import(`./${file}`)) as { default: Bench }).default)

const HELP = `Usage: npm run bench [-- OPTIONS]

Measures each row beside the bare limit of this machine, in the same run; all of them take half an hour.

  --only ROW   this row alone (may be repeated)
  --json FILE  write the rows there as well: [{name, value, unit, limit, ratio}]

Rows: ${benches.map(({ name }) => name).join(', ')}`

const values = argumentsOf({ json: { type: 'string' }, only: { type: 'string', multiple: true } }, HELP)
const only = values.only ?? []
const unknown = only.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) endWrongly(`there is no row ${unknown.join(', ')}`, HELP)
if (values.json !== undefined) {
  try {
    // What cannot be written is told before half an hour of measuring, not after.
    accessSync(dirname(resolve(values.json)), constants.W_OK)
  } catch {
    endWrongly(`${values.json} cannot be written`, HELP)
  }
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
