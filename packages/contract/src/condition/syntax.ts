/** What a condition may hold: the values of CEL without floating point, unsigned integers, bytes, times and types. */
export type Value = null | boolean | number | string | readonly Value[] | Members
export interface Members {
  readonly [name: string]: Value
}

export type Binary = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%'
export type Macro = 'all' | 'exists' | 'exists_one' | 'filter' | 'map'

/** An expression. `at` is where it begins in the text, for messages. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Value; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'select'; readonly of: Expression; readonly name: string; readonly at: number }
  /** `has(of.name)`. */
  | { readonly kind: 'has'; readonly of: Expression; readonly name: string; readonly at: number }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression; readonly at: number }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly at: number }
  | { readonly kind: 'not' | 'minus'; readonly of: Expression; readonly at: number }
  | {
      readonly kind: 'binary'
      readonly operator: Binary
      readonly left: Expression
      readonly right: Expression
      readonly at: number
    }
  | {
      readonly kind: 'choice'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression
      readonly at: number
    }
  | { readonly kind: 'call'; readonly name: Callable; readonly args: readonly Expression[]; readonly at: number }
  /** `over.macro(name, body)`; for `map` with three arguments `body` is done for those alone that meet `only`. */
  | {
      readonly kind: 'each'
      readonly macro: Macro
      readonly over: Expression
      readonly name: string
      readonly only: Expression | null
      readonly body: Expression
      readonly at: number
    }

/** Functions; those of texts take the text that they are called on as the first argument. */
export type Callable = 'size' | 'startsWith' | 'endsWith' | 'contains'
