import { CodedError } from '@countersign/core'
import { parseStep, type Resource, succeeded, TREE_MEDIA_TYPE } from '@countersign/formats'
import { describe, expect, it } from 'vitest'
import type { Aftermath } from './after.ts'
import type { Outcome } from './command.ts'
import { Redactor } from './redact.ts'
import { type DraftInput, draftStep, finishStep } from './step.ts'

const coded = (code: string) => expect.objectContaining({ code })
const sha = (c: string) => c.repeat(64)

const link = sha('1')
const source: Resource = {
  name: 'source',
  uri: `git+https://git.example/shop@${'a'.repeat(40)}`,
  digest: { sha256: sha('5'), gitCommit: 'a'.repeat(40), gitTree: 'b'.repeat(40) },
}
const app: Resource = { name: 'dist/app.tgz', digest: { sha256: sha('2') }, annotations: { mode: '100644' } }
const lib: Resource = { name: 'lib.tgz', digest: { sha256: sha('3') }, annotations: { mode: '100755', from: link } }
const tree: Resource = {
  name: 'node_modules/',
  digest: { sha256: sha('4') },
  mediaType: TREE_MEDIA_TYPE,
  annotations: { mode: '040000', from: null },
}

const drafted: DraftInput = {
  chain: { id: 'c'.repeat(32), pipeline: 'shop/web', contract: null },
  step: { name: 'build', attempt: 2, matrix: 'linux' },
  previous: [{ link, step: 'source' }],
  materials: [lib, tree],
  source: null,
  argv: ['make', '--token=hunter2', 'all'],
  workingDirectory: '.',
  environment: { CI: 'true' },
  runner: { system: 'local', identity: null, os: 'linux', arch: 'x64', tools: {}, actions: {} },
  startedAt: '2026-11-01T12:00:00.000Z',
  redactor: new Redactor({}),
}
const ran: Outcome = {
  exitCode: 0,
  signal: null,
  startedAt: '2026-11-01T12:00:01.000Z',
  finishedAt: '2026-11-01T12:00:02.000Z',
}
const made: Aftermath = { products: [app], dependencies: [], changed: [], error: null }
const nothing: Aftermath = { products: [], dependencies: [], changed: [], error: null }
const finishedAt = '2026-11-01T12:00:09.000Z'

function finish(more: Partial<DraftInput>, outcome: Outcome | null, aftermath: Aftermath) {
  return finishStep(draftStep({ ...drafted, ...more }), { outcome, aftermath, finishedAt })
}

describe('a finished step', () => {
  it('says what was received, run and made; the payload is the statement', () => {
    const { statement, payload } = finish({}, ran, made)
    expect(parseStep(payload)).toEqual(statement)
    expect(statement.subject).toEqual([app])
    expect(statement.predicate).toMatchObject({
      chain: drafted.chain,
      step: { name: 'build', attempt: 2, matrix: 'linux' },
      previous: drafted.previous,
      materials: [lib, tree],
      invocation: {
        argv: ['make', '--token=[redacted]', 'all'],
        exitCode: 0,
        signal: null,
        error: null,
        startedAt: ran.startedAt,
        finishedAt: ran.finishedAt,
        workingDirectory: '.',
        environment: { CI: 'true' },
      },
    })
    expect(succeeded(statement.predicate)).toBe(true)
  })

  it('has a nonce of its own each time', () => {
    const nonces = Array.from({ length: 50 }, () => draftStep(drafted).statement.predicate.step.nonce)
    expect(new Set(nonces).size).toBe(50)
    for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/)
  })

  it('that makes nothing vouches for what it received', () => {
    const { statement } = finish({ materials: [lib, tree, { ...source, annotations: { from: link } }] }, ran, nothing)
    expect(statement.subject).toEqual([
      { ...lib, annotations: { mode: '100755' } },
      { ...tree, annotations: { mode: '040000' } },
      source,
    ])
  })

  it('vouches for the source, with what it makes, where the run begins', () => {
    const first = { previous: [], source }
    expect(finish({ ...first, materials: [] }, ran, nothing).statement.subject).toEqual([source])
    const { statement } = finish({ ...first, materials: [{ ...source, annotations: { from: null } }] }, ran, made)
    expect(statement.subject).toEqual([source, app])
    expect(statement.predicate.materials).toEqual([])
  })

  it('receives the source as a material later on', () => {
    const received = { ...source, annotations: { from: link } }
    const { statement } = finish({ source, materials: [received] }, ran, made)
    expect(statement.subject).toEqual([app])
    expect(statement.predicate.materials).toEqual([received])
  })

  it('says of a material that it came from outside where nobody said otherwise', () => {
    const { statement } = finish({ materials: [app], previous: [] }, ran, nothing)
    expect(statement.predicate.materials).toEqual([{ ...app, annotations: { mode: '100644', from: null } }])
  })

  it('may be of no command at all', () => {
    const { statement } = finish({ argv: null, workingDirectory: null }, null, made)
    expect(statement.predicate.invocation).toMatchObject({ argv: null, exitCode: null, finishedAt })
    expect(succeeded(statement.predicate)).toBe(true)
  })

  it('lists its evidence', () => {
    const report = { name: 'junit.xml', digest: { sha256: sha('9') }, mediaType: 'application/xml' }
    const draft = draftStep(drafted)
    const { statement } = finishStep(draft, { outcome: ran, aftermath: made, finishedAt, evidence: [report] })
    expect(statement.predicate.evidence).toEqual([report])
  })
})

describe('a failed step is recorded, with what it received', () => {
  it.each([
    ['exit code', { ...ran, exitCode: 3 }, nothing, { exitCode: 3 }],
    ['signal', { ...ran, exitCode: null, signal: 'SIGTERM' }, nothing, { exitCode: null, signal: 'SIGTERM' }],
    [
      'missing product',
      ran,
      { ...nothing, error: new CodedError('file-missing', 'dist is not there') },
      { exitCode: 0, error: 'file-missing' },
    ],
    [
      'unstartable command',
      null,
      { ...nothing, error: new CodedError('command-unstartable', 'no such program') },
      { exitCode: null, error: 'command-unstartable' },
    ],
  ])('%s', (_what, outcome, aftermath, expected) => {
    const { statement } = finish({}, outcome, aftermath)
    expect(statement.predicate.invocation).toMatchObject(expected)
    expect(statement.subject.map(({ name }) => name)).toEqual(['lib.tgz', 'node_modules/'])
    expect(succeeded(statement.predicate)).toBe(false)
  })

  it('and with what it made, where a material changed meanwhile', () => {
    const error = new CodedError('material-changed', 'lib.tgz changed while the step ran')
    const { statement } = finish({}, ran, { products: [app], dependencies: [], changed: ['lib.tgz'], error })
    expect(statement.subject).toEqual([app])
    expect(statement.predicate.invocation.error).toBe('material-changed')
    expect(succeeded(statement.predicate)).toBe(false)
  })
})

describe('empty never means pass', () => {
  it('a step that received nothing and made nothing is nothing-recorded', () => {
    expect(() => finish({ materials: [], previous: [] }, ran, nothing)).toThrow(coded('nothing-recorded'))
    expect(finish({ materials: [], previous: [] }, ran, made).statement.subject).toEqual([app])
  })
  it('and where it failed as well, that is told', () => {
    const error = new CodedError('file-missing', 'app is not there')
    for (const [outcome, aftermath] of [
      [{ ...ran, exitCode: 3 }, nothing],
      [{ ...ran, exitCode: null, signal: 'SIGTERM' }, nothing],
      [ran, { ...nothing, error }],
    ] as const) {
      const told = {
        code: 'nothing-recorded',
        what: expect.stringContaining('failed, and had received nothing') as string,
      }
      expect(() => finish({ materials: [], previous: [] }, outcome, aftermath)).toThrow(expect.objectContaining(told))
    }
    const told = { what: expect.stringContaining('received nothing and made nothing') as string }
    for (const outcome of [ran, null]) {
      expect(() => finish({ materials: [], previous: [] }, outcome, nothing)).toThrow(expect.objectContaining(told))
    }
  })
  it('nor is a statement made that no reader would take', () => {
    const bad: [Partial<DraftInput>, string][] = [
      [{ step: { ...drafted.step, name: 'a b' } }, 'step-invalid'],
      [{ step: { ...drafted.step, attempt: 0 } }, 'step-invalid'],
      [{ previous: [] }, 'step-invalid'],
      [{ startedAt: 'today' }, 'step-invalid'],
      [{ materials: [lib, { ...lib, name: 'LIB.tgz' }] }, 'name-collision'],
      [{ materials: [{ ...lib, name: '../lib' }] }, 'path-invalid'],
    ]
    for (const [more, code] of bad) expect(() => finish(more, null, made)).toThrow(coded(code))
  })
})
