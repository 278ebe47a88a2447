import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observe, observeAfter, sourceOf } from '@countersign/record'
import { Workspace } from './recording.ts'

let space: Workspace
beforeEach(() => {
  space = new Workspace()
  space.write('main.js', 'good()')
  space.write('lib.tgz', 'library')
  space.commit()
})
afterEach(() => space.remove())

const environment = { PATH: process.env['PATH'] }

describe('T-08: an input is swapped while the step runs (SUNSPOT)', () => {
  const record = async (during: () => void) => {
    const { root } = space
    const materials = await observe({ root, patterns: ['lib.tgz'] })
    const source = await sourceOf({ root, environment, exclude: ['lib.tgz', 'app'] })
    during()
    return observeAfter({ root, materials, source, products: ['app'], succeeded: true })
  }
  const build = () => space.write('app', 'built')

  test('a material', async () => {
    const { error, changed } = await record(() => {
      build()
      writeFileSync(join(space.root, 'lib.tgz'), 'LIBRARY')
    })
    expect([error?.code, changed]).toEqual(['material-changed', ['lib.tgz']])
  })
  test('a file of the source', async () => {
    const { error, changed } = await record(() => {
      build()
      writeFileSync(join(space.root, 'main.js'), 'evil()')
    })
    expect([error?.code, changed]).toEqual(['material-changed', ['main.js']])
  })
  test('red control: a build that writes only its product', async () => {
    const { error, products } = await record(build)
    expect([error, products.map(({ name }) => name)]).toEqual([null, ['app']])
  })
})
