import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, utimesSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Redactor, sourceOf, toolVersions } from '@countersign/record'
import { Workspace } from './recording.ts'

let space: Workspace
beforeEach(() => {
  space = new Workspace()
  space.write('main.js', 'main')
  space.commit()
})
afterEach(() => space.remove())

describe('T-33: the workspace plants what the recorder would run or read (GHSA-3vpg)', () => {
  test.each(['bin', '.', ''])('a git on PATH inside the workspace (%j) is never run', async (entry) => {
    const witness = join(space.root, 'ran')
    const shim = space.write(join(entry, 'git'), `#!/bin/sh\ntouch ${witness}\n`)
    chmodSync(shim, 0o755)
    const own = entry === 'bin' ? join(space.root, 'bin') : entry
    const PATH = [own, process.env['PATH']].join(delimiter)
    const source = await sourceOf({ root: space.root, environment: { PATH } })
    expect(source).not.toBeNull()
    expect(existsSync(witness)).toBe(false)
  })

  // Each is run by a plain `git status`: that is the red control.
  const witness = () => join(space.root, 'ignored', 'ran')
  const PLANTED: [string, () => void][] = [
    ['a file system monitor', () => configure(`[core]\n\tfsmonitor = "touch ${witness()}; false"\n`)],
    [
      'a clean filter',
      () => {
        space.write('.git/info/attributes', '* filter=planted\n')
        configure(`[filter "planted"]\n\tclean = "touch ${witness()}; cat"\n\trequired = true\n`)
      },
    ],
    [
      'a filter process',
      () => {
        space.write('.git/info/attributes', '* filter=plan.ted\n')
        configure(`[filter "plan.ted"]\n\tprocess = "touch ${witness()}; false"\n`)
      },
    ],
    [
      'a hook',
      () => {
        chmodSync(space.write('.git/hooks/post-index-change', `#!/bin/sh\ntouch ${witness()}\n`), 0o755)
      },
    ],
  ]

  function configure(text: string): void {
    appendFileSync(join(space.root, '.git/config'), text)
  }

  test.each(PLANTED)('nor %s that the checkout configures', async (_what, plant) => {
    space.write('.gitignore', 'ignored\n')
    space.write('ignored/x', '')
    plant()
    // Of another time than the index knows, and the same content: git has to look into it.
    utimesSync(join(space.root, 'main.js'), 1e9, 1e9)
    const environment = { PATH: process.env['PATH'] }
    const source = await sourceOf({ root: space.root, environment })
    expect(source!.changed).toEqual(['.gitignore'])
    expect(existsSync(witness())).toBe(false)
    spawnSync('git', ['status'], { cwd: space.root })
    expect(existsSync(witness())).toBe(true)
  })

  test('nor is the repository looked for elsewhere than where the checkout is', async () => {
    const other = new Workspace()
    try {
      other.write('other.js', 'other')
      other.commit()
      configure(`[core]\n\tworktree = ${other.root}\n`)
      space.write('planted.js', 'x')
      const told = { GIT_DIR: join(other.root, '.git'), GIT_WORK_TREE: other.root, GIT_INDEX_FILE: '/nonexistent' }
      const source = await sourceOf({ root: space.root, environment: { PATH: process.env['PATH'], ...told } })
      expect(source!.changed).toEqual(['planted.js'])
    } finally {
      other.remove()
    }
  })

  test('and the tools whose versions are asked are not the workspace’s', async () => {
    chmodSync(space.write('bin/tool', '#!/bin/sh\necho 1\n'), 0o755)
    const asked = { names: ['tool'], environment: { PATH: join(space.root, 'bin') }, redactor: new Redactor({}) }
    const versions = toolVersions({ ...asked, root: space.root })
    await expect(versions).rejects.toThrow(expect.objectContaining({ code: 'command-unstartable' }))
    // Red control: from elsewhere it would be run.
    expect(await toolVersions({ ...asked, root: '/nonexistent' })).toEqual({ tool: '1' })
  })
})
