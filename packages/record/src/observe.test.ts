import { chmodSync } from 'node:fs'
import { parseTree, TREE_MEDIA_TYPE } from '@countersign/formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { observe, recheck } from './observe.ts'
import type { Progress } from './pace.ts'
import { naiveTree, sha256, type Workspace, workspace } from './workspace.test-kit.ts'

const coded = (code: string) => expect.objectContaining({ code })

async function names(work: Workspace, patterns: string[], exclude: string[] = []): Promise<string[]> {
  return (await observe({ root: work.root, patterns, exclude })).map(({ name }) => name)
}

describe('files', () => {
  it('records digest and mode under the canonical name', async () => {
    const work = workspace()
    work.write('dist/app.tgz', 'app')
    work.write('bin/run', 'run', 0o755)
    expect(await observe({ root: work.root, patterns: ['./dist/app.tgz', 'bin/run'] })).toEqual([
      { name: 'bin/run', digest: { sha256: sha256('run') }, annotations: { mode: '100755' } },
      { name: 'dist/app.tgz', digest: { sha256: sha256('app') }, annotations: { mode: '100644' } },
    ])
  })

  it('lists a file once that several patterns name, sorted by bytes', async () => {
    const work = workspace()
    for (const name of ['b', 'a/x', 'a.b', '\u{1f600}', '\ufb00']) work.write(name, name)
    expect(await names(work, ['*', './b', 'a/**', 'a/x'])).toEqual(['a.b', 'a/x', 'b', '\ufb00', '\u{1f600}'])
  })

  it.each([
    ['nothing.txt', 'file-missing'],
    ['dist/*.zip', 'file-missing'],
    ['nowhere/**', 'file-missing'],
    ['dist/app.tgz/', 'file-missing'],
    ['dist/app.tgz/inner', 'file-missing'],
    ['empty', 'file-missing'],
    ['/etc/passwd', 'path-invalid'],
    ['../other', 'path-invalid'],
    ['dist/../dist/app.tgz', 'path-invalid'],
    ['../*', 'pattern-invalid'],
    ['', 'path-invalid'],
  ])('refuses %j with %s', async (pattern, code) => {
    const work = workspace()
    work.write('dist/app.tgz', 'app')
    work.directory('empty')
    await expect(observe({ root: work.root, patterns: [pattern] })).rejects.toThrow(coded(code))
    expect(await names(work, ['dist/app.tgz'])).toEqual(['dist/app.tgz'])
  })

  it('says that a file is unreadable, and a root missing', async () => {
    const work = workspace()
    work.write('secret', 'x', 0o000)
    // Root reads everything.
    if (process.getuid?.() !== 0) {
      await expect(observe({ root: work.root, patterns: ['secret'] })).rejects.toThrow(coded('file-unreadable'))
    }
    await expect(observe({ root: work.at('none'), patterns: ['x'] })).rejects.toThrow(coded('file-missing'))
    await expect(observe({ root: work.root, patterns: ['x'.repeat(300)] })).rejects.toThrow(coded('file-unreadable'))
  })

  it('finds a name whose Unicode form on disk is another, and records it in NFC', async () => {
    const work = workspace()
    work.write('cafe\u0301.txt', 'x')
    const [file] = await observe({ root: work.root, patterns: ['caf\u00e9.txt'] })
    expect(file!.name).toBe('caf\u00e9.txt')
    expect(await names(work, ['*.txt'])).toEqual(['caf\u00e9.txt'])
    expect(await recheck({ root: work.root }, [file!])).toEqual([])
  })
})

describe('wildcards', () => {
  it('match files at their depth only', async () => {
    const work = workspace()
    for (const name of ['a.js', 'src/a.js', 'src/b.ts', 'src/in/a.js', 'src/in/deep/a.js', '.hidden.js'])
      work.write(name, name)
    expect(await names(work, ['*.js'])).toEqual(['.hidden.js', 'a.js'])
    expect(await names(work, ['src/*.js'])).toEqual(['src/a.js'])
    expect(await names(work, ['src/*/a.js'])).toEqual(['src/in/a.js'])
    expect(await names(work, ['src/**/a.js'])).toEqual(['src/a.js', 'src/in/a.js', 'src/in/deep/a.js'])
    expect(await names(work, ['**/deep/*'])).toEqual(['src/in/deep/a.js'])
    expect(await names(work, ['s?c/b.ts'])).toEqual(['src/b.ts'])
  })

  it('leave out what is excluded, with everything below, and the recorder’s own files', async () => {
    const work = workspace()
    for (const name of ['a', 'node_modules/m/x', 'src/a', 'src/a.map', 'dist/app.tgz.chain.jsonl'])
      work.write(name, name)
    work.write('.git/config', '')
    work.write('.countersign/spool/1', '')
    work.write('vendor/.git/config', '')
    expect(await names(work, ['**'], ['node_modules', '**/*.map'])).toEqual(['a', 'src/a', 'vendor/.git/config'])
    expect(await names(work, ['src/a.map'], ['src'])).toEqual(['src/a.map'])
  })

  it('enter no directory that cannot hold a match', async () => {
    const work = workspace()
    work.write('dist/app.js', 'x')
    // A name that could not be recorded does not matter where it is not wanted.
    work.write('other/back\\slash', 'x')
    work.write('dist/sub/back\\slash', 'x')
    expect(await names(work, ['dist/*.js'])).toEqual(['dist/app.js'])
    const fix = 'Rename the file, or leave it out of what is recorded.'
    const what = 'path "dist/sub/back\\\\slash" holds a back-slash'
    await expect(names(work, ['**'])).rejects.toThrow(expect.objectContaining({ code: 'path-invalid', what, fix }))
    const below = 'path "sub/back\\\\slash" holds a back-slash, in dist/'
    await expect(names(work, ['dist/'])).rejects.toThrow(expect.objectContaining({ what: below, fix }))
  })

  it('pass over directories and links to them', async () => {
    const work = workspace()
    work.write('dist/a', 'x')
    work.write('dist/sub/b', 'x')
    work.link('sub', 'dist/also')
    expect(await names(work, ['dist/*'])).toEqual(['dist/a'])
  })
})

describe('trees', () => {
  it('are one resource with the digest of their manifest', async () => {
    const work = workspace()
    work.write('dist/a/x', '1')
    work.write('dist/a.b', '2', 0o700)
    work.write('dist/a-b', '3')
    work.link('a/x', 'dist/link')
    let manifest = ''
    const [tree] = await observe({
      root: work.root,
      patterns: ['dist/'],
      manifest: () => (text) => void (manifest += text),
    })
    expect(tree).toEqual({
      name: 'dist/',
      digest: { sha256: sha256(manifest) },
      mediaType: TREE_MEDIA_TYPE,
      annotations: { mode: '040000' },
    })
    expect(parseTree(manifest).map(({ path, mode }) => `${mode} ${path}`)).toEqual([
      '100644 a-b',
      '100755 a.b',
      '100644 a/x',
      '120000 link',
    ])
    expect(parseTree(manifest)[3]!.sha256).toBe(sha256('a/x'))
  })

  it('do not depend on where they are, nor on empty directories', async () => {
    const work = workspace()
    work.write('one/a', 'x')
    work.write('two/three/a', 'x')
    work.directory('two/three/empty')
    const [one, two] = await observe({ root: work.root, patterns: ['one', 'two/three'] })
    expect(one!.digest).toEqual(two!.digest)
    const [root] = await observe({ root: work.at('one'), patterns: ['.'] })
    expect(root).toMatchObject({ name: './', digest: one!.digest })
  })

  it('change with a byte, a name, a mode, a link’s target', async () => {
    const digests = new Set<string>()
    for (const change of ['none', 'byte', 'name', 'mode', 'link', 'more']) {
      const work = workspace()
      work.write(change === 'name' ? 'd/b' : 'd/a', change === 'byte' ? 'y' : 'x', change === 'mode' ? 0o755 : 0o644)
      work.write('d/c', 'c')
      if (change === 'more') work.write('d/sub/e', '')
      work.link(change === 'link' ? './c' : 'c', 'd/l')
      digests.add((await observe({ root: work.root, patterns: ['d'] }))[0]!.digest.sha256)
    }
    expect(digests.size).toBe(6)
  })

  it('equal the naive digest, whatever the names', { timeout: 60_000 }, async () => {
    const segment = fc.stringMatching(/^[a-c\-.!\u00df\ufb00\u{1f600}]{1,3}$/u).filter((s) => !/^\.{1,2}$/.test(s))
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))
    const files = fc.uniqueArray(fc.record({ path, content: fc.string({ maxLength: 4 }) }), {
      selector: ({ path }) => path,
      minLength: 1,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(files, async (all) => {
        const paths = new Set(all.map(({ path }) => path))
        // A name cannot be a file and a directory at once; ß and ss would collide.
        const kept = all.filter(({ path }) => ![...paths].some((other) => path.startsWith(`${other}/`)))
        const work = workspace()
        for (const { path, content } of kept) work.write(`t/${path}`, content)
        const [tree] = await observe({ root: work.root, patterns: ['t'] })
        expect(tree!.digest.sha256).toBe(naiveTree(kept.map((file) => ({ ...file, mode: '100644' }))))
      }),
      { numRuns: 60 },
    )
  })

  it('leave out chain files and what is excluded', async () => {
    const work = workspace()
    work.write('d/a', 'x')
    const digest = (await observe({ root: work.root, patterns: ['d'] }))[0]!.digest
    work.write('d/a.chain.jsonl', 'y')
    work.write('d/cache/b', 'y')
    const input = { root: work.root, patterns: ['d'], exclude: ['d/cache'] }
    expect((await observe(input))[0]!.digest).toEqual(digest)
    work.link('cache', 'd/more.chain.jsonl')
    expect((await observe(input))[0]!.digest).not.toEqual(digest)
  })
})

describe('a long recording', () => {
  it('reports its progress, with a total where one is known', async () => {
    const work = workspace()
    for (let i = 0; i < 300; i++) work.write(`d/${i}`, 'abc')
    const tree: Progress[] = []
    await observe({ root: work.root, patterns: ['d'], progress: (it) => tree.push(it) })
    expect(tree.length).toBeGreaterThan(1)
    expect(tree.at(-1)).toEqual({ files: 300, bytes: 900, totalBytes: null })
    const files: Progress[] = []
    await observe({ root: work.root, patterns: ['d/*'], progress: (it) => files.push(it) })
    expect(files.at(-1)).toEqual({ files: 300, bytes: 900, totalBytes: 900 })
  })

  it('lets the event loop turn, and stops when it is told to', async () => {
    const work = workspace()
    for (let i = 0; i < 600; i++) work.write(`d/${i}`, 'abc')
    const reason = new Error('enough')
    const stop = new AbortController()
    let turns = 0
    const timer = setInterval(() => void turns++, 0)
    await observe({ root: work.root, patterns: ['d'], signal: stop.signal })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
    const running = observe({ root: work.root, patterns: ['d'], signal: stop.signal })
    setImmediate(() => stop.abort(reason))
    await expect(running).rejects.toBe(reason)
    await expect(observe({ root: work.root, patterns: ['d'], signal: stop.signal })).rejects.toBe(reason)
  })

  it('refuses more files than an attestation can list, but not a tree of them', { timeout: 60_000 }, async () => {
    const work = workspace()
    for (let i = 0; i <= 10_000; i++) work.write(`d/${i}`, '')
    await expect(observe({ root: work.root, patterns: ['d/*'] })).rejects.toThrow(coded('too-many-files'))
    expect(await names(work, ['d'])).toEqual(['d/'])
  })
})

describe('recheck', () => {
  it('names what is not as it was', async () => {
    const work = workspace()
    for (const name of ['same', 'byte', 'gone', 'mode', 'kind', 'tree/a']) work.write(name, 'x')
    const before = await observe({ root: work.root, patterns: ['*', 'tree'] })
    expect(await recheck({ root: work.root }, before)).toEqual([])
    work.write('byte', 'y')
    chmodSync(work.at('mode'), 0o755)
    work.write('tree/b', 'x')
    const { rmSync } = await import('node:fs')
    rmSync(work.at('gone'))
    rmSync(work.at('kind'))
    work.write('kind/a', 'x')
    expect(await recheck({ root: work.root }, before)).toEqual(['byte', 'gone', 'kind', 'mode', 'tree/'])
  })
})
