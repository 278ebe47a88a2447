import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { CONTRACT_SCHEMA } from './index.ts'

test('the published file is the schema: npm run schema -w @countersign/contract', () => {
  const file = new URL('../schema/contract-v1.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(CONTRACT_SCHEMA)
  expect(CONTRACT_SCHEMA.$id.endsWith('/contract-v1.schema.json')).toBe(true)
})

test('it is a strict JSON Schema of 2020-12, and refuses what it does not describe', () => {
  const validate = new Ajv2020({ strict: true }).compile(CONTRACT_SCHEMA)
  const good = {
    contract: 'v1',
    pipeline: 'a',
    revision: 1,
    signers: { ci: 'key' },
    steps: { build: { signers: ['ci'] } },
    final: 'build',
  }
  expect(validate(good)).toBe(true)
  expect(validate({ ...good, more: 1 })).toBe(false)
  expect(validate({ ...good, steps: { build: { signers: ['ci'], more: 1 } } })).toBe(false)
})
