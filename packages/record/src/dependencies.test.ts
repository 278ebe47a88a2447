import { chmodSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { observeDependencies } from './dependencies.ts'
import { observe } from './observe.ts'
import { type Workspace, workspace } from './workspace.test-kit.ts'

/** A project with two packages of one name, a scoped one, a workspace, and programs, installed as its lock says. */
function installed(at = ''): Workspace {
  const work = workspace()
  const write = (path: string, version: string, name = 'index.js') => {
    work.write(`${at}${path}/package.json`, JSON.stringify({ name: path.split('node_modules/').at(-1), version }))
    work.write(`${at}${path}/${name}`, `// ${path}`)
  }
  work.write(
    `${at}package-lock.json`,
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { workspaces: ['web'] },
        'node_modules/a': { version: '1.0.0' },
        'node_modules/@s/b': { version: '2.1.0' },
        'node_modules/@s/b/node_modules/a': { version: '0.9.0' },
        'node_modules/absent': { version: '1.0.0', optional: true },
        'node_modules/web': { resolved: 'web', link: true },
        web: { version: '0.0.0' },
        'web/node_modules/c': { version: '3.0.0' },
      },
    }),
  )
  write('node_modules/a', '1.0.0')
  write('node_modules/@s/b', '2.1.0')
  write('node_modules/@s/b/node_modules/a', '0.9.0')
  write('web', '0.0.0')
  write('web/node_modules/c', '3.0.0')
  work.link('../web', `${at}node_modules/web`)
  work.link('../a/index.js', `${at}node_modules/.bin/a`)
  work.write(`${at}node_modules/.package-lock.json`, '{}')
  return work
}

async function found({ root }: Workspace, lockfile = 'package-lock.json', during: () => unknown = () => undefined) {
  const materials = await observe({ root, patterns: [lockfile] })
  during()
  const { resources, unlocked } = await observeDependencies({ root, lockfile, materials })
  return { names: resources.map(({ name }) => name), digests: resources.map(({ digest }) => digest.sha256), unlocked }
}

const NAMES = ['node_modules/@s/b/', 'node_modules/@s/b/node_modules/a/', 'node_modules/a/', 'web/node_modules/c/']

describe('what is installed', () => {
  it('is each package as a tree, in all its places', async () => {
    const { names, digests, unlocked } = await found(installed())
    expect([names, unlocked]).toEqual([NAMES, []])
    expect(new Set(digests).size).toBe(4)
  })

  it('is found beside a lock file that is not in the root', async () => {
    const { names, unlocked } = await found(installed('app/'), 'app/package-lock.json')
    expect([names, unlocked]).toEqual([NAMES.map((name) => `app/${name}`), []])
  })

  it('is nothing before it is installed', async () => {
    const work = installed()
    rmSync(work.at('node_modules'), { recursive: true })
    rmSync(work.at('web/node_modules'), { recursive: true })
    expect(await found(work)).toEqual({ names: [], digests: [], unlocked: [] })
  })

  it('changes the digest of its own package only', async () => {
    const before = await found(installed())
    const work = installed()
    work.write('node_modules/@s/b/node_modules/a/index.js', '// another')
    const after = await found(work)
    expect(after.names.filter((_, i) => after.digests[i] !== before.digests[i])).toEqual([NAMES[1]])
    expect(after.unlocked).toEqual([])
  })
})

const described = (version: string) => JSON.stringify({ version })

describe('what is not as locked', () => {
  it.each<[string, (work: Workspace) => unknown, string]>([
    [
      'a package that is not named',
      (work) => work.write('node_modules/d/package.json', described('1.0.0')),
      'node_modules/d',
    ],
    ['a scoped one', (work) => work.write('node_modules/@t/d/package.json', described('1.0.0')), 'node_modules/@t/d'],
    [
      'one inside another',
      (work) => work.write('node_modules/a/node_modules/d/package.json', described('1.0.0')),
      'node_modules/a/node_modules/d',
    ],
    [
      'one of a workspace',
      (work) => work.write('web/node_modules/a/package.json', described('1.0.0')),
      'web/node_modules/a',
    ],
    ['another version', (work) => work.write('node_modules/a/package.json', described('1.0.1')), 'node_modules/a'],
    ['a package without description', (work) => rmSync(work.at('node_modules/a/package.json')), 'node_modules/a'],
    ['one whose description is no JSON', (work) => work.write('node_modules/a/package.json', '{'), 'node_modules/a'],
    ['a file in the place of a package', (work) => work.write('node_modules/d.js', ''), 'node_modules/d.js'],
    [
      'a link in the place of a package',
      (work) => [rmSync(work.at('node_modules/a'), { recursive: true }), work.link('../web', 'node_modules/a')],
      'node_modules/a',
    ],
    [
      'a link of a workspace that leads elsewhere',
      (work) => [rmSync(work.at('node_modules/web')), work.link('a', 'node_modules/web')],
      'node_modules/web',
    ],
    [
      'a package in the place of a workspace',
      (work) => [rmSync(work.at('node_modules/web')), work.write('node_modules/web/package.json', described('0.0.0'))],
      'node_modules/web',
    ],
    [
      'a program that is no link',
      (work) => work.write('node_modules/.bin/tsc', '#!/bin/sh', 0o755),
      'node_modules/.bin/tsc',
    ],
    ['a program of elsewhere', (work) => work.link('/bin/sh', 'node_modules/.bin/tsc'), 'node_modules/.bin/tsc'],
    ['a program that leads nowhere', (work) => work.link('../gone', 'node_modules/.bin/tsc'), 'node_modules/.bin/tsc'],
  ])('is %s', async (_what, change, name) => {
    const work = installed()
    const { unlocked } = await found(work, 'package-lock.json', () => change(work))
    expect(unlocked).toEqual([name])
  })

  it('is every package where node_modules itself leads elsewhere', async () => {
    const work = installed()
    work.write('other/a/package.json', described('1.0.0'))
    rmSync(work.at('node_modules'), { recursive: true })
    work.link('other', 'node_modules')
    expect((await found(work)).unlocked).toEqual(['node_modules'])
  })
})

describe('the lock file', () => {
  it('is the one that was received', async () => {
    const work = installed()
    const changed = found(work, 'package-lock.json', () =>
      work.write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: {} })),
    )
    await expect(changed).rejects.toThrow(expect.objectContaining({ code: 'material-changed' }))
  })

  it.runIf(process.getuid?.() !== 0)('is told where it cannot be read', async () => {
    const work = installed()
    const hidden = found(work, 'package-lock.json', () => chmodSync(work.at('package-lock.json'), 0))
    await expect(hidden).rejects.toThrow(expect.objectContaining({ code: 'file-unreadable' }))
  })
})
