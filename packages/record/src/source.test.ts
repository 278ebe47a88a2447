import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { parseTree } from '@countersign/formats'
import { describe, expect, it } from 'vitest'
import { recheckSource, type SavedSource, type Source, sourceOf } from './source.ts'
import { GIT_ENVIRONMENT, gitIn, naiveTree, sha256, type Workspace, workspace } from './workspace.test-kit.ts'

const coded = (code: string) => expect.objectContaining({ code })

function checkout(): Workspace {
  const work = workspace()
  work.git('init', '-q')
  work.write('main.js', 'main')
  work.write('bin/run', 'run', 0o755)
  work.write('.gitignore', 'ignored/\n')
  work.git('add', '-A')
  work.git('commit', '-q', '-m', 'first')
  return work
}

async function source(work: Workspace, exclude: string[] = [], root = work.root): Promise<Source> {
  return (await sourceOf({ root, exclude, environment: GIT_ENVIRONMENT }))!
}

async function manifestOf(work: Workspace, root = work.root): Promise<string[]> {
  let text = ''
  await sourceOf({ root, environment: GIT_ENVIRONMENT, manifest: (piece) => void (text += piece) })
  return parseTree(text).map(({ mode, path }) => `${mode} ${path}`)
}

describe('the source of a checkout', () => {
  it('is null outside of one', async () => {
    expect(await sourceOf({ root: workspace().root, environment: {} })).toBeNull()
  })

  it('names remote, commit and tree, and digests the files as they are on disk', async () => {
    const work = checkout()
    work.git('remote', 'add', 'other', 'https://git.example/other')
    work.git('remote', 'add', 'origin', 'https://me:s3cret@git.example/shop.git?token=x')
    const { resource, dirty, changed } = await source(work)
    const commit = work.git('rev-parse', 'HEAD')
    expect(resource).toEqual({
      name: 'source',
      uri: `git+https://git.example/shop.git@${commit}`,
      digest: {
        sha256: naiveTree([
          { path: 'main.js', mode: '100644', content: 'main' },
          { path: 'bin/run', mode: '100755', content: 'run' },
          { path: '.gitignore', mode: '100644', content: 'ignored/\n' },
        ]),
        gitCommit: commit,
        gitTree: work.git('rev-parse', 'HEAD^{tree}'),
      },
    })
    expect([dirty, changed]).toEqual([false, []])
  })

  it('is the same in another clone, below its top, and without a remote', async () => {
    const work = checkout()
    const other = workspace()
    gitIn(other.root, 'clone', '-q', work.root, 'clone')
    const [a, b, c] = [
      await source(work),
      await source(other, [], other.at('clone')),
      await source(work, [], work.at('bin')),
    ]
    expect(b.resource.digest).toEqual(a.resource.digest)
    expect(c.resource).toEqual(a.resource)
    expect(a.resource.uri).toBe(`git+local:@${a.resource.digest['gitCommit']}`)
    expect(b.resource.uri).toBe(`git+file://${work.root}@${a.resource.digest['gitCommit']}`)
  })

  it.each([
    ['an edited file', (work: Workspace) => work.write('main.js', 'evil'), ['main.js']],
    ['an edit of the same size', (work: Workspace) => work.write('main.js', 'niam'), ['main.js']],
    ['a staged edit', (work: Workspace) => [work.write('main.js', 'evil'), work.git('add', '-A')], ['main.js']],
    ['a planted file', (work: Workspace) => work.write('src/config.json', '{}'), ['src/config.json']],
    ['a deleted file', (work: Workspace) => rmSync(work.at('main.js')), ['main.js']],
    ['a mode', (work: Workspace) => work.write('main.js', 'main', 0o755), ['main.js']],
    [
      'a file turned into a link',
      (work: Workspace) => [rmSync(work.at('main.js')), work.link('bin/run', 'main.js')],
      ['main.js'],
    ],
    [
      'a file git is told to assume unchanged',
      (work: Workspace) => [work.git('update-index', '--assume-unchanged', 'main.js'), work.write('main.js', 'evil')],
      ['main.js'],
    ],
    [
      'a file git is told to leave alone',
      (work: Workspace) => [work.git('update-index', '--skip-worktree', 'main.js'), work.write('main.js', 'evil')],
      ['main.js'],
    ],
  ])('changes with %s', async (_what, change, changed) => {
    const work = checkout()
    const before = await source(work)
    change(work)
    const after = await source(work)
    expect(after.resource.digest.sha256).not.toBe(before.resource.digest.sha256)
    expect(after.resource.digest['gitCommit']).toBe(before.resource.digest['gitCommit'])
    expect(after.changed).toEqual(changed)
    expect(after.dirty).toBe(true)
    expect([before.resource.annotations, after.resource.annotations]).toEqual([undefined, { dirty: true }])
  })

  it('does not change with what is ignored, excluded or the recorder’s own', async () => {
    const work = checkout()
    const before = await source(work)
    work.write('ignored/x', 'x')
    work.write('dist/app.tgz', 'app')
    work.write('dist/app.tgz.chain.jsonl', '{}')
    work.write('bin/.countersign/spool/1', 'x')
    work.write('.countersign/spool/1', 'x')
    const after = await source(work, ['./dist/', 'bin/.countersign'])
    expect(after.resource).toEqual(before.resource)
    expect(after.dirty).toBe(false)
    // Names are relative to the root that is recorded, not to the checkout.
    const below = await source(work, ['../dist'], work.at('bin')).catch((error: unknown) => error)
    expect(below).toEqual(coded('pattern-invalid'))
    work.write('bin/out/app', 'x')
    expect((await source(work, ['out', '*/app'], work.at('bin'))).changed).toEqual(['dist/app.tgz'])
  })

  it('covers a tracked file even where the step names it as a product', async () => {
    const work = checkout()
    const before = await source(work, ['main.js'])
    expect(before.resource).toEqual((await source(work)).resource)
    work.write('main.js', 'new version')
    expect(await before.recheck([])).toEqual(['main.js'])
    expect(await before.recheck(['main.js'])).toEqual([])
  })

  it('lists links by their text and does not follow them', async () => {
    const work = checkout()
    work.link('/etc/passwd', 'absolute')
    work.link('nowhere', 'dangling')
    work.link('bin', 'directory')
    work.git('add', '-A')
    work.git('commit', '-q', '-m', 'links')
    expect(await manifestOf(work)).toEqual([
      '100644 .gitignore',
      '120000 absolute',
      '100755 bin/run',
      '120000 dangling',
      '120000 directory',
      '100644 main.js',
    ])
    // What was a directory is a link to elsewhere: the files behind it are not the checkout's.
    const outside = workspace()
    outside.write('run', 'evil', 0o755)
    rmSync(work.at('bin'), { recursive: true })
    work.link(outside.root, 'bin')
    expect(await manifestOf(work)).toContain('120000 bin')
    expect(await manifestOf(work)).not.toContain('100755 bin/run')
  })

  it('covers the files of a submodule and of a repository that is none', async () => {
    const inner = checkout()
    const work = checkout()
    work.git('submodule', '--quiet', 'add', inner.root, 'vendor/inner')
    work.git('commit', '-q', '-m', 'submodule')
    const clean = await source(work)
    expect(clean.dirty).toBe(false)
    expect(await manifestOf(work)).toContain('100644 vendor/inner/main.js')
    work.write('vendor/inner/main.js', 'evil')
    work.write('vendor/inner/planted', 'x')
    work.write('vendor/inner/ignored/x', 'x')
    const dirty = await source(work)
    expect(dirty.resource.digest.sha256).not.toBe(clean.resource.digest.sha256)
    expect(dirty.changed).toEqual(['vendor/inner/main.js', 'vendor/inner/planted'])
    work.git('submodule', '--quiet', 'update', '--force')
    rmSync(work.at('vendor/inner/planted'))
    rmSync(work.at('vendor/inner/ignored'), { recursive: true })
    // At another commit, whether or not that is staged.
    gitIn(
      work.at('vendor/inner'),
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@b.example',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
    )
    expect((await source(work)).changed).toEqual(['vendor/inner'])
    work.git('add', 'vendor/inner')
    expect((await source(work)).changed).toEqual(['vendor/inner'])
    work.git('commit', '-q', '-m', 'moved')
    expect((await source(work)).changed).toEqual([])
    // Ignore rules of a foreign repository would hide what it likes.
    gitIn(work.root, 'clone', '-q', inner.root, 'tools')
    work.write('tools/.git/info/exclude', '*')
    work.write('tools/planted', 'x')
    expect(await manifestOf(work)).toContain('100644 tools/planted')
    expect(await manifestOf(work)).not.toContain('100644 tools/.git/HEAD')
  })

  it('covers what lies in the place of a submodule that is not checked out', async () => {
    const inner = checkout()
    const work = checkout()
    work.git('submodule', '--quiet', 'add', inner.root, 'vendor/inner')
    work.git('commit', '-q', '-m', 'submodule')
    work.git('submodule', '--quiet', 'deinit', '--all')
    const clean = await source(work)
    expect(clean.changed).toEqual([])
    work.write('vendor/inner/main.js', 'evil')
    const planted = await source(work)
    expect(planted.changed).toEqual(['vendor/inner'])
    expect(planted.resource.digest.sha256).not.toBe(clean.resource.digest.sha256)
    expect(await manifestOf(work)).toContain('100644 vendor/inner/main.js')
  })

  it('is as its commit where Git LFS keeps its files elsewhere, and is not where one of them is another', async () => {
    const work = checkout()
    const large = 'what is large\n'
    const sha256 = createHash('sha256').update(large).digest('hex')
    const pointer = (oid: string) =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${large.length}\n`
    work.write('.gitattributes', '*.bin filter=lfs\n')
    for (const name of ['a.bin', 'b.bin']) work.write(name, pointer(sha256))
    work.write('huge.bin', 'no pointer'.repeat(200))
    work.git('add', '-A')
    work.git('commit', '-q', '-m', 'large files')
    work.git('config', 'filter.lfs.clean', 'git-lfs clean -- %f')
    // As git-lfs smudges them, with what git knows of them out of date.
    for (const name of ['a.bin', 'b.bin']) work.write(name, large)
    expect((await source(work)).changed).toEqual([])
    work.write('b.bin', 'what is LARGE\n')
    expect((await source(work)).changed).toEqual(['b.bin'])
    work.write('b.bin', large, 0o755)
    expect((await source(work)).changed).toEqual(['b.bin'])
    work.write('b.bin', large)
    work.write('huge.bin', 'another thing')
    expect((await source(work)).changed).toEqual(['huge.bin'])
  })

  it('is its commit’s, whatever was put in the place of that', async () => {
    const work = checkout()
    const before = await source(work)
    const head = work.git('rev-parse', 'HEAD')
    work.write('main.js', 'evil')
    work.git('commit', '-aqm', 'evil')
    const evil = work.git('rev-parse', 'HEAD')
    work.git('reset', '-q', '--hard', head)
    work.git('replace', head, evil)
    work.git('reset', '-q', '--hard', head)
    const after = await source(work)
    expect(work.read('main.js')).toBe('evil')
    expect(after.changed).toEqual(['main.js'])
    expect(after.resource.digest['gitTree']).toBe(before.resource.digest['gitTree'])
  })

  it('is not changed by a product whose name is on disk in another form', async () => {
    const work = checkout()
    const name = 'e\u0301.txt'
    work.write(name, 'made')
    expect((await source(work)).changed).toEqual([name])
    for (const form of ['NFC', 'NFD']) expect((await source(work, [name.normalize(form)])).changed).toEqual([])
  })

  it('reads a linked work tree', async () => {
    const work = checkout()
    const other = workspace()
    work.git('worktree', 'add', '-q', other.at('tree'), 'HEAD')
    const there = await source(other, [], other.at('tree'))
    expect(there.resource.digest).toEqual((await source(work)).resource.digest)
  })

  it('is listed once where it is in conflict', async () => {
    const work = checkout()
    work.git('checkout', '-q', '-b', 'side')
    work.write('main.js', 'side')
    work.git('commit', '-qam', 'side')
    work.git('checkout', '-q', 'main')
    work.write('main.js', 'ours')
    work.git('commit', '-qam', 'ours')
    expect(() => work.git('merge', 'side')).toThrow()
    expect(await manifestOf(work)).toHaveLength(3)
    expect((await source(work)).changed).toEqual(['main.js'])
  })
})

describe('a checkout that cannot be read', () => {
  it.each([
    ['has no commit', (work: Workspace) => work.git('init', '-q')],
    ['has a broken HEAD', (work: Workspace) => [work.git('init', '-q'), work.write('.git/HEAD', 'nonsense')]],
    ['is no repository', (work: Workspace) => mkdirSync(work.at('.git'))],
    ['points to nowhere', (work: Workspace) => work.write('.git', 'gitdir: /nonexistent\n')],
  ])('is git-failed where it %s', async (_what, prepare) => {
    const work = workspace()
    prepare(work)
    await expect(source(work)).rejects.toThrow(coded('git-failed'))
  })

  it('is git-failed where there is no git', async () => {
    const work = checkout()
    await expect(sourceOf({ root: work.root, environment: { PATH: work.at('bin') } })).rejects.toThrow(
      coded('git-failed'),
    )
    await expect(sourceOf({ root: work.root, environment: {} })).rejects.toThrow(coded('git-failed'))
  })

  it('is refused for names that cannot be written down, or that collide', async () => {
    const names: [string, string][] = [
      ['back\\slash', 'path-invalid'],
      ['new\nline', 'path-invalid'],
      ['MAIN.js', 'name-collision'],
    ]
    for (const [name, code] of names) {
      const work = checkout()
      work.write(name, 'x')
      await expect(source(work)).rejects.toThrow(coded(code))
    }
    const work = checkout()
    work.write('caf\u00e9', 'x')
    work.write('cafe\u0301', 'y')
    await expect(source(work)).rejects.toThrow(coded('name-collision'))
  })

  it('is refused for a FIFO in the place of a file, and told as changed when it came later', async () => {
    const work = checkout()
    const before = await source(work)
    rmSync(work.at('main.js'))
    work.fifo('main.js')
    await expect(source(work)).rejects.toThrow(coded('file-special'))
    expect(await before.recheck([])).toEqual(['main.js'])
  })
})

describe('a source looked at again', () => {
  it('names what changed, and not what came to be beside it', async () => {
    const work = checkout()
    work.write('notes.txt', 'untracked')
    const before = await source(work)
    expect(await before.recheck([])).toEqual([])
    work.write('coverage/index.html', 'x')
    expect(await before.recheck([])).toEqual([])
    work.write('main.js', 'evil')
    work.write('notes.txt', 'other')
    rmSync(work.at('.gitignore'))
    renameSync(work.at('bin'), work.at('lib'))
    // Another process sees the same by what this one saved.
    const saved = JSON.parse(JSON.stringify(before.save())) as SavedSource
    for (const exempt of [[], ['notes.*', 'bin', '.gitignore']]) {
      expect(await recheckSource(saved, exempt)).toEqual(await before.recheck(exempt))
    }
    expect(await before.recheck([])).toEqual(['.gitignore', 'bin/run', 'main.js', 'notes.txt'])
    expect(await before.recheck(['notes.*', 'bin', '.gitignore'])).toEqual(['main.js'])
  })

  it('stops when it is told to', async () => {
    const work = checkout()
    const before = await source(work)
    const reason = new Error('enough')
    await expect(before.recheck([], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

it('hashes what a sha256 manifest would', async () => {
  const work = checkout()
  let text = ''
  const { resource } = (await sourceOf({
    root: work.root,
    environment: GIT_ENVIRONMENT,
    manifest: (piece) => void (text += piece),
  }))!
  expect(sha256(text)).toBe(resource.digest.sha256)
})
