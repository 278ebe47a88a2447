import {
  type Anchor,
  type AnchorCheck,
  type AnchorEntry,
  type AnchorEvent,
  type AnchorGap,
  AnchorLane,
  type AnchorPace,
  type AnchorTotals,
  gapOf,
} from '@countersign/anchor'
import { CodedError, utf8 } from '@countersign/core'
import { parseLogStatement } from '@countersign/formats'
import type { AnchorKind } from '@countersign/formats/anchor'
import type { Store } from '../store.ts'
import type { Statements } from './statements.ts'

/** An anchor that is set up now. */
export interface SetUpAnchor {
  readonly anchor: Anchor
  /** Milliseconds after which a statement without final proof is an alarm. */
  readonly alarmAfter: number
}

/** Where an anchor stands. */
export interface Standing extends AnchorTotals {
  /** False for one that the settings no longer hold: what it proved stays. */
  readonly on: boolean
  /** Null also for one that is off. */
  readonly gap: AnchorGap | null
  /** End of the newest statement that it proves, ISO time. */
  readonly provenTo: string | null
}

export interface CheckedAnchor {
  readonly anchor: string
  readonly kind: AnchorKind
  readonly checks: readonly AnchorCheck[]
}

/** Milliseconds after which a look that has found nothing is over: somebody waits for it. */
const CHECK_MS = 10_000

/** What somebody should look at: a statement waits too long for its proof, or nobody tries any longer to get it. */
export type AnchorWarning = 'anchor-gap' | 'anchor-dead-letter'

export interface AnchorsDeps {
  readonly anchors: readonly SetUpAnchor[]
  readonly store: Pick<Store, 'anchors' | 'statements'>
  readonly statements: Pick<Statements, 'newest'>
  /** ISO time. */
  readonly now: () => string
  /** From 0 to below 1. */
  readonly random: () => number
  readonly observe: (event: AnchorEvent) => void
  readonly pace?: AnchorPace
}

/** The anchors as the server's callers see them. */
export class Anchors {
  readonly #deps: AnchorsDeps
  /** One for each that is set up: what is to be driven. */
  readonly lanes: readonly AnchorLane[]
  #checking: Promise<readonly CheckedAnchor[]> | null = null
  #look: (eager: boolean) => void = () => undefined

  constructor(deps: AnchorsDeps) {
    this.#deps = deps
    const { store, statements, random, observe, pace } = deps
    const textOf = (note: Uint8Array | null) => (note === null ? null : utf8(parseLogStatement(note).note.text))
    this.lanes = deps.anchors.map(
      ({ anchor }) =>
        new AnchorLane({
          anchor,
          store: store.anchors,
          statements: {
            newest: () => statements.newest?.number ?? null,
            text: (number) => textOf(store.statements.note(number)),
          },
          now: () => this.#now(),
          random,
          observe,
          ...(pace === undefined ? {} : { pace }),
        }),
    )
  }

  /** Who drives the lanes, once somebody does. */
  drivenBy(driver: { look(eager: boolean): void }): void {
    this.#look = (eager) => driver.look(eager)
  }

  /** Has the lanes look now: at what is due, or at everything that waits. */
  drive(eager: boolean): void {
    this.#look(eager)
  }

  /** Every anchor that was ever set up, by name. */
  async standings(): Promise<readonly Standing[]> {
    const { anchors, store, statements } = this.#deps
    const now = this.#now()
    const last = statements.newest
    const newest = last === null ? null : { number: last.number, time: Date.parse(last.time) }
    return (await store.anchors.totals()).map((totals) => {
      const own = anchors.find(({ anchor }) => anchor.name === totals.name)
      const gap = own === undefined ? null : gapOf(totals, newest, now, own.alarmAfter)
      const proven = totals.newestFinal === null ? null : store.statements.note(totals.newestFinal.number)
      return { ...totals, on: own !== undefined, gap, provenTo: proven === null ? null : parseLogStatement(proven).end }
    })
  }

  /** Of those that are on, the statements that wait too long, one an anchor. */
  async gaps(): Promise<readonly AnchorGap[]> {
    return (await this.standings()).flatMap(({ on, gap }) => (on && gap !== null ? [gap] : []))
  }

  async warnings(): Promise<readonly AnchorWarning[]> {
    const on = (await this.standings()).filter((one) => one.on)
    const warnings: AnchorWarning[] = []
    if (on.some(({ gap }) => gap !== null)) warnings.push('anchor-gap')
    if (on.some(({ counts }) => counts.dead > 0)) warnings.push('anchor-dead-letter')
    return warnings
  }

  /** What the anchors look at before they are needed. Asked again meanwhile, it is one look. */
  check(): Promise<readonly CheckedAnchor[]> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null
    })
    return this.#checking
  }

  /** Tries a dead letter again. What is under way, or final, stays as it is. Throws `not-found`. */
  async retry(anchor: string, number: number): Promise<AnchorEntry> {
    const entry = await this.#deps.store.anchors.revive(anchor, number, this.#now())
    if (entry === null) throw new CodedError('not-found', `statement ${number} was never queued in such an anchor`)
    this.drive(false)
    return entry
  }

  #check(): Promise<readonly CheckedAnchor[]> {
    const now = this.#now()
    return Promise.all(
      this.#deps.anchors.map(async ({ anchor }) => ({
        anchor: anchor.name,
        kind: anchor.kind,
        checks: await inTime(anchor.check(now)),
      })),
    )
  }

  #now(): number {
    return Date.parse(this.#deps.now())
  }
}

async function inTime(checks: Promise<readonly AnchorCheck[]>): Promise<readonly AnchorCheck[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly AnchorCheck[]>((done) => {
    const found = `nothing was found out in ${CHECK_MS / 1000} seconds`
    const check = { name: 'reachable', ok: false, found, code: 'anchor-unreachable' } as const
    timer = setTimeout(() => done([check]), CHECK_MS)
  })
  try {
    return await Promise.race([checks, late])
  } finally {
    clearTimeout(timer)
  }
}
