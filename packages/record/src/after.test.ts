import { chmodSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type AfterInput, observeAfter } from './after.ts'
import { observe } from './observe.ts'
import { sourceOf } from './source.ts'
import { GIT_ENVIRONMENT, type Workspace, workspace } from './workspace.test-kit.ts'

/** What a step leaves behind that received `materials` and did `during`. */
async function after(
  work: Workspace,
  materials: string[],
  during: () => unknown,
  more: Partial<AfterInput> & { products: string[] },
) {
  const { root } = work
  const exclude = more.exclude ?? []
  const received = await observe({ root, patterns: materials, exclude })
  const source = await sourceOf({ root, exclude: [...materials, ...more.products], environment: GIT_ENVIRONMENT })
  await during()
  const { products, changed, error } = await observeAfter({
    root,
    materials: received,
    source,
    succeeded: true,
    ...more,
  })
  return { products: products.map(({ name }) => name), changed, code: error?.code ?? null, what: error?.what ?? '' }
}

function prepared(): Workspace {
  const work = workspace()
  work.write('lib.tgz', 'lib')
  work.write('deps/a', 'a')
  return work
}

describe('what a step leaves behind', () => {
  it('is its products where nothing it received has changed', async () => {
    const work = prepared()
    const left = await after(work, ['lib.tgz', 'deps'], () => work.write('dist/app', 'app'), { products: ['dist/*'] })
    expect(left).toMatchObject({ products: ['dist/app'], changed: [], code: null })
  })

  it('is name-collision where a product and a material differ in their spelling alone', async () => {
    for (const [made, code] of [
      ['LIB.tgz', 'name-collision'],
      ['Deps/b', 'name-collision'],
      ['lib.tgz', null],
      ['deps/b', null],
    ] as const) {
      const work = prepared()
      const left = await after(work, ['lib.tgz', 'deps/*'], () => work.write(made, 'made'), { products: [made] })
      expect([made, left.code, left.products]).toEqual([made, code, code === null ? [made] : []])
    }
  })

  it.each([
    ['a byte', (work: Workspace) => work.write('lib.tgz', 'LIB'), 'lib.tgz'],
    ['the mode', (work: Workspace) => chmodSync(work.at('lib.tgz'), 0o755), 'lib.tgz'],
    ['a file of a tree', (work: Workspace) => work.write('deps/a', 'b'), 'deps/'],
    ['a file planted in a tree', (work: Workspace) => work.write('deps/b', 'b'), 'deps/'],
    ['its removal', (work: Workspace) => rmSync(work.at('lib.tgz')), 'lib.tgz'],
    ['a FIFO in its place', (work: Workspace) => [rmSync(work.at('lib.tgz')), work.fifo('lib.tgz')], 'lib.tgz'],
    [
      'a link in its place',
      (work: Workspace) => [rmSync(work.at('lib.tgz')), work.link('/etc/passwd', 'lib.tgz')],
      'lib.tgz',
    ],
  ])('is material-changed for %s, with the products for whoever looks into it', async (_what, change, name) => {
    const work = prepared()
    const during = () => [work.write('dist/app', 'app'), change(work)]
    const left = await after(work, ['lib.tgz', 'deps'], during, { products: ['dist/app'] })
    expect(left).toMatchObject({ products: ['dist/app'], changed: [name], code: 'material-changed' })
    expect(left.what).toContain(name)
  })

  it('may change what it received where it says that it makes it', async () => {
    const work = prepared()
    const sign = () => work.write('lib.tgz', 'lib, signed')
    expect(await after(work, ['lib.tgz'], sign, { products: ['*.tgz'] })).toMatchObject({
      code: null,
      products: ['lib.tgz'],
    })
    expect(await after(work, ['lib.tgz'], () => work.write('lib.tgz', 'again'), { products: ['deps'] })).toMatchObject({
      code: 'material-changed',
    })
  })

  it.each([
    ['missing', () => {}, 'file-missing'],
    ['a link to elsewhere', (work: Workspace) => work.link('/etc/passwd', 'dist/app'), 'symlink-escapes'],
    ['a FIFO', (work: Workspace) => work.fifo('dist/app'), 'file-special'],
  ])('is a failure where a product is %s', async (_what, make, code) => {
    const work = prepared()
    const left = await after(work, ['lib.tgz'], () => make(work), { products: ['dist/app'] })
    expect(left).toMatchObject({ products: [], changed: [], code })
  })

  it('is looked at for changes alone where the command failed', async () => {
    const work = prepared()
    const left = await after(work, ['lib.tgz'], () => work.write('dist/app', 'half'), {
      products: ['dist/app', 'dist/more'],
      succeeded: false,
    })
    expect(left).toMatchObject({ products: [], changed: [], code: null })
    const swapped = await after(work, ['lib.tgz'], () => work.write('lib.tgz', 'x'), { products: [], succeeded: false })
    expect(swapped.code).toBe('material-changed')
  })

  it('names a few of many changes, each once', async () => {
    const work = prepared()
    for (let i = 0; i < 9; i++) work.write(`in/${i}`, 'x')
    work.git('init', '-q')
    work.git('add', '-A')
    work.git('commit', '-qm', 'first')
    const during = () => Array.from({ length: 9 }, (_, i) => work.write(`in/${i}`, 'y'))
    const left = await after(work, ['in/*'], during, { products: [] })
    expect(left.changed).toHaveLength(9)
    expect(left.what).toBe('in/0, in/1, in/2, in/3, in/4 and 4 more changed while the step ran')
  })

  it('is not told where the recording is stopped', async () => {
    const work = prepared()
    const reason = new Error('enough')
    const stopped = { products: ['lib.tgz'], signal: AbortSignal.abort(reason) }
    await expect(after(work, ['lib.tgz'], () => {}, stopped)).rejects.toBe(reason)
  })
})
