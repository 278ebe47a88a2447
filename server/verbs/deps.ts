import type { ConcurrentCrypto } from '@countersign/core'
import type { TokenCrypto } from '@countersign/identity'
import type { Events } from '../events/events.ts'
import type { Store } from '../store.ts'
import type { Metrics } from '../metrics.ts'
import type { IssuerKeySource } from './admit-token.ts'
import type { Anchors } from './anchors.ts'
import type { AnchorBelief } from './chain-anchors.ts'
import type { Confirmations } from './confirm-token.ts'
import type { IssuerRules } from './issuer-rules.ts'
import type { Authority } from '../ca-keys.ts'
import type { Issuing } from './issue-certificate.ts'
import type { GateParts } from './chain-reading.ts'
import type { Log } from './log.ts'
import type { SignIns } from '../sign-in.ts'
import type { Packs } from './packs.ts'
import type { Sequencer } from './sequencer.ts'
import type { Statements } from './statements.ts'
import type { VerifiedCache } from './verified-cache.ts'

/** What the verbs work with; put together once, in main. */
export interface Deps {
  readonly store: Store
  readonly sequencer: Sequencer
  readonly verified: VerifiedCache
  /** What the gate judges by, and signs with. */
  readonly gate: GateParts
  readonly log: Log
  readonly statements: Statements
  readonly anchors: Anchors
  /** Who is believed about them. */
  readonly anchorBelief: AnchorBelief
  /** Who is told of what happens, and how. */
  readonly events: Events
  /** What its authority certifies with. */
  readonly issuing: Issuing
  /** Its authorities, the one that issues first. */
  readonly authorities: readonly [Authority, ...Authority[]]
  /** How often the log makes a statement; milliseconds, counted from 1970 UTC. */
  readonly statementPeriod: number
  readonly crypto: ConcurrentCrypto
  readonly issuerRules: IssuerRules
  readonly issuerKeys: IssuerKeySource
  readonly tokenCrypto: TokenCrypto
  /** Periods that are handed to auditors. */
  readonly packs: Packs
  /** Who says who people are. */
  readonly signIns: SignIns
  /** The providers that are asked about runs. */
  readonly confirmations: Confirmations
  /** Name of this server's log. */
  readonly origin: string
  readonly version: string
  /** Where clients reach it, without a slash at its end; null for wherever a request came. */
  readonly publicUrl: string | null
  readonly metrics: Metrics
  /** ISO time. */
  readonly now: () => string
}
