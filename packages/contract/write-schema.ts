import { writeFileSync } from 'node:fs'
import { CONTRACT_SCHEMA } from './src/schema.ts'

const file = new URL('schema/contract-v1.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(CONTRACT_SCHEMA, null, 2)}\n`)
