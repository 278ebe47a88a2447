import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { contractYaml, lint, parse } from './contract.test-kit.ts'
import { BASELINE_SCHEMA, CONTRACT_SCHEMA } from './index.ts'

test('the published file is the schema: npm run schema -w @countersign/contract', () => {
  for (const schema of [CONTRACT_SCHEMA, BASELINE_SCHEMA]) {
    const name = schema.$id.slice(schema.$id.lastIndexOf('/') + 1)
    const file = new URL(`../schema/${name}`, import.meta.url)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(schema)
  }
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

test('how many tests must pass may be left out, and is one then', () => {
  const validate = new Ajv2020({ strict: true }).compile(CONTRACT_SCHEMA)
  const evidence = (tests: object) =>
    validate({
      contract: 'v1',
      pipeline: 'a',
      revision: 1,
      signers: { ci: 'key' },
      steps: { build: { signers: ['ci'], evidence: { tests } } },
      final: 'build',
    })
  const yaml = (tests: string) => contractYaml(`  build:\n    signers: [ci]\n    evidence: { tests: ${tests} }\n`)
  expect(evidence({ skipped: 3 })).toBe(true)
  expect(parse(yaml('{ skipped: 3 }')).steps.get('build')!.evidence!.tests).toEqual({ atLeast: 1, skipped: 3 })
  for (const [value, text, code] of [
    [{}, '{}', 'contract-empty'],
    [{ atLeast: 0 }, '{ atLeast: 0 }', 'contract-invalid'],
  ] as const) {
    expect(evidence(value)).toBe(false)
    expect(lint(yaml(text)).map((fault) => fault.code)).toEqual([code])
  }
})
