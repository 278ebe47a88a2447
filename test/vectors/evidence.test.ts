import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { canonicalJson, type Code, hex, type JsonValue, sha256, utf8 } from '@countersign/core'
import {
  EVIDENCE_MEDIA_TYPE,
  MAX_EVIDENCE_BYTES,
  parseEvidence,
  trustRootOf,
  writeEvidence,
} from '@countersign/evidence'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const read = (path: string) => readFileSync(new URL(`../../packages/${path}`, import.meta.url), 'utf8')
const spec = read('evidence/SPEC.md')
const schema = JSON.parse(read('evidence/schema/evidence-v1.schema.json')) as {
  properties: Record<string, { maxItems?: number; properties?: object }>
}

interface Vector {
  readonly evidence?: JsonValue
  /** In another spelling than the canonical one. */
  readonly text?: string
  readonly error?: Code
}
const all = vectors<Vector>('evidence')
const good = all.find(([name]) => name === 'good')![1].evidence!

describe('evidence', () => {
  test.each(all)('%s', (_, { evidence, text, error }) => {
    const bytes = text === undefined ? canonicalJson(evidence!) : utf8(text)
    if (error !== undefined) expect(() => parseEvidence(bytes)).toThrow(coded(error))
    else expect(writeEvidence(parseEvidence(bytes))).toEqual(bytes)
  })

  test('too large to be read is refused before it is', () => {
    const bytes = new Uint8Array(MAX_EVIDENCE_BYTES + 1)
    expect(() => parseEvidence(bytes)).toThrow(coded('input-too-large'))
  })
})

describe('the schema and the reader agree on', () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema)
  /** What a schema cannot say, and the reader does. */
  const BEYOND_A_SCHEMA = new Set([
    'trust-authorities-public-twice',
    'anchors-kind-of-another',
    'anchors-out-of-order',
    'anchors-unknown-field',
    'contracts-digest-of-another',
    'contracts-out-of-order',
    'contracts-text-changed',
    'coverage-out-of-order',
    'coverage-twice',
    'created-at-31-of-november',
    'lines-another-order',
    'lines-old-media-type',
    'lines-out-of-order',
    'lines-receipt-with-a-space',
    'lines-disclosure-with-a-space',
    'lines-space',
    'lines-without-signature',
    'statements-out-of-order',
    'subject-chains-out-of-order',
    'trust-anchors-chain-twice',
    'trust-anchors-rekor-ends-before-it-begins',
    'trust-anchors-rekor-out-of-order',
    'trust-anchors-rekor-twice',
    'trust-anchors-two-blocks-of-one-height',
    'trust-anchors-two-blocks-of-one-number',
    'trust-authorities-log-of-a-witness',
    'trust-authorities-one-root-under-two-names',
    'trust-authorities-out-of-order',
    'trust-logs-id-of-another-key',
    'trust-logs-of-a-witness',
    'trust-logs-out-of-order',
    'trust-logs-twice',
    'trust-signers-key-hex',
    'trust-signers-key-of-small-order',
    'trust-signers-one-key-under-two-names',
    'trust-signers-out-of-order',
    'trust-witnesses-of-a-log',
  ])

  test('every exception is a vector', () => {
    for (const name of BEYOND_A_SCHEMA) expect(all.map(([n]) => n)).toContain(name)
  })

  test.each(all.filter(([, { evidence }]) => evidence !== undefined))('%s', (name, { evidence, error }) => {
    const valid = validate(evidence)
    if (BEYOND_A_SCHEMA.has(name)) expect([valid, error]).toEqual([true, error ?? 'is refused by the reader'])
    else expect([name, valid]).toEqual([name, error === undefined])
  })
})

describe('SPEC.md', () => {
  const section = (heading: string) => spec.split(`\n${heading}\n`)[1]!.split(/^#+ /m)[0]!
  const fields = (heading: string) =>
    [...section(heading).matchAll(/^\| `([A-Za-z0-9_.[\]]+)`/gm)].map(([, name]) => name)

  test('has exactly the fields of the file', () => {
    expect(fields('## 1. The file')).toEqual([
      'mediaType',
      'subject.artifact',
      'subject.chains',
      'createdAt',
      'lines',
      'contracts[].digest',
      'contracts[].text',
      'trust.signers[].name',
      'trust.signers[].publicKey',
      'trust.signers[].revokedAt',
      'trust.logs[].vkey',
      'trust.logs[].revokedAt',
      'trust.witnesses',
      'trust.authorities',
      'trust.anchors',
      'statements',
      'coverage[].statement',
      'coverage[].index',
      'coverage[].sha256',
      'coverage[].sha3_256',
      'anchors',
    ])
    const top = [...new Set(fields('## 1. The file').map((name) => name!.split(/[.[]/)[0]!))]
    expect(top.toSorted()).toEqual(Object.keys(good as object))
    expect(Object.keys(schema.properties).toSorted()).toEqual(Object.keys(good as object))
  })

  test('has the sizes and names of the constants', () => {
    expect(spec).toContain(`\`${EVIDENCE_MEDIA_TYPE}\``)
    expect(spec).toContain(`${MAX_EVIDENCE_BYTES.toLocaleString('en-US')} bytes`)
  })

  test('has the numbers of the vector, and the command that gives its trust root', () => {
    const bytes = canonicalJson(good)
    const numbers = new Map(
      [...section('## 2. The trust root').matchAll(/^\| (.*?) \| (.*?) \|$/gm)].map(([, what, is]) => [what, is]),
    )
    expect(numbers.get('evidence')).toBe(`${bytes.length} bytes`)
    expect(numbers.get('SHA-256 of it')).toBe(`\`${hex(sha256(bytes))}\``)
    expect(numbers.get('**trust root**')).toBe(`\`${trustRootOf(parseEvidence(bytes))}\``)
    const command = /```sh\n([\s\S]*?)```/.exec(section('## 2. The trust root'))![1]!
    const cwd = new URL('../..', import.meta.url)
    if (spawnSync('jq', ['--version']).status !== 0) return
    expect(execFileSync('sh', ['-c', command], { cwd, encoding: 'utf8' })).toBe(
      `${trustRootOf(parseEvidence(bytes))}  -\n`,
    )
  })
})
