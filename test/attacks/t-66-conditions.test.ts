import { expect, test } from 'vitest'
import { file, party } from '../pipeline.ts'
import { report, Ruled, without } from './ruled.ts'

// T-66, T-93: a condition that cannot be judged, or costs too much, denies; nothing that a step says makes it pass or stall.

const who = [party('ci')]
const app = file('app', 'app')

function built(condition: string, more: { reports?: Parameters<Ruled['step']>[3]; products?: number } = {}) {
  const text = `steps:
  build:
    signers: [ci]
    products: ["**"]
    conditions: [${JSON.stringify(condition)}]
final: build
`
  const run = new Ruled(who, text)
  const others = Array.from({ length: more.products ?? 0 }, (_, i) => file(`p/${i}`, `p ${i}`))
  const build = run.step('ci', 'build', [], { makes: [app, ...others], ...more.reports })
  return { run, codes: run.append(build, []), judged: run.gate(app) }
}

test.each([
  'step.attempt == 1 && step.matrix == null',
  'products.exists(p, p.name == "app") && materials == [] && previous == []',
  'products.all(p, p.commit == null && !p.dirty)',
  'claimed.os == "linux" && claimed.exitCode == 0',
  'signer.grade == "D" && signer.identity == null',
  'reports.all(r, r.type == "junit")',
])('%s holds', (condition) => {
  expect(built(condition)).toMatchObject({ codes: [], judged: { verdict: 'pass' } })
})

test.each([
  ['is false', 'step.attempt > 1'],
  ['asks a key for its repository', 'signer.identity.sourceRepositoryRef == "refs/heads/main"'],
  ['asks for a report that is not there', 'reports[0].facts.tests > 0'],
  ['is no yes or no', 'step.attempt'],
  ['is neither', 'null'],
  ['compares what cannot be compared', 'step.name > 1'],
  ['divides by nothing', '1 / size(materials) == 0'],
])('one that %s denies: %s', (_, condition) => {
  const { run, codes, judged } = built(condition)
  expect(codes).toEqual(['condition-unmet'])
  expect(judged).toMatchObject({ verdict: 'fail', codes: ['condition-unmet'] })
  expect(run.gate(app, undefined, without(run.contract, 'build', { conditions: [] })).verdict).toBe('pass')
})

test('one that costs too much denies, in bounded time', () => {
  const every = 'products.all(p, products.exists_one(q, p.name == q.name))'
  expect(built(every, { products: 300 }).codes).toEqual([])
  expect(built(every, { products: 5_000 }).codes).toEqual(['condition-unmet'])
})

test('facts of a report are what their signer says, and nothing inherits', () => {
  const asked = 'reports.exists(r, r.facts.constructor == "x" || has(r.facts.toString))'
  const reports = { reports: [report('junit', { tests: 1 })] }
  expect(built(asked, { reports }).codes).toEqual(['condition-unmet'])
  expect(built('reports.exists(r, r.facts.tests == 1)', { reports }).codes).toEqual([])
})
