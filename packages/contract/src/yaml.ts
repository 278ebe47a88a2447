import { CodedError, type Code, fromUtf8 } from '@countersign/core'
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml'

/** A fault in a contract, where it is, and what to write instead. Lines and columns count from 1. */
export interface Fault {
  readonly line: number
  readonly column: number
  readonly code: Code
  readonly what: string
  readonly fix: string
}

export const MAX_CONTRACT_BYTES = 1024 * 1024

/**
 * A place in a YAML document that is read against an expected shape; faults are collected, so that one
 * run of the linter names all of them.
 */
export class Place {
  readonly #node: Node | null
  readonly #at: number
  readonly #faults: Faults
  /** Dotted path, for messages. */
  readonly path: string

  constructor(node: Node | null, at: number, path: string, faults: Faults) {
    this.#node = node
    this.#at = at
    this.path = path
    this.#faults = faults
  }

  fault(what: string, fix: string, code: Code = 'contract-invalid'): void {
    this.#faults.add(this.#at, code, this.path === '' ? what : `${this.path} ${what}`, fix)
  }

  /** Members of a mapping; unknown ones are faults. Null (and a fault) when it is no mapping. */
  members(known: readonly string[], required: readonly string[]): Map<string, Place> | null {
    const members = this.entries()
    if (members === null) return null
    for (const [key, place] of members) {
      if (!known.includes(key)) place.fault('is not a field here', `Use one of: ${known.join(', ')}.`)
    }
    for (const key of required) {
      if (!members.has(key)) this.fault(`lacks ${key}`, `Add ${key}.`)
    }
    return members
  }

  /** Members of a mapping with free keys. */
  entries(): Map<string, Place> | null {
    if (!isMap(this.#node)) {
      this.fault('is not a mapping', 'Write it as key: value lines.')
      return null
    }
    const members = new Map<string, Place>()
    for (const pair of this.#node.items as Pair<Node, Node | null>[]) {
      const key = isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : null
      const at = pair.key?.range?.[0] ?? this.#at
      if (key === null) {
        this.#faults.add(at, 'contract-invalid', `${this.path} has a key that is not text`, 'Quote the key.')
        continue
      }
      const path = this.path === '' ? key : `${this.path}.${key}`
      members.set(key, new Place(pair.value ?? null, pair.value?.range?.[0] ?? at, path, this.#faults))
    }
    return members
  }

  items(max: number): Place[] | null {
    if (!isSeq(this.#node)) {
      this.fault('is not a list', 'Write it as a list: [a, b] or lines that begin with a dash.')
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

  isMapping(): boolean {
    return isMap(this.#node)
  }

  text(what: string, good: (text: string) => boolean): string | null {
    if (isScalar(this.#node) && typeof this.#node.value === 'string' && good(this.#node.value)) return this.#node.value
    this.fault(`is not ${what}`, `Write ${what}.`)
    return null
  }

  integer(min: number, max: number): number | null {
    if (isScalar(this.#node)) {
      const value = this.#node.value
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
    }
    this.fault(`is not an integer from ${min} to ${max}`, `Write an integer from ${min} to ${max}.`)
    return null
  }
}

export class Faults {
  readonly list: Fault[] = []
  readonly #lines: LineCounter

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  add(at: number, code: Code, what: string, fix: string): void {
    if (this.list.length >= 100) return
    const { line, col } = this.#lines.linePos(at)
    this.list.push({ line: Math.max(line, 1), column: Math.max(col, 1), code, what, fix })
  }
}

/**
 * The root place of a YAML document (1.2, core schema, one document). Aliases, tags, merge keys and
 * duplicate keys are faults: a contract reads the same to every reader and cannot unfold into more than it is.
 */
export function readYaml(bytes: Uint8Array): { root: Place; faults: Faults } {
  const lines = new LineCounter()
  const faults = new Faults(lines)
  if (bytes.length > MAX_CONTRACT_BYTES) {
    throw new CodedError('input-too-large', `the contract exceeds ${MAX_CONTRACT_BYTES} bytes`)
  }
  const document = parseDocument(fromUtf8(bytes), {
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    uniqueKeys: true,
    customTags: [],
    lineCounter: lines,
    logLevel: 'silent',
  })
  for (const error of [...document.errors, ...document.warnings]) {
    faults.add(error.pos[0], 'contract-invalid', firstLine(error.message), 'Mend the YAML.')
  }
  if (faults.list.length === 0) {
    visit(document, {
      Node(_key, node) {
        const at = node.range?.[0] ?? 0
        if (isAlias(node) || node.anchor !== undefined) {
          faults.add(at, 'contract-invalid', 'uses a YAML anchor or alias', 'Write the value out.')
        }
        if (node.tag !== undefined && !isPlainTag(node.tag)) {
          faults.add(at, 'contract-invalid', 'uses a YAML tag', 'Remove the tag.')
        }
      },
    })
  }
  return { root: new Place(document.contents as Node | null, 0, '', faults), faults }
}

function isPlainTag(tag: string): boolean {
  return tag.startsWith('tag:yaml.org,2002:')
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.replace(/ at line .*$/, '')
}
