import { type Token, tokens } from './tokens.ts'
import type { Binary, Callable, Expression, Macro } from './syntax.ts'
import { ConditionFault } from './fault.ts'

/** Longest condition, characters. */
export const MAX_CONDITION = 2_048
const MAX_NODES = 256
const MAX_DEPTH = 32
/** Each goes over all that is listed once more, and two over the square of it. */
const MAX_NESTED_MACROS = 2

const LEVELS: readonly (readonly Binary[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
]
const MACROS: readonly string[] = ['all', 'exists', 'exists_one', 'filter', 'map'] satisfies Macro[]
const ON_TEXT: readonly string[] = ['startsWith', 'endsWith', 'contains'] satisfies Callable[]
const RESERVED = new Set(
  'as break const continue else for function if import in let loop package namespace return var void while'.split(' '),
)

/**
 * A condition from its text: CEL without what could cost more than is worth (`matches`, floating point, maps and messages
 * made in it, times). Throws {@link ConditionFault}.
 */
export function parseCondition(text: string): Expression {
  if (text.length > MAX_CONDITION) throw new ConditionFault(0, `is longer than ${MAX_CONDITION} characters`)
  const parser = new Parser(tokens(text))
  return parser.whole()
}

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #nodes = 0
  #depth = 0
  #macros = 0

  constructor(list: readonly Token[]) {
    this.#tokens = list
  }

  whole(): Expression {
    const expression = this.#choice()
    const left = this.#peek()
    if (left.kind !== 'end') this.#fail(left, `has ${shownToken(left)}, where it should end`)
    return expression
  }

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #take(): Token {
    const token = this.#peek()
    if (token.kind !== 'end') this.#next++
    return token
  }

  #is(text: string): boolean {
    const token = this.#peek()
    return token.kind === 'mark' && token.text === text
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false
    this.#next++
    return true
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail(this.#peek(), `has ${shownToken(this.#peek())} in the place of ${text}`)
  }

  #fail({ at }: { readonly at: number }, what: string): never {
    throw new ConditionFault(at, what)
  }

  #node<T extends Expression>(node: T): T {
    this.#nodes++
    if (this.#nodes > MAX_NODES) this.#fail(node, `has more than ${MAX_NODES} parts`)
    return node
  }

  #choice(): Expression {
    this.#depth++
    if (this.#depth > MAX_DEPTH) this.#fail(this.#peek(), `is nested deeper than ${MAX_DEPTH} levels`)
    const test = this.#binary(0)
    let found: Expression = test
    if (this.#accept('?')) {
      const yes = this.#binary(0)
      this.#expect(':')
      found = this.#node({ kind: 'choice', test, yes, no: this.#choice(), at: test.at })
    }
    this.#depth--
    return found
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level]
    if (operators === undefined) return this.#unary()
    let left = this.#binary(level + 1)
    for (;;) {
      const token = this.#peek()
      const operator = operators.find((one) => token.kind !== 'text' && token.text === one)
      if (operator === undefined) return left
      this.#take()
      left = this.#node({ kind: 'binary', operator, left, right: this.#binary(level + 1), at: token.at })
    }
  }

  #unary(): Expression {
    const { at } = this.#peek()
    for (const [mark, kind] of [
      ['!', 'not'],
      ['-', 'minus'],
    ] as const) {
      let count = 0
      while (this.#accept(mark)) count++
      if (count === 0) continue
      let of = this.#member()
      for (; count > 0; count--) of = this.#node({ kind, of, at })
      return of
    }
    return this.#member()
  }

  #member(): Expression {
    let of = this.#primary()
    for (;;) {
      const { at } = this.#peek()
      if (this.#accept('.')) of = this.#memberOf(of, at)
      else if (this.#accept('[')) {
        const index = this.#choice()
        this.#expect(']')
        of = this.#node({ kind: 'index', of, index, at })
      } else return of
    }
  }

  #memberOf(of: Expression, at: number): Expression {
    const name = this.#name()
    if (!this.#accept('(')) return this.#node({ kind: 'select', of, name, at })
    if (MACROS.includes(name)) return this.#each(name as Macro, of, at)
    const args = this.#arguments()
    if (name === 'size' && args.length === 0) return this.#node({ kind: 'call', name, args: [of], at })
    if (!ON_TEXT.includes(name)) return this.#unknown(name, at)
    if (args.length !== 1) this.#fail({ at }, `calls ${name} with ${args.length} arguments, and it takes one`)
    return this.#node({ kind: 'call', name: name as Callable, args: [of, ...args], at })
  }

  #unknown(name: string, at: number): never {
    const known = 'there are size, startsWith, endsWith, contains, has, all, exists, exists_one, filter and map'
    // A pattern of somebody's can take for ever, or be met by more than he sees.
    const why = name === 'matches' ? 'matches, and no regular expression is run here' : `${name}, which is no function`
    this.#fail({ at }, `calls ${why}; ${known}`)
  }

  #each(macro: Macro, over: Expression, at: number): Expression {
    this.#macros++
    if (this.#macros > MAX_NESTED_MACROS) this.#fail({ at }, `goes over lists within more than ${MAX_NESTED_MACROS}`)
    const name = this.#name()
    this.#expect(',')
    const first = this.#choice()
    const second = macro === 'map' && this.#accept(',') ? this.#choice() : null
    this.#expect(')')
    this.#macros--
    const [only, body] = second === null ? [null, first] : [first, second]
    return this.#node({ kind: 'each', macro, over, name, only, body, at })
  }

  #arguments(): Expression[] {
    const args: Expression[] = []
    if (this.#accept(')')) return args
    do args.push(this.#choice())
    while (this.#accept(','))
    this.#expect(')')
    return args
  }

  #name(): string {
    const token = this.#take()
    if (token.kind !== 'name') this.#fail(token, `has ${shownToken(token)} in the place of a name`)
    if (RESERVED.has(token.text)) this.#fail(token, `has ${token.text}, a word of CEL, in the place of a name`)
    return token.text
  }

  #primary(): Expression {
    const token = this.#take()
    const { at } = token
    if (token.kind === 'text') return this.#node({ kind: 'literal', value: token.text, at })
    if (token.kind === 'number') return this.#node({ kind: 'literal', value: Number(token.text), at })
    if (token.kind === 'name') return this.#named(token)
    if (token.text === '(' && token.kind === 'mark') {
      const inner = this.#choice()
      this.#expect(')')
      return inner
    }
    if (token.text === '[' && token.kind === 'mark') {
      const items: Expression[] = []
      while (!this.#is(']')) {
        items.push(this.#choice())
        if (!this.#accept(',')) break
      }
      this.#expect(']')
      return this.#node({ kind: 'list', items, at })
    }
    return this.#fail(token, `has ${shownToken(token)} in the place of a value`)
  }

  #named({ text, at }: Token): Expression {
    if (text === 'true' || text === 'false') return this.#node({ kind: 'literal', value: text === 'true', at })
    if (text === 'null') return this.#node({ kind: 'literal', value: null, at })
    if (RESERVED.has(text)) this.#fail({ at }, `has ${text}, a word of CEL, in the place of a value`)
    if (!this.#accept('(')) return this.#node({ kind: 'name', name: text, at })
    const args = this.#arguments()
    const [only] = args
    if (args.length !== 1 || only === undefined) {
      if (text !== 'size' && text !== 'has') return this.#unknown(text, at)
      this.#fail({ at }, `calls ${text} with ${args.length} arguments, and it takes one`)
    }
    if (text === 'size') return this.#node({ kind: 'call', name: 'size', args: [only], at })
    if (text !== 'has') return this.#unknown(text, at)
    if (only.kind !== 'select') this.#fail({ at }, 'asks has() of something else than a member, like has(a.b)')
    return this.#node({ kind: 'has', of: only.of, name: only.name, at })
  }
}

function shownToken(token: Token): string {
  if (token.kind === 'end') return 'its end'
  return token.kind === 'text' ? 'a text' : token.text.slice(0, 40)
}
