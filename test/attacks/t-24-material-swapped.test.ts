import { describe, expect, test } from 'vitest'
import { trustOf } from '@countersign/verify'
import { file, honestRun, received, signStep, source } from '../pipeline.ts'
import { gateRun, shake } from './judging.ts'

const run = honestRun()
const trust = trustOf(run.contract)
const testOf = (material: ReturnType<typeof file>) =>
  signStep(run.who.cloudbuild, {
    chain: run.chain,
    name: 'test',
    previous: [{ link: run.build.link, step: 'build' }],
    materials: [received(material, run.build.link)],
    subject: [material],
    minute: 4,
  })

describe('T-24: a material is swapped between two steps', () => {
  test.each([
    ['one byte differs', file('dist/app.tgz', 'app of first!')],
    ['in another directory', file('work/app.tgz', 'something else')],
    ['the mode alone (T-32)', file('dist/app.tgz', 'app of first', '100755')],
  ])('%s', (_what, material) => {
    for (const contract of [run.contract, null])
      expect(shake(contract, testOf(material), [run.build], trust)[0]).toBe('material-swapped')
    const judged = gateRun(run, [run.source, run.build, testOf(material)], material.digest.sha256)
    expect(judged.verdict).toBe('fail')
  })

  test('the source under the same commit: a dirty or planted checkout', () => {
    const dirty = source('first', 'first and a planted file')
    const build = signStep(run.who.codebuild, {
      chain: run.chain,
      name: 'build',
      previous: [{ link: run.source.link, step: 'source' }],
      materials: [received(dirty, run.source.link)],
      subject: [run.app],
      minute: 2,
    })
    expect(shake(run.contract, build, [run.source], trust)[0]).toBe('material-swapped')
  })

  test('red control: the bytes as they were made, under another name, fit', () => {
    expect(shake(run.contract, testOf(file('renamed.tgz', 'app of first')), [run.build], trust)).toEqual([])
  })
})
