/** What an anchor was paid; the amount is a whole number in decimal. */
export interface Cost {
  readonly unit: string
  readonly amount: string
}

/** `GET /v1/anchors`: an anchor as it stands. Times are ISO times. */
export interface Standing {
  readonly anchor: string
  readonly kind: string
  /** False where the settings hold it no longer. */
  readonly on: boolean
  readonly since: string
  readonly first: number
  readonly last: number | null
  readonly counts: Readonly<Record<'pending' | 'submitted' | 'included' | 'final' | 'dead', number>>
  readonly newestFinal: number | null
  readonly provenTo: string | null
  readonly waiting: { readonly number: number; readonly since: string } | null
  readonly gap: { readonly number: number; readonly seconds: number } | null
  readonly costs: readonly Cost[]
}

/** One statement's way into one anchor. */
export interface Progress {
  readonly anchor: string
  readonly phase: 'pending' | 'submitted' | 'included' | 'final'
  readonly queuedAt: string
  readonly nextLook: string | null
  readonly finalAt: string | null
  readonly failing: {
    readonly since: string
    readonly tries: number
    readonly code: string
    readonly what: string
  } | null
  readonly dead: { readonly at: string; readonly code: string; readonly what: string } | null
  readonly costs: readonly Cost[]
}

export interface AnchorsAnswer {
  readonly anchors: readonly Standing[]
  readonly items: readonly { readonly number: number; readonly anchors: readonly Progress[] }[]
  readonly next: string | null
}

/** `GET /statements`: one that the log made. */
export interface Stated {
  readonly number: number
  readonly start: string
  readonly end: string
  /** Periods that it stands for. */
  readonly covers: number
  readonly size: number
  readonly chains: number
  readonly time: string
}

export interface StatementsAnswer {
  readonly items: readonly Stated[]
  readonly next: string | null
}

/** A statement with its way into the anchors. */
export interface Anchored extends Stated {
  readonly anchors: readonly Progress[]
}
