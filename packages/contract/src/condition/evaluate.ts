import type { Binary, Callable, Expression, Macro, Members, Value } from './syntax.ts'

/** Most that one condition may cost: each part that is judged is one, and each character or member that is compared. */
export const MAX_COST = 2_000_000
/** Characters of a text, or members of a list, that it makes. */
const MAX_TEXT = 65_536

/** Why a condition has no value: what it asks for is not there, or is of another kind, or costs too much. */
export class Unjudged extends Error {
  override readonly name = 'Unjudged'
}

/**
 * What an expression of CEL says of these names. Throws {@link Unjudged}, never anything else: as in CEL, what is not
 * there has no value, and `false && x` and `true || x` have one whether x has or not.
 */
export function valueOf(expression: Expression, names: Members): Value {
  return new Run().value(expression, names)
}

class Run {
  #left = MAX_COST

  #pay(cost: number): void {
    this.#left -= cost
    if (this.#left < 0) throw new Unjudged('it costs too much to judge')
  }

  value(it: Expression, names: Members): Value {
    this.#pay(1)
    switch (it.kind) {
      case 'literal':
        return it.value
      case 'name':
        return memberOf(names, it.name)
      case 'select':
        return memberOf(this.#members(it.of, names, it.name), it.name)
      case 'has':
        return Object.hasOwn(this.#members(it.of, names, it.name), it.name)
      case 'index':
        return this.#indexed(this.value(it.of, names), this.value(it.index, names))
      case 'list':
        return it.items.map((item) => this.value(item, names))
      case 'not':
        return !truth(this.value(it.of, names))
      case 'minus':
        return integer(-number(this.value(it.of, names)))
      case 'choice':
        return this.value(truth(this.value(it.test, names)) ? it.yes : it.no, names)
      case 'binary':
        return this.#binary(it.operator, it.left, it.right, names)
      case 'call':
        return this.#call(
          it.name,
          it.args.map((one) => this.value(one, names)),
        )
      case 'each':
        return this.#each(it.macro, it, names)
    }
  }

  #members(it: Expression, names: Members, name: string): Members {
    const value = this.value(it, names)
    if (!isMembers(value)) throw new Unjudged(`${kindOf(value)} has no member ${name}`)
    return value
  }

  #indexed(of: Value, index: Value): Value {
    if (isList(of)) {
      const at = number(index)
      if (at < 0 || at >= of.length) throw new Unjudged(`a list of ${of.length} has no member ${at}`)
      return of[at]!
    }
    if (!isMembers(of)) throw new Unjudged(`${kindOf(of)} has no members`)
    return memberOf(of, text(index))
  }

  #binary(operator: Binary, left: Expression, right: Expression, names: Members): Value {
    if (operator === '&&' || operator === '||') {
      return this.#fold(operator === '||', [left, right], (one) => this.value(one, names))
    }
    const [a, b] = [this.value(left, names), this.value(right, names)]
    switch (operator) {
      case '==':
        return this.#equal(a, b)
      case '!=':
        return !this.#equal(a, b)
      case 'in':
        return this.#isIn(a, b)
      case '<':
        return this.#order(a, b) < 0
      case '<=':
        return this.#order(a, b) <= 0
      case '>':
        return this.#order(a, b) > 0
      case '>=':
        return this.#order(a, b) >= 0
      case '+':
        if (isList(a) && isList(b)) return this.#all(a, b)
        return typeof a === 'string' ? this.#joined(a, text(b)) : integer(number(a) + number(b))
      case '-':
        return integer(number(a) - number(b))
      case '*':
        return integer(number(a) * number(b))
      case '/':
        return integer(Math.trunc(number(a) / divisor(b)))
      case '%':
        return integer(number(a) % divisor(b))
    }
  }

  /** `until` decides, wherever it stands; without it one that has no value leaves the whole without. */
  #fold<T>(until: boolean, items: readonly T[], judge: (item: T) => Value): boolean {
    let unjudged: Unjudged | null = null
    for (const item of items) {
      try {
        if (truth(judge(item)) === until) return until
      } catch (error) {
        if (!(error instanceof Unjudged) || this.#left < 0) throw error
        unjudged ??= error
      }
    }
    if (unjudged !== null) throw unjudged
    return !until
  }

  #each(macro: Macro, { over, name, only, body }: Extract<Expression, { kind: 'each' }>, names: Members): Value {
    const value = this.value(over, names)
    const items = isList(value) ? value : isMembers(value) ? Object.keys(value) : null
    if (items === null) throw new Unjudged(`${kindOf(value)} is no list`)
    // One for all of them, for a copy each costs more than what is judged; no value holds the names that it is made of.
    const own: Record<string, Value> = Object.assign(Object.create(null), names)
    const judgeOf = (it: Expression) => (item: Value) => {
      own[name] = item
      return this.value(it, own)
    }
    const judge = judgeOf(body)
    this.#pay(items.length)
    switch (macro) {
      case 'all':
        return this.#fold(false, items, judge)
      case 'exists':
        return this.#fold(true, items, judge)
      case 'exists_one':
        return items.filter((item) => truth(judge(item))).length === 1
      case 'filter':
        return items.filter((item) => truth(judge(item)))
      case 'map':
        return (only === null ? items : items.filter((item) => truth(judgeOf(only)(item)))).map(judge)
    }
  }

  #call(name: Callable, [on, other]: readonly Value[]): Value {
    if (name === 'size') {
      if (isList(on!)) return on.length
      if (isMembers(on!)) return Object.keys(on).length
      const counted = text(on!)
      this.#pay(counted.length)
      return [...counted].length
    }
    const [a, b] = [text(on!), text(other!)]
    this.#pay(a.length + b.length)
    if (name === 'startsWith') return a.startsWith(b)
    return name === 'endsWith' ? a.endsWith(b) : a.includes(b)
  }

  #joined(a: string, b: string): string {
    this.#pay(a.length + b.length)
    if (a.length + b.length > MAX_TEXT) throw new Unjudged(`it makes a text of more than ${MAX_TEXT} characters`)
    return a + b
  }

  #all(a: readonly Value[], b: readonly Value[]): readonly Value[] {
    this.#pay(a.length + b.length)
    if (a.length + b.length > MAX_TEXT) throw new Unjudged(`it makes a list of more than ${MAX_TEXT} members`)
    return [...a, ...b]
  }

  #isIn(a: Value, b: Value): boolean {
    if (isList(b)) return b.some((item) => this.#equal(a, item))
    // Keys of another kind are possible in CEL, and none of them is there.
    if (isMembers(b) && (typeof a === 'number' || typeof a === 'boolean')) return false
    if (isMembers(b)) return Object.hasOwn(b, text(a))
    throw new Unjudged(`nothing is in ${kindOf(b)}`)
  }

  /** Values of two kinds are not equal, and that is no mistake. */
  #equal(a: Value, b: Value): boolean {
    this.#pay(1)
    if (typeof a === 'string' && typeof b === 'string') {
      if (a.length === b.length) this.#pay(a.length)
      return a === b
    }
    if (isList(a) && isList(b)) return a.length === b.length && a.every((item, i) => this.#equal(item, b[i]!))
    if (isMembers(a) && isMembers(b)) {
      const names = Object.keys(a)
      if (names.length !== Object.keys(b).length) return false
      return names.every((name) => Object.hasOwn(b, name) && this.#equal(a[name]!, b[name]!))
    }
    return a === b
  }

  #order(a: Value, b: Value): number {
    if (typeof a === 'number' && typeof b === 'number') return a - b
    if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
    const [one, other] = [text(a), text(b)]
    this.#pay(one.length + other.length)
    return byCodePoint(one, other)
  }
}

function byCodePoint(a: string, b: string): number {
  const [one, other] = [[...a], [...b]]
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const difference = one[i]!.codePointAt(0)! - other[i]!.codePointAt(0)!
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function isMembers(value: Value): value is Members {
  return typeof value === 'object' && value !== null && !isList(value)
}

function memberOf(members: Members, name: string): Value {
  if (!Object.hasOwn(members, name)) throw new Unjudged(`there is no ${name}`)
  return members[name]!
}

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw new Unjudged(`${kindOf(value)} is neither true nor false`)
  return value
}

function number(value: Value): number {
  if (typeof value !== 'number') throw new Unjudged(`${kindOf(value)} is no number`)
  return value
}

function text(value: Value): string {
  if (typeof value !== 'string') throw new Unjudged(`${kindOf(value)} is no text`)
  return value
}

function divisor(value: Value): number {
  if (number(value) === 0) throw new Unjudged('it divides by zero')
  return number(value)
}

function integer(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Unjudged('a number is beyond ±(2^53−1)')
  // There is one zero.
  return value + 0
}

function kindOf(value: Value): string {
  if (value === null) return 'null'
  if (isList(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : typeof value === 'string' ? 'a text' : `a ${typeof value}`
}
