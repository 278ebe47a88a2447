import { describe, expect, test } from 'vitest'
import { MAX_COST, Unjudged, valueOf } from './evaluate.ts'
import { parseCondition } from './parse.ts'
import type { Members, Value } from './syntax.ts'

const ours = (text: string, names: Members = {}): Value | 'no value' => {
  try {
    return valueOf(parseCondition(text), names)
  } catch (error) {
    if (error instanceof Unjudged) return 'no value'
    throw error
  }
}

describe('each part that is judged costs one, and each member or character that is looked at', () => {
  const list = (length: number, item: Value): Members => ({ list: Array.from({ length }, () => item) })
  const long = 'a'.repeat(20_000)
  const names = (count: number): Members => ({
    ...list(count, long),
    long,
    longer: `${long}a`,
    items: Array.from({ length: 20_000 }, () => 1),
  })

  test('up to 2,000,000, and not one more', () => {
    expect(MAX_COST).toBe(2_000_000)
    const same = (length: number): Members => ({ a: 'x'.repeat(length), b: 'x'.repeat(length) })
    // Two names, what compares them, one comparison, and each character of it.
    expect(ours('a == b', same(1_999_996))).toBe(true)
    expect(ours('a == b', same(1_999_997))).toBe('no value')
    expect(ours('a == b && true', same(1_999_996))).toBe('no value')
  })

  test.each([
    'x == long',
    'x != ""  && x == long',
    'x <= long',
    'x >= long',
    'x in [long]',
    '[x] == [long]',
    'x.startsWith(long)',
    'x.endsWith(long)',
    'x.contains(long)',
    'long.contains(x)',
    'x.contains("")',
    '"".contains(x) == false',
    'x >= ""',
    '"" <= x',
    'size(x) == 20000',
    'x + "" != ""',
    '"" + x != ""',
    'items + [] != []',
    '[] + items != []',
    'items == items',
    'items.all(i, true)',
    'items.exists(i, true)',
    'size(items.map(i, i)) > 0',
  ])('%s looks at all 20,000 of them', (body) => {
    expect(ours(`list.all(x, ${body})`, names(10))).toBe(true)
    expect(ours(`list.all(x, ${body})`, names(101))).toBe('no value')
  })

  test.each(['x != longer', 'x != 1', 'x != null', 'size(items) == 20000', 'items != []', 'x != items'])(
    '%s sees at once what it is',
    (body) => {
      expect(ours(`list.all(x, ${body})`, names(101))).toBe(true)
    },
  )
})

describe('what it makes has at most 65,536 characters or members', () => {
  const names: Members = {
    text: 'a'.repeat(32_768),
    list: Array.from({ length: 32_768 }, () => 1),
    empty: [],
  }

  test.each<[string, Value]>([
    ['size(text + text)', 65_536],
    ['size(text + text + "a")', 'no value'],
    ['size("a" + (text + text))', 'no value'],
    ['size(list + list)', 65_536],
    ['size(list + list + [1])', 'no value'],
    ['size([1] + (list + list))', 'no value'],
    ['size(empty + empty)', 0],
  ])('%s', (text, value) => {
    expect(ours(text, names)).toBe(value)
  })
})

describe('what has no value', () => {
  const names: Members = { map: { a: 1, b: 'x' }, list: [1, 'a'], text: 'abc', yes: true, none: null }

  test.each([
    // A list or a text has no members by name, a text none by number.
    'text[0]',
    'text.a',
    'list.a',
    'list["a"]',
    'list[yes]',
    'list[2]',
    'list[-1]',
    'map[1]',
    'map["z"]',
    'none["a"]',
    'has(text.a)',
    'has(list.a)',
    // Nothing is in what holds nothing, and no key is null or a list.
    '"a" in text',
    '1 in 1',
    'none in map',
    'list in map',
    // Only two of one kind have an order.
    '1 < "a"',
    '"a" < 1',
    'yes < 1',
    '1 < yes',
    'list < list',
    'none <= none',
    '"1" + 1',
    '1 + "1"',
    'list + 1',
    '1 + list',
    'list + "a"',
    'yes + yes',
    '-text',
    '-yes',
    '!1',
    '!none',
    'text - text',
    'list * 2',
    '2 / yes',
    '2 % text',
    '1 / 0',
    '1 % 0',
    'size(1)',
    'size(none)',
    'text.startsWith(1)',
    'text.contains(none)',
    'list.startsWith("a")',
    'none ? 1 : 2',
    '(1).size()',
    // Of what is no list there is no each.
    'text.all(c, true)',
    'none.exists(x, true)',
    '(1).map(x, x)',
    // Who says neither yes nor no of one says it of none.
    'list.filter(x, x)',
    'list.exists_one(x, x)',
    'list.map(x, x, 1)',
    'list.exists_one(x, x > 0)',
    'list.filter(x, x > 0)',
    'list.map(x, x > 0)',
    'list.all(x, x > 0)',
    'list.exists(x, x > 1)',
    // Beyond what numbers are exact.
    '9007199254740991 + 1',
    '-9007199254740991 - 1',
    '9007199254740991 * 2',
  ])('%s', (text) => {
    expect(ours(text, names)).toBe('no value')
  })
})

describe('what has one', () => {
  const names: Members = { map: { a: 1, b: 'x' }, list: [1, 'a'], text: 'abc', yes: true, none: null }

  test.each<[string, Value]>([
    ['list[0]', 1],
    ['list[1]', 'a'],
    ['map["a"]', 1],
    ['has(map.a)', true],
    ['has(map.z)', false],
    ['1 in map', false],
    ['yes in map', false],
    ['"a" in map', true],
    ['"z" in map', false],
    ['[1, "a"] in [list]', true],
    // One that decides does so wherever it stands, and whatever has no value beside it.
    ['list.exists(x, x > 0)', true],
    ['list.exists(x, x == "a" || x > 1)', true],
    ['list.all(x, x < 0)', false],
    ['["a", 2].exists(x, x > 1)', true],
    ['["a", 0].all(x, x > 1)', false],
    ['missing || yes', true],
    ['missing && !yes', false],
    ['[].all(x, x)', true],
    ['[].exists(x, x)', false],
    ['[].exists_one(x, x)', false],
    ['[1, 2, 2].exists_one(x, x == 2)', false],
    ['[1, 2, 3].exists_one(x, x == 2)', true],
    ['[1, 2, 3].exists_one(x, x == 4)', false],
    ['[1, 2, 3].filter(x, x > 1)', [2, 3]],
    ['[1, 2, 3].map(x, x * 2)', [2, 4, 6]],
    ['[1, "a", 3].map(x, x != "a", x + 1)', [2, 4]],
    ['map.map(k, k)', ['a', 'b']],
    ['map.filter(k, map[k] == "x")', ['b']],
    // The name is that of each while it is gone through, and what it was again behind.
    ['[1, 2].all(text, text < 3) && text == "abc"', true],
    ['map == map', true],
    ['false < yes', true],
    ['yes < false', false],
    ['yes <= yes', true],
    ['1 < 1', false],
    ['1 <= 1', true],
    ['2 > 2', false],
    ['2 >= 2', true],
    // By characters, not by the halves that some are stored in.
    ['"\\uff5e" < "\\U0001F600"', true],
    ['"ab" < "abc"', true],
    ['"abc" < "ab"', false],
    ['"abc" < "abd"', true],
    ['"b" > "abc"', true],
    ['"abc" <= "abc"', true],
    ['size("\\U0001F600")', 1],
    ['size("")', 0],
    ['"abc".endsWith("bc")', true],
    ['"abc".endsWith("ab")', false],
    ['"abc".startsWith("bc")', false],
    ['"abc".contains("b")', true],
    ['"abc".contains("ac")', false],
    ['9007199254740990 + 1', 9007199254740991],
    ['-9007199254740990 - 1', -9007199254740991],
    ['-7 / 2', -3],
    ['7 / -2', -3],
    ['-7 % 3', -1],
    ['yes ? 1 : missing', 1],
    ['!yes ? missing : 2', 2],
    ['none == null', true],
    ['none != 0', true],
    ['"1" == 1', false],
    ['"1" != 1', true],
  ])('%s', (text, value) => {
    expect(ours(text, names)).toEqual(value)
  })

  test('there is one zero', () => {
    for (const text of ['-0', '0 * -1', '-1 / 2', '-4 % 2']) expect(Object.is(ours(text), 0), text).toBe(true)
  })

  test('maps are equal that have the same members, whatever their order', () => {
    const one = { a: 1, b: { c: [1] } }
    const names = { one, same: { b: { c: [1] }, a: 1 }, more: { ...one, d: 1 }, other: { a: 1, b: { c: [2] } } }
    const renamed = {
      ...names,
      renamed: { a: 1, z: { c: [1] } },
      inherits: Object.assign(Object.create({ b: 1 }), { a: 1, x: 1 }) as Members,
    }
    expect(ours('one == same && same == one', renamed)).toBe(true)
    for (const name of ['more', 'other', 'renamed', 'inherits']) {
      expect(ours(`one == ${name} || ${name} == one`, renamed), name).toBe(false)
    }
    expect(ours('one == [1] || [1] == one || one == null || null == one', renamed)).toBe(false)
  })

  test('lists are equal that have the same members in the same order', () => {
    expect(ours('[1, 2] == [1, 2]')).toBe(true)
    for (const text of ['[1, 2] == [2, 1]', '[1, 2] == [1]', '[1] == [1, 2]', '[1] == ["1"]', '[] == null']) {
      expect(ours(text), text).toBe(false)
    }
  })
})

describe('why it has none is said of the kind that it is', () => {
  const names: Members = { map: {}, list: [], text: 'abc', yes: true, none: null }

  test.each<[string, RegExp]>([
    ['none.a', /^null has no member a$/],
    ['list.a', /^a list has no member a$/],
    ['-map', /^a map is no number$/],
    ['text.a', /^a text has no member a$/],
    ['(1).a', /^a number has no member a$/],
    ['yes.a', /^a boolean has no member a$/],
    ['1 / 0', /^it divides by zero$/],
    ['1 % 0', /^it divides by zero$/],
  ])('%s', (condition, why) => {
    const judged = () => valueOf(parseCondition(condition), names)
    expect(judged).toThrow(why)
    expect(judged).toThrow(expect.objectContaining({ name: 'Unjudged' }))
  })
})

test('why it has none is why its first part has none', () => {
  for (const text of ['first && second', 'first || second', '[1, 2].all(x, x == 1 ? first : second)']) {
    expect(() => valueOf(parseCondition(text), {}), text).toThrow(/^there is no first$/)
  }
})

test('names are those that are given, and no more of each other', () => {
  expect(ours('[1].all(x, true) && x == 1')).toBe('no value')
  expect(ours('list[0].a', { list: [Object.create({ a: 1 }) as Members] })).toBe('no value')
})
