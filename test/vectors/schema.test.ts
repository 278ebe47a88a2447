import { readFileSync } from 'node:fs'
import { canonicalJson, type JsonValue } from '@countersign/core'
import { parseStep } from '@countersign/formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const schema = JSON.parse(
  readFileSync(new URL('../../packages/formats/schema/step-v1.schema.json', import.meta.url), 'utf8'),
) as object
const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
  schema,
)

/** What a schema cannot say, and the parser does. */
const BEYOND_A_SCHEMA = new Set([
  // Links between fields.
  'predicate-evidence-read-about-something-else',
  'predicate-previous-empty',
  'predicate-previous-same-link-twice',
  'predicate-materials-from-not-in-previous',
  // Names that one file system takes for the same.
  'predicate-materials-same-name-twice',
  // The calendar.
  'predicate-invocation-startedat-day-31-of-november',
  'predicate-invocation-finishedat-day-31-of-november',
])

const all = vectors<{ statement: { predicate?: JsonValue; predicateType: string }; error?: string }>('step')
const about = all.filter(([name]) => !name.startsWith('predicate-type-'))

describe('the schema and the parser agree on', () => {
  test.each(about)('%s', (name, { statement, error }) => {
    const valid = validate(statement.predicate)
    if (BEYOND_A_SCHEMA.has(name)) {
      expect([valid, error]).toEqual([true, error ?? 'is refused by the parser'])
    } else {
      expect({ valid, faults: validate.errors?.map((e) => `${e.instancePath} ${e.message}`) ?? [] }).toEqual({
        valid: error === undefined,
        faults: error === undefined ? [] : expect.any(Array),
      })
    }
  })

  test('enough of them, and every exception is a vector', () => {
    expect(about.length).toBeGreaterThan(250)
    for (const name of BEYOND_A_SCHEMA) expect(all.map(([n]) => n)).toContain(name)
  })
})

test('the hostile and the good paths, as names of materials', () => {
  const [, { statement }] = all.find(([name]) => name === 'good')!
  const predicate = statement.predicate as { [key: string]: JsonValue }
  const forms = /^nfd|^nfc|^lone|^too-long/
  for (const [vector, { path, error }] of vectors<{ path: string; error?: string }>('path')) {
    const material = { name: path, digest: { sha256: 'a'.repeat(64) }, annotations: { from: null } }
    const changed = { ...predicate, materials: [material] }
    // Unicode forms and lengths in bytes are beyond a schema.
    if (!forms.test(vector)) expect(validate(changed), vector).toBe(error === undefined)
    const step = { ...statement, predicate: changed } as JsonValue
    if (error === undefined) expect(parseStep(canonicalJson(step)).predicate.materials[0]!.name).toBe(path)
  }
})

test('the schema asks for every field that the parser asks for', () => {
  const [, { statement }] = all.find(([name]) => name === 'good')!
  expect(validate(statement.predicate)).toBe(true)
  expect(validate({})).toBe(false)
  expect(validate.errors!.map((e) => (e.params as { missingProperty: string }).missingProperty).toSorted()).toEqual(
    Object.keys(statement.predicate as object).toSorted(),
  )
})
