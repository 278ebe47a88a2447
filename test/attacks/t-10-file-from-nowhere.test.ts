import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { observe, sourceOf } from '@countersign/record'
import { trustOf } from '@countersign/verify'
import { contractOf, ci } from '../../packages/verify/src/verify.test-kit.ts'
import { file, received, signStep } from '../pipeline.ts'
import { shake } from './judging.ts'
import { Workspace } from './recording.ts'

// T-10: what is released holds a file that is in no repository (xz): the release is not what the sources make.

const contract = contractOf(`  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: ["dist/*.o", app.tar] }`)
const chain = { id: 'a'.repeat(32), pipeline: 'p', contract: contract.digest }

let space: Workspace
beforeAll(() => {
  space = new Workspace()
  space.write('configure.ac', 'AC_INIT')
  space.write('.gitignore', 'dist\n*.tar\n')
  space.commit()
})
afterAll(() => space.remove())

const environment = { PATH: process.env['PATH'] }
const checkout = async () => (await sourceOf({ root: space.root, environment }))!.resource

describe('T-10: a file that nobody committed', () => {
  /** The build in a checkout as it lies there, after a source step that saw it as it was committed. */
  async function built(products: readonly string[]) {
    const commit = await checkout()
    const source = signStep(ci, { chain, name: 'source', subject: [commit] })
    return async (prepare: () => void) => {
      prepare()
      const found = await checkout()
      const subject = await observe({ root: space.root, patterns: products })
      const materials = [received(found, source.link)]
      const previous = [{ link: source.link, step: 'source' }]
      const build = signStep(ci, { chain, name: 'build', previous, materials, subject, minute: 2 })
      return shake(contract, build, [source], trustOf(contract))
    }
  }

  test('in the checkout is another source than the one that was vouched for', async () => {
    space.write('dist/main.o', 'main')
    space.write('app.tar', 'app')
    const build = await built(['dist/*.o', 'app.tar'])
    // Positive control: what is built and ignored is no source.
    expect(await build(() => space.write('dist/main.o', 'main again'))).toEqual([])
    expect(await build(() => space.write('m4/build-to-host.m4', 'eval'))).toContain('material-swapped')
  })

  test('among the products is one that no line of the contract explains', () => {
    const commit = signStep(ci, { chain, name: 'source', subject: [file('source', 'c')] })
    const build = (...names: readonly string[]) =>
      shake(
        contract,
        signStep(ci, {
          chain,
          name: 'build',
          previous: [{ link: commit.link, step: 'source' }],
          materials: [received(file('source', 'c'), commit.link)],
          subject: names.map((name) => file(name, name)),
          minute: 2,
        }),
        [commit],
        trustOf(contract),
      )
    expect(build('dist/main.o', 'app.tar')).not.toContain('product-unexpected')
    expect(build('dist/main.o', 'app.tar', 'dist/backdoor.so')).toContain('product-unexpected')
  })
})
