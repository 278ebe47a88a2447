import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type ChainLine, type ChainRef, writeChainFile } from '@countersign/formats'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { file, newChainId, party, signStep } from '../../../test/pipeline.ts'
import { readChainFiles } from './evidence.ts'
import { carriersOf, chainFilesBeside, chainFor } from './sidecars.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'countersign-sidecars-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

const ci = party('ci')
const chainOf = (): ChainRef => ({ id: newChainId(), pipeline: 'p', contract: null })
const made = (names: readonly string[], chain = chainOf()) =>
  signStep(ci, { chain, name: 'build', subject: names.map((name) => file(name, name)) })

function put(name: string, content: string | readonly ChainLine[] = ''): void {
  mkdirSync(join(cwd, dirname(name)), { recursive: true })
  writeFileSync(join(cwd, name), typeof content === 'string' ? content : writeChainFile(content))
}

describe('where a chain is written to', () => {
  const names = ['d/a', 'd/b', 'd/sub/', 'e/c', 'r']
  const { bundle } = made(['d/a'])
  const size = writeChainFile([bundle]).length

  test('beside each, as long as that is little; else into each directory', () => {
    const beside = ['d/a', 'd/b', 'd/sub', 'e/c', 'r'].map((name) => `${name}.chain.jsonl`)
    const all = { shared: false, superseded: [], warning: null }
    expect(carriersOf({ cwd }, names, [bundle], 5 * size)).toEqual({ ...all, files: beside })
    const files = ['d/directory.chain.jsonl', 'e/directory.chain.jsonl', 'directory.chain.jsonl']
    expect(carriersOf({ cwd }, names, [bundle], 5 * size - 1)).toEqual({ ...all, files, shared: true })
  })

  test('where it is no fewer files, beside each', () => {
    const few = ['a/x', 'b/x', 'c/x']
    expect(carriersOf({ cwd }, few, [bundle], 1).files).toEqual(few.map((name) => `${name}.chain.jsonl`))
  })

  test('what single files said before is superseded by their directory’s', () => {
    for (const name of ['d/a', 'd/other', 'd/directory']) put(`${name}.chain.jsonl`, [bundle])
    const { files, superseded } = carriersOf({ cwd }, ['d/a', 'd/b', 'd/directory'], [bundle], size)
    expect([files, superseded]).toEqual([['d/directory.chain.jsonl'], ['d/a.chain.jsonl']])
  })

  test('into the root alone where there are too many directories, which is told', () => {
    const many = Array.from({ length: 20 }, (_, i) => `${i}/x`)
    const carriers = carriersOf({ cwd }, many, [bundle], 20 * size - 1)
    expect(carriers.files).toEqual(['directory.chain.jsonl'])
    expect(carriers.warning).toContain('--previous directory.chain.jsonl')
    expect(carriersOf({ cwd }, many, [bundle], 20 * size).files).toHaveLength(20)
  })
})

describe('what lies beside an artifact', () => {
  test('is its own file, else its directory’s', () => {
    expect(chainFilesBeside({ cwd }, ['d/a', 'r'])).toEqual({ own: [], shared: new Map() })
    for (const name of ['d/directory', 'd/a', 'directory']) put(`${name}.chain.jsonl`)
    expect(chainFilesBeside({ cwd }, ['d/a', 'd/b', 'd/c/', './d/a', join(cwd, 'd', 'b'), 'e/x'])).toEqual({
      own: ['d/a.chain.jsonl', './d/a.chain.jsonl'],
      shared: new Map([
        ['d/directory.chain.jsonl', ['d/b', 'd/c/']],
        [join(cwd, 'd/directory.chain.jsonl'), [join(cwd, 'd', 'b')]],
      ]),
    })
  })

  test('is read once where it is the same beside each, and of a directory where it is about the artifact', () => {
    const [all, other] = [made(['a', 'b', 'c']), made(['e'])]
    for (const name of ['a', 'b']) put(`${name}.chain.jsonl`, [all.bundle])
    put('c.chain.jsonl', [all.bundle, other.bundle])
    expect(readChainFiles({ cwd }, [], ['a', 'b'])).toHaveLength(1)
    expect(readChainFiles({ cwd }, ['c.chain.jsonl'], ['a', 'b', 'c'])).toHaveLength(3)
    put('d/directory.chain.jsonl', [other.bundle])
    expect(readChainFiles({ cwd }, [], ['d/e', 'd/f', 'a'])).toHaveLength(2)
    expect(readChainFiles({ cwd }, [], ['d/f'])).toEqual([])
    // One that was cut short may have been about anything.
    put('d/directory.chain.jsonl')
    expect(() => readChainFiles({ cwd }, [], ['d/f'])).toThrow('d/directory.chain.jsonl: it is empty')
  })
})

describe('names on disk in another Unicode form than in statements', () => {
  const [name, mixed] = ['e\u0301', 'e\u0301\u00e9']
  const nfc = (path: string) => path.normalize('NFC')

  test('a chain is written beside what is there, and found by either name', () => {
    for (const path of [name, mixed, `${name}/x`, `${mixed}/${name}`]) {
      const root = mkdtempSync(join(cwd, 'root-'))
      const there = { cwd: root }
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), '')
      const files = [`${path}.chain.jsonl`]
      expect(carriersOf(there, [nfc(path)], []).files).toEqual(files)
      writeFileSync(join(root, files[0]!), '')
      for (const given of [path, nfc(path)]) expect(chainFilesBeside(there, [given]).own).toEqual(files)
      expect(chainFilesBeside(there, [join(root, path)]).own).toEqual([join(root, files[0]!)])
    }
  })

  test('one that was written under the name in the statement is found, too', () => {
    put(`d/${name}`)
    put(`d/${nfc(name)}.chain.jsonl`)
    for (const path of [`d/${name}`, `d/${nfc(name)}`])
      expect(chainFilesBeside({ cwd }, [path]).own).toEqual([`d/${nfc(name)}.chain.jsonl`])
  })

  test('the file of a directory lies in it as it is there', () => {
    const { bundle } = made([nfc(`${name}/${name}`)])
    put(`${name}/${name}`)
    const names = [nfc(`${name}/${name}`), nfc(`${name}/other`)]
    expect(carriersOf({ cwd }, names, [bundle], 1).files).toEqual([`${name}/directory.chain.jsonl`])
    put(`${name}/directory.chain.jsonl`, [bundle])
    for (const path of [`${name}/${name}`, names[0]!]) expect(readChainFiles({ cwd }, [], [path])).toHaveLength(1)
  })
})

describe('a directory’s file that takes the place of another', () => {
  const name = 'd/directory.chain.jsonl'
  const before = made(['d/a', 'd/b'])
  const written = (step: typeof before, old: readonly ChainLine[] = [before.bundle]) =>
    chainFor({ cwd }, name, { old, chain: [step.bundle], step: step.statement }, nodeCrypto)

  test('keeps what is known of the other files there', () => {
    const next = made(['d/b', 'e/a'])
    expect(written(next)).toEqual([next.bundle])
    put('d/a')
    expect(written(next)).toEqual([before.bundle, next.bundle])
    expect(written(next, [next.bundle, before.bundle])).toEqual([before.bundle, next.bundle])
  })

  test('keeps nothing of those that are made anew, that have a file of their own, or in the place of the very step', () => {
    put('d/a')
    const again = made(['d/a', 'd/b'])
    expect(written(again)).toEqual([again.bundle])
    const other = made(['d/b'], before.statement.predicate.chain)
    expect(written(other)).toEqual([other.bundle])
    put('d/a.chain.jsonl', [before.bundle])
    const next = made(['d/b'])
    expect(written(next)).toEqual([next.bundle])
  })
})
