import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Resource } from '@countersign/formats'
import { trustOf } from '@countersign/verify'
import { honestRun, received, sha256, signStep } from '../pipeline.ts'
import { shake } from './judging.ts'

const run = honestRun()
const trust = trustOf(run.contract)
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
const made = (content: string, weak: string): Resource => ({
  name: 'dist/app.tgz',
  digest: { sha256: sha256(content), sha1: weak },
  annotations: { mode: '100644' },
})

function hand(product: Resource, material: Resource): readonly string[] {
  const build = signStep(run.who.codebuild, {
    chain: run.chain,
    name: 'build',
    previous: [{ link: run.source.link, step: 'source' }],
    materials: run.source.statement.subject.map((commit) => received(commit, run.source.link)),
    subject: [product],
    minute: 2,
  })
  const test = signStep(run.who.cloudbuild, {
    chain: run.chain,
    name: 'test',
    previous: [{ link: build.link, step: 'build' }],
    materials: [received(material, build.link)],
    subject: [material],
    minute: 4,
  })
  return shake(run.contract, test, [build], trust)
}

describe('T-26: files match by a weak digest (GHSA-pgpm)', () => {
  test('the same sha1, another sha256', () => {
    expect(hand(made('good', sha1('x')), { ...made('evil', sha1('x')), name: 'other.tgz' })[0]).toBe('material-swapped')
  })
  test('the same sha256, another sha1: one of the digests is of something else', () => {
    expect(hand(made('good', sha1('x')), made('good', sha1('y')))).toContain('digest-conflict')
  })
  test('red control: all digests agree', () =>
    expect(hand(made('good', sha1('x')), made('good', sha1('x')))).toEqual([]))
})

test('10,000 materials of one digest against 10,000 products of it are matched by digest, not each with each', () => {
  const many = (name: string) =>
    Array.from({ length: 10_000 }, (_, i) => ({ ...made('same', sha1('same')), name: `${name}/${i}` }))
  const build = signStep(run.who.codebuild, { chain: run.chain, name: 'build', subject: many('out'), minute: 2 })
  const next = signStep(run.who.cloudbuild, {
    chain: run.chain,
    name: 'test',
    previous: [{ link: build.link, step: 'build' }],
    materials: many('in').map((material) => received(material, build.link)),
    subject: many('in'),
    minute: 4,
  })
  expect(shake(null, next, [build], trust)).toEqual([])
})
