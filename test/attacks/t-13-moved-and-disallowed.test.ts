import { describe, expect, test } from 'vitest'
import { file, party, received } from '../pipeline.ts'
import { Ruled, without } from './ruled.ts'

// T-13: the right bytes under the wrong name. A file that is no danger where it was made is one where it is put.

const who = ['ci', 'release'].map((name) => party(name))
const page = file('dist/index.html', 'page')
const tool = file('dist/bin/tool', 'tool')
const text = (more: string) => `steps:
  build:
    signers: [ci]
    products: ["dist/**"]
  publish:
    after: [build]
    signers: [release]
    materials:
      - from: build
        match: ["dist/**"]
${more}    products: ["site.tar"]
final: publish
`
const MOVED = '        moved: { of: dist, to: srv/www }\n'

/** Publishes the files of the build under these names. */
function published(contract: string, pageAt: string, toolAt: string) {
  const run = new Ruled(who, contract)
  const build = run.step('ci', 'build', [], { makes: [page, tool] })
  const materials = [
    { ...received(page, build.link), name: pageAt },
    { ...received(tool, build.link), name: toolAt },
  ]
  const site = file('site.tar', 'site')
  const publish = run.step('release', 'publish', [build], { materials, makes: [site] })
  return { run, site, judged: run.gate(site), appended: run.append(publish, [build]) }
}

describe('T-13: what is moved stays what it is called', () => {
  test('from one directory to another', () => {
    expect(published(text(MOVED), 'srv/www/index.html', 'srv/www/bin/tool').judged.verdict).toBe('pass')
    const root = text('        moved: { of: dist, to: "." }\n')
    expect(published(root, 'index.html', 'bin/tool').judged.verdict).toBe('pass')
    const all = text('        moved: { of: ".", to: in }\n')
    expect(published(all, 'in/dist/index.html', 'in/dist/bin/tool').judged.verdict).toBe('pass')
  })

  test.each([
    ['a file elsewhere', 'srv/www/index.html', 'usr/bin/tool'],
    ['a file one directory up', 'srv/www/index.html', 'srv/bin/tool'],
    ['a file renamed', 'srv/www/index.html', 'srv/www/bin/tool2'],
    ['one in the place of the other', 'srv/www/bin/tool', 'srv/www/index.html'],
    ['where it was made', 'dist/index.html', 'srv/www/bin/tool'],
    ['a directory of that beginning', 'srv/www/index.html', 'srv/www-evil/bin/tool'],
  ])('%s is unexplained', (_, pageAt, toolAt) => {
    const { run, site, judged, appended } = published(text(MOVED), pageAt, toolAt)
    expect(judged.verdict).toBe('fail')
    expect(judged.codes).toContain('material-unexplained')
    expect(appended).toContain('material-unexplained')
    const rule = run.contract.steps.get('publish')!
    const lax = without(run.contract, 'publish', { materials: rule.materials.map((one) => ({ ...one, moved: null })) })
    expect(run.gate(site, undefined, lax).codes).not.toContain('material-unexplained')
  })
})

describe('T-13: what is disallowed comes in by no rule', () => {
  const DISALLOW = '    disallow: ["**/bin/*", site.tar.sig]\n'

  test('as a material', () => {
    const { run, site, judged, appended } = published(text(DISALLOW), 'dist/index.html', 'dist/bin/tool')
    expect(judged).toMatchObject({ verdict: 'fail', codes: ['name-disallowed'] })
    expect(appended).toEqual(['name-disallowed'])
    expect(run.gate(site, undefined, without(run.contract, 'publish', { disallow: [] })).verdict).toBe('pass')
    // Control: under another name nobody minds.
    expect(published(text(DISALLOW), 'dist/index.html', 'dist/tool').judged.verdict).toBe('pass')
  })

  test('as a product', () => {
    const run = new Ruled(who, text('    disallow: ["*.tar"]\n'))
    const build = run.step('ci', 'build', [], { makes: [page] })
    const publish = run.step('release', 'publish', [build], { makes: [file('site.tar', 'site')] })
    expect(run.append(publish, [build])).toEqual(['name-disallowed'])
  })
})
