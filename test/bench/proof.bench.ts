import { LOCAL_TENANT } from '../../server/first-run.ts'
import { filledLog } from './filled-log.ts'
import { type Bench, middle } from './row.ts'

const SIZES = [10_000, 100_000, 1_000_000]
const ROUNDS = 11
const PROOFS = 200

/**
 * The proof of a random entry of a log of 10⁶, read from its tiles and verified as it is for every request; beside the
 * same in a log of 10⁴. In turns, so that whatever else the machine does meanwhile falls on all.
 */
export default {
  name: 'proof',
  async run() {
    const filled = []
    for (const size of SIZES) filled.push(await filledLog(size))
    const opened = await Promise.all(filled.map((one) => one.open()))
    const rounds: number[][] = []
    // The first warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      rounds.push(
        filled.map((one, i) => {
          const links = Array.from({ length: PROOFS }, () => one.link(Math.floor(Math.random() * one.entries)))
          const begun = performance.now()
          for (const link of links) if (opened[i]!.log.prove(LOCAL_TENANT, link) === null) throw new Error('no proof')
          return (1000 * (performance.now() - begun)) / PROOFS
        }),
      )
    }
    for (const { close } of opened) await close()
    const [limit, between, value] = SIZES.map((_, i) => middle(rounds.slice(1).map((round) => round[i]!)))
    const factor = value! / limit!
    return {
      name: 'proof',
      value: value!,
      unit: 'µs',
      limit: limit!,
      ratio: limit! / value!,
      target: `at 10⁶ entries ≤ 2 × that at 10⁴ (${factor.toFixed(2)} ×; at 10⁵ ${(between! / limit!).toFixed(2)} ×)`,
      held: factor <= 2,
    }
  },
} satisfies Bench
