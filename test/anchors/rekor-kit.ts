import { generateKeyPairSync, sign } from 'node:crypto'
import type { Anchor, AnchorJob, AnchorMove, AnchorState } from '@countersign/anchor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseJson, parsePublicKey, utf8 } from '@countersign/core'
import { Shape, statementDigests, writeLogStatement } from '@countersign/formats'
import { readRekor, type RekorAnchor } from '@countersign/formats/anchor'
import type { Signer } from '@countersign/sign'
import { type RekorTrust, verifyRekor } from '@countersign/verify/anchors'

/** The statement of a day, with its hashes. */
export function statementOf(number = 0) {
  const day = (n: number) => new Date(Date.UTC(2026, 10, 19 + n)).toISOString()
  const text = writeLogStatement({
    origin: 'log.example/test',
    number,
    start: day(number),
    end: day(number + 1),
    covers: 1,
    size: 300 + number,
    sha256: new Uint8Array(32).fill(1),
    sha3_256: new Uint8Array(32).fill(2),
    heads: { count: 7, root: new Uint8Array(32).fill(3) },
    previous: number === 0 ? null : statementOf(number - 1).digests,
    time: day(number + 1),
  })
  return { text: utf8(text), digests: statementDigests(text, nodeCrypto) }
}

/** A key for Rekor, which counts how often it signed. */
export function p256Signer(): Signer & { signed: number } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const signer = {
    key: { kind: 'publicKey' as const, hint: publicKey.keyId },
    publicKey,
    signed: 0,
    async sign(bytes: Uint8Array) {
      signer.signed++
      return new Uint8Array(sign('sha256', bytes, pair.privateKey))
    },
  }
  return signer
}

export const START: AnchorState = { phase: 'pending', memo: null }

export function jobOf(state: AnchorState = START, number = 0, now = Date.UTC(2026, 10, 20)): AnchorJob {
  return { number, text: statementOf(number).text, state, others: [], now }
}

/** One move; what is kept of it has gone through JSON, as through a store. */
export async function move(anchor: Anchor, state: AnchorState = START, number = 0, now?: number): Promise<AnchorMove> {
  const done = await anchor.move(jobOf(state, number, now))
  return { ...done, state: JSON.parse(JSON.stringify(done.state)) as AnchorState }
}

/** Moves until it is final; throws where that takes more than `most` moves. */
export async function drive(anchor: Anchor, state: AnchorState = START, number = 0, most = 10): Promise<AnchorMove> {
  for (let at = state, i = 0; i < most; i++) {
    const done = await move(anchor, at, number)
    if (done.state.phase === 'final') return done
    at = done.state
  }
  throw new Error(`not final after ${most} moves`)
}

export function parsed(proof: Uint8Array): RekorAnchor {
  return readRekor(new Shape('anchor-invalid', parseJson(proof), 'anchor'))
}

/** What a verifier says of a proof. */
export function proved(proof: Uint8Array, trust: RekorTrust, number = 0) {
  return verifyRekor(parsed(proof), statementOf(number), trust, nodeCrypto)
}
