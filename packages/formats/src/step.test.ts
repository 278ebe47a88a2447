import { canonicalJson, fromUtf8, type JsonValue } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PREVIOUS, MAX_RESOURCES, STATEMENT_TYPE } from './constants.ts'
import type { ReportRef } from './report-ref.ts'
import type { Resource } from './statement.ts'
import {
  isMatrixKey,
  isName,
  parseStep,
  readStep,
  type StepPredicate,
  type StepStatement,
  succeeded,
  writeStep,
} from './step.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const link = (n: number) => n.toString(16).padStart(64, '0')

const invocation: StepPredicate['invocation'] = {
  argv: ['make'],
  exitCode: 0,
  signal: null,
  error: null,
  startedAt: '2026-11-20T12:00:00.000Z',
  finishedAt: '2026-11-20T12:00:01.000Z',
  workingDirectory: null,
  environment: {},
}

function step(
  change: Partial<StepPredicate> = {},
  subject: readonly Resource[] = [{ name: 'a', digest: { sha256: link(1) } }],
): StepStatement {
  return {
    subject,
    predicate: {
      chain: { id: '0'.repeat(32), pipeline: 'shop/web', contract: null },
      step: { name: 'build', attempt: 1, matrix: null, nonce: '1'.repeat(32) },
      previous: [],
      materials: [],
      invocation,
      runner: { system: 'local', identity: null, os: 'linux', arch: 'x64', tools: {}, actions: {} },
      evidence: [],
      ...change,
    },
  }
}

const material = (name: string, from: string | null): Resource => ({
  name,
  digest: { sha256: link(2) },
  annotations: { mode: null, from },
})

test('a step is read as it was written, and written the same again', () => {
  const strings = fc.dictionary(
    fc.stringMatching(/^[A-Za-z_@/.-]{1,12}$/).filter((key) => key !== '__proto__'),
    fc.string(),
  )
  fc.assert(
    fc.property(
      fc.option(fc.array(fc.string())),
      fc.option(fc.nat(255)),
      strings,
      strings,
      fc.uniqueArray(fc.nat(), { maxLength: 4 }),
      (argv, exitCode, environment, tools, previous) => {
        const it = step({
          previous: previous.map((n) => ({ link: link(n), step: 'test' })),
          materials: previous.map((n) => material(`m${n}`, link(n))),
          invocation: { ...invocation, argv, exitCode, environment },
          runner: { ...step().predicate.runner, tools },
        })
        const written = writeStep(it)
        expect(parseStep(written)).toEqual(it)
        expect(writeStep(parseStep(written))).toEqual(written)
      },
    ),
  )
})

test('what no reader would take is not written', () => {
  expect(() => writeStep(step({}, []))).toThrow(coded('subject-missing'))
  expect(() => writeStep(step({ materials: [material('a', link(9))] }))).toThrow(coded('step-invalid'))
  expect(() => writeStep(step({ note: 1 } as Partial<StepPredicate>))).toThrow(coded('step-invalid'))
  const unset: Partial<StepPredicate> = { evidence: undefined as unknown as readonly ReportRef[] }
  expect(() => writeStep(step(unset))).toThrow(coded('json-invalid'))
})

test('a reader of steps refuses every other type, also with a perfect predicate', () => {
  const { subject, predicate } = step()
  for (const predicateType of [
    'https://countersign.dev/step/v2',
    'application/vnd.countersign.receipt.v1+json',
    'https://slsa.dev/provenance/v1',
  ]) {
    expect(() => readStep({ subject, predicateType, predicate: predicate as unknown as JsonValue })).toThrow(
      coded('predicate-type'),
    )
    const bytes = canonicalJson({ _type: STATEMENT_TYPE, subject, predicateType, predicate } as unknown as JsonValue)
    expect(() => parseStep(bytes)).toThrow(coded('predicate-type'))
  }
})

const previous = (n: number) => Array.from({ length: n }, (_, i) => ({ link: link(i), step: 'test' }))
const materials = (n: number) => Array.from({ length: n }, (_, i) => material(`m${i}`, link(MAX_PREVIOUS - 1)))
const evidence = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `e${i}`, digest: { sha256: link(3) } }))
const argv = (n: number) => Array.from({ length: n }, () => 'x')

describe('a list is bounded', () => {
  test('previous', () => {
    expect(parseStep(writeStep(step({ previous: previous(MAX_PREVIOUS) }))).predicate.previous.length).toBe(
      MAX_PREVIOUS,
    )
    expect(() => writeStep(step({ previous: previous(MAX_PREVIOUS + 1) }))).toThrow(coded('step-invalid'))
  })

  test('materials, with as many predecessors, without a cost of one times the other', () => {
    expect(
      parseStep(writeStep(step({ previous: previous(MAX_PREVIOUS), materials: materials(MAX_RESOURCES) }))).predicate
        .materials.length,
    ).toBe(MAX_RESOURCES)
    expect(() =>
      writeStep(step({ previous: previous(MAX_PREVIOUS), materials: materials(MAX_RESOURCES + 1) })),
    ).toThrow(coded('step-invalid'))
  })

  test('evidence', () => {
    expect(parseStep(writeStep(step({ evidence: evidence(1000) }))).predicate.evidence).toHaveLength(1000)
    expect(() => writeStep(step({ evidence: evidence(1001) }))).toThrow(coded('step-invalid'))
  })

  test('arguments', () => {
    expect(
      parseStep(writeStep(step({ invocation: { ...invocation, argv: argv(10_000) } }))).predicate.invocation.argv,
    ).toHaveLength(10_000)
    expect(() => writeStep(step({ invocation: { ...invocation, argv: argv(10_001) } }))).toThrow(coded('step-invalid'))
    expect(() => writeStep(step({ invocation: { ...invocation, argv: ['x'.repeat((1 << 20) + 1)] } }))).toThrow(
      coded('step-invalid'),
    )
  })
})

test('names of environment variables, tools and actions may be those objects inherit', () => {
  const names = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' }
  const read = parseStep(writeStep(step({ invocation: { ...invocation, environment: names } })))
  expect(Object.entries(read.predicate.invocation.environment).toSorted()).toEqual(Object.entries(names).toSorted())
  const none = parseStep(writeStep(step())).predicate.invocation.environment
  expect(none['constructor']).toBeUndefined()
})

test('names are short, plain and mean themselves in a path', () => {
  const character = fc.constantFrom('a', '9', '.', '_', '-', '/', ' ', '%', 'é', '\n')
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 8 }), (text) => {
      if (isName(text)) expect(new URL(text, 'http://host/base/').pathname).toBe(`/base/${text}`)
      const segments = text.split('/')
      const plain =
        /^[a9](.*[a9])?$/.test(text) &&
        /^[a9._/-]+$/.test(text) &&
        !text.includes('..') &&
        !segments.includes('') &&
        !segments.includes('.')
      expect(isName(text)).toBe(plain)
    }),
    { numRuns: 3000 },
  )
  expect([isName('a'.repeat(128)), isName('a'.repeat(129))]).toEqual([true, false])
})

test('a matrix key is 1 to 256 printable ASCII characters', () => {
  for (const key of ['a', 'os=linux, node=24', '~', 'x'.repeat(256)]) expect(isMatrixKey(key)).toBe(true)
  for (const key of ['', 'x'.repeat(257), 'a\n', 'é', '\t', '\x7f']) expect(isMatrixKey(key)).toBe(false)
})

const outcome = (change: Partial<StepPredicate['invocation']>) =>
  succeeded({ invocation: { ...invocation, ...change } })

test('a step succeeded when its command and its recorder did', () => {
  expect(outcome({})).toBe(true)
  expect(outcome({ argv: null, exitCode: null })).toBe(true)
  expect(outcome({ argv: null, exitCode: 0 })).toBe(true)
  expect(outcome({ exitCode: 1 })).toBe(false)
  expect(outcome({ exitCode: null })).toBe(false)
  expect(outcome({ argv: null, exitCode: 1 })).toBe(false)
  expect(outcome({ signal: 'SIGKILL' })).toBe(false)
  expect(outcome({ error: 'material-changed' })).toBe(false)
  expect(outcome({ argv: null, exitCode: null, error: 'material-changed' })).toBe(false)
})

test('the payload is canonical JSON', () => {
  const text = fromUtf8(writeStep(step()))
  expect(text).toBe(fromUtf8(canonicalJson(JSON.parse(text) as JsonValue)))
  expect(text.startsWith('{"_type":"https://in-toto.io/Statement/v1","predicate":{"chain":')).toBe(true)
})
