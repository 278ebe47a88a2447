import { describe, expect, it } from 'vitest'
import { findExecutable, trustedPath } from './executable.ts'
import { workspace } from './workspace.test-kit.ts'

describe('finding a tool', () => {
  it('takes the first executable file on PATH', () => {
    const tools = workspace()
    tools.write('one/tool', 'not executable', 0o644)
    tools.directory('two/tool')
    tools.write('three/tool', '#!/bin/sh', 0o755)
    const PATH = [tools.at('one'), tools.at('two'), tools.at('none'), tools.at('three')].join(':')
    expect(findExecutable('tool', { PATH }, '/nonexistent')).toBe(tools.at('three/tool'))
    expect(findExecutable('other', { PATH }, '/nonexistent')).toBeNull()
    expect(findExecutable('tool', {}, '/nonexistent')).toBeNull()
  })

  it('trusts no directory that is relative or inside the workspace, however it is spelled', () => {
    const work = workspace()
    const outside = workspace()
    work.write('bin/tool', '#!/bin/sh', 0o755)
    outside.link(work.at('bin'), 'sneaky')
    outside.link(work.root, 'root')
    outside.link(work.at('bin/tool'), 'bin/tool')
    const inside = ['', '.', 'bin', work.root, work.at('bin'), `${outside.root}/../${work.root.split('/').at(-1)}/bin`]
    const PATH = [...inside, outside.at('sneaky'), outside.at('root/bin'), outside.at('bin')].join(':')
    expect(trustedPath({ PATH }, work.root)).toEqual([outside.at('bin')])
    expect(findExecutable('tool', { PATH }, work.root)).toBeNull()
    // Red control: elsewhere the same directories would do.
    expect(findExecutable('tool', { PATH }, '/nonexistent')).toBe(work.at('bin/tool'))
  })
})
