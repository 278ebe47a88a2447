import { createHash, randomBytes } from 'node:crypto'
import { CodedError, hex } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  type AttestationLeaf,
  blindChain,
  type Coverage,
  commitmentOf,
  type LogStatement,
  parseCheckpoint,
  parseLogStatement,
  type Receipt,
  receiptOf,
  type SignedLogStatement,
  statementDigests,
  type Withheld,
  withhold,
  writeLeaf,
  writeLogStatement,
  writeNote,
  writeOpening,
} from '@countersign/formats'
import type { AnchorKind } from '@countersign/formats/anchor'
import type { AnchorClaim, AnchorProved } from '@countersign/verify/anchors'
import { sign } from 'node:crypto'
import { naive, SHA256 } from '../packages/merkle/src/naive.test-kit.ts'
import { at, committedBy, logKeyOf, type Party, type Signed, signCheckpoint } from './pipeline.ts'

const SHA3 = { size: 32, hash: (bytes: Uint8Array) => portableCrypto.sha3_256(bytes) }

/** A proof of which a test says itself what it proves. */
export interface ToyAnchor extends AnchorClaim {
  readonly proves: AnchorProved | CodedError
}

/** Proves what a toy says. */
export function proveToy({ proves }: ToyAnchor): AnchorProved {
  if (proves instanceof CodedError) throw proves
  return proves
}

export function toyAnchor(
  kind: AnchorKind,
  statement: SignedLogStatement,
  more: Partial<AnchorProved> = {},
): ToyAnchor {
  const proves = { kind, by: `${kind}.example`, at: '1', time: at(30), within: 0, trusted: ['its key'], ...more }
  return { kind, statement: idOf(statement), proves }
}

export function idOf({ note }: SignedLogStatement): string {
  return hex(statementDigests(note.text, portableCrypto).sha256)
}

/** A server's log that tests grow, state and prove as they like, honestly or not. */
export class StatedLog {
  readonly #server: Party
  readonly #leaves: {
    readonly link: string
    readonly chain: string
    readonly leaf: AttestationLeaf
    readonly signer: string
    readonly salt: Uint8Array
    readonly blind: Uint8Array
  }[] = []
  readonly #filler: number
  readonly statements: SignedLogStatement[] = []

  /** `before`: entries of others that come first. */
  constructor(server: Party, before = 0) {
    this.#server = server
    this.#filler = before
  }

  get size(): number {
    return this.#filler + this.#leaves.length
  }

  #entries(size: number): Uint8Array[] {
    const others = Array.from(
      { length: this.#filler },
      (_, i) => new Uint8Array(createHash('sha256').update(`${i}`).digest()),
    )
    return [...others, ...this.#leaves.map(({ leaf }) => writeLeaf(leaf))].slice(0, size)
  }

  append({ bundle, link, statement: { predicate } }: Signed, acceptedAt: string): void {
    const [salt, blind] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))]
    const { digest: signer, ...committed } = committedBy(bundle)
    const leaf: AttestationLeaf = {
      kind: 'attestation',
      acceptedAt,
      chain: { id: blindChain(blind, predicate.chain.id, portableCrypto), seq: this.#leaves.length },
      commitment: commitmentOf(salt, committed, portableCrypto),
      late: false,
    }
    this.#leaves.push({ link, chain: predicate.chain.id, leaf, signer, salt, blind })
  }

  /** The receipt of a step under a checkpoint of `size` entries. */
  receipt({ link }: Pick<Signed, 'link'>, size = this.size): Receipt {
    const place = this.#leaves.findIndex((one) => one.link === link)
    const { leaf, signer, salt, blind } = this.#leaves[place]!
    const tree = naive(this.#entries(size), SHA256)
    const index = this.#filler + place
    const checkpoint = parseCheckpoint(signCheckpoint(this.#server, this.#server, size, tree.root(size)))
    return receiptOf({
      extra: writeOpening({ link, leaf, signer, salt, blind }),
      index,
      hashes: tree.path(index, size),
      checkpoint,
    })
  }

  withheld(step: Pick<Signed, 'link'>): Withheld {
    return withhold(this.receipt(step), this.#leaves.find(({ link }) => link === step.link)!.chain)
  }

  /** States the log as it is, `time` and all; `more` bends what it says. */
  state(time: string, more: Partial<LogStatement> = {}, by: Party = this.#server): SignedLogStatement {
    const before = this.statements.at(-1) ?? null
    const { size } = this
    const entries = this.#entries(size)
    const statement: LogStatement = {
      origin: this.#server.name,
      number: before === null ? 0 : before.number + 1,
      start: before?.end ?? new Date(Date.parse(time) - 86_400_000).toISOString(),
      end: time,
      covers: 1,
      size,
      sha256: naive(entries, SHA256).root(size),
      sha3_256: naive(entries, SHA3).root(size),
      heads: { count: 1, root: new Uint8Array(32) },
      previous: before === null ? null : statementDigests(before.note.text, portableCrypto),
      time,
      ...more,
    }
    const text = writeLogStatement(statement)
    const { name, keyId } = logKeyOf(this.#server)
    const signature = new Uint8Array(sign(null, new TextEncoder().encode(text), by.privateKey))
    const signed = parseLogStatement(writeNote({ text, signatures: [{ name, keyId, signature }] }))
    this.statements.push(signed)
    return signed
  }

  /** That a statement covers the entry of a step. */
  cover({ link }: Pick<Signed, 'link'>, statement: SignedLogStatement): Coverage {
    const index = this.#filler + this.#leaves.findIndex((one) => one.link === link)
    const entries = this.#entries(statement.size)
    return {
      statement: idOf(statement),
      index,
      sha256: naive(entries, SHA256).path(index, statement.size),
      sha3_256: naive(entries, SHA3).path(index, statement.size),
    }
  }
}
