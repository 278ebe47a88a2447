import { expect, test } from 'vitest'
import type { StepStatement } from '@countersign/formats'
import { file, newChainId, party, received, signStep, source } from '../../../test/pipeline.ts'
import { revisionsOf } from './rows.ts'

const by = party('ci')
const { statement } = signStep(by, {
  chain: { id: newChainId(), pipeline: 'shop', contract: null },
  name: 'build',
  subject: [source('c')],
})
const commit = statement.subject[0]!.digest['gitCommit']!

function tagsOf(change: (step: StepStatement) => StepStatement): string[] {
  return revisionsOf(change(statement)).filter((one) => one !== commit)
}
const begunBy = (sourceRepositoryRef: string) => {
  const identity = { sourceRepositoryRef } as unknown as StepStatement['predicate']['runner']['identity']
  return tagsOf((step) => {
    const { predicate } = step
    return { ...step, predicate: { ...predicate, runner: { ...predicate.runner, identity } } }
  })
}
const making = (...names: string[]) =>
  tagsOf((step) => ({ ...step, subject: [...step.subject, ...names.map((name) => file(name, name))] }))

test('a run is found by its commit, and where nobody tagged anything by nothing else', () => {
  expect(revisionsOf(statement)).toEqual([commit])
  expect(begunBy('refs/heads/main')).toEqual([])
  expect(making('dist/app.tgz', 'C:', 'a:/b', 'app:', ':latest')).toEqual([])
})

test('by the tag of Git that it was begun by, or that names a source', () => {
  expect(begunBy('refs/tags/v1.2.3')).toEqual(['tag v1.2.3'])
  expect(begunBy('refs/tags/release/1')).toEqual(['tag release/1'])
  const uri = 'git+https://git.example/lib@refs/tags/v9'
  expect(
    tagsOf((step) => {
      const materials = [{ ...received(source('lib'), null), uri }]
      return { ...step, predicate: { ...step.predicate, materials } }
    }),
  ).toContain('tag v9')
})

test('by the tag of an image that it made, alone and with its name, and not of one that it received', () => {
  expect(making('registry.example:5000/shop/app:1.2.3')).toEqual([
    'tag 1.2.3',
    'tag registry.example:5000/shop/app:1.2.3',
  ])
  expect(
    tagsOf((step) => {
      const materials = [received(file('debian:12', 'debian'), null)]
      return { ...step, predicate: { ...step.predicate, materials } }
    }),
  ).toEqual([])
})

test('by no more than 64 tags, and a tag that looks like a commit is none', () => {
  expect(making(...Array.from({ length: 500 }, (_, i) => `app:${i}`))).toHaveLength(64)
  expect(begunBy(`refs/tags/${commit}`)).toEqual([`tag ${commit}`])
})
