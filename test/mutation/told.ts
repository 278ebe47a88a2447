/** How often each mutant was reached. */
export type Hits = Record<string, number>

/** What the tests reach, without a change. */
export interface Coverage {
  readonly cases: Readonly<Record<string, { readonly ms: number; readonly passes: boolean }>>
  /** The tests of each suite; a file is one too. */
  readonly suites: Readonly<Record<string, readonly string[]>>
  /** Reached when the sources are loaded. */
  readonly early: Hits
  /** By a test, or by what a suite prepares. */
  readonly hits: Readonly<Record<string, Hits>>
}

export type Asked =
  | {
      readonly kind: 'load'
      /** Where the text of each source is that stands in its place, by the path of the source. */
      readonly sources: Readonly<Record<string, string>>
      readonly tests: readonly string[]
      /** The change that is there from the beginning. */
      readonly active: string | null
    }
  | { readonly kind: 'cover' }
  | { readonly kind: 'try'; readonly mutant: string; readonly tests: readonly string[]; readonly limit: number }
  | { readonly kind: 'try-loaded'; readonly tests: readonly string[] }

export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loaded'; readonly error: string | null }
  | { readonly kind: 'covered'; readonly coverage: Coverage }
  | {
      readonly kind: 'tried'
      /** The test that failed. */
      readonly by: string | null
      /** It fails now without the change, too. */
      readonly spoilt: boolean
    }
