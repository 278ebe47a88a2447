import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FOUNDATION, MAY_IMPORT, PURE, STEPS } from './house-rules.ts'

/** What CONTRIBUTING.md says of the house is what the house is held to. */

const ROOT = join(import.meta.dirname, '..')
const guide = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
/** The one match of a pattern. */
function told(pattern: RegExp): string {
  const found = [...guide.matchAll(pattern)].map((match) => match[1]!)
  expect(found, String(pattern)).toHaveLength(1)
  return found[0]!
}

describe('the table of rooms', () => {
  const rows = [...guide.matchAll(/^\| (`.*`) \| .* \| (.*) \|$/gm)].flatMap((match) =>
    quoted(match[1]!).map((folder) => [folder.replace(/^packages\//, ''), match[2]!] as const),
  )
  const rooms = new Map(rows)

  test('has each room once, and what is no room imports nothing', () => {
    expect(rows.length).toBe(rooms.size)
    expect(Object.keys(MAY_IMPORT).filter((room) => !rooms.has(room))).toEqual([])
    expect([...rooms].filter(([room, may]) => !Object.hasOwn(MAY_IMPORT, room) && may !== '–')).toEqual([])
    const folders = readdirSync(join(ROOT, 'packages'), { withFileTypes: true }).filter((one) => one.isDirectory())
    expect(folders.map(({ name }) => name).filter((name) => !rooms.has(name))).toEqual([])
  })

  test.each(Object.entries(MAY_IMPORT))('says what %s may import', (room, may) => {
    const groups: Readonly<Record<string, readonly string[]>> = { '–': [], foundation: FOUNDATION, steps: STEPS }
    const named = rooms
      .get(room)!
      .split(', ')
      .flatMap((name) => groups[name] ?? [name])
    expect(named.toSorted()).toEqual(may.toSorted())
  })

  test('says below what the foundation is, what the steps are, and what runs anywhere', () => {
    expect(told(/^The foundation \(([^)]*)\)/gm).split(', ')).toEqual(FOUNDATION)
    expect(told(/\bthe steps \(([^)]*)\)/gm).split(', ')).toEqual(STEPS)
    expect(quoted(told(/^(`core`.*?) run anywhere/gms)).toSorted()).toEqual(PURE.toSorted())
  })
})

test('the rows of the bench are those that there are', () => {
  const files = readdirSync(join(ROOT, 'test', 'bench')).filter((file) => file.endsWith('.bench.ts'))
  const names = files.map((file) => file.replace('.bench.ts', ''))
  for (const name of names)
    expect(readFileSync(join(ROOT, 'test', 'bench', `${name}.bench.ts`), 'utf8')).toContain(`name: '${name}'`)
  expect(quoted(told(/^Rows of the bench \([^)]*\): (.*?)\n\n/gms)).toSorted()).toEqual(names.toSorted())
})

test('every script is named, and every one that is named is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
  const named = [...guide.matchAll(/\bnpm (?:run ([a-z]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2]!)
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(scripts).toSorted())
})

test('every path that is named is there', () => {
  const paths = [...guide.matchAll(/(?<![\w/.])(?:test|packages|server|action|workflows|\.github)\/[\w./-]*\w/g)]
  expect(paths.length).toBeGreaterThan(20)
  for (const [path] of paths) expect(existsSync(join(ROOT, path)), path).toBe(true)
})
