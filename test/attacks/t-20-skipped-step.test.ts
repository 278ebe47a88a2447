import { describe, expect, test } from 'vitest'
import { honestRun, received, signStep } from '../pipeline.ts'
import { gateRun } from './judging.ts'

describe('T-20: a required step is skipped (GHSA-g9jx)', () => {
  const run = honestRun()
  const { who, chain, app } = run

  test.each(run.steps.map((step) => [step.statement.predicate.step.name, step] as const))(
    '%s is left out of the file',
    (name, left) => {
      const judged = gateRun(
        run,
        run.steps.filter((step) => step !== left),
      )
      expect(judged.verdict).toBe('fail')
      expect(judged.codes[0]).toBe(name === 'deploy' ? 'final-missing' : 'previous-missing')
    },
  )

  test('deploy goes on from build as if test were no step', () => {
    const deploy = signStep(who.azure, {
      chain,
      name: 'deploy',
      previous: [{ link: run.build.link, step: 'build' }],
      materials: [received(app, run.build.link)],
      subject: [app],
      minute: 6,
    })
    const judged = gateRun(run, [run.source, run.build, deploy])
    expect(judged).toMatchObject({ verdict: 'fail' })
    expect(judged.codes).toContain('step-skipped')
  })

  test('deploy names build as test', () => {
    const deploy = signStep(who.azure, {
      chain,
      name: 'deploy',
      previous: [{ link: run.build.link, step: 'test' }],
      materials: [received(app, run.build.link)],
      subject: [app],
      minute: 6,
    })
    expect(gateRun(run, [run.source, run.build, deploy]).codes[0]).toBe('previous-mismatch')
  })

  test('a step of nearly its name stands in', () => {
    const near = signStep(who.cloudbuild, {
      chain,
      name: 'Test',
      previous: [{ link: run.build.link, step: 'build' }],
      materials: [received(app, run.build.link)],
      subject: [app],
      minute: 4,
    })
    const deploy = signStep(who.azure, {
      chain,
      name: 'deploy',
      previous: [{ link: near.link, step: 'Test' }],
      materials: [received(app, near.link)],
      subject: [app],
      minute: 6,
    })
    expect(gateRun(run, [run.source, run.build, near, deploy]).codes).toEqual(
      expect.arrayContaining(['step-unknown', 'step-skipped']),
    )
  })

  test('red control: with every step it passes', () => expect(gateRun(run, run.steps).verdict).toBe('pass'))
})
