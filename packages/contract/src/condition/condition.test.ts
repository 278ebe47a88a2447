import { parse as parseCel, plan, celEnv } from '@bufbuild/cel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Unjudged, valueOf } from './evaluate.ts'
import { ConditionFault } from './fault.ts'
import { checkNames, STEP_NAMES } from './names.ts'
import { MAX_CONDITION, parseCondition } from './parse.ts'
import type { Members, Value } from './syntax.ts'

const NAMES: Members = {
  a: 'abc',
  n: 7,
  t: true,
  none: null,
  list: ['a', 'abc', 'ü', 3, null],
  map: { a: 1, b: { c: 'x' }, 'd e': false },
}

/** What this room says: the value, or that there is none. */
function ours(text: string, names: Members = NAMES): Value | 'no value' {
  try {
    return valueOf(parseCondition(text), names)
  } catch (error) {
    if (error instanceof Unjudged) return 'no value'
    throw error
  }
}

const env = celEnv()

/** What the library says of the same. */
function theirs(text: string, names: Members = NAMES): Value | 'no value' {
  const value = plan(env, parseCel(text))(Object.fromEntries(Object.entries(names).map(([k, v]) => [k, bound(v)])))
  return value instanceof Error || (typeof value === 'object' && value !== null && 'issue' in value)
    ? 'no value'
    : unbound(value)
}

function bound(value: Value): never {
  if (typeof value === 'number') return BigInt(value) as never
  if (Array.isArray(value)) return value.map((one: Value) => bound(one)) as never
  if (typeof value !== 'object' || value === null) return value as never
  return new Map(Object.entries(value as Members).map(([k, v]) => [k, bound(v)])) as never
}

function unbound(value: unknown): Value | 'no value' {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'boolean' || typeof value === 'string' || value === null) return value
  if (typeof value === 'object' && 'keys' in value && !Array.isArray(value)) {
    const entries = [...(value as unknown as Iterable<[string, unknown]>)]
    return Object.fromEntries(entries.map(([name, one]) => [name, unbound(one)]))
  }
  if (typeof value === 'object' && Symbol.iterator in value) return [...(value as Iterable<unknown>)].map(unbound)
  return 'no value'
}

describe('a condition has the value that the library gives it', () => {
  test.each([
    'a == "abc"',
    "a == 'abc' && n > 3",
    'a == 7',
    'none == null',
    'none == "null"',
    'n + 2 * 3 - 1',
    '(n + 2) * 3 % 4',
    '-7 / 2',
    '-7 % 3',
    '7 / 0',
    '7 % 0',
    '--n',
    '!!t',
    '!n',
    't ? a : n',
    'n ? a : n',
    'missing == 1',
    'map.a == 1',
    'map.z == 1',
    'map["d e"]',
    'map.b.c + a',
    'none.a',
    'has(map.a) && !has(map.z)',
    '"a" in map && !("z" in map)',
    '3 in list && "ü" in list && !(4 in list)',
    '"b" in a',
    'size(list) == 5 && size("ü😀") == 2 && size(map) == 3',
    'a.size() == 3',
    'list[0] + list[1]',
    'list[5]',
    'list[-1]',
    'a.startsWith("ab") && a.endsWith("bc") && a.contains("b")',
    'n.startsWith("ab")',
    'false && missing',
    'missing && false',
    'missing || true',
    'true || missing',
    'missing || false',
    'n && false',
    'list.exists(x, x == "abc")',
    'list.exists(x, x > 2)',
    'list.all(x, x != "z")',
    'list.all(x, x > 2)',
    'list.exists_one(x, x == 3)',
    'list.filter(x, x == 3 || x == null)',
    'list.map(x, x == 3)',
    '[1, 2, 3].map(x, x > 1, x * 2)',
    'map.all(k, size(k) < 4)',
    '[[1, 2], [3]].exists(x, x.exists(y, y == 3))',
    '[1, 2].exists(n, n == 7)',
    '[] == []',
    '[1, "a"] == [1, "a"]',
    '"b" > "abc" && "" < "a"',
    'false < true',
    '"\\u00fc\\t\\x41\\U0001F600" == "ü\\tA😀"',
    'a == "abc" ? 1 == 1 : missing',
    '1 < 2 == true',
    'n >= 7 && n <= 7 && n != 8',
  ])('%s', (text) => {
    expect(ours(text)).toEqual(theirs(text))
  })

  const leaf = fc.constantFrom(
    ...Object.keys(NAMES),
    '(1)',
    '(0)',
    '(-3)',
    '"a"',
    '"abc"',
    'true',
    'false',
    'null',
    'missing',
  )
  const text = fc.letrec<{ any: string }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('any'), fc.constantFrom('&&', '||', '==', '!=', '<', '<=', '+', '-', '*', '/', '%'), tie('any'))
        .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} in ${b})`),
      tie('any').map((a) => `(!(${a}) == true)`),
      tie('any').map((a) => `size(${a})`),
      fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc
        .tuple(tie('any'), fc.constantFrom('all', 'exists', 'exists_one'), tie('any'))
        .map(([a, macro, b]) => `${a}.${macro}(x, x == ${b})`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(tie('any'), fc.constantFrom('startsWith', 'contains')).map(([a, call]) => `${a}.${call}("a")`),
    ),
  })).any

  test('whatever it is', () => {
    fc.assert(
      fc.property(text, (condition) => {
        // Deeper than is allowed here.
        fc.pre((condition.match(/\.(?:all|exists)/g) ?? []).length <= 2)
        expect(ours(condition), condition).toEqual(theirs(condition))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('what is no condition here', () => {
  const faultOf = (text: string): string => {
    try {
      checkNames(parseCondition(text), STEP_NAMES)
    } catch (error) {
      if (error instanceof ConditionFault) return `${error.at}: ${error.message}`
      throw error
    }
    return 'none'
  }

  test.each<[string, string | RegExp]>([
    ['step.attempt == 1', 'none'],
    ['step.atempt == 1', '4: asks for atempt, which is not there; did you mean attempt?'],
    ['stp.attempt == 1', '0: asks for stp, which is not there; did you mean step?'],
    ['products.name == "a"', /asks a list for name; ask each of it/],
    ['products.all(p, p.sha1 == "a")', /asks for sha1, which is not there/],
    ['products.filter(p, p.name == "a").all(q, q.nme == "a")', /asks for nme/],
    ['step.name.matches("(a+)+")', /no regular expression is run here/],
    ['matches(step.name, "a")', /no regular expression is run here/],
    ['timestamp("2026-01-01T00:00:00Z") == 1', /timestamp, which is no function/],
    ['1.5 > 1', /no integer/],
    ['1u == 1', /no integer/],
    ['9007199254740993 == 1', /no integer/],
    ['0x10 == 16', /no integer/],
    ['r"a" == "a"', /write it plainly/],
    ['"""a""" == "a"', /write it plainly/],
    ['"a', /does not end/],
    ['"\\ud800" == "a"', /escape/],
    ['"a" == "a" // why', /nothing of CEL/],
    ['{"a": 1}.a == 1', /nothing of CEL/],
    ['step.attempt == 1)', /where it should end/],
    ['step.attempt = 1', /nothing of CEL/],
    ['', /in the place of a value/],
    ['for == 1', /a word of CEL/],
    ['has(step)', /something else than a member/],
    ['size(1, 2) == 1', /takes one/],
    [`${'('.repeat(40)}true${')'.repeat(40)}`, /deeper than 32/],
    [`[${'1,'.repeat(300)}1] == []`, /more than 256 parts/],
    [`"${'a'.repeat(MAX_CONDITION)}" == ""`, /longer than 2048/],
    ['[1].all(a, [1].all(b, [1].all(c, true)))', /within more than 2/],
  ])('%s', (text, expected) => {
    if (typeof expected === 'string') expect(faultOf(text)).toBe(expected)
    else expect(faultOf(text)).toMatch(expected)
  })

  test('whatever text it is: a condition, or a fault of it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'a1"\'\\ .,()[]?:!&|=<>in') })),
        (text) => {
          expect(typeof faultOf(text)).toBe('string')
        },
      ),
    )
  })
})

test('what it costs is bounded: lists within lists, and texts that grow', () => {
  const many: Members = { list: Array.from({ length: 10_000 }, (_, i) => `product ${i}`) }
  expect(ours('list.all(a, list.exists(b, a == b))', many)).toBe('no value')
  expect(ours('list.all(a, a != "x")', many)).toBe(true)
  // Costs are no error that another part of the condition makes good.
  expect(ours('list.all(a, list.exists(b, a == b)) || true', many)).toBe('no value')
  const long: Members = { text: 'a'.repeat(40_000) }
  expect(ours('(text + text).size() > 0', long)).toBe('no value')
})

test('null has no members, not even to be asked for', () => {
  expect(ours('has(none.a)')).toBe('no value')
})

test('names of objects that nobody gave are not there', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(ours(`map.${name}`)).toBe('no value')
    expect(ours(`"${name}" in map`)).toBe(false)
    expect(ours(`${name} == null`)).toBe('no value')
  }
})
