import type { Change, Fault } from '@countersign/contract'
import type { ErrorReport } from '@countersign/core'

/** What the worker is asked. Texts are contracts in YAML; null: none is in force. */
export type LabAsked =
  | { readonly kind: 'lint'; readonly draft: string; readonly inForce: string | null }
  | {
      readonly kind: 'replay'
      readonly draft: string
      readonly inForce: string | null
      /** Chain id. */
      readonly run: string
      /** Its chain file. */
      readonly chain: Uint8Array
    }

/** What is wrong with a draft, and what it changes. */
export interface Linted {
  /** None: it is a contract. */
  readonly faults: readonly Fault[]
  /** What is no fault, and can hardly be meant. */
  readonly advice: readonly Fault[]
  /** Against the one in force; null where there is none, or the draft has faults. */
  readonly changes: readonly Change[] | null
  readonly pipeline: string | null
  readonly revision: number | null
  readonly steps: readonly string[]
}

/** What both contracts say of one run. */
export interface LabReplayed {
  readonly run: string
  /** Under the one in force; null where there is none. */
  readonly before: Judged | null
  readonly after: Judged
}

export interface Judged {
  readonly passed: boolean
  readonly findings: readonly ErrorReport[]
}

export interface LabAnswers {
  readonly lint: Linted
  readonly replay: LabReplayed
}

export type LabMessage =
  | { readonly id: number; readonly answer: LabAnswers[keyof LabAnswers] }
  | { readonly id: number; readonly report: ErrorReport }
