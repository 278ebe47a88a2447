import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { afterAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const DIST = join(ROOT, 'action', 'dist')
const MAX_BYTES = 2.5 * 1024 * 1024

const rebuilt = mkdtempSync(join(tmpdir(), 'countersign-action-dist-'))
afterAll(() => rmSync(rebuilt, { recursive: true, force: true }))

const filesOf = (dir: string) =>
  Object.fromEntries(
    readdirSync(dir)
      .toSorted()
      .map((name) => [name, readFileSync(join(dir, name), 'utf8')]),
  )

describe('action/dist', () => {
  test('is what its sources build, file by file', () => {
    const rolldown = join(ROOT, 'node_modules', 'rolldown', 'bin', 'cli.mjs')
    const config = join(ROOT, 'action', 'rolldown.config.ts')
    execFileSync(process.execPath, [rolldown, '-c', config, '--dir', rebuilt, '--logLevel', 'silent'], { cwd: ROOT })
    const [committed, built] = [filesOf(DIST), filesOf(rebuilt)]
    expect(Object.keys(committed), 'build it: npm run action').toEqual(Object.keys(built))
    for (const [name, text] of Object.entries(built)) {
      expect(committed[name] === text, `${name} is stale; build it: npm run action`).toBe(true)
    }
    // Red control: a change of one byte is seen.
    expect({ ...built, 'main.js': `${built['main.js']} ` }).not.toEqual(committed)
  })

  test('is small, and has neither the server nor a place of this machine in it', () => {
    const text = Object.values(filesOf(DIST)).join('\n')
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_BYTES)
    expect(text).not.toMatch(/better-sqlite3|drizzle-orm|require\("undici"\)/)
    expect(text).not.toContain(ROOT)
  })
})

describe('action.yml', () => {
  const manifest = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
    name: string
    description: string
    inputs: Record<string, { required?: boolean; description: string }>
    outputs: Record<string, { description: string }>
    runs: Record<string, string>
    branding: object
  }

  test('demands nothing, and names files that are there', () => {
    expect(manifest.runs).toMatchObject({ using: 'node24', 'post-if': 'always()' })
    for (const phase of ['pre', 'main', 'post']) expect(readdirSync(DIST)).toContain(`${phase}.js`)
    for (const [name, input] of Object.entries(manifest.inputs)) {
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
      expect(input.required ?? false, name).toBe(false)
      expect(input.description.length, name).toBeGreaterThan(10)
    }
    expect(manifest.description.length).toBeLessThan(126)
  })

  test('has each input that is read, and reads each that it has', () => {
    const source = readFileSync(join(ROOT, 'action', 'src', 'inputs.ts'), 'utf8')
    const read = [...source.matchAll(/\b(?:text|lines|flag)\('([a-z-]+)'/g)].map((match) => match[1]!)
    expect([...new Set(read)].toSorted()).toEqual(Object.keys(manifest.inputs).toSorted())
  })

  test('has each output that is set', () => {
    const sources = ['record', 'gate'].map((name) => readFileSync(join(ROOT, 'action', 'src', `${name}.ts`), 'utf8'))
    const set = sources.flatMap((text) =>
      [...text.matchAll(/setOutputs\(\{([^}]*)\}/g)].flatMap((match) =>
        [...match[1]!.matchAll(/(?:^|[\n,{])\s*'?([a-z-]+)'?\s*(?=[:,]|$)/g)].map((name) => name[1]!),
      ),
    )
    expect(Object.keys(manifest.outputs)).toEqual(expect.arrayContaining([...new Set(set)]))
    expect([...new Set(set)]).toEqual(expect.arrayContaining(Object.keys(manifest.outputs)))
  })
})
