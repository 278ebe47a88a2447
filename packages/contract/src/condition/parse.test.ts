import { describe, expect, test } from 'vitest'
import { ConditionFault } from './fault.ts'
import { MAX_CONDITION, parseCondition } from './parse.ts'
import type { Expression } from './syntax.ts'

/** An expression with what belongs together in brackets, and where each begins that has a place of its own. */
function shape(it: Expression): string {
  switch (it.kind) {
    case 'literal':
      return JSON.stringify(it.value)
    case 'name':
      return it.name
    case 'select':
      return `(. ${shape(it.of)} ${it.name})`
    case 'has':
      return `(has ${shape(it.of)} ${it.name})`
    case 'index':
      return `(at ${shape(it.of)} ${shape(it.index)})`
    case 'list':
      return `[${it.items.map(shape).join(' ')}]`
    case 'not':
    case 'minus':
      return `(${it.kind} ${shape(it.of)})`
    case 'binary':
      return `(${it.operator} ${shape(it.left)} ${shape(it.right)})`
    case 'choice':
      return `(? ${shape(it.test)} ${shape(it.yes)} ${shape(it.no)})`
    case 'call':
      return `(${it.name} ${it.args.map(shape).join(' ')})`
    case 'each': {
      const only = it.only === null ? '' : ` ${shape(it.only)}`
      return `(${it.macro} ${shape(it.over)} ${it.name}${only} ${shape(it.body)})`
    }
  }
}

/** Where it is refused, and why; null where it is read. */
const fault = (text: string): readonly [number, string] | null => {
  try {
    parseCondition(text)
    return null
  } catch (error) {
    if (error instanceof ConditionFault) return [error.at, error.message]
    throw error
  }
}

describe('what belongs together is what CEL says', () => {
  test.each([
    ['a || b || c', '(|| (|| a b) c)'],
    ['a || b && c || d', '(|| (|| a (&& b c)) d)'],
    ['a && b == c && d', '(&& (&& a (== b c)) d)'],
    ['a == b + c', '(== a (+ b c))'],
    ['a < b == c', '(== (< a b) c)'],
    ['a in b != c', '(!= (in a b) c)'],
    ['a <= b >= c > d', '(> (>= (<= a b) c) d)'],
    ['a - b - c + d', '(+ (- (- a b) c) d)'],
    ['a + b * c - d / e % f', '(- (+ a (* b c)) (% (/ d e) f))'],
    ['a * b + c', '(+ (* a b) c)'],
    ['(a + b) * c', '(* (+ a b) c)'],
    ['a - (b - c)', '(- a (- b c))'],
    ['!a.b', '(not (. a b))'],
    ['!!a && b', '(&& (not (not a)) b)'],
    ['-a * b', '(* (minus a) b)'],
    ['a - -b', '(- a (minus b))'],
    ['---1', '(minus (minus (minus 1)))'],
    ['!(-a)', '(not (minus a))'],
    ['a ? b : c', '(? a b c)'],
    ['a ? b : c ? d : e', '(? a b (? c d e))'],
    ['a ? (b ? c : d) : e', '(? a (? b c d) e)'],
    ['a || b ? c && d : e == f', '(? (|| a b) (&& c d) (== e f))'],
    ['a.b.c', '(. (. a b) c)'],
    ['a[0].b["c"]', '(at (. (at a 0) b) "c")'],
    ['a[b ? 1 : 2]', '(at a (? b 1 2))'],
    ['(a).b', '(. a b)'],
    ['"a".size()', '(size "a")'],
    ['size("a")', '(size "a")'],
    ['a.startsWith(b ? c : d)', '(startsWith a (? b c d))'],
    ['a.endsWith("b").c', '(. (endsWith a "b") c)'],
    ['a.contains("b") && c', '(&& (contains a "b") c)'],
    ['has(a.b)', '(has a b)'],
    ['has(a.b.c)', '(has (. a b) c)'],
    ['has(a[0].b)', '(has (at a 0) b)'],
    ['[]', '[]'],
    ['[1, "a", [true]]', '[1 "a" [true]]'],
    ['[1,]', '[1]'],
    ['[null, false]', '[null false]'],
    ['"true" == true', '(== "true" true)'],
    ['a.all(x, x)', '(all a x x)'],
    ['a.exists(x, b || c)', '(exists a x (|| b c))'],
    ['a.exists_one(x, x).b', '(. (exists_one a x x) b)'],
    ['a.filter(x, x).map(y, y)', '(map (filter a x x) y y)'],
    ['a.map(x, b, c)', '(map a x b c)'],
    // The names of functions and macros, and what CEL keeps no word for, are names like others.
    ['size + all', '(+ size all)'],
    ['has.startsWith', '(. has startsWith)'],
    ['a.map', '(. a map)'],
    ['inner', 'inner'],
    ['truest', 'truest'],
  ])('%s', (text, expected) => {
    expect(shape(parseCondition(text))).toBe(expected)
  })

  test.each([
    ['a.b', 1],
    ['  a && b', 4],
    ['a == b', 2],
    ['!a', 0],
    [' (a ? b : c)', 2],
    ['a[0]', 1],
    ['a.all(x, x)', 1],
    ['[a]', 0],
    ['has(a.b)', 0],
    ['a.size()', 1],
    ['  "a"', 2],
  ])('%s begins where it is told to be wrong', (text, at) => {
    expect(parseCondition(text).at).toBe(at)
  })
})

describe('what is no condition is refused where it goes wrong', () => {
  test.each<[string, number, RegExp]>([
    ['', 0, /^has its end in the place of a value$/],
    ['a &&', 4, /its end/],
    ['&& a', 0, /&&/],
    ['a b', 2, /^has b, where it should end$/],
    ['a "in" b', 2, /^has a text, where it should end$/],
    ['a "==" b', 2, /a text/],
    ['a "." b', 2, /a text/],
    ['a["b" "]"', 6, /a text in the place of \]/],
    ['"(" a', 4, /where it should end/],
    ['(a', 2, /its end in the place of \)/],
    ['a)', 1, /where it should end/],
    ['()', 1, /in the place of a value/],
    ['[a', 2, /its end in the place of \]/],
    ['[,]', 1, /in the place of a value/],
    ['[a b]', 3, /in the place of \]/],
    ['a[]', 2, /in the place of a value/],
    ['a[1', 3, /in the place of \]/],
    ['a ? b', 5, /in the place of :/],
    ['a ? : b', 4, /in the place of a value/],
    ['a ? b : ', 8, /in the place of a value/],
    ['a ? b ? c : d : e', 6, /in the place of :/],
    ['!-a', 1, /in the place of a value/],
    ['-!a', 1, /in the place of a value/],
    ['a.', 2, /its end in the place of a name/],
    ['a.1', 2, /1 in the place of a name/],
    ['a."b"', 2, /a text in the place of a name/],
    ['.a', 0, /in the place of a value/],
    ['a.for', 2, /^has for, a word of CEL, in the place of a name$/],
    ['while', 0, /^has while, a word of CEL, in the place of a value$/],
    ['a.all(in, true)', 6, /a word of CEL, in the place of a name/],
    ['a.all(x)', 7, /in the place of ,/],
    ['a.all(1, x)', 6, /in the place of a name/],
    ['a.all(x, y', 10, /in the place of \)/],
    ['a.all(x, y, z)', 10, /, in the place of \)/],
    ['a.filter(x, y, z)', 13, /, in the place of \)/],
    ['a.map(x, y, z, w)', 13, /, in the place of \)/],
    ['size(a', 6, /in the place of \)/],
    ['size(a,)', 7, /in the place of a value/],
    ['size()', 0, /^calls size with 0 arguments, and it takes one$/],
    ['size(a, b)', 0, /^calls size with 2 arguments/],
    ['has()', 0, /^calls has with 0 arguments/],
    ['has(a.b, c.d)', 0, /^calls has with 2 arguments/],
    ['has(a)', 0, /something else than a member/],
    ['has(a[0])', 0, /something else than a member/],
    ['has("a")', 0, /something else than a member/],
    ['a.size(b)', 1, /^calls size, which is no function/],
    ['a.has(b)', 1, /^calls has, which is no function/],
    ['a.startsWith()', 1, /^calls startsWith with 0 arguments, and it takes one$/],
    ['a.contains("b", "c")', 1, /^calls contains with 2 arguments/],
    ['startsWith(a)', 0, /^calls startsWith, which is no function/],
    ['startsWith(a, b)', 0, /^calls startsWith, which is no function/],
    ['all(a, b)', 0, /^calls all, which is no function/],
    ['now()', 0, /^calls now, which is no function/],
    ['a.matches("b")', 1, /^calls matches, and no regular expression is run here/],
    ['matches(a, "b")', 0, /^calls matches, and no regular expression/],
    [`a ${'b'.repeat(50)}`, 2, /^has b{40}, where/],
  ])('%s', (text, at, why) => {
    const found = fault(text)
    expect(found?.[1]).toMatch(why)
    expect(found?.[0]).toBe(at)
  })

  test.each(
    'as break const continue else for function if import in let loop package namespace return var void while'.split(
      ' ',
    ),
  )('%s is a word of CEL, and no name of anything', (word) => {
    for (const text of [word, `a.${word}`, `[1].all(${word}, true)`, `${word}(1)`]) {
      expect(fault(text)?.[1], text).toMatch(/a word of CEL/)
    }
  })
})

describe('how large a condition may be', () => {
  const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}a${close.repeat(depth)}`

  test('2048 characters', () => {
    expect(MAX_CONDITION).toBe(2_048)
    expect(fault(`"${'a'.repeat(2_046)}"`)).toBeNull()
    expect(fault(`"${'a'.repeat(2_047)}"`)).toEqual([0, 'is longer than 2048 characters'])
    // Whatever they are: nothing is read of what is too long.
    expect(fault('{'.repeat(2_049))?.[1]).toBe('is longer than 2048 characters')
  })

  test('256 parts', () => {
    const list = (members: number) => `[${Array.from({ length: members }, () => 'a').join(',')}]`
    expect(fault(list(255))).toBeNull()
    expect(fault(list(256))?.[1]).toBe('has more than 256 parts')
    // Members, the marks before them, and each thing that is done are parts too.
    expect(fault(Array.from({ length: 128 }, () => 'a').join('+'))).toBeNull()
    expect(fault(Array.from({ length: 129 }, () => 'a').join('+'))?.[1]).toBe('has more than 256 parts')
    expect(fault(`${'!'.repeat(255)}a`)).toBeNull()
    expect(fault(`${'!'.repeat(256)}a`)?.[1]).toBe('has more than 256 parts')
    expect(fault(`a${'.b'.repeat(255)}`)).toBeNull()
    expect(fault(`a${'.b'.repeat(256)}`)?.[1]).toBe('has more than 256 parts')
  })

  test.each([
    ['(', ')'],
    ['[', ']'],
    ['a[', ']'],
    ['size(', ')'],
    ['a.contains(', ')'],
    ['a ? b : ', ''],
  ])('32 levels of %s', (open, close) => {
    expect(fault(nested(open, close, 31))).toBeNull()
    expect(fault(nested(open, close, 32))?.[1]).toBe('is nested deeper than 32 levels')
  })

  test('levels and lists are counted within one another, not after', () => {
    expect(fault(Array.from({ length: 40 }, () => '(a)').join('+'))).toBeNull()
    expect(fault('a.all(x, true) && a.all(x, true) && a.all(x, true)')).toBeNull()
    expect(fault('a.filter(x, true).filter(x, true).filter(x, true)')).toBeNull()
  })

  test('a fault is known by its name, and by where it is', () => {
    expect(() => parseCondition('a &&')).toThrow(expect.objectContaining({ name: 'ConditionFault', at: 4 }))
  })

  test('two lists within one another', () => {
    expect(fault('a.all(x, b.all(y, true))')).toBeNull()
    expect(fault('a.all(x, b.all(y, c.all(z, true)))')).toEqual([19, 'goes over lists within more than 2'])
    expect(fault('a.map(x, b.map(y, c.map(z, true), 1), 2)')?.[1]).toBe('goes over lists within more than 2')
  })
})
