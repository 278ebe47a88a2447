import { readdirSync, readFileSync } from 'node:fs'
import { CATALOGUE } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { contractYaml, lint, parse } from './contract.test-kit.ts'
import { CONTRACT_SCHEMA } from './index.ts'

const room = new URL('../', import.meta.url)
const text = readFileSync(new URL('CONTRACT.md', room), 'utf8')
const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml]) => yaml!)
const vectors = new URL('../../../test/vectors/contract/', import.meta.url)

describe('CONTRACT.md', () => {
  test.each(blocks.map((block, i) => [i + 1, block] as const))('example %i is read as it says', (_, block) => {
    const [top, steps] = block.split(/^steps:\n/m) as [string, string]
    const whole = block.startsWith('contract:') ? block : contractYaml(steps, { top })
    const lines = whole.split('\n')
    const expected = lines.flatMap((line, i) => {
      const [, codes] = /# refused: (.+)$/.exec(line) ?? []
      return (codes?.split(' ') ?? []).map((code) => ({ line: i + 1, code }))
    })
    expect(lint(whole).map(({ line, code }) => ({ line, code }))).toEqual(expected)
  })

  test('has examples of all kinds', () => {
    expect(blocks.length).toBeGreaterThan(4)
    expect(blocks.filter((block) => block.includes('# refused:'))).toHaveLength(1)
    expect(blocks.filter((block) => block.startsWith('contract:'))).toHaveLength(3)
  })

  test('names every field', () => {
    const { properties } = CONTRACT_SCHEMA
    const step = properties.steps.additionalProperties.properties
    const fields = [...Object.keys(properties), ...Object.keys(step)]
    const rows = [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, field]) => field)
    expect(rows).toEqual(fields)
    for (const field of ['from', 'match', 'outside', 'sha256']) expect(text).toContain(`\`${field}\``)
  })

  test('names every code that a vector expects, and no other', () => {
    const [, table] = text.split('Refused are, by code:')
    const listed = [...table!.matchAll(/^- `([a-z0-9-]+)`:/gm)].map(([, code]) => code!)
    const expected = readdirSync(vectors).flatMap((name) => {
      const [, code] = /^\ufeff?# expect: (\S+) line/.exec(readFileSync(new URL(name, vectors), 'utf8')) ?? []
      return code === undefined ? [] : [code]
    })
    // Its file would be a quarter of a megabyte; test/attacks has it.
    expect([...new Set([...expected, 'input-too-large'])].toSorted()).toEqual(listed.toSorted())
  })

  test('names only codes of the catalogue', () => {
    const codes = [...text.matchAll(/`([a-z]+(?:-[a-z0-9]+)+)`/g)].map(([, code]) => code!)
    expect(codes.length).toBeGreaterThan(10)
    for (const code of codes) expect(Object.keys(CATALOGUE)).toContain(code)
  })

  test('gives the defaults that hold', () => {
    const { attempts, clockTolerance } = parse(blocks[0]!)
    expect(text).toMatch(new RegExp(`^\\| \`attempts\` +\\|.*\\| \`${attempts}\` +\\|$`, 'm'))
    expect(text).toMatch(new RegExp(`^\\| \`clockToleranceSeconds\` +\\|.*\\| ${clockTolerance / 1000} +\\|$`, 'm'))
  })
})

describe('examples', () => {
  const folder = new URL('examples/', room)
  const names = readdirSync(folder)

  test('are those that the documentation names', () => {
    expect(names).toEqual(['four-clouds.yaml', 'matrix.yaml', 'monorepo.yaml'])
    for (const name of names) expect(text).toContain(`](examples/${name})`)
  })

  test.each(names)('%s has no fault, and many comments', (name) => {
    const yaml = readFileSync(new URL(name, folder), 'utf8')
    expect(lint(yaml)).toEqual([])
    expect(yaml.split('\n').filter((line) => line.includes('# ')).length).toBeGreaterThan(5)
  })
})
