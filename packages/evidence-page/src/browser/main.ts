import { type ConcurrentCrypto, fromBase64 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Examination, examine } from '../examine.ts'
import { graphOf } from '../graph.ts'
import { noticed, tamper, type Target } from '../tamper.ts'
import { anchors } from './anchors.ts'
import { banner, checking, criteria, type Pin, unreadable } from './banner.ts'
import { belief } from './belief.ts'
import { h } from './dom.ts'
import { drawing } from './drawing.ts'
import { findings } from './findings.ts'
import { steps } from './steps.ts'
import { compareField, tools } from './tools.ts'

/** Of style.css: the widest that the page gets, and what it leaves at each side, pixels. */
const PAGE_WIDTH = 1060
const PAGE_EDGE = 21

const TITLE = { pass: 'Verified', fail: 'Not verified', unknown: 'Unknown' } as const

/** How long the page may be busy before it lets the browser draw, milliseconds. */
const SLICE = 30

/** One signature after the other, with pauses in which the browser draws and hears. */
function politeCrypto(checked: () => void): ConcurrentCrypto {
  let last: Promise<unknown> = Promise.resolve()
  let since = Date.now()
  return {
    ...portableCrypto,
    verifyLater(key, message, signature) {
      const verified = last.then(async () => {
        if (Date.now() - since > SLICE) {
          await new Promise((resolve) => setTimeout(resolve, 0))
          since = Date.now()
        }
        checked()
        return portableCrypto.verify(key, message, signature)
      })
      last = verified
      return verified
    },
  }
}

function now(): string {
  return new Date().toISOString()
}

class Page {
  readonly #root: HTMLElement
  readonly #original: Uint8Array
  readonly #top = h('div')
  readonly #main = h('main')
  readonly #strip = h('div', { class: 'strip', role: 'alert', hidden: true })
  #tools: HTMLElement | null = null
  readonly #compare: HTMLElement
  #first: Examination | null = null
  #current: Examination | null = null
  #pin: Pin = 'none'
  /** Of several examinations under way the last one counts. */
  #round = 0

  constructor(root: HTMLElement, bytes: Uint8Array) {
    this.#root = root
    this.#original = bytes
    this.#compare = compareField(
      () => this.#current?.trustRoot ?? null,
      (pin) => {
        this.#pin = pin
        if (this.#current !== null) this.#top.replaceChildren(banner(this.#current, pin))
      },
    )
    this.#root.append(this.#strip, this.#top, this.#main, footer())
    matchMedia('(max-width: 720px)').addEventListener('change', () => this.#draw())
  }

  async show(bytes: Uint8Array): Promise<void> {
    const round = ++this.#round
    let done = 0
    const crypto = politeCrypto(() => {
      done++
      if (done % 50 === 0 && round === this.#round) this.#top.replaceChildren(checking(done))
    })
    try {
      const examination = await examine(bytes, { crypto, now: now() })
      if (round !== this.#round) return
      this.#current = examination
      this.#first ??= examination
      this.#draw()
    } catch (error) {
      if (round !== this.#round) return
      this.#current = null
      this.#top.replaceChildren(unreadable(error))
      this.#main.replaceChildren(...(this.#tools === null ? [] : [this.#tools]))
    }
  }

  #draw(): void {
    const examination = this.#current
    if (examination === null) return
    const graph = graphOf(examination, portableCrypto)
    const direction = matchMedia('(max-width: 720px)').matches ? 'down' : 'across'
    const room = Math.min(document.documentElement.clientWidth, PAGE_WIDTH) - 2 * PAGE_EDGE
    this.#tools ??= tools(() => this.#current, this.#first!, {
      tamper: (target) => this.#tamper(target),
      restore: () => this.#restore(),
      save: () => this.#save(),
    })
    this.#top.replaceChildren(banner(examination, this.#pin))
    const against = findings(examination)
    const outside = anchors(examination)
    this.#main.replaceChildren(
      criteria(examination),
      ...(against === null ? [] : [against]),
      ...(graph.nodes.length === 0 ? [] : [drawing(graph, direction, room), steps(graph)]),
      ...(outside === null ? [] : [outside]),
      belief(examination, this.#compare),
      this.#tools,
    )
    document.title = `${TITLE[examination.verdict.verdict]} · Countersign evidence`
  }

  #tamper(target: Target): void {
    const { bytes, what } = tamper(this.#first!.evidence, target, (n) => Math.floor(Math.random() * n))
    const outcome = h('span', { id: 'noticed' }, '')
    this.#strip.replaceChildren(
      h('span', {}, `Tampered with: ${what}. `, outcome),
      h('button', { type: 'button', onclick: () => this.#restore() }, 'Restore'),
    )
    this.#strip.hidden = false
    void this.show(bytes).then(() => outcome.append(noticed(this.#first!, this.#current)))
  }

  #restore(): void {
    this.#strip.hidden = true
    void this.show(this.#original)
  }

  #save(): void {
    const url = URL.createObjectURL(new Blob([this.#original.slice()], { type: 'application/json' }))
    const link = h('a', { href: url, download: 'countersign.evidence.json' })
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
  }
}

function footer(): HTMLElement {
  return h(
    'footer',
    {},
    h(
      'p',
      {},
      'A pass proves who signed each step, that none was skipped, reordered, replayed or swapped, and that every byte received was handed over. It does not prove that a signer told the truth about what it ran.',
    ),
    h('p', {}, 'Made by countersign. Nothing on this page was loaded, and nothing is sent.'),
  )
}

async function start(): Promise<void> {
  const bytes = fromBase64(document.getElementById('evidence')?.textContent ?? '')
  const root = document.getElementById('page')
  if (root === null) return
  root.append(h('p', { class: 'quiet', id: 'loading' }, 'Verifying …'))
  // One frame, so that something is seen before the work begins.
  await new Promise((resolve) => setTimeout(resolve, 0))
  root.replaceChildren()
  await new Page(root, bytes).show(bytes)
}

/** For consoles and tests: the page's own judgement of any evidence. */
const countersign = {
  examine: (bytes: Uint8Array, at: string = now()) =>
    examine(bytes, { crypto: politeCrypto(() => undefined), now: at }),
}
Object.assign(globalThis, { countersign })

if (typeof document !== 'undefined') void start()
