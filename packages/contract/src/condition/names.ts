import { IDENTITY_FACTS } from '@countersign/formats/identity'
import { nearest } from '../nearest.ts'
import { ConditionFault } from './fault.ts'
import type { Expression } from './syntax.ts'

/** What a name of a condition stands for: members of its own, a list of such, or whatever it is (null). */
export type Kind = null | { readonly [name: string]: Kind } | { readonly each: Kind }

const SIGNER: Kind = {
  key: null,
  grade: null,
  identity: Object.fromEntries(['subject', ...IDENTITY_FACTS].map((name) => [name, null])),
}
/** What `when` may ask for: what is verified of whoever follows. */
export const FOLLOWER_NAMES = { signer: SIGNER } as const satisfies Kind
/** What a condition of a step may ask for. */
export const STEP_NAMES = {
  signer: SIGNER,
  step: { name: null, attempt: null, matrix: null },
  previous: null,
  materials: list({ name: null, sha256: null, commit: null, dirty: null, outside: null }),
  products: list({ name: null, sha256: null, commit: null, dirty: null }),
  reports: list({ name: null, type: null, about: null, facts: null }),
  claimed: {
    system: null,
    os: null,
    arch: null,
    actions: null,
    exitCode: null,
    startedAt: null,
    finishedAt: null,
  },
} as const satisfies Kind

function list(each: Kind): Kind {
  return { each }
}

/** Throws {@link ConditionFault} for a name, or a member of one, that there is not. */
export function checkNames(expression: Expression, names: { readonly [name: string]: Kind }): void {
  kindOf(expression, names)
}

function kindOf(it: Expression, names: { readonly [name: string]: Kind }): Kind {
  switch (it.kind) {
    case 'literal':
      return null
    case 'name':
      return memberOf(names, it.name, it.at)
    case 'select':
    case 'has': {
      const of = kindOf(it.of, names)
      const member = of === null ? null : memberOf(of, it.name, it.at)
      return it.kind === 'has' ? null : member
    }
    case 'index': {
      kindOf(it.index, names)
      const of = kindOf(it.of, names)
      return of !== null && isList(of) ? of.each : null
    }
    case 'list':
      for (const item of it.items) kindOf(item, names)
      return null
    case 'not':
    case 'minus':
      kindOf(it.of, names)
      return null
    case 'binary':
      kindOf(it.left, names)
      kindOf(it.right, names)
      return null
    case 'choice':
      for (const part of [it.test, it.yes, it.no]) kindOf(part, names)
      return null
    case 'call':
      for (const one of it.args) kindOf(one, names)
      return null
    case 'each': {
      const over = kindOf(it.over, names)
      const inner = { ...names, [it.name]: over !== null && isList(over) ? over.each : null }
      if (it.only !== null) kindOf(it.only, inner)
      const body = kindOf(it.body, inner)
      if (it.macro === 'filter') return over
      return it.macro === 'map' ? { each: body } : null
    }
  }
}

function memberOf(of: Exclude<Kind, null>, name: string, at: number): Kind {
  if (isList(of)) throw new ConditionFault(at, `asks a list for ${name}; ask each of it: .exists(x, x.${name} …)`)
  if (Object.hasOwn(of, name)) return of[name]!
  const near = nearest(name, Object.keys(of))
  const known = near === null ? `there are ${Object.keys(of).join(', ')}` : `did you mean ${near}?`
  throw new ConditionFault(at, `asks for ${name}, which is not there; ${known}`)
}

function isList(kind: Exclude<Kind, null>): kind is { readonly each: Kind } {
  return Object.hasOwn(kind, 'each')
}
