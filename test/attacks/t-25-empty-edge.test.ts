import { describe, expect, test } from 'vitest'
import { trustOf } from '@countersign/verify'
import { file, honestRun, received, signStep } from '../pipeline.ts'
import { shake } from './judging.ts'

const run = honestRun()
const trust = trustOf(run.contract)
const testWith = (materials: ReturnType<typeof file>[], from: string | null) =>
  signStep(run.who.cloudbuild, {
    chain: run.chain,
    name: 'test',
    previous: [{ link: run.build.link, step: 'build' }],
    materials: materials.map((material) => received(material, from)),
    subject: materials.length > 0 ? materials : [file('report', 'r')],
    minute: 4,
  })

describe('T-25: an edge over which nothing was handed (GHSA-vmvj)', () => {
  test.each([
    ['no materials at all', []],
    ['other materials', [file('other', 'other')]],
  ])('%s', (_what, materials) => {
    for (const contract of [run.contract, null])
      expect(shake(contract, testWith(materials, null), [run.build], trust)).toContain('edge-empty')
  })

  test('extra files beside what was handed over are not let in', () => {
    const codes = shake(run.contract, testWith([run.app, file('extra.js', 'x')], null), [run.build], trust)
    expect(codes).toEqual(['material-unexplained'])
    expect(shake(null, testWith([run.app, file('extra.js', 'x')], null), [run.build], trust)).toEqual([
      'material-unexplained',
    ])
  })

  test('a material that is said to be from a step that never made it', () => {
    expect(shake(run.contract, testWith([file('extra.js', 'x')], run.build.link), [run.build], trust)).toContain(
      'material-unexplained',
    )
  })

  test('red control: what the build made fits', () => {
    expect(shake(run.contract, testWith([run.app], run.build.link), [run.build], trust)).toEqual([])
  })
})
