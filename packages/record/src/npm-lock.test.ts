import { describe, expect, it } from 'vitest'
import { parseNpmLock } from './npm-lock.ts'

const lock = (packages: unknown, lockfileVersion: unknown = 3) =>
  new TextEncoder().encode(JSON.stringify({ name: 'shop', lockfileVersion, requires: true, packages }))

describe('a lock file', () => {
  it('says what is installed where, and which packages are of the project itself', () => {
    const { packages, own } = parseNpmLock(
      lock({
        '': { name: 'shop', workspaces: ['web'] },
        'node_modules/a': { version: '1.0.0', resolved: 'https://registry.example/a.tgz' },
        'node_modules/@s/b/node_modules/a': { version: '2.0.0', optional: true },
        'node_modules/web': { resolved: 'web', link: true },
        web: { version: '0.0.0' },
      }),
    )
    expect([...packages]).toEqual([
      ['node_modules/a', { version: '1.0.0', link: null }],
      ['node_modules/@s/b/node_modules/a', { version: '2.0.0', link: null }],
      ['node_modules/web', { version: null, link: 'web' }],
    ])
    expect(own).toEqual(['', 'web'])
  })

  it.each([
    ['of npm 6', lock({}, 1)],
    ['of no version', lock({}, null)],
    ['of a later version', lock({}, 4)],
    ['without packages', lock(undefined)],
    ['with a list of packages', lock([])],
    ['with a package that is nothing', lock({ 'node_modules/a': null })],
    ['with a link to nowhere', lock({ 'node_modules/a': { link: true } })],
    ['with a link out of the project', lock({ 'node_modules/a': { link: true, resolved: '../a' } })],
    ['with an absolute link', lock({ 'node_modules/a': { link: true, resolved: '/a' } })],
    ['with a package above it', lock({ '../node_modules/a': { version: '1.0.0' } })],
    ['with a package below another’s parent', lock({ 'node_modules/a/../b': { version: '1.0.0' } })],
    ['that is no object', new TextEncoder().encode('[]')],
  ])('%s is refused', (_what, bytes) => {
    expect(() => parseNpmLock(bytes)).toThrow(expect.objectContaining({ code: 'lockfile-invalid' }))
  })

  it('with two packages in one place is refused', () => {
    const twice = '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"},"node_modules/a":{}}}'
    expect(() => parseNpmLock(new TextEncoder().encode(twice))).toThrow(
      expect.objectContaining({ code: 'json-duplicate-key' }),
    )
  })
})
