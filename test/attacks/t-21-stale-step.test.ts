import { expect, test } from 'vitest'
import { at, file, party } from '../pipeline.ts'
import { Ruled, without } from './ruled.ts'

// T-21: what was found out long ago is shown again as if it held today. Steps take a minute, and clocks may differ by five.

const who = ['ci', 'security'].map((name) => party(name))
const app = file('app', 'app')
const TEXT = `steps:
  build:
    signers: [ci]
    products: [app]
  scan:
    after: [build]
    signers: [security]
    fresh: 1h
  deploy:
    after: [scan]
    signers: [ci]
final: deploy
`

function deployed(minute: number) {
  const run = new Ruled(who, TEXT)
  const build = run.step('ci', 'build', [], { makes: [app], minute: 0 })
  const scan = run.step('security', 'scan', [build], { minute: 1 })
  const deploy = run.step('ci', 'deploy', [scan], { minute })
  return { run, deploy, scan }
}

test('T-21: a scan counts for its time, at the gate', () => {
  const { run } = deployed(3)
  expect(run.gate(app, at(60)).verdict).toBe('pass')
  // It finished at 2, counts for an hour, and clocks may be off by five minutes.
  expect(run.gate(app, at(67)).verdict).toBe('pass')
  expect(run.gate(app, at(67.01))).toMatchObject({ verdict: 'fail', codes: ['step-stale'] })
  const lax = without(run.contract, 'scan', { fresh: null })
  expect(run.gate(app, at(1000), lax).verdict).toBe('pass')
})

test('T-21: and when the next step goes on with it', () => {
  const { run, deploy, scan } = deployed(70)
  expect(run.append(deploy, [scan])).toContain('step-stale')
  expect(run.append(deploy, [scan], without(run.contract, 'scan', { fresh: null }))).not.toContain('step-stale')
})

test('a time that is none is never fresh', () => {
  expect(deployed(3).run.gate(app, 'never').codes).toContain('step-stale')
})
