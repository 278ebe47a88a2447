import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareTreePaths, parseTree, type TreeEntry, treeLine } from './tree.ts'

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

test('paths are ordered as their UTF-8 bytes are', () => {
  const path = fc.string({
    unit: fc.oneof(
      fc.constantFrom('a', '-', '/', '0', '\uffee', '\ud7ff', '\ue000', '\u{1f600}', '\u{10ffff}'),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
    maxLength: 5,
  })
  fc.assert(
    fc.property(path, path, (a, b) => {
      expect(Math.sign(compareTreePaths(a, b))).toBe(Buffer.compare(utf8(a) as Buffer, utf8(b) as Buffer))
      expect(Math.sign(compareTreePaths(b, a))).toBe(0 - Math.sign(compareTreePaths(a, b)) || 0)
      expect(compareTreePaths(a, a)).toBe(0)
    }),
    { numRuns: 3000 },
  )
})

test('a manifest survives the round trip; any other order of its lines is refused', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.x', 'é', '\u{1f600}'), minLength: 1, maxLength: 4 })
  const entry = fc.record({
    path: name,
    mode: fc.constantFrom('100644', '100755', '120000'),
    sha256: fc.constantFrom(sha256('a'), sha256('b')),
  })
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: (e) => e.path, maxLength: 6 }), fc.nat(), (entries, seed) => {
      const sorted = entries.toSorted((a, b) => compareTreePaths(a.path, b.path)) as TreeEntry[]
      const lines = sorted.map(treeLine)
      expect(parseTree(lines.join(''))).toEqual(sorted)
      if (lines.length < 2) return
      const at = seed % (lines.length - 1)
      const swapped = lines.with(at, lines[at + 1]!).with(at + 1, lines[at]!)
      expect(() => parseTree(swapped.join(''))).toThrow(expect.objectContaining({ code: 'statement-invalid' }))
    }),
  )
})

test('sha256sum checks a manifest without us', () => {
  const root = mkdtempSync(join(tmpdir(), 'tree-'))
  try {
    const files = { 'a file': 'one\n', 'bin/run': '#!/bin/sh\n', 'caf\u00e9/\u{1f600}': '', 'z*': '\0\u00ff' }
    const entries: TreeEntry[] = []
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
      const sum = execFileSync('sha256sum', [join(root, path)], { encoding: 'utf8' })
        .replace(/^\\/, '')
        .slice(0, 64)
      expect(sum).toBe(sha256(content))
      entries.push({ path, mode: path === 'bin/run' ? '100755' : '100644', sha256: sum })
    }
    const manifest = entries
      .toSorted((a, b) => compareTreePaths(a.path, b.path))
      .map(treeLine)
      .join('')
    writeFileSync(join(root, 'manifest'), manifest)
    // The tree's digest is the manifest's own sha256sum; without its first column the manifest is sha256sum's input.
    expect(execFileSync('sha256sum', [join(root, 'manifest')], { encoding: 'utf8' }).slice(0, 64)).toBe(
      sha256(manifest),
    )
    const check = () =>
      execFileSync('sh', ['-c', 'cut -c8- manifest | sha256sum --check --strict --quiet'], {
        cwd: root,
        env: { ...process.env, LC_ALL: 'C' },
        stdio: 'pipe',
      })
    expect(check().toString()).toBe('')
    writeFileSync(join(root, 'a file'), 'two\n')
    expect(check).toThrow(/1 computed checksum did NOT match/)
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('the digest of a known tree', () => {
  const manifest = treeLine({ mode: '100644', sha256: sha256(''), path: 'empty' })
  expect(manifest).toBe('100644 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty\n')
  expect(sha256(manifest)).toBe('40f4fcc397de3793dcd45ab59944637296d1fa8c1b438095fec56809aa09a3a8')
})

test('a tree of 100,000 files is read in one go', () => {
  const sum = sha256('')
  const manifest = Array.from({ length: 100_000 }, (_, i) =>
    treeLine({ mode: '100644', sha256: sum, path: `d/${String(i).padStart(6, '0')}` }),
  ).join('')
  expect(parseTree(manifest).length).toBe(100_000)
})
