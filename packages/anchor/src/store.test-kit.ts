import { CodedError } from '@countersign/core'
import type { AnchorPhase } from './anchor.ts'
import {
  addCosts,
  type AnchorEntry,
  type AnchorSetUp,
  type AnchorStore,
  type AnchorTotals,
  checkStep,
  queued,
  revived,
} from './store.ts'

/** A store that forgets with its process: the plainest there is. */
export function memoryAnchorStore(): AnchorStore {
  const anchors = new Map<string, AnchorSetUp & { costs: AnchorTotals['costs'] }>()
  const entries = new Map<string, { entry: AnchorEntry; proof: Uint8Array | null }>()
  const keyOf = (anchor: string, number: number) => `${number} ${anchor}`
  const its = (anchor: string) =>
    [...entries.values()]
      .map(({ entry }) => entry)
      .filter((entry) => entry.anchor === anchor)
      .toSorted((a, b) => a.number - b.number)
  const setUpOf = (name: string) => {
    const held = anchors.get(name)
    if (held === undefined) throw new CodedError('internal', `${name} is not set up`)
    return held
  }
  const of = (number: number) =>
    [...entries.values()]
      .map(({ entry }) => entry)
      .filter((entry) => entry.number === number)
      .toSorted((a, b) => (a.anchor < b.anchor ? -1 : 1))
  const totalsOf = (set: AnchorSetUp & { costs: AnchorTotals['costs'] }): AnchorTotals => {
    const all = its(set.name)
    const count = (phase: AnchorPhase) => all.filter((it) => it.dead === null && it.state.phase === phase).length
    const open = all.filter(({ state }) => state.phase !== 'final')
    const final = all.findLast(({ state }) => state.phase === 'final')
    return {
      ...set,
      last: all.at(-1)?.number ?? null,
      counts: {
        pending: count('pending'),
        submitted: count('submitted'),
        included: count('included'),
        final: count('final'),
        dead: all.filter(({ dead }) => dead !== null).length,
      },
      newestFinal: final === undefined ? null : { number: final.number, at: final.finalAt! },
      waiting: open.length === 0 ? null : { number: open[0]!.number, queuedAt: open[0]!.queuedAt },
    }
  }
  return {
    async setUp(anchor) {
      const held = anchors.get(anchor.name)
      if (held !== undefined && held.kind !== anchor.kind) {
        throw new CodedError('usage', `the anchor ${anchor.name} was of kind ${held.kind}`)
      }
      if (held === undefined) anchors.set(anchor.name, { ...anchor, costs: [] })
    },
    async enqueue(anchor, newest, at) {
      const { first } = setUpOf(anchor)
      for (let number = (its(anchor).at(-1)?.number ?? first - 1) + 1; number <= newest; number++) {
        entries.set(keyOf(anchor, number), { entry: queued(anchor, number, at), proof: null })
      }
    },
    unfinished: async (anchor) => its(anchor).filter(({ state }) => state.phase !== 'final'),
    async save(step) {
      checkStep(step)
      const { entry, proof, spent } = step
      const key = keyOf(entry.anchor, entry.number)
      const held = entries.get(key)
      if (held !== undefined && JSON.stringify(held.entry) === JSON.stringify(entry)) return
      if (held?.entry.revision !== entry.revision - 1 || held.entry.state.phase === 'final') {
        throw new CodedError('checkpoint-conflict', `another move of statement ${entry.number} was written`)
      }
      const set = setUpOf(entry.anchor)
      anchors.set(entry.anchor, { ...set, costs: addCosts(set.costs, spent) })
      entries.set(key, { entry: structuredClone(entry), proof: proof === null ? null : new Uint8Array(proof) })
    },
    async revive(anchor, number, at) {
      const held = entries.get(keyOf(anchor, number))
      if (held === undefined) return null
      if (held.entry.dead !== null) held.entry = revived(held.entry, at)
      return held.entry
    },
    totals: async () => [...anchors.values()].map(totalsOf).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    async statements(limit, before) {
      const numbers = [...new Set([...entries.values()].map(({ entry }) => entry.number))]
        .filter((number) => before === null || number < before)
        .toSorted((a, b) => b - a)
        .slice(0, limit)
      return numbers.map((number) => ({ number, entries: of(number) }))
    },
    of: async (number) => of(number),
    async proof(anchor, number) {
      const proof = entries.get(keyOf(anchor, number))?.proof ?? null
      return proof === null ? null : new Uint8Array(proof)
    },
  }
}
