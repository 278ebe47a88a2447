import { renameSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { observe } from './observe.ts'
import { type Workspace, workspace } from './workspace.test-kit.ts'

const coded = (code: string) => expect.objectContaining({ code })

/** Records `patterns` of a directory of 400 files, with something done to it when 256 of them have been read. */
async function meanwhile(patterns: string[], change: (work: Workspace) => void): Promise<unknown> {
  const work = workspace()
  for (let i = 0; i < 400; i++) work.write(`d/${String(i).padStart(3, '0')}`, 'x')
  work.write('outside/300', 'evil')
  let done = false
  const progress = () => {
    if (!done) change(work)
    done = true
  }
  const result = await observe({ root: work.root, patterns, progress }).catch((error: unknown) => error)
  expect(done).toBe(true)
  return result
}

describe('a directory that changes while it is recorded', () => {
  it.each([
    ['a file is added', (work: Workspace) => work.write('d/new', 'x')],
    ['a file is added to what was read already', (work: Workspace) => work.write('d/0', 'x')],
    ['a file is removed', (work: Workspace) => rmSync(work.at('d/399'))],
    ['a file that was read is removed', (work: Workspace) => rmSync(work.at('d/000'))],
    ['a file becomes a link', (work: Workspace) => [rmSync(work.at('d/399')), work.link('../outside/300', 'd/399')]],
    ['it becomes a link', (work: Workspace) => [renameSync(work.at('d'), work.at('e')), work.link('outside', 'd')]],
    ['it is replaced', (work: Workspace) => [renameSync(work.at('d'), work.at('e')), work.link('e', 'd')]],
  ])('is refused as a tree where %s', async (_what, change) => {
    expect(await meanwhile(['d'], change)).toEqual(coded('file-changed'))
  })

  it('is recorded where nothing changes, or only beside it', async () => {
    expect(await meanwhile(['d'], (work) => work.write('beside', 'x'))).toHaveLength(1)
  })

  it('may gain files that a wildcard does not have to know of, but not lose those it knows', async () => {
    expect(await meanwhile(['d/*'], (work) => work.write('d/new', 'x'))).toHaveLength(400)
    expect(await meanwhile(['d/*'], (work) => rmSync(work.at('d/399')))).toEqual(coded('file-changed'))
    const swap = (work: Workspace) => [renameSync(work.at('d'), work.at('e')), work.link('e', 'd')]
    expect(await meanwhile(['d/*'], swap)).toEqual(coded('file-changed'))
  })
})

describe('names that cannot be written down', () => {
  it.each(['back\\slash', 'new\nline', 'tab\there', 'c1\u0085', 'over\u202eride'])('%j is refused', async (name) => {
    const work = workspace()
    work.write(`d/${name}`, 'x')
    await expect(observe({ root: work.root, patterns: ['d'] })).rejects.toThrow(coded('path-invalid'))
    await expect(observe({ root: work.root, patterns: ['d/*'] })).rejects.toThrow(coded('path-invalid'))
  })

  it('nor what is not UTF-8', async () => {
    const work = workspace()
    work.directory('d')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(Buffer.concat([Buffer.from(`${work.at('d')}/bad`), Buffer.from([0xff])]), 'x')
    await expect(observe({ root: work.root, patterns: ['d'] })).rejects.toThrow(coded('path-invalid'))
  })

  it.each(['colon:name', 'space name', "quote'name", '-dash', '$(id)', 'ünï', '{a,b}'])(
    '%j is recorded',
    async (name) => {
      const work = workspace()
      work.write(`d/${name}`, 'x')
      const [file] = await observe({ root: work.root, patterns: ['d/*'] })
      expect(file!.name).toBe(`d/${name}`)
    },
  )
})
