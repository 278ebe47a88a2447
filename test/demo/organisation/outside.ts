import { rekorAnchor } from '@countersign/adapters/anchor-rekor'
import { rfc3161Anchor } from '@countersign/adapters/anchor-rfc3161'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { AnchorLane } from '@countersign/anchor'
import { parseCertificate } from '@countersign/formats/x509'
import type { SetUpAnchor } from '../../../server/verbs/anchors.ts'
import { type LocalRekor, startLocalRekor } from '../../anchors/local-rekor.ts'
import { type LocalTsa, startLocalTsa } from '../../anchors/local-tsa.ts'
import { p256Signer } from '../../anchors/rekor-kit.ts'
import type { WalkingClock } from './clock.ts'

const DAY = 86_400_000
/** Nights on which the authority does not answer; it makes up for them afterwards. */
const AWAY: ReadonlySet<number> = new Set([16, 17])
/** Looks that a statement takes at most until it is proven. */
const LOOKS = 3
const BETWEEN = 70_000

/** Who vouches for the log from outside: a Rekor log and a timestamp authority of this machine, by the same clock. */
export class Outside {
  readonly anchors: readonly SetUpAnchor[]
  readonly #clock: WalkingClock
  readonly #rekor: LocalRekor
  readonly #tsa: LocalTsa

  private constructor(clock: WalkingClock, rekor: LocalRekor, tsa: LocalTsa, anchors: readonly SetUpAnchor[]) {
    this.anchors = anchors
    this.#clock = clock
    this.#rekor = rekor
    this.#tsa = tsa
  }

  static async open(clock: WalkingClock): Promise<Outside> {
    const now = () => clock.now()
    const [rekor, tsa] = await Promise.all([startLocalRekor({ now }), startLocalTsa({ clock: now })])
    const signer = p256Signer()
    const byRekor = rekorAnchor({ services: [rekor.service], signer, trust: rekor.trust, crypto: nodeCrypto })
    const root = parseCertificate(tsa.root, 'anchor-invalid')
    const byAuthority = rfc3161Anchor({ name: 'orchard', url: tsa.url, pinned: [root], crypto: nodeCrypto })
    const anchors = [byRekor, byAuthority].map((anchor) => ({ anchor, alarmAfter: 2 * DAY }))
    return new Outside(clock, rekor, tsa, anchors)
  }

  /** Has the newest statement proven, so many days into the month. */
  async prove(day: number, lanes: readonly AnchorLane[]): Promise<void> {
    this.#tsa.lie(AWAY.has(day) ? 'unavailable' : null)
    for (let look = 0; look < LOOKS; look += 1) {
      await Promise.all(lanes.map((lane) => lane.run(true)))
      await this.#clock.until(this.#clock.now() + BETWEEN)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#rekor.close(), this.#tsa.close()])
  }
}
