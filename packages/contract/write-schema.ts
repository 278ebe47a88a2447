import { writeFileSync } from 'node:fs'
import { BASELINE_SCHEMA } from './src/baseline-schema.ts'
import { CONTRACT_SCHEMA } from './src/schema.ts'

for (const [name, schema] of [
  ['contract', CONTRACT_SCHEMA],
  ['baseline', BASELINE_SCHEMA],
] as const) {
  const file = new URL(`schema/${name}-v1.schema.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
}
