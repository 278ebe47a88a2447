import { describe, expect, test } from 'vitest'
import { type Code, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseAddCheckpoint, writeSignatureLines } from '@countersign/formats'
import { addCheckpoint, askForCosignature, proveConsistency, type Witness, type WitnessAnswer } from './index.ts'
import { HASHES, logSigner, type StoredLog, storedLog } from './stored.test-kit.ts'
import { checkpointAt, proofFrom, spokenTo, witnessOf, witnessSigner } from './witness.test-kit.ts'

const ORIGIN = 'log.example/a'
const signer = logSigner(ORIGIN)
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

function logOf(...names: readonly string[]): StoredLog {
  const log = storedLog()
  log.add(names.map((name) => utf8(name)))
  return log
}
const NAMES = ['1', '2', '3', '4', '5']
const honest = logOf(...NAMES)
const forked = logOf('1', 'other', '3', '4', '5', '6')

/** Asks for the cosignature of a log at its size. */
function ask(witness: Witness, log: StoredLog, known: number | null = null) {
  const checkpoint = checkpointAt(log, signer, log.entries.length)
  return askForCosignature({ witness, checkpoint, known, prove: proofFrom(log, checkpoint), crypto: portableCrypto })
}

/** A witness that notes from where it is asked. */
function listening(witness: Witness): Witness & { readonly from: number[] } {
  const from: number[] = []
  return {
    key: witness.key,
    from,
    addCheckpoint(body) {
      from.push(parseAddCheckpoint(body).old)
      return witness.addCheckpoint(body)
    },
  }
}

/** A witness that gives these answers, one after the other. */
function saying(...answers: readonly Partial<WitnessAnswer>[]): Witness {
  const left = [...answers]
  return {
    key: witnessSigner('witness.example/w').key,
    addCheckpoint: () => {
      const { status = 200, type = '', body = new Uint8Array() } = left.shift()!
      return Promise.resolve({ status, type, body })
    },
  }
}
const says = (n: number | string) => ({ status: 409, type: 'text/x.tlog.size', body: utf8(`${n}\n`) })

describe('a cosignature is asked for', () => {
  test('from wherever the witness is', async () => {
    for (const before of [null, 0, 3, 5]) {
      for (const known of [null, 0, 2, 3, 5]) {
        const deps = witnessOf(ORIGIN, [signer.key])
        const witness = listening(spokenTo(deps))
        if (before !== null) await ask(spokenTo(deps), logOf(...NAMES.slice(0, before)))
        const line = await ask(witness, honest, known)
        expect([line.name, line.keyId]).toEqual([deps.key.name, deps.key.keyId])
        expect(witness.from.length).toBe((known ?? 5) === (before ?? 0) ? 1 : 2)
      }
    }
  })

  test('and asked again after it was given and lost', async () => {
    const witness = spokenTo(witnessOf(ORIGIN, [signer.key]))
    await ask(witness, honest)
    expect((await ask(witness, honest, 0)).name).toBe(witness.key.name)
  })

  test('from a witness that says no size where the C2SP text asks for none', async () => {
    const deps = witnessOf(ORIGIN, [signer.key])
    const terse: Witness = {
      key: deps.key,
      async addCheckpoint(body) {
        const answer = await addCheckpoint(deps, body)
        const { old, checkpoint } = parseAddCheckpoint(body)
        return answer.status === 409 && old === checkpoint.size ? { ...answer, type: '', body: utf8('no\n') } : answer
      },
    }
    await ask(terse, logOf(...NAMES.slice(0, 3)))
    expect((await ask(terse, honest)).name).toBe(deps.key.name)
    // And so it is a conflict too.
    await expect(ask(terse, logOf('1', '2', '3', '4', 'other'))).rejects.toThrow(coded('witness-conflict'))
  })
})

describe('a witness that knows another history', () => {
  test.each([
    ['under the same size', logOf('1', '2', '3', '4', 'other')],
    ['under a smaller size', forked],
    ['under a larger size', logOf(...NAMES.slice(0, 4))],
  ])('%s is a conflict, from wherever it is asked', async (_, log) => {
    for (const known of [null, 0, 4, 5]) {
      const witness = spokenTo(witnessOf(ORIGIN, [signer.key]))
      await ask(witness, honest)
      await expect(ask(witness, log, known)).rejects.toThrow(coded('witness-conflict'))
      // Red control: the history it knows is cosigned.
      expect((await ask(witness, logOf(...NAMES, '6'), known)).name).toBe(witness.key.name)
    }
  })
})

describe('what says nothing about the history is no conflict:', () => {
  test.each<[what: string, code: Code, answers: readonly Partial<WitnessAnswer>[]]>([
    ['400', 'server-answer', [{ status: 400 }]],
    ['403', 'server-answer', [{ status: 403 }]],
    ['404', 'server-answer', [{ status: 404 }]],
    ['500', 'server-answer', [{ status: 500 }]],
    ['a redirect', 'server-answer', [{ status: 302 }]],
    ['422 to a request from 0', 'server-answer', [says(0), { status: 422 }]],
    ['409 with the size that it was given', 'server-answer', [says(3), says(3)]],
    ['409 with another size each time', 'server-answer', [says(1), says(2), says(3), says(4)]],
    ['409 without a size, ever', 'server-answer', [{ status: 409 }, { status: 409 }]],
    ['409 with noise for a size', 'witness-message-invalid', [says('x')]],
    ['409 with a size of 400 digits', 'witness-message-invalid', [says('9'.repeat(400))]],
    ['200 with nothing', 'signature-missing', [{}]],
    ['200 with noise', 'note-invalid', [{ body: utf8('noise\n') }]],
  ])('%s', async (_, code, answers) => {
    await expect(ask(saying(...answers), honest)).rejects.toThrow(coded(code))
  })

  test('only the line of its own key counts, and only on this checkpoint (T-81)', async () => {
    const deps = witnessOf(ORIGIN, [signer.key])
    const good = await ask(spokenTo(deps), honest)
    const other = await ask(spokenTo(witnessOf(ORIGIN, [signer.key])), honest)
    const older = await ask(spokenTo({ ...deps, memory: witnessOf(ORIGIN, []).memory }), logOf('1'))
    const answering = (...lines: (typeof good)[]): Witness => ({
      key: deps.key,
      addCheckpoint: () => Promise.resolve({ status: 200, type: '', body: writeSignatureLines(lines) }),
    })
    expect(await ask(answering(other, good), honest)).toEqual(good)
    await expect(ask(answering(other), honest)).rejects.toThrow(coded('signer-unknown'))
    await expect(ask(answering(older), honest)).rejects.toThrow(coded('signature-invalid'))
    await expect(ask(answering(good, older), honest)).rejects.toThrow(coded('signature-invalid'))
    // A plain signature of the witness's key is not a cosignature.
    const bare = { ...good, signature: good.signature.slice(8) }
    await expect(ask(answering(bare), honest)).rejects.toThrow(coded('signature-invalid'))
  })
})

test('a proof from damaged tiles is not sent: it would look like another history', () => {
  const log = logOf(...NAMES)
  const checkpoint = checkpointAt(log, signer, 5)
  expect(proveConsistency(3, checkpoint, log.read, HASHES).length).toBeGreaterThan(0)
  for (const [place, data] of log.tiles) log.tiles.set(place, data.with(40, data[40]! ^ 1))
  for (const old of [1, 3, 4]) {
    expect(() => proveConsistency(old, checkpoint, log.read, HASHES)).toThrow(coded('log-corrupt'))
  }
})
