import type { Anchor, AnchorCost, AnchorMove, AnchorState } from '@countersign/anchor'
import { utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape, statementDigests, writeLogStatement } from '@countersign/formats'
import { type EthereumAnchor, readEthereum } from '@countersign/formats/anchor'
import { parseJson } from '@countersign/core'

export const ORIGIN = 'example.com/behind-the-sofa'
const DAY = 86_400_000
const START = Date.UTC(2026, 10, 1)

/** A statement of a log, as an anchor gets it and a verifier has it. */
export function statementOf(number: number) {
  const at = (days: number) => new Date(START + days * DAY).toISOString()
  const hash = (byte: number) => new Uint8Array(32).fill(byte)
  const text = writeLogStatement({
    origin: ORIGIN,
    number,
    start: at(number),
    end: at(number + 1),
    covers: 1,
    size: number + 1,
    sha256: hash(1),
    sha3_256: hash(2),
    heads: { count: 1, root: hash(3) },
    previous: number === 0 ? null : { sha256: hash(4), sha3_256: hash(5) },
    time: at(number + 1),
  })
  return { text: utf8(text), digests: statementDigests(text, portableCrypto) }
}

export const PENDING: AnchorState = { phase: 'pending', memo: null }

/** One statement on its way: keeps what is durable, as the driver does, and can forget the last move, as a crash does. */
export class Way {
  readonly anchor: Anchor
  readonly number: number
  now: number
  state: AnchorState = PENDING
  others: readonly Way[] = []
  readonly costs: AnchorCost[] = []
  proof: Uint8Array | null = null

  constructor(anchor: Anchor, number: number, now = Date.UTC(2026, 10, 21)) {
    this.anchor = anchor
    this.number = number
    this.now = now
  }

  /** A move that a crash loses. */
  async lost(): Promise<AnchorMove> {
    const others = this.others.filter((way) => way.state.phase !== 'final').map((way) => way.state)
    const { text } = statementOf(this.number)
    return this.anchor.move({ number: this.number, text, state: stored(this.state), others, now: this.now })
  }

  async move(): Promise<AnchorState['phase']> {
    const move = await this.lost()
    this.state = stored(move.state)
    this.costs.push(...move.costs)
    this.proof = move.proof
    return this.state.phase
  }
}

/** As it comes back from where it is kept. */
function stored(state: AnchorState): AnchorState {
  return JSON.parse(JSON.stringify(state)) as AnchorState
}

/** A proof out of its bytes. */
export function readProof(bytes: Uint8Array): EthereumAnchor {
  return readEthereum(new Shape('anchor-invalid', parseJson(bytes), 'the anchor'))
}
