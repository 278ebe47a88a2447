import { CATALOGUE, type Code, CodedError } from '@countersign/core'
import { MAX_ANCHOR_BYTES } from '@countersign/formats/anchor'
import { Reading } from './answers.ts'
import type { Page } from './client.ts'
import type { Transport } from './transport.ts'

/** What something cost; the amount is a whole number in decimal. */
export interface ListedCost {
  readonly unit: string
  readonly amount: string
}

/** Where an anchor stands, as the server tells. Times are ISO. */
export interface ListedAnchor {
  readonly anchor: string
  readonly kind: string
  /** False where the server has it no longer. */
  readonly on: boolean
  /** The first statement that is anchored there. */
  readonly first: number
  readonly counts: {
    readonly pending: number
    readonly submitted: number
    readonly included: number
    readonly final: number
    readonly dead: number
  }
  /** End of the newest statement that it proves. */
  readonly provenTo: string | null
  /** What waits for its proof longer than it may. */
  readonly gap: { readonly number: number; readonly seconds: number } | null
  readonly costs: readonly ListedCost[]
}

/** One statement's way into one anchor. */
export interface ListedProgress {
  readonly anchor: string
  readonly phase: string
  readonly queuedAt: string
  readonly lookedAt: string
  /** Null for what is final, or dead. */
  readonly nextLook: string | null
  readonly finalAt: string | null
  readonly failing: {
    readonly since: string
    readonly tries: number
    readonly code: Code | null
    readonly what: string
  } | null
  /** Null while somebody tries. */
  readonly dead: { readonly at: string; readonly code: Code | null; readonly what: string; readonly fix: string } | null
  readonly costs: readonly ListedCost[]
}

export interface ListedAnchored {
  readonly number: number
  readonly anchors: readonly ListedProgress[]
}

export interface ListedChecks {
  readonly anchor: string
  readonly kind: string
  readonly checks: readonly {
    readonly name: string
    readonly ok: boolean
    readonly found: string
    readonly code: Code | null
  }[]
}

/** What the server's anchors are asked. */
export interface AnchorCalls {
  /** All anchors that were ever set up, and a page of statements, newest first. */
  anchors(cursor?: string): Promise<Page<ListedAnchored> & { readonly anchors: readonly ListedAnchor[] }>
  /** One statement on its way. */
  anchored(number: number): Promise<ListedAnchored>
  /** The proof that an anchor had a statement, unverified. */
  anchorProof(number: number, anchor: string): Promise<Uint8Array>
  /** Has everything that waits looked at, now. */
  driveAnchors(): Promise<void>
  /** What the anchors find of what they will need. */
  checkAnchors(): Promise<readonly ListedChecks[]>
  /** Puts a dead letter back; what is under way or final stays as it is. */
  retryAnchor(number: number, anchor: string): Promise<ListedProgress>
}

export function anchorCalls(transport: Transport): AnchorCalls {
  const get = async (path: string) => new Reading((await transport.json({ method: 'GET', path })).body)
  const post = async (path: string) => transport.json({ method: 'POST', path, body: NOTHING })
  return {
    async anchors(cursor) {
      const it = await get(`/v1/anchors${cursor === undefined ? '' : `?${new URLSearchParams({ cursor }).toString()}`}`)
      return {
        anchors: it.list('anchors', anchorOf),
        items: it.list('items', anchoredOf),
        next: it.textOrNull('next'),
      }
    },

    async anchored(number) {
      const found = anchoredOf(await get(`/v1/anchors/${number}`))
      if (found.number !== number) throw new CodedError('server-answer', 'the server answered with another statement')
      return found
    },

    async anchorProof(number, anchor) {
      const path = `/statements/${number}/anchors/${encodeURIComponent(anchor)}`
      return (await transport.send({ method: 'GET', path, maxBytes: MAX_ANCHOR_BYTES })).bytes
    },

    async driveAnchors() {
      await transport.send({ method: 'POST', path: '/v1/anchors/drive', body: NOTHING })
    },

    async checkAnchors() {
      return new Reading((await post('/v1/anchors/check')).body).list('items', (it) => ({
        anchor: it.text('anchor'),
        kind: it.text('kind'),
        checks: it.list('checks', (check) => ({
          name: check.text('name'),
          ok: check.boolean('ok'),
          found: check.text('found'),
          code: codeOf(check.textOrNull('code')),
        })),
      }))
    },

    async retryAnchor(number, anchor) {
      return progressOf(new Reading((await post(`/v1/anchors/${number}/${encodeURIComponent(anchor)}/retry`)).body))
    },
  }
}

const NOTHING = { type: 'application/json', bytes: new TextEncoder().encode('{}') }

function anchorOf(it: Reading): ListedAnchor {
  const counts = it.object('counts')
  const gap = it.objectOrNull('gap')
  return {
    anchor: it.text('anchor'),
    kind: it.text('kind'),
    on: it.boolean('on'),
    first: it.integer('first'),
    counts: {
      pending: counts.integer('pending'),
      submitted: counts.integer('submitted'),
      included: counts.integer('included'),
      final: counts.integer('final'),
      dead: counts.integer('dead'),
    },
    provenTo: it.textOrNull('provenTo'),
    gap: gap === null ? null : { number: gap.integer('number'), seconds: gap.integer('seconds') },
    costs: it.list('costs', costOf),
  }
}

function anchoredOf(it: Reading): ListedAnchored {
  return { number: it.integer('number'), anchors: it.list('anchors', progressOf) }
}

function progressOf(it: Reading): ListedProgress {
  const [failing, dead] = [it.objectOrNull('failing'), it.objectOrNull('dead')]
  return {
    anchor: it.text('anchor'),
    phase: it.text('phase'),
    queuedAt: it.text('queuedAt'),
    lookedAt: it.text('lookedAt'),
    nextLook: it.textOrNull('nextLook'),
    finalAt: it.textOrNull('finalAt'),
    failing:
      failing === null
        ? null
        : {
            since: failing.text('since'),
            tries: failing.integer('tries'),
            code: codeOf(failing.text('code')),
            what: failing.text('what'),
          },
    dead:
      dead === null
        ? null
        : { at: dead.text('at'), code: codeOf(dead.text('code')), what: dead.text('what'), fix: dead.text('fix') },
    costs: it.list('costs', costOf),
  }
}

function costOf(it: Reading): ListedCost {
  return { unit: it.text('unit'), amount: it.text('amount') }
}

/** Null for one that a newer server has. */
function codeOf(text: string | null): Code | null {
  return text !== null && Object.hasOwn(CATALOGUE, text) ? (text as Code) : null
}
