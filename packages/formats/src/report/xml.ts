import { CodedError, fromUtf8 } from '@countersign/core'

/** An element of a document: its text is not kept. */
export interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly Element[]
}

const MAX_DEPTH = 64
const MAX_ELEMENTS = 1_000_000
const MAX_ATTRIBUTES = 64

const NAME = /[A-Za-z_][A-Za-z0-9_.:-]{0,200}/y
const SPACE = /[ \t\r\n]+/y
const DECLARATION = /<\?xml[ \t\r\n][^<>?]{0,200}\?>/y
const ENCODING = /[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/
/** Up to the next mark-up or reference. */
const TEXT = /[^<&]+/y
/** Characters by number, and the five entities that XML has by itself: there are no others without a document type. */
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});/y
const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/**
 * Reads XML 1.0 (W3C, fifth edition) as far as reports need it: one element, in UTF-8, and no document type, so nothing
 * is ever fetched or expanded. Text, comments and instructions are passed over. Bounded in depth, elements and
 * attributes; time is linear in the size. Throws `report-invalid`, and `utf8-invalid`.
 */
export function parseXml(bytes: Uint8Array): Element {
  // XML allows the mark, and it says nothing.
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return new Parser(fromUtf8(marked ? bytes.subarray(3) : bytes)).document()
}

interface Open {
  readonly name: string
  readonly children: Element[]
}

class Parser {
  readonly #text: string
  #at = 0
  #elements = 0

  constructor(text: string) {
    this.#text = text
    if (FORBIDDEN.test(text)) this.#fail('holds a character that XML has not')
  }

  document(): Element {
    const encoding = ENCODING.exec(this.#take(DECLARATION) ?? '')?.[1]
    if (encoding !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(encoding.toLowerCase())) {
      this.#fail('says that it is not in UTF-8')
    }
    // Holds the one element, and is never closed.
    const whole: Open = { name: '', children: [] }
    const open = [whole]
    do this.#item(open)
    while (this.#at < this.#text.length)
    if (open.length > 1) this.#fail(`ends before ${open.at(-1)!.name} does`)
    const [root] = whole.children
    return root ?? this.#fail('holds no element')
  }

  #fail(what: string): never {
    throw new CodedError('report-invalid', `the XML ${what} (at ${this.#at})`)
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? null
    this.#at += found?.length ?? 0
    return found
  }

  #takes(text: string): boolean {
    const found = this.#text.startsWith(text, this.#at)
    if (found) this.#at += text.length
    return found
  }

  /** Goes past the end that begins here. */
  #past(end: string): void {
    const at = this.#text.indexOf(end, this.#at)
    if (at < 0) this.#fail(`lacks ${end}`)
    this.#at = at + end.length
  }

  #item(open: Open[]): void {
    const outside = open.length === 1
    if (this.#takes('<!')) return this.#declaration(outside)
    if (this.#takes('<?')) return this.#past('?>')
    if (this.#takes('</')) return this.#end(open)
    if (this.#takes('<')) return this.#start(open)
    const text = this.#take(outside ? SPACE : TEXT)
    if (text === null && (outside || this.#take(REFERENCE) === null)) this.#fail('has text where none may be')
  }

  #declaration(outside: boolean): void {
    if (this.#takes('--')) return this.#past('-->')
    // A document type names entities: what expands, and what is fetched.
    if (!this.#takes('[CDATA[')) this.#fail('has a document type')
    if (outside) this.#fail('has text outside of its element')
    this.#past(']]>')
  }

  #start(open: Open[]): void {
    if (open.length === 1 && open[0]!.children.length > 0) this.#fail('has a second root')
    if (++this.#elements > MAX_ELEMENTS) this.#fail(`has more than ${MAX_ELEMENTS} elements`)
    const name = this.#take(NAME) ?? this.#fail('has an element without a name')
    const children: Element[] = []
    const attributes = this.#attributes()
    open.at(-1)!.children.push({ name, attributes, children })
    if (this.#takes('/>')) return
    if (!this.#takes('>')) this.#fail('has a tag that does not end')
    open.push({ name, children })
    if (open.length > MAX_DEPTH + 1) this.#fail(`nests more than ${MAX_DEPTH} elements`)
  }

  #end(open: Open[]): void {
    const name = this.#take(NAME)
    if (open.length === 1 || open.pop()!.name !== name) this.#fail('closes what is not open')
    this.#take(SPACE)
    if (!this.#takes('>')) this.#fail('has a tag that does not end')
  }

  #attributes(): Map<string, string> {
    const attributes = new Map<string, string>()
    while (this.#take(SPACE) !== null) {
      const name = this.#take(NAME)
      if (name === null) break
      this.#take(SPACE)
      if (!this.#takes('=')) this.#fail('has an attribute without a value')
      this.#take(SPACE)
      if (attributes.has(name)) this.#fail(`has the attribute ${name} twice`)
      if (attributes.size === MAX_ATTRIBUTES) this.#fail(`has more than ${MAX_ATTRIBUTES} attributes`)
      attributes.set(name, this.#value())
    }
    return attributes
  }

  #value(): string {
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") this.#fail('has a value without quotes')
    const end = this.#text.indexOf(quote, ++this.#at)
    if (end < 0) this.#fail('has a value that does not end')
    let value = ''
    while (this.#at < end) {
      const text = this.#take(TEXT_OF[quote])
      value += text ?? this.#character()
    }
    this.#at = end + 1
    return value
  }

  #character(): string {
    const reference = this.#take(REFERENCE) ?? this.#fail('has a value with an unknown entity or a tag')
    const name = reference.slice(1, -1)
    if (!name.startsWith('#')) return PREDEFINED[name]!
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) this.#fail('names a character that is none')
    const character = String.fromCodePoint(code)
    return FORBIDDEN.test(character) ? this.#fail('names a character that XML has not') : character
  }
}

const TEXT_OF = { '"': /[^<&"]+/y, "'": /[^<&']+/y } as const
