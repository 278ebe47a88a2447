import { chmodSync, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sourceOf } from '@countersign/record'
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

  test('nor what the checkout configures git to run', async () => {
    const witness = join(space.root, 'ran')
    space.write('.git/config', `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = "touch ${witness}"\n`)
    const source = await sourceOf({ root: space.root, environment: { PATH: process.env['PATH'] } })
    expect(source).not.toBeNull()
    expect(existsSync(witness)).toBe(false)
  })
})
