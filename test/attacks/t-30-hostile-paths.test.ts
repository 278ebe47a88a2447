import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observe } from '@countersign/record'
import { writeStep } from '@countersign/formats'
import { newChainId, sha256, statement } from '../pipeline.ts'
import { Workspace } from './recording.ts'

let space: Workspace
beforeEach(() => {
  space = new Workspace()
  space.write('dir/foo', 'good')
  space.write('foo', 'other')
})
afterEach(() => space.remove())

/** Spellings that some program reads as another file, or as one outside (CVE-2021-41087). */
const HOSTILE = [
  '..',
  '../',
  '../foo',
  '../../etc/passwd',
  'dir/..',
  'dir/../foo',
  'dir/../../foo',
  'dir/./foo',
  'dir/.',
  'dir//foo',
  '//foo',
  '/',
  '/foo',
  '/etc/passwd',
  '/proc/self/environ',
  './/etc/passwd',
  './../foo',
  './/foo',
  'dir/foo//',
  'dir\\foo',
  '..\\foo',
  '\\foo',
  '\\\\host\\share',
  'C:foo',
  'c:/foo',
  'C:\\foo',
  'dir/foo\0',
  'dir/foo\0.txt',
  'dir/fo\no',
  'dir/foo\r',
  'dir/\tfoo',
  'dir/foo\u007f',
  'dir/foo\u0085',
  'dir/\u202eoof',
  'dir/\u200ffoo',
  'dir/\u2028foo',
  '\ufefffoo',
  'dir/\ud800',
  'x'.repeat(5000),
  `${'d/'.repeat(2500)}foo`,
  '',
]

describe('T-30: a file by another name', () => {
  test('there are 40 of them and more', () => expect(HOSTILE.length).toBeGreaterThanOrEqual(40))

  test.each(HOSTILE.map((path) => [JSON.stringify(path.slice(0, 40)), path]))('%s is not recorded', async (_, path) => {
    const recording = observe({ root: space.root, patterns: [path] })
    await expect(recording).rejects.toThrow(expect.objectContaining({ code: 'path-invalid' }))
  })

  test.each(HOSTILE.map((path) => [JSON.stringify(path.slice(0, 40)), path]))('%s is not signed', (_, path) => {
    const material = { name: path, digest: { sha256: sha256('x') }, annotations: { from: null } }
    const chain = { id: newChainId(), pipeline: 'p', contract: null }
    const good = { name: 'good', digest: { sha256: sha256('x') } }
    const step = statement({ chain, name: 'build', subject: [good], materials: [material] })
    expect(() => writeStep(step)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(?:path-invalid|step-invalid|json-string)$/) }),
    )
  })

  test('wildcards do not climb either', async () => {
    for (const pattern of ['../*', 'dir/../*', '/etc/*', './/*', 'dir/**/../*', '*\\*', '**foo/*', '\ud800*']) {
      const recording = observe({ root: space.root, patterns: [pattern] })
      await expect(recording).rejects.toThrow(expect.objectContaining({ code: 'pattern-invalid' }))
    }
  })

  test('red control: plain spellings come to one name', async () => {
    for (const path of ['dir/foo', './dir/foo', '././dir/foo']) {
      const files = await observe({ root: space.root, patterns: [path] })
      expect(files).toEqual([{ name: 'dir/foo', digest: { sha256: sha256('good') }, annotations: { mode: '100644' } }])
    }
    const chain = { id: newChainId(), pipeline: 'p', contract: null }
    const [material] = await observe({ root: space.root, patterns: ['dir/foo'] })
    const materials = [{ ...material!, annotations: { from: null } }]
    expect(writeStep(statement({ chain, name: 'build', subject: [material!], materials })).length).toBeGreaterThan(0)
  })
})
