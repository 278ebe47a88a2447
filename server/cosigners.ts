import type { Logger } from 'pino'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { NoteKey } from '@countersign/formats'
import type { EventStore } from './event-store.ts'
import type { Metrics } from './metrics.ts'
import type { Witnesses } from './verbs/witnesses.ts'
import { openWitnesses } from './witness-policy.ts'

export interface CosignersInput {
  readonly file: string
  readonly origin: string
  /** Every key that the log's signatures may be of. */
  readonly keys: readonly NoteKey[]
  readonly metrics: Metrics
  readonly logger: Logger
  readonly events: Pick<EventStore, 'noticeLog'>
  /** ISO time. */
  readonly now: () => string
}

/** The witnesses of a policy, and who is told how it goes with them. */
export function cosigners({ file, origin, keys, metrics, logger, events, now }: CosignersInput): Witnesses {
  const failing = new Set<string>()
  return openWitnesses({
    file,
    origin,
    keys: [...keys],
    crypto: nodeCrypto,
    observe(event) {
      metrics.witnessed(event)
      const { name, outcome, error, size } = event
      if (outcome === 'conflict') {
        logger.error({ witness: name, size, err: error }, 'a witness disagrees')
        const facts = { witness: name, size, code: error?.code ?? 'witness-conflict', what: error?.what ?? '' }
        events
          .noticeLog({ kind: 'log.fork', about: `${name} ${size}`, at: now(), facts })
          .catch((err: unknown) => logger.error({ err }, 'a fork of the log could not be noticed'))
      }
      // Said once, and once more when it is over.
      else if (outcome === 'failed' && !failing.has(name)) logger.warn({ witness: name, err: error }, 'a witness fails')
      else if (outcome === 'cosigned' && failing.has(name)) logger.info({ witness: name }, 'a witness cosigns again')
      if (outcome === 'cosigned') failing.delete(name)
      else failing.add(name)
    },
  })
}
