import { randomBytes } from 'node:crypto'
import { portableCrypto } from '@countersign/core/portable'
import {
  type AttestationLeaf,
  blindChain,
  commitmentOf,
  parseCheckpoint,
  type Receipt,
  receiptOf,
  type TombstoneLeaf,
  tombstoneProof,
  type Withheld,
  withheldOf,
  writeLeaf,
  writeOpening,
  writeUnopened,
} from '@countersign/formats'
import { naive, SHA256 } from '../packages/merkle/src/naive.test-kit.ts'
import { at, committedBy, type Party, type Signed, signCheckpoint } from './pipeline.ts'

/** A server's log of some steps, each provable under its one checkpoint. */
export interface TestLog {
  readonly receipts: readonly Receipt[]
  /** What stands for a step that is not shown; `more` bends what it says. */
  withheld(step: Pick<Signed, 'link'>, more?: BentWithheld): Withheld
}

export interface BentWithheld {
  /** Of which leaf, where not of the step's own. */
  readonly index?: number
  readonly link?: string
  readonly chain?: string
  /** Which tombstone, by its place among those that were made; left out, the step's own if there is one. */
  readonly tombstone?: number | null
}

/** `erased`: places of steps, and why. `signedBy`: whose signature is on the checkpoint. `after`: entries that come behind. */
export function logOf(
  server: Party,
  steps: readonly Signed[],
  more: {
    readonly erased?: readonly { readonly index: number; readonly ground: string }[]
    readonly signedBy?: Party
  } = {},
): TestLog {
  const blinds = new Map<string, Uint8Array>()
  const opened = steps.map(({ bundle, link, statement: { predicate } }, seq) => {
    const { id } = predicate.chain
    const blind = blinds.get(id) ?? new Uint8Array(randomBytes(32))
    blinds.set(id, blind)
    const salt = new Uint8Array(randomBytes(32))
    const { digest: signer, ...committed } = committedBy(bundle)
    const leaf: AttestationLeaf = {
      kind: 'attestation',
      acceptedAt: at(seq + 1),
      chain: { id: blindChain(blind, id, portableCrypto), seq },
      commitment: commitmentOf(salt, committed, portableCrypto),
      late: false,
    }
    return { link, chain: id, leaf, signer, salt, blind }
  })
  const graves = (more.erased ?? []).map(
    ({ index, ground }): TombstoneLeaf => ({ kind: 'tombstone', at: at(steps.length + 1), erased: index, ground }),
  )
  const entries = [...opened.map(({ leaf }) => leaf), ...graves].map(writeLeaf)
  const tree = naive(entries, SHA256)
  const size = entries.length
  const checkpoint = parseCheckpoint(signCheckpoint(server, more.signedBy ?? server, size, tree.root(size)))
  const placeOf = (index: number) => ({ index, hashes: tree.path(index, size), checkpoint })
  return {
    receipts: opened.map(({ link, leaf, signer, salt, blind }, i) =>
      receiptOf({ ...placeOf(i), extra: writeOpening({ link, leaf, signer, salt, blind }) }),
    ),
    withheld({ link }, bent = {}) {
      const index = bent.index ?? opened.findIndex((one) => one.link === link)
      const { chain, leaf, blind } = opened[index]!
      const unopened = { link: bent.link ?? link, chain: bent.chain ?? chain, leaf, blind }
      const own = graves.findIndex(({ erased }) => erased === index)
      const grave = bent.tombstone === undefined ? own : (bent.tombstone ?? -1)
      const tombstone = grave < 0 ? null : tombstoneProof(graves[grave]!, placeOf(steps.length + grave))
      return withheldOf({ ...placeOf(index), extra: writeUnopened(unopened) }, tombstone)
    },
  }
}
