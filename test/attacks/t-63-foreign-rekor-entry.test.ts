import { rekorAnchor } from '@countersign/adapters/anchor-rekor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Code } from '@countersign/core'
import type { HashedRekord, RekorAnchor } from '@countersign/formats/anchor'
import { type RekorTrust, verifyRekor } from '@countersign/verify/anchors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalRekor, otherRecord, type RekorMode, startLocalRekor } from '../anchors/local-rekor.ts'
import { drive, move, p256Signer, parsed, statementOf } from '../anchors/rekor-kit.ts'

// T-63: an entry that really is in the log, and is about something else (CVE-2022-36056, CVE-2026-22703). Every proof
// here is sound up to the checkpoint: what refuses it is that digest, signature and key are compared.

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const statement = statementOf()
const signer = p256Signer()
const other = p256Signer()
let log: LocalRekor
let honest: HashedRekord

beforeAll(async () => {
  log = await startLocalRekor({ filled: 9 })
  const anchor = rekorAnchor({ services: [log.service], signer, trust: log.trust, crypto: nodeCrypto })
  honest = parsed((await drive(anchor)).proof!).entry.record
})
afterAll(() => log.close())

/** Whatever somebody had put into the log, with a proof that it is there. */
function provenEntry(record: HashedRekord, named = statement.digests.sha256): RekorAnchor {
  return { kind: 'rekor', statement: named, entry: log.prove(log.put('0.0.2', record)) }
}

const verify = (anchor: RekorAnchor, trust: RekorTrust = log.trust) => verifyRekor(anchor, statement, trust, nodeCrypto)
const pinned = () => ({ ...log.trust, signers: [signer.publicKey] })

describe('T-63: an entry in the log', () => {
  test('of this digest, signature and key is the statement’s', () => {
    expect(verify(provenEntry(honest)).by).toBe('rekor.example')
    expect(verify(provenEntry(honest), pinned()).by).toBe('rekor.example')
  })

  test('of another digest is not, whatever the proof says it is of', () => {
    const foreign = otherRecord()
    expect(() => verify(provenEntry(foreign))).toThrow(coded('anchor-mismatch'))
    expect(() => verify(provenEntry(foreign, foreign.digest))).toThrow(coded('anchor-mismatch'))
    expect(() => verify(provenEntry(honest, foreign.digest))).toThrow(coded('anchor-mismatch'))
    const { digest } = otherRecord()
    expect(() => verify(provenEntry({ ...honest, digest }))).toThrow(coded('anchor-mismatch'))
  })

  test('of this digest under a signature over something else is not', async () => {
    const { signature } = otherRecord()
    expect(() => verify(provenEntry({ ...honest, signature }))).toThrow(coded('anchor-unproven'))
    const theirs = await signer.sign(statementOf(1).text)
    expect(() => verify(provenEntry({ ...honest, signature: theirs }))).toThrow(coded('anchor-unproven'))
  })

  test('under another key is not, and under another key that did sign only where no key is pinned', async () => {
    expect(() => verify(provenEntry({ ...honest, publicKey: other.publicKey }))).toThrow(coded('anchor-unproven'))
    const copied = { ...honest, publicKey: other.publicKey, signature: await other.sign(statement.text) }
    expect(verify(provenEntry(copied)).by).toBe('rekor.example')
    expect(() => verify(provenEntry(copied), pinned())).toThrow(coded('anchor-untrusted'))
  })

  test('whose facts were exchanged beside the leaf is not: the leaf is what they give', () => {
    const foreign = provenEntry(otherRecord())
    const dressed = { ...foreign, entry: { ...foreign.entry, record: honest } }
    expect(() => verify(dressed)).toThrow(coded('anchor-mismatch'))
    // With the leaf exchanged too, it is in no log.
    const body = provenEntry(honest).entry.body
    expect(() => verify({ ...dressed, entry: { ...dressed.entry, body } })).toThrow(coded('anchor-unproven'))
  })
})

describe('T-63: a log that answers with', () => {
  test.each<[RekorMode, string]>([
    ['wrong-entry', 'anchor-mismatch'],
    ['wrong-signer', 'anchor-untrusted'],
    ['other-log', 'anchor-unproven'],
    ['wrong-root', 'anchor-unproven'],
    ['wrong-path', 'anchor-unproven'],
    ['garbage', 'anchor-invalid'],
  ])('%s: nothing is stored, and the statement stays', async (mode, why) => {
    const liar = await startLocalRekor({ filled: 3 })
    try {
      const anchor = rekorAnchor({ services: [liar.service], signer, trust: liar.trust, crypto: nodeCrypto })
      const { state } = await move(anchor)
      liar.mode = mode
      const refused = (await move(anchor, state).catch((cause: unknown) => cause)) as Error
      expect(refused).toEqual(coded('anchor-refused'))
      expect(refused.message).toContain(why)
      // Put back by a person, once the log tells the truth.
      liar.mode = 'honest'
      const { proof } = await drive(anchor, state)
      expect(verify(parsed(proof!), liar.trust).by).toBe('rekor.example')
    } finally {
      await liar.close()
    }
  })
})
