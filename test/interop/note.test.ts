import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { base64, type Code, CodedError, fromBase64, fromHex, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  cosignatureMessage,
  noteKey,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  parseVkey,
  verifyCheckpoint,
  verifyNote,
  writeCheckpoint,
  writeCosignature,
  writeNote,
  writeTlogProof,
  writeVkey,
} from '@countersign/formats'
import { beforeAll, describe, expect, test } from 'vitest'
import { Dice, mutate } from '../fuzz/mutate.ts'
import { vectors } from '../vectors/read.ts'
import { GO_MISSING, goProgram } from './go.ts'

const program = goProgram('go-note')

interface Question {
  readonly Ask: 'read' | 'verify' | 'checkpoint' | 'proof' | 'sign'
  readonly Bytes?: string
  readonly Origin?: string
  readonly Keys?: readonly string[]
  readonly Witnesses?: readonly string[]
  readonly Size?: number
  readonly Hashes?: readonly string[]
  readonly Extra?: string
}

interface Answer {
  readonly error?: string
  readonly text?: string
  readonly signatures?: readonly { readonly name: string; readonly keyId: string; readonly time: number }[]
  readonly origin?: string
  readonly size?: number
  readonly root?: string
  readonly index?: number
  readonly hashes?: readonly string[]
  readonly extra?: string
  readonly bytes?: string
  readonly keys?: readonly string[]
}

function ask(questions: readonly Question[]): Answer[] {
  const printed = execFileSync(program.path, { input: JSON.stringify(questions), maxBuffer: 1 << 28 })
  const answers = JSON.parse(printed.toString()) as Answer[]
  expect(answers.length).toBe(questions.length)
  return answers
}

/** Our answer to hostile bytes: the value, or the code that refuses them. */
function ours<T>(read: () => T): T | Code {
  try {
    return read()
  } catch (error) {
    if (error instanceof CodedError) return error.code
    throw error
  }
}

const ORIGIN = 'log.example/ours'
const ROOT = Uint8Array.from({ length: 32 }, (_, i) => i)

function party(name: string, type: 'ed25519' | 'cosignature-v1') {
  const pair = generateKeyPairSync('ed25519')
  const spki = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }))
  const key = noteKey(name, type, parsePublicKey(spki), portableCrypto)
  const bySecret = (message: Uint8Array) => new Uint8Array(sign(null, message, pair.privateKey))
  const line = (text: string, time: number): NoteSignature => {
    const signature =
      type === 'ed25519'
        ? bySecret(utf8(text))
        : writeCosignature({ time, signature: bySecret(cosignatureMessage(time, text)) })
    return { name, keyId: key.keyId, signature }
  }
  return { key, vkey: writeVkey(key), line }
}

describe.skipIf(GO_MISSING)(GO_MISSING ? 'skipped: there is no go on this machine' : 'the C2SP formats in Go', () => {
  beforeAll(() => {
    program.build()
  })

  const log = party(ORIGIN, 'ed25519')
  const witness = party('witness.example/ours', 'cosignature-v1')
  const TIME = 1_800_000_000
  const text = writeCheckpoint({ origin: ORIGIN, size: 7, root: ROOT })
  const checkpoint = writeNote({ text, signatures: [log.line(text, 0), witness.line(text, TIME)] })

  test('verifies the checkpoint that we signed and cosigned', () => {
    const question: Question = {
      Ask: 'checkpoint',
      Bytes: base64(checkpoint),
      Origin: ORIGIN,
      Keys: [log.vkey],
      Witnesses: [witness.vkey],
    }
    const stranger = party(ORIGIN, 'ed25519')
    const [good, changed, unknown, other] = ask([
      question,
      { ...question, Bytes: base64(checkpoint.with(ORIGIN.length + 1, 0x38)) },
      { ...question, Keys: [stranger.vkey] },
      { ...question, Origin: 'log.example/other' },
    ])
    expect(good).toEqual({
      origin: ORIGIN,
      size: 7,
      root: base64(ROOT),
      signatures: [
        { name: ORIGIN, keyId: log.key.keyId, time: 0 },
        { name: witness.key.name, keyId: witness.key.keyId, time: TIME },
      ],
    })
    expect(changed!.error).toMatch(/invalid signature/)
    expect(unknown!.error).toMatch(/no log signature/)
    expect(other!.error).toMatch(/expected "log.example\/other"/)
  })

  test('reads the proof that we wrote, and writes it as the same bytes', () => {
    const hashes = [ROOT, ROOT.toReversed()]
    const bytes = [null, Uint8Array.of(1, 2, 3)].map((extra) =>
      writeTlogProof({ extra, index: 3, hashes, checkpoint: parseCheckpoint(checkpoint) }),
    )
    const answers = ask(bytes.map((proof) => ({ Ask: 'proof', Bytes: base64(proof) })))
    for (const [i, answer] of answers.entries()) {
      expect(answer).toEqual({
        index: 3,
        hashes: hashes.map(base64),
        bytes: base64(bytes[i]!),
        ...(i === 1 ? { extra: 'AQID' } : {}),
      })
    }
  })

  test('signs what we read and verify, with a post-quantum witness whom we pass over', () => {
    const [answer] = ask([
      { Ask: 'sign', Origin: 'log.example/go', Size: 8, Hashes: [base64(ROOT)], Extra: base64(utf8('extra')) },
    ])
    const bytes = fromBase64(answer!.bytes!)
    const proof = parseTlogProof(bytes)
    expect(writeTlogProof(proof)).toEqual(bytes)
    expect(proof).toMatchObject({ extra: utf8('extra'), index: 7, hashes: [ROOT] })
    const [logKey, witnessKey, quantumKey] = answer!.keys as [string, string, string]
    const trust = {
      origin: 'log.example/go',
      keys: [parseVkey(logKey, portableCrypto)],
      witnesses: [parseVkey(witnessKey, portableCrypto)],
    }
    const verified = verifyCheckpoint(proof.checkpoint, trust, portableCrypto)
    expect(proof.checkpoint.note.signatures.length).toBe(3)
    expect(verified.checkpoint).toMatchObject({ origin: 'log.example/go', size: 8, root: ROOT })
    expect(verified.signedBy).toEqual([{ key: trust.keys[0], time: null }])
    expect(verified.cosignedBy).toEqual([{ key: trust.witnesses[0], time: expect.any(Number) }])
    expect(Math.abs(verified.cosignedBy[0]!.time! - Date.now() / 1000)).toBeLessThan(600)
    expect(() => parseVkey(quantumKey, portableCrypto)).toThrow(expect.objectContaining({ code: 'key-invalid' }))
    expect(() => verifyCheckpoint(proof.checkpoint, { ...trust, keys: [log.key] }, portableCrypto)).toThrow(
      expect.objectContaining({ code: 'signer-unknown' }),
    )
  })

  interface NoteVector {
    readonly note?: string
    readonly hex?: string
    readonly keys?: readonly string[]
  }
  const notes = vectors<NoteVector>('note').map(([name, { note, hex, keys }]) => ({
    name,
    keys,
    bytes: hex === undefined ? utf8(note!) : fromHex(hex),
  }))

  /** Signature lines as Go keeps them: none twice. */
  const distinct = (signatures: readonly NoteSignature[]) => {
    const lines = signatures.map(({ name, keyId, signature }) => ({
      name,
      keyId,
      line: `${name} ${keyId} ${base64(signature)}`,
    }))
    return lines.filter((one, i) => lines.findIndex(({ line }) => line === one.line) === i)
  }
  const lines = (signatures: readonly { readonly name: string; readonly keyId: string }[] = []) =>
    signatures.map(({ name, keyId }) => `${name}+${keyId}`)

  /** What both say of some bytes; throws where we disagree other than by our stricter base64. */
  function compare(inputs: readonly Uint8Array[]): { read: number; stricter: number } {
    const answers = ask(inputs.map((bytes) => ({ Ask: 'read', Bytes: base64(bytes) })))
    let [read, stricter] = [0, 0]
    for (const [i, bytes] of inputs.entries()) {
      const [theirs, mine] = [answers[i]!, ours(() => parseNote(bytes))]
      const shown = Buffer.from(bytes).toString('latin1')
      if (typeof mine !== 'string') {
        expect({ shown, text: theirs.text, lines: lines(theirs.signatures) }).toEqual({
          shown,
          text: mine.text,
          lines: lines(distinct(mine.signatures)),
        })
        read++
      } else if (theirs.error === undefined) {
        expect({ shown, mine }).toEqual({ shown, mine: 'base64-invalid' })
        stricter++
      }
    }
    return { read, stricter }
  }

  test('reads every note of our vectors as we do, but for hidden bits', () => {
    const { read, stricter } = compare(notes.map(({ bytes }) => bytes))
    expect(read).toBeGreaterThan(30)
    expect(stricter).toBe(2)
  })

  test('reads 20,000 mutations of them as we do, but for hidden bits', () => {
    const dice = new Dice(80)
    const corpus = notes.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 2000)
    const words = ['\n', '\n\n', '\u2014 ', ' ', '\u00a0', '+', '=', 'AQIDBAU=', '\0', '\ufeff', '\u0085'].map(utf8)
    const { read } = compare(Array.from({ length: 20_000 }, () => mutate(dice, corpus, words)))
    expect(read).toBeGreaterThan(1000)
  })

  test('verifies the notes of our vectors that we verify, and one that we refuse', () => {
    const asked = notes.filter(({ keys }) => keys !== undefined)
    const answers = ask(asked.map(({ bytes, keys }) => ({ Ask: 'verify', Bytes: base64(bytes), Keys: keys! })))
    const looser: string[] = []
    for (const [i, { name, bytes, keys }] of asked.entries()) {
      const known = keys!.map((key) => parseVkey(key, portableCrypto))
      const mine = ours(() => verifyNote(parseNote(bytes), known, portableCrypto))
      const theirs = answers[i]!
      if (typeof mine !== 'string') {
        expect({ name, signed: lines(theirs.signatures) }).toEqual({ name, signed: lines(mine.map(({ key }) => key)) })
      } else if (theirs.error === undefined) looser.push(name)
    }
    expect(looser).toEqual(['bad-signature-after-the-good-one-of-its-key'])
  })

  test('verifies our statements as notes, and takes none of them for a checkpoint', () => {
    interface Vector {
      readonly note: string
      readonly trust?: { readonly origin: string; readonly keys: readonly string[] }
      readonly error?: Code
    }
    const all = vectors<Vector>('log-statement')
    const [, { trust }] = all.find(([name]) => name === 'signed-by-its-log')!
    const [origin, keys] = [trust!.origin, trust!.keys]
    const good = all.filter(([, { error }]) => error === undefined)
    expect(good.length).toBeGreaterThan(5)
    const notes = ask(good.map(([, { note }]) => ({ Ask: 'verify', Bytes: base64(utf8(note)), Keys: keys })))
    for (const [i, [name, { note }]] of good.entries()) {
      expect([name, notes[i]!.error, notes[i]!.text]).toEqual([name, undefined, parseNote(utf8(note)).text])
    }
    // Nor would a log that is named as a statement begins.
    const asked = good.flatMap(([, { note }]) =>
      [origin, note.split('\n')[0]!].map((name) => ({
        Ask: 'checkpoint' as const,
        Bytes: base64(utf8(note)),
        Origin: name,
        Keys: keys,
      })),
    )
    for (const { error } of ask(asked)) expect(error).toBeDefined()
    // Red control: it does take a checkpoint of the same key.
    const [, checkpoint] = vectors<Vector>('checkpoint').find(([name]) => name === 'signed-by-its-log')!
    const [taken] = ask([{ Ask: 'checkpoint', Bytes: base64(utf8(checkpoint.note)), Origin: origin, Keys: keys }])
    expect(taken!.error).toBeUndefined()
  })

  test('verifies the checkpoints of our vectors that we verify', () => {
    interface Vector {
      readonly note: string
      readonly trust?: {
        readonly origin: string
        readonly keys: readonly string[]
        readonly witnesses: readonly string[]
      }
      readonly error?: Code
    }
    const asked = vectors<Vector>('checkpoint').flatMap(([name, { note, trust, error }]) =>
      trust === undefined || trust.keys.length === 0 ? [] : [{ name, note, trust, error }],
    )
    const answers = ask(
      asked.map(({ note, trust }) => ({
        Ask: 'checkpoint',
        Bytes: base64(utf8(note)),
        Origin: trust.origin,
        Keys: trust.keys,
        Witnesses: [...trust.keys.slice(1), ...trust.witnesses],
      })),
    )
    const looser = asked.filter(({ error }, i) => error !== undefined && answers[i]!.error === undefined)
    for (const [i, { name, error }] of asked.entries())
      if (error === undefined) expect(answers[i]!.error, name).toBeUndefined()
    expect(looser.map(({ name }) => name).toSorted()).toEqual([
      'cosignature-at-time-0',
      'log-as-its-own-witness',
      'one-witness-under-two-names',
      'witness-with-a-plain-key',
    ])
  })

  test('reads these checkpoints and proofs of our vectors that we refuse, and no others', () => {
    interface Vector {
      readonly note?: string
      readonly proof?: string
      readonly trust?: { readonly keys: readonly string[] }
      readonly error?: Code
    }
    const checkpoints = vectors<Vector>('checkpoint')
    const key = checkpoints.find(([name]) => name === 'signed-by-its-log')![1].trust!.keys[0]!
    const asked = [...checkpoints.filter(([, { trust }]) => trust === undefined), ...vectors<Vector>('tlog-proof')]
    const answers = ask(
      asked.map(([, { note, proof }]) =>
        note === undefined
          ? { Ask: 'proof', Bytes: base64(utf8(proof!)) }
          : { Ask: 'checkpoint', Bytes: base64(utf8(note)), Origin: note.split('\n')[0]!, Keys: [key] },
      ),
    )
    for (const [i, [name, { proof, error }]] of asked.entries()) {
      if (error !== undefined) continue
      expect(answers[i]!.error, name).toBeUndefined()
      if (proof !== undefined) expect(Buffer.from(answers[i]!.bytes!, 'base64').toString(), name).toBe(proof)
    }
    const looser = asked.flatMap(([name, { note, error }], i) =>
      error === undefined || answers[i]!.error !== undefined
        ? []
        : [`${note === undefined ? 'proof' : 'checkpoint'} ${name}`],
    )
    expect(looser.toSorted()).toEqual([
      'checkpoint extension-line-empty',
      'checkpoint extension-line-empty-first',
      'checkpoint extension-line-empty-last',
      'checkpoint root-empty',
      'checkpoint root-hexadecimal',
      'checkpoint root-of-31-bytes',
      'checkpoint root-of-33-bytes',
      'checkpoint root-of-64-bytes',
      'checkpoint root-with-hidden-bits',
      'checkpoint size-2-to-the-53',
      'checkpoint size-of-17-digits',
      'checkpoint size-two-zeros',
      'checkpoint size-with-leading-zero',
      'proof 64-hashes',
      'proof carriage-return',
      'proof carriage-return-in-one-line',
      'proof checkpoint-missing',
      'proof checkpoint-not-one',
      'proof checkpoint-unsigned',
      'proof extra-empty',
      'proof extra-with-hidden-bits',
      'proof index-beyond-the-tree',
      'proof index-in-an-empty-tree',
      'proof index-with-leading-zero',
      'proof newline-after-the-checkpoint',
      'proof no-empty-line',
      'proof two-empty-lines',
    ])
  })
})
