import type { Code } from '@countersign/core'
import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml'
import { type Faults, type Fix, shown } from './fault.ts'
import { useOneOf } from './nearest.ts'

/**
 * A place in a YAML document that is read against an expected shape. Faults are collected, so that one run
 * of the linter names all of them.
 */
export class Place {
  readonly #node: Node | null
  readonly #at: number
  readonly #keyAt: number
  readonly #faults: Faults
  #entries: Map<string, Place> | null | undefined
  #items: Place[] | null | undefined
  #whole = true
  /** Dotted path, for messages. */
  readonly path: string

  /** `keyAt` is the offset of the key it stands behind, or of itself. */
  constructor(node: Node | null, keyAt: number, path: string, faults: Faults) {
    this.#node = node
    this.#keyAt = keyAt
    this.#at = startOf(node) ?? keyAt
    this.path = path
    this.#faults = faults
  }

  /** A fault of the value; of a value on lines of its own, at its key. */
  fault(what: string, fix: Fix, code: Code = 'contract-invalid'): void {
    this.#faults.add(this.#at, code, this.#sentence(what), fix)
  }

  /** A fault of the key it stands behind. */
  faultKey(what: string, fix: Fix, code: Code = 'contract-invalid'): void {
    this.#faults.add(this.#keyAt, code, this.#sentence(what), fix)
  }

  /** True for nothing at all, and for a list or mapping of nothing. */
  isEmpty(): boolean {
    const node = this.#node
    if (isMap(node) || isSeq(node)) return node.items.length === 0
    return node === null || (isScalar(node) && node.value === null)
  }

  isMapping(): boolean {
    return isMap(this.#node)
  }

  isList(): boolean {
    return isSeq(this.#node)
  }

  #sentence(what: string): string {
    return this.path === '' ? `the contract ${what}` : `${this.path} ${what}`
  }

  /** Members of a mapping; unknown and lacking ones are faults. Null (and a fault) when it is something else than a mapping. */
  members(known: readonly string[], required: readonly string[]): ReadonlyMap<string, Place> | null {
    const members = this.entries()
    if (members === null) return null
    for (const [key, place] of members) {
      if (!known.includes(key)) place.faultKey('is not a field here', () => useOneOf(key, known))
    }
    const lacking = required.filter((key) => !members.has(key))
    if (lacking.length > 0 && this.#whole) this.fault(`lacks ${lacking.join(', ')}`, `Add ${lacking.join(', ')}.`)
    return members
  }

  /** False once a key could not be read: what seems to lack may be there. */
  get whole(): boolean {
    return this.#whole
  }

  /** Members of a mapping with free keys; each key once, and text to every YAML reader. */
  entries(): ReadonlyMap<string, Place> | null {
    if (this.#entries === undefined) this.#entries = this.#readEntries()
    return this.#entries
  }

  #readEntries(): Map<string, Place> | null {
    if (!isMap(this.#node)) {
      // Nothing has no members; who needs some says so.
      if (this.isEmpty()) return new Map()
      this.fault('is not a mapping', 'Write it as lines of key: value.')
      return null
    }
    const members = new Map<string, Place>()
    const places = new Map<string, number>()
    for (const pair of this.#node.items as Pair<Node, Node | null>[]) {
      const at = pair.key.range?.[0] ?? this.#at
      const key = this.#readKey(pair.key, at)
      if (key === null) continue
      const path = this.path === '' ? shown(key) : `${this.path}.${shown(key)}`
      const first = places.get(key)
      // Readers disagree on which of two equal keys counts.
      if (first !== undefined) {
        const line = this.#faults.line(first)
        this.#faults.add(at, 'contract-invalid', `${path} is here twice, first on line ${line}`, 'Remove one of them.')
        continue
      }
      places.set(key, at)
      members.set(key, new Place(pair.value, at, path, this.#faults))
    }
    return members
  }

  #readKey(node: Node, at: number): string | null {
    if (isScalar(node) && typeof node.value === 'string' && node.source !== '<<' && !isAmbiguous(node))
      return node.value
    this.#whole = false
    const where = this.path === '' ? 'the contract' : this.path
    if (isScalar(node) && node.source === '<<') {
      this.#faults.add(at, 'contract-invalid', `${where} uses a YAML merge key`, 'Write the fields out.')
    } else {
      const name = isScalar(node) && node.source !== undefined ? ` ${shown(node.source)}` : ''
      const what = `${where} has a key${name} that is not text to every YAML reader`
      this.#faults.add(at, 'contract-invalid', what, 'Put the key in quotes.')
    }
    return null
  }

  /** Items of a list; null (and a fault) when it is none or has more than `max`. */
  items(max: number): readonly Place[] | null {
    if (this.#items === undefined) this.#items = this.#readItems(max)
    return this.#items
  }

  #readItems(max: number): Place[] | null {
    if (!isSeq(this.#node)) {
      this.fault('is not a list', 'Write it as a list: [a, b], or lines that begin with a dash.')
      return null
    }
    if (this.#node.items.length > max) {
      this.fault(`has more than ${max} items`, 'Shorten the list.')
      return null
    }
    return (this.#node.items as (Node | null)[]).map(
      (item, i) => new Place(item, item?.range?.[0] ?? this.#at, `${this.path}[${i}]`, this.#faults),
    )
  }

  text(what: string, good: (text: string) => boolean): string | null {
    const node = this.#node
    if (
      isScalar(node) &&
      node.type === 'PLAIN' &&
      node.source &&
      (typeof node.value !== 'string' || isAmbiguous(node))
    ) {
      if (good(node.source)) {
        this.fault(
          `is ${shown(node.source)}, which YAML readers take for a number, a date or a truth value`,
          `Quote it: "${node.source}".`,
        )
        return null
      }
    } else if (isScalar(node) && typeof node.value === 'string' && good(node.value)) return node.value
    this.fault(`is not ${what}`, `Write ${what}.`)
    return null
  }

  integer(min: number, max: number): number | null {
    const node = this.#node
    // Digits alone: 1.0, 0x1 and 1_0 are the same number to some readers and not to others.
    if (isScalar(node) && node.type === 'PLAIN' && /^(?:0|[1-9][0-9]{0,14})$/.test(node.source ?? '')) {
      const value = Number(node.source)
      if (value >= min && value <= max) return value
    }
    this.fault(`is not an integer from ${min} to ${max}`, `Write an integer from ${min} to ${max}, in digits alone.`)
    return null
  }
}

/** Where a value begins on the line of its key; null for one that is empty or begins below it. */
function startOf(node: Node | null): number | null {
  if (node === null || node.range === undefined || node.range === null) return null
  if ((isMap(node) || isSeq(node)) && node.flow !== true) return null
  return node.range[0] === node.range[1] ? null : node.range[0]
}

// YAML 1.1, https://yaml.org/type/: bool, int (binary, octal, hexadecimal, base 60), float, timestamp.
const TRUTH = /^(?:y|n|yes|no|on|off)$/i
const NUMBER = /^[-+]?(?:0[bx][0-9a-f_]+|[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|\.[0-9_]*)$/i
const DATE = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?$/

/** True for unquoted text that a YAML 1.1 reader takes for something else: `on`, `1_000`, `12:30`, `2026-11-01`. */
function isAmbiguous(node: Scalar): boolean {
  if (node.type !== 'PLAIN' || typeof node.value !== 'string') return false
  const { value } = node
  return TRUTH.test(value) || NUMBER.test(value) || DATE.test(value) || value === '='
}
