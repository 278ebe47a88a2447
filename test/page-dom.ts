import { createContext, Script } from 'node:vm'

/** What is seen of an element: enough of a document for the evidence page to draw itself in, and to be read back. */
export class FakeElement {
  readonly tag: string
  readonly attributes = new Map<string, string>()
  readonly listeners = new Map<string, (event: object) => void>()
  children: (FakeElement | string)[] = []
  hidden = false
  value = ''

  constructor(tag: string) {
    this.tag = tag
  }

  append(...children: (FakeElement | string)[]): void {
    this.children.push(...children)
  }

  replaceChildren(...children: (FakeElement | string)[]): void {
    this.children = children
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value)
    if (name === 'hidden') this.hidden = true
    if (name === 'value') this.value = value
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.listeners.set(type, listener)
  }

  set className(name: string) {
    this.attributes.set('class', name)
  }

  get className(): string {
    return this.attributes.get('class') ?? ''
  }

  set textContent(text: string) {
    this.children = [text]
  }

  get textContent(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.textContent)).join('')
  }

  /** The element and all in it. */
  all(): FakeElement[] {
    return [this, ...this.children.flatMap((child) => (typeof child === 'string' ? [] : child.all()))]
  }

  /** Every text in it, each as the one text node that it is. */
  texts(): string[] {
    return this.all().flatMap(({ children }) => children.filter((child) => typeof child === 'string'))
  }

  find(holds: (element: FakeElement) => boolean): FakeElement {
    const found = this.all().find(holds)
    if (found === undefined) throw new Error('no such element')
    return found
  }
}

/** The judgement that a page gives scripts and tests beside what it draws. */
export interface PageApi {
  examine(
    bytes: Uint8Array,
    now: string,
  ): Promise<{ verdict: { verdict: string; findings: { code: string }[] }; trustRoot: string }>
}

const START = /<script type="[^"]*" id="evidence">([^<]*)<\/script>\n<script>([\s\S]*)<\/script>\n<\/body>/

/** The two scripts of a page: its evidence as base64, and its code. */
export function scriptsOf(html: string): { evidence: string; code: string } {
  const [, evidence, code] = START.exec(html)!
  return { evidence: evidence!, code: code! }
}

/**
 * Runs the code of a page where there is nothing but the language, texts and timers: no network, no storage, no
 * process. With `evidence` there is a document too.
 */
export function runPage(code: string, evidence: string | null): { root: FakeElement; api: PageApi } {
  const root = new FakeElement('div')
  const data = new FakeElement('script')
  data.children = [evidence ?? '']
  const document = {
    getElementById: (id: string) => (id === 'evidence' ? data : id === 'page' ? root : null),
    createElement: (tag: string) => new FakeElement(tag),
    createElementNS: (_: string, tag: string) => new FakeElement(tag),
    documentElement: { clientWidth: 1200 },
    title: '',
  }
  const matchMedia = () => ({ matches: false, addEventListener: () => undefined })
  const around = {
    TextEncoder,
    TextDecoder,
    atob,
    btoa,
    setTimeout,
    ...(evidence === null ? {} : { document, matchMedia }),
  }
  const context = createContext(around, { codeGeneration: { strings: false, wasm: false } })
  new Script(code).runInContext(context)
  return { root, api: (context as unknown as { countersign: PageApi }).countersign }
}

/** Waits until the page has come to a verdict, and gives it. */
export async function verdictOf(root: FakeElement): Promise<string> {
  for (let left = 600; left > 0; left--) {
    const verdict = root.all().flatMap(({ attributes }) => attributes.get('data-verdict') ?? [])[0]
    if (verdict !== undefined && verdict !== 'checking') return verdict
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the page came to no verdict')
}
