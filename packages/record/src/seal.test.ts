import { portableCrypto as crypto } from '@countersign/core/portable'
import { isSealed, opens, parseStep, sealableFields, SEALED_FIELDS, sealedFields } from '@countersign/formats'
import { describe, expect, it } from 'vitest'
import { Redactor } from './redact.ts'
import { recordedEnvironment } from './recorded-environment.ts'
import { sealStep } from './seal.ts'
import { draftStep, finishStep } from './step.ts'

const app = { name: 'app.tgz', digest: { sha256: '2'.repeat(64) } }

function finished(argv: readonly string[] | null = ['make', '--customer', 'acme']) {
  const draft = draftStep({
    chain: { id: 'c'.repeat(32), pipeline: 'shop/web', contract: null },
    step: { name: 'build', attempt: 1, matrix: null },
    previous: [],
    materials: [],
    source: null,
    argv,
    workingDirectory: 'customers/acme',
    environment: { CI: 'true' },
    runner: { system: 'local', identity: null, os: 'linux', arch: 'x64', tools: { node: '24' }, actions: {} },
    startedAt: '2026-11-01T12:00:00.000Z',
    redactor: new Redactor({}),
  })
  const outcome = argv === null ? null : { exitCode: 0, signal: null, startedAt: T, finishedAt: T }
  return finishStep(draft, {
    outcome,
    aftermath: { products: [app], dependencies: [], changed: [], error: null },
    finishedAt: T,
    evidence: [{ name: 'sbom.json', digest: { sha256: '3'.repeat(64) } }],
  })
}
const T = '2026-11-01T12:00:01.000Z'

describe('a step with sealed fields', () => {
  it('signs commitments in their place, and all else as it was', () => {
    const step = finished()
    const { statement, payload, disclosed } = sealStep(step, ['argv', 'directory'], crypto)
    expect(parseStep(payload)).toEqual(statement)
    expect(sealedFields(statement.predicate)).toEqual(['argv', 'directory'])
    expect(Buffer.from(payload).includes('acme')).toBe(false)
    expect(Buffer.from(step.payload).includes('acme')).toBe(true)
    const { argv, workingDirectory } = step.statement.predicate.invocation
    const { invocation } = statement.predicate
    expect({ ...invocation, argv, workingDirectory }).toEqual(step.statement.predicate.invocation)
    expect(disclosed.map(({ field, value }) => [field, value])).toEqual([
      ['argv', argv],
      ['directory', workingDirectory],
    ])
    for (const one of disclosed) expect(opens(one, statement.predicate, crypto)).toBe(true)
  })

  it('has a fresh salt for each field and each recording', () => {
    const step = finished()
    const all = [sealStep(step, SEALED_FIELDS, crypto), sealStep(step, SEALED_FIELDS, crypto)].flatMap(
      ({ disclosed }) => disclosed,
    )
    expect(new Set(all.map(({ salt }) => Buffer.from(salt).toString('hex'))).size).toBe(all.length)
    for (const { salt } of all) expect(salt.length).toBe(32)
  })

  it('keeps null what is not there: no command, no identity', () => {
    const { statement, disclosed } = sealStep(finished(null), SEALED_FIELDS, crypto)
    const fields = sealableFields(statement.predicate)
    expect([fields.argv, fields.identity]).toEqual([null, null])
    expect(disclosed.map(({ field }) => field)).toEqual(['directory', 'environment', 'tools', 'evidence'])
    expect(isSealed(fields.evidence)).toBe(true)
  })

  it('is the step itself where nothing is to be sealed; naming a field twice is once', () => {
    const step = finished()
    expect(sealStep(step, [], crypto)).toEqual({ ...step, disclosed: [] })
    expect(sealStep(step, ['argv', 'argv'], crypto).disclosed.length).toBe(1)
  })
})

it('a variable named sealed is not recorded: alone it would be read as a commitment', () => {
  const record = (name: string) => () => recordedEnvironment({ [name]: 'a'.repeat(64) }, new Redactor({}), [name])
  expect(record('sealed')).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(record('SEALED')()).toEqual({ SEALED: 'a'.repeat(64) })
})
