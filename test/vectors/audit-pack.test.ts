import { readFileSync } from 'node:fs'
import { canonicalJson, type Code, type JsonValue, utf8 } from '@countersign/core'
import {
  LISTED,
  listedPath,
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_MANIFEST_BYTES,
  MAX_PACK_BYTES,
  PACK_MEDIA_TYPE,
  PACK_PREDICATE,
  packStatement,
  parseManifest,
  writeManifest,
} from '@countersign/evidence/pack'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const read = (path: string) => readFileSync(new URL(`../../packages/evidence/${path}`, import.meta.url), 'utf8')
const spec = read('SPEC.md')
const schema = JSON.parse(read('schema/audit-pack-v1.schema.json')) as { readonly properties: object }

interface Vector {
  readonly manifest?: JsonValue
  /** In another spelling than the canonical one. */
  readonly text?: string
  readonly error?: Code
}
const all = vectors<Vector>('audit-pack')
const good = all.find(([name]) => name === 'good')![1].manifest!

describe('the manifest of an audit pack', () => {
  test.each(all)('%s', (_, { manifest, text, error }) => {
    const bytes = text === undefined ? canonicalJson(manifest!) : utf8(text)
    if (error !== undefined) expect(() => parseManifest(bytes)).toThrow(coded(error))
    else expect(writeManifest(parseManifest(bytes))).toEqual(bytes)
  })
})

describe('the schema and the reader agree on', () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema)
  /** What a schema cannot say, and the reader does. */
  const BEYOND_A_SCHEMA = new Set([
    'exporter-key-lax-base64',
    'exporter-key-of-small-order',
    'files-contract-twice',
    'files-out-of-order',
    'files-without-a-list',
    'files-without-an-act',
    'files-without-report',
    'missing-and-there',
    'period-31-of-november',
    'period-empty',
    'period-ends-before-it-begins',
    'scope-out-of-order',
    'scope-environments-out-of-order',
    'server-another-log',
    'server-counts-acts-null',
    'server-counts-an-act-more',
    'server-checkpoint-none',
    'server-counts-a-run-less',
    'server-counts-a-run-more',
  ])

  test('every exception is a vector', () => {
    for (const name of BEYOND_A_SCHEMA) expect(all.map(([n]) => n)).toContain(name)
  })

  test.each(all.filter(([, { manifest }]) => manifest !== undefined))('%s', (name, { manifest, error }) => {
    const valid = validate(manifest)
    if (BEYOND_A_SCHEMA.has(name)) expect([valid, error]).toEqual([true, error ?? 'is refused by the reader'])
    else expect([name, valid]).toEqual([name, error === undefined])
  })
})

describe('SPEC.md', () => {
  const section = spec.split('\n## 6. The audit pack\n')[1]!.split(/^## /m)[0]!
  const fields = [...section.matchAll(/^\| `([A-Za-z0-9_.[\]]+)`/gm)].map(([, name]) => name!)

  test('has exactly the fields of the manifest', () => {
    const top = fields.map((name) => name.split(/[.[]/)[0]!)
    expect([...new Set(top)].toSorted()).toEqual(Object.keys(good as object).toSorted())
    expect(Object.keys(schema.properties).toSorted()).toEqual(Object.keys(good as object).toSorted())
  })

  test('has the names and sizes of the constants', () => {
    for (const name of [PACK_MEDIA_TYPE, PACK_PREDICATE, ...LISTED.map(listedPath)])
      expect(section).toContain(`\`${name}\``)
    for (const size of [MAX_MANIFEST_BYTES, MAX_FILE_BYTES, MAX_PACK_BYTES, MAX_FILES]) {
      expect(section).toContain(size.toLocaleString('en-US'))
    }
  })

  test('has the statement that signs it', () => {
    expect(section).toContain(new TextDecoder().decode(packStatement('0'.repeat(64))).replace('0'.repeat(64), '…'))
  })
})
