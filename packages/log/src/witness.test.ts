import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Code, CodedError, equal, fromUtf8, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  type NoteSignature,
  parseAddCheckpoint,
  parseCheckpoint,
  parseSignatureLines,
  readCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
  writeAddCheckpoint,
  writeNote,
} from '@countersign/formats'
import { addCheckpoint, type Fork, type WitnessDeps } from './index.ts'
import { HASHES, logSigner, rootsOfEntries, type StoredLog, storedLog } from './stored.test-kit.ts'
import { checkpointAt, memoryLock, proofFrom, TIME, witnessOf, witnessSigner } from './witness.test-kit.ts'

const ORIGIN = 'log.example/a'
const signer = logSigner(ORIGIN)
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

function logOf(...names: readonly string[]): StoredLog {
  const log = storedLog()
  log.add(names.map((name) => utf8(name)))
  return log
}
const SEVEN = ['1', '2', '3', '4', '5', '6', '7']
const honest = logOf(...SEVEN)
const forked = logOf('1', '2', 'other', '4', '5', '6', '7')

/** A request as the log would make it: from `old` to `size`. */
function request(log: StoredLog, old: number, size: number, by = signer): Uint8Array {
  const checkpoint = checkpointAt(log, by, size)
  const grown = storedLog()
  grown.add(log.entries.slice(0, size))
  return writeAddCheckpoint({ old, proof: old > size ? [] : proofFrom(grown, checkpoint)(old), checkpoint })
}

async function told(deps: WitnessDeps, body: Uint8Array): Promise<[number, string]> {
  const { status, type, body: answer } = await addCheckpoint(deps, body)
  if (status !== 200) return [status, type === 'text/x.tlog.size' ? `size ${fromUtf8(answer)}` : fromUtf8(answer)]
  return [status, opened(deps, parseAddCheckpoint(body).checkpoint, parseSignatureLines(answer))]
}

/** What a verifier reads from a cosigned checkpoint: who, and when. */
function opened(deps: WitnessDeps, { note }: SignedCheckpoint, lines: readonly NoteSignature[]): string {
  const cosigned = readCheckpoint({ text: note.text, signatures: [...note.signatures, ...lines] })
  const trust = { origin: ORIGIN, keys: deps.logs[0]!.keys, witnesses: [deps.key] }
  const { cosignedBy } = verifyCheckpoint(cosigned, trust, portableCrypto)
  expect(lines).toHaveLength(1)
  return cosignedBy.map(({ key, time }) => `${key.name} at ${time}`).join()
}

const COSIGNED = [200, `witness.example/w at ${TIME}`]
const size = (n: number) => [409, `size ${n}\n`]

describe('a witness', () => {
  test('cosigns what goes on from what it cosigned, and the same again', async () => {
    const witness = witnessOf(ORIGIN, [signer.key])
    expect(await told(witness, request(honest, 0, 0))).toEqual(COSIGNED)
    expect(await told(witness, request(honest, 0, 3))).toEqual(COSIGNED)
    expect(await told(witness, request(honest, 3, 3))).toEqual(COSIGNED)
    expect(await told(witness, request(honest, 3, 7))).toEqual(COSIGNED)
    const later = { ...witness, now: () => TIME + 60 }
    expect(await told(later, request(honest, 7, 7))).toEqual([200, `witness.example/w at ${TIME + 60}`])
  })

  test('may begin at any size', async () => {
    expect(await told(witnessOf(ORIGIN, [signer.key]), request(honest, 0, 7))).toEqual(COSIGNED)
  })

  test('tells its size to who does not know it (409)', async () => {
    const witness = witnessOf(ORIGIN, [signer.key])
    expect(await told(witness, request(honest, 3, 7))).toEqual(size(0))
    await told(witness, request(honest, 0, 3))
    expect(await told(witness, request(honest, 0, 7))).toEqual(size(3))
    expect(await told(witness, request(honest, 2, 7))).toEqual(size(3))
    // Positive control.
    expect(await told(witness, request(honest, 3, 7))).toEqual(COSIGNED)
  })

  test('never cosigns a smaller one', async () => {
    const witness = witnessOf(ORIGIN, [signer.key])
    await told(witness, request(honest, 0, 7))
    for (const smaller of [0, 1, 6]) {
      expect(await told(witness, request(honest, 0, smaller))).toEqual(size(7))
      expect(await told(witness, request(honest, smaller, smaller))).toEqual(size(7))
    }
  })

  test('never cosigns another root of one size, and keeps both as proof', async () => {
    const caught: Fork[] = []
    const witness = witnessOf(ORIGIN, [signer.key], { caught: (fork) => caught.push(fork) })
    await told(witness, request(honest, 0, 7))
    expect(await told(witness, request(forked, 7, 7))).toEqual([409, 'proof-invalid\n'])
    expect(await told(witness, request(forked, 0, 7))).toEqual(size(7))
    expect(caught).toHaveLength(2)
    const trust = { origin: ORIGIN, keys: [signer.key], witnesses: [] }
    for (const { cosigned, refused } of caught) {
      const [a, b] = [cosigned, refused].map((note) => verifyCheckpoint(parseCheckpoint(note), trust, portableCrypto))
      expect([a!.checkpoint.size, b!.checkpoint.size]).toEqual([7, 7])
      expect(equal(a!.checkpoint.root, b!.checkpoint.root)).toBe(false)
    }
    // Red control: one that has forgotten cosigns it.
    expect(await told({ ...witness, memory: memoryLock() }, request(forked, 0, 7))).toEqual(COSIGNED)
  })

  test('never cosigns what does not go on from it (422)', async () => {
    const witness = witnessOf(ORIGIN, [signer.key])
    await told(witness, request(honest, 0, 5))
    expect(await told(witness, request(forked, 5, 7))).toEqual([422, 'proof-invalid\n'])
    const good = checkpointAt(honest, signer, 7)
    const proof = proofFrom(honest, good)(5)
    for (const path of [[], proof.slice(1), [...proof, proof[0]!], proof.toReversed()]) {
      const body = writeAddCheckpoint({ old: 5, proof: path, checkpoint: good })
      expect(await told(witness, body)).toEqual([422, 'proof-invalid\n'])
    }
    expect(await told(witness, writeAddCheckpoint({ old: 5, proof, checkpoint: good }))).toEqual(COSIGNED)
    // A proof where none belongs.
    const again = writeAddCheckpoint({ old: 7, proof, checkpoint: good })
    expect(await told(witness, again)).toEqual([422, 'proof-invalid\n'])
    const first = writeAddCheckpoint({ old: 0, proof, checkpoint: good })
    expect(await told(witnessOf(ORIGIN, [signer.key]), first)).toEqual([422, 'proof-invalid\n'])
  })

  test('takes no leaves under no other root than that of none', async () => {
    const witness = witnessOf(ORIGIN, [signer.key])
    const bad = parseCheckpoint(signer.sign(0, rootsOfEntries([utf8('x')]).sha256))
    const body = writeAddCheckpoint({ old: 0, proof: [], checkpoint: bad })
    expect(await told(witness, body)).toEqual([422, 'proof-invalid\n'])
    expect(await told(witness, request(honest, 0, 0))).toEqual(COSIGNED)
    expect(await told(witness, body)).toEqual([422, 'proof-invalid\n'])
  })

  test('knows the logs it was told of, by their keys (403, 404)', async () => {
    const witness = witnessOf(ORIGIN, [signer.key])
    const other = logSigner('log.example/b')
    expect(await told(witness, request(honest, 0, 3, other))).toEqual([404, 'origin-mismatch\n'])
    expect(await told(witness, request(honest, 0, 3, logSigner(ORIGIN)))).toEqual([403, 'signer-unknown\n'])
    // Another log's key under this log's origin.
    const { note } = checkpointAt(honest, signer, 3)
    const foreign = checkpointAt(honest, other, 3).note.signatures
    const both: WitnessDeps = { ...witness, logs: [...witness.logs, { origin: 'log.example/b', keys: [other.key] }] }
    const spliced = readCheckpoint({ text: note.text, signatures: foreign })
    expect(await told(both, writeAddCheckpoint({ old: 0, proof: [], checkpoint: spliced }))).toEqual([
      403,
      'signer-unknown\n',
    ])
    const broken = note.signatures.map((line) => ({
      ...line,
      signature: line.signature.with(0, line.signature[0]! ^ 1),
    }))
    const forgery = readCheckpoint({ text: note.text, signatures: broken })
    expect(await told(witness, writeAddCheckpoint({ old: 0, proof: [], checkpoint: forgery }))).toEqual([
      403,
      'signature-invalid\n',
    ])
    expect(await witness.memory.read(ORIGIN)).toBeNull()
    expect(await told(witness, request(honest, 0, 3))).toEqual(COSIGNED)
  })

  test('ignores lines of keys it does not know, and keeps none of them', async () => {
    const memory = memoryLock()
    const witness = witnessOf(ORIGIN, [signer.key], { memory })
    const { note } = checkpointAt(honest, signer, 3)
    const stranger = { name: 'stranger', keyId: '01020304', signature: Uint8Array.of(1) }
    const more = readCheckpoint({ text: note.text, signatures: [stranger, ...note.signatures] })
    expect(await told(witness, writeAddCheckpoint({ old: 0, proof: [], checkpoint: more }))).toEqual(COSIGNED)
    expect(memory.held.get(ORIGIN)).toEqual(writeNote(note))
  })

  test('goes on when the log changes its key', async () => {
    const witness = witnessOf(ORIGIN, [signer.key])
    await told(witness, request(honest, 0, 3))
    const next = logSigner(ORIGIN)
    const changed = { ...witness, logs: [{ origin: ORIGIN, keys: [next.key] }] }
    expect(await told(changed, request(honest, 3, 3, next))).toEqual(COSIGNED)
    expect(await told(changed, request(honest, 3, 7, next))).toEqual(COSIGNED)
    expect(await told(changed, request(honest, 7, 7))).toEqual([403, 'signer-unknown\n'])
  })

  test.each([
    ['nothing', ''],
    ['noise', 'noise\n\nnoise'],
    ['an old size beyond', fromUtf8(request(honest, 0, 3)).replace('old 0', 'old 4')],
    ['no signature', `old 0\n\n${ORIGIN}\n1\n${'A'.repeat(43)}=\n\n`],
  ])('refuses %s (400)', async (_, body) => {
    expect((await told(witnessOf(ORIGIN, [signer.key]), utf8(body)))[0]).toBe(400)
  })
})

describe('of requests at once', () => {
  test('one wins, and the others are told its size', async () => {
    for (let round = 0; round < 20; round++) {
      const witness = witnessOf(ORIGIN, [signer.key])
      await told(witness, request(honest, 0, 2))
      const bodies = [
        request(honest, 2, 5),
        request(honest, 2, 7),
        request(forked, 2, 6),
        request(honest, 2, 4),
        request(forked, 2, 7),
      ]
      const answers = await Promise.all(bodies.map((body) => told(witness, body)))
      const won = answers.filter(([status]) => status === 200)
      expect(won).toEqual([COSIGNED])
      const held = parseCheckpoint((await witness.memory.read(ORIGIN))!)
      for (const answer of answers) if (answer[0] !== 200) expect(answer).toEqual(size(held.size))
    }
  })

  test('a repeat is not cosigned any more once a larger one was', async () => {
    const witness = witnessOf(ORIGIN, [signer.key])
    await told(witness, request(honest, 0, 5))
    // Between the two readings of the repeat somebody else goes on.
    const meanwhile: WitnessDeps = {
      ...witness,
      now: () => TIME,
      admit: async () => void (await told(witness, request(honest, 5, 7))),
    }
    expect(await told(meanwhile, request(honest, 5, 5))).toEqual(size(7))
    // Red control: without the other it is.
    const alone = witnessOf(ORIGIN, [signer.key])
    await told(alone, request(honest, 0, 5))
    expect(await told(alone, request(honest, 5, 5))).toEqual(COSIGNED)
  })
})

describe('nothing leaves', () => {
  const failed = new CodedError('store-failed', 'injected')

  test('when the memory cannot be written', async () => {
    const memory = memoryLock()
    const witness = witnessOf(ORIGIN, [signer.key], { memory: { ...memory, swap: () => Promise.reject(failed) } })
    await expect(addCheckpoint(witness, request(honest, 0, 3))).rejects.toThrow(coded('store-failed'))
    // It comes again, and is cosigned.
    expect(await told({ ...witness, memory }, request(honest, 0, 3))).toEqual(COSIGNED)
  })

  test('when the memory is damaged: that is not nothing', async () => {
    const memory = memoryLock()
    for (const noise of [utf8('noise'), logSigner('log.example/b').sign(3, HASHES.sha256.hash(utf8('x')))]) {
      memory.held.set(ORIGIN, noise)
      const witness = witnessOf(ORIGIN, [signer.key], { memory })
      await expect(addCheckpoint(witness, request(honest, 0, 3))).rejects.toThrow(coded('store-failed'))
    }
  })

  test('when what was signed does not verify; the next try is cosigned', async () => {
    const memory = memoryLock()
    const other = witnessSigner('witness.example/w')
    const witness = witnessOf(ORIGIN, [signer.key], { memory })
    const wrong = { ...witness, sign: other.sign }
    await expect(addCheckpoint(wrong, request(honest, 0, 3))).rejects.toThrow(coded('sign-failed'))
    expect(await told(witness, request(honest, 0, 3))).toEqual(size(3))
    expect(await told(witness, request(honest, 3, 3))).toEqual(COSIGNED)
  })

  test('and nothing is remembered when it is not admitted', async () => {
    const memory = memoryLock()
    const seen: SignedCheckpoint[] = []
    const admit = (checkpoint: SignedCheckpoint) => (seen.push(checkpoint), Promise.reject(failed))
    const witness = witnessOf(ORIGIN, [signer.key], { memory, admit })
    await expect(addCheckpoint(witness, request(honest, 0, 3))).rejects.toThrow(coded('store-failed'))
    expect([seen.length, memory.held.size]).toEqual([1, 0])
  })
})

test('whatever is asked in whatever order, all that it cosigned is one history', async () => {
  const logs = [honest, forked, logOf('1', '2', '3', '4', '5', '6', 'else'), logOf('else', ...SEVEN.slice(1))]
  // Half of the questions are those of an honest log that goes on: chance alone would seldom come to a second one.
  const any = fc.record({ log: fc.nat(3), old: fc.nat(7), size: fc.nat(7), next: fc.boolean() })
  let good = 0
  await fc.assert(
    fc.asyncProperty(fc.array(any, { maxLength: 30 }), async (requests) => {
      const witness = witnessOf(ORIGIN, [signer.key])
      const cosigned: { readonly size: number; readonly root: Uint8Array; readonly log: StoredLog }[] = []
      for (const { log: which, old: from, size: to, next } of requests) {
        const old = next ? (cosigned.at(-1)?.size ?? 0) : from
        if (old > to) continue
        const log = next ? (cosigned.at(-1)?.log ?? logs[which]!) : logs[which]!
        const [status] = await told(witness, request(log, old, to))
        if (status === 200) cosigned.push({ size: to, root: checkpointAt(log, signer, to).root, log })
      }
      good += cosigned.length
      // The last one holds all that were before: each is the root of its first entries.
      const last = cosigned.at(-1)
      for (const [i, one] of cosigned.entries()) {
        expect(one.size).toBeGreaterThanOrEqual(cosigned[i - 1]?.size ?? 0)
        expect(one.root).toEqual(rootsOfEntries(last!.log.entries.slice(0, one.size)).sha256)
      }
    }),
    { numRuns: 60 },
  )
  expect(good).toBeGreaterThan(60)
})
