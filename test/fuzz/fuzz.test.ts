import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError, utf8 } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { Dice, mutate } from './mutate.ts'
import { fuzz, judge } from './run.ts'
import { type Target, TARGETS } from './targets.ts'
import { rounds } from '../thorough.ts'

const MUTATIONS = rounds(40, 800)

describe.each(TARGETS)('$name', (target) => {
  test(`answers its seeds and ${MUTATIONS} mutations of them with a value or a code`, () => {
    const outcome = fuzz(target, { seed: 1, go: (execs) => execs < target.seeds.length + MUTATIONS })
    const found =
      outcome.found === null ? null : { ...outcome.found, input: Buffer.from(outcome.found.input).toString('base64') }
    expect(found).toBeNull()
    // Both sides of the reader were reached.
    expect(outcome.read).toBeGreaterThan(0)
    expect(outcome.read).toBeLessThan(outcome.execs)
  })
})

const folder = join(import.meta.dirname, 'found')
const kept = existsSync(folder) ? readdirSync(folder) : []
test('what was found once stays mended', () => {
  for (const file of kept) {
    const target = TARGETS.find(
      ({ name }) => file.startsWith(`${name}-`) && /^[0-9a-f]{12}\.b64$/.test(file.slice(name.length + 1)),
    )
    expect(target, file).toBeDefined()
    const input = new Uint8Array(Buffer.from(readFileSync(join(folder, file), 'utf8'), 'base64'))
    expect(judge(target!, input) ?? '', file).toBe('')
  }
})

describe('the fuzzer itself', () => {
  const broken = (run: (text: string) => void): Target => ({
    name: 'broken',
    seeds: [utf8('[1, 2, 3]')],
    words: [utf8('x')],
    run: (input) => run(Buffer.from(input).toString('latin1')),
  })
  const many = { seed: 7, go: (execs: number) => execs < 20_000 }

  test('finds an error without a code', () => {
    const outcome = fuzz(
      broken((text) => void JSON.parse(text)),
      many,
    )
    expect(outcome.found?.what).toMatch(/^SyntaxError/)
  })

  test('finds a document that is not stable', () => {
    const lossy = broken((text) => {
      if (text.includes('x1')) throw new Error('not stable')
      throw new CodedError('json-invalid', 'no')
    })
    const { found } = fuzz(lossy, many)
    expect(found?.what).toBe('Error: not stable')
    expect(Buffer.from(found!.input).toString()).toContain('x1')
  })

  test('lets codes pass', () => {
    const coded = broken(() => {
      throw new CodedError('json-invalid', 'no')
    })
    expect(fuzz(coded, { seed: 1, go: (execs) => execs < 100 })).toEqual({ execs: 100, read: 0, found: null })
  })

  test('repeats itself by its seed', () => {
    const inputs = (seed: number) => {
      const dice = new Dice(seed)
      return Array.from({ length: 50 }, () =>
        Buffer.from(mutate(dice, [utf8('hello'), utf8('[1,2]')], [utf8('w')])).toString('hex'),
      )
    }
    expect(inputs(3)).toEqual(inputs(3))
    expect(inputs(3)).not.toEqual(inputs(4))
    expect(new Set(inputs(3)).size).toBeGreaterThan(30)
  })
})
