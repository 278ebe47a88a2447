import fc from 'fast-check'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import type { ChainLine } from '@countersign/formats'
import { describe, expect, it } from 'vitest'
import { at, countersign, file, newChainId, party, seal, signStep } from '../../../test/pipeline.ts'
import { readChain, readChainConcurrently, type Trust, verifyStep, verifyStepLater, withRevocations } from './index.ts'
import { trustIn } from './verify.test-kit.ts'

const [build, other, log] = [party('build'), party('other', 'ed25519'), party('log', 'ed25519')]
const step = signStep(build, {
  chain: { id: newChainId(), pipeline: 'p', contract: null },
  name: 'build',
  subject: [file('a', 'a')],
  minute: 1,
})
/** The log had it at minute 10; the step says that it finished at minute 2. */
const receipt = countersign(log, step, 3, { acceptedAt: at(10) })

function revoked(minute: number | null, trust: Trust = trustIn([build, other], [log])): Trust {
  const revokedAt = minute === null ? null : at(minute)
  return {
    ...trust,
    signers: trust.signers.map((known) => (known.name === 'build' ? { ...known, revokedAt } : known)),
  }
}

/** What a reading comes to: the signer, or the codes of what was refused. */
function outcome(lines: readonly ChainLine[], trust: Trust, now?: string): string {
  const chain = readChain(lines, trust, nodeCrypto, now)
  const signers = [...chain.steps.values()].flatMap(({ signer, cosigners }) => [signer, ...cosigners])
  const names = signers.map(({ name }) => name).join()
  return names === '' ? chain.refused.map(({ report }) => report.code).join() : names
}

describe('a step under a key that was revoked', () => {
  it('counts where a trusted log had it before, and not from that time on', () => {
    expect(outcome([step.bundle, receipt], revoked(11))).toBe('build')
    expect(outcome([step.bundle, receipt], revoked(10))).toBe('signer-revoked')
    expect(outcome([step.bundle, receipt], revoked(9))).toBe('signer-revoked')
  })

  it('does not count by what it says of its own time', () => {
    expect(outcome([step.bundle], revoked(null))).toBe('build')
    for (const minute of [1, 2, 3, 30]) expect(outcome([step.bundle], revoked(minute))).toBe('signer-revoked')
  })

  it('counts while the revocation is still to come', () => {
    expect(outcome([step.bundle], revoked(30), at(29))).toBe('build')
    expect(outcome([step.bundle], revoked(30), at(30))).toBe('signer-revoked')
    // What the log had after it does not count, whatever the clock of the reader says.
    expect(outcome([step.bundle, receipt], revoked(10), at(9))).toBe('signer-revoked')
  })

  it('does not count by a receipt that proves nothing', () => {
    const trust = revoked(30)
    const [stranger, thief] = [party('stranger', 'ed25519'), party('thief', 'ed25519')]
    const another = signStep(build, { chain: step.statement.predicate.chain, name: 'x', subject: [file('b', 'b')] })
    const junk: readonly ChainLine[] = [
      countersign(stranger, step, 0),
      countersign(log, step, 0, { signedBy: thief }),
      countersign(log, another, 0),
      { ...countersign(log, another, 0), opening: receipt.opening },
    ]
    for (const line of junk) expect(outcome([step.bundle, line], trust).startsWith('signer-revoked')).toBe(true)
    expect(outcome([...junk, step.bundle, receipt], trust)).toBe('build')
  })

  it('counts by a log that is believed for times alone, and that countersigns nothing', () => {
    const nobody = { ...revoked(11), countersigners: [] }
    const timed = { ...nobody, timekeepers: revoked(11).countersigners }
    expect(outcome([step.bundle, receipt], nobody)).toBe('signer-revoked')
    const chain = readChain([step.bundle, receipt], timed, nodeCrypto)
    expect([chain.steps.size, chain.receipts.size]).toEqual([1, 0])
    expect(chain.refused.map(({ report }) => report.code)).toEqual(['signer-unknown'])
    expect(outcome([step.bundle, receipt], { ...timed, signers: revoked(10).signers })).toMatch('signer-revoked')
  })

  it('counts by the earliest of its receipts, whatever their order', () => {
    const later = countersign(log, step, 5, { acceptedAt: at(50) })
    for (const lines of [
      [step.bundle, receipt, later],
      [later, receipt, step.bundle],
    ])
      expect(outcome(lines, revoked(30))).toBe('build')
  })

  it('leaves the step to others who signed it as well', () => {
    const also = seal(other, step.bundle.envelope.payload)
    expect(outcome([step.bundle, also], revoked(null))).toBe('build,other')
    expect(outcome([step.bundle, also], revoked(5))).toBe('other')
    expect(outcome([also, step.bundle], revoked(5))).toBe('other')
    const { refused } = readChain([step.bundle, also, receipt], revoked(5), nodeCrypto)
    // The receipt is of the first signature, and says nothing of the other's.
    expect(refused.map(({ index, report }) => [index, report.code])).toEqual([
      [0, 'signer-revoked'],
      [2, 'receipt-invalid'],
    ])
  })

  it('takes along what is about it alone, and is told by its name', () => {
    const told = (lines: readonly ChainLine[]) =>
      readChain(lines, revoked(5), nodeCrypto).refused.map(({ report }) => report)
    const attachment = { link: step.link, content: new Uint8Array(1) }
    const revokedThen = [
      expect.objectContaining({
        code: 'signer-revoked',
        what: expect.stringContaining('signed step build ') as string,
      }),
    ]
    expect(told([step.bundle, receipt, attachment])).toEqual(revokedThen)
    // Without it, each is about nothing.
    expect(told([receipt, attachment]).map(({ code }) => code)).toEqual(['receipt-invalid', 'report-mismatch'])
  })

  it('is read the same beside the calling thread, in any order', async () => {
    const lines = [step.bundle, receipt, seal(other, step.bundle.envelope.payload), countersign(log, step, 5)]
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(order, fc.integer({ min: 0, max: 60 }), fc.boolean(), async (chosen, minute, reads) => {
        const given = chosen.map((i) => lines[i]!)
        const now = reads ? at(20) : undefined
        const read = readChain(given, revoked(minute), nodeCrypto, now)
        expect(await readChainConcurrently(given, revoked(minute), nodeCrypto, now)).toEqual(read)
        const turned = readChain(given.toReversed(), revoked(minute), nodeCrypto, now)
        expect(turned.steps).toEqual(read.steps)
      }),
      { numRuns: 60 },
    )
  })
})

it('whoever verifies one step says by when it was signed', async () => {
  const open = (trust: Trust, time?: string) => {
    try {
      return verifyStep(step.bundle, trust, nodeCrypto, time).signer.name
    } catch (error) {
      return error instanceof CodedError ? error.code : String(error)
    }
  }
  expect([open(revoked(null)), open(revoked(30)), open(revoked(30), at(29)), open(revoked(30), at(30))]).toEqual([
    'build',
    'signer-revoked',
    'build',
    'signer-revoked',
  ])
  await expect(verifyStepLater(step.bundle, revoked(30), nodeCrypto)).rejects.toThrow(
    expect.objectContaining({ code: 'signer-revoked' }),
  )
  expect((await verifyStepLater(step.bundle, revoked(30), nodeCrypto, at(29))).signer.name).toBe('build')
})

it('revocations only take trust away, and the earlier time counts', () => {
  const trust = revoked(null)
  const { keyId } = build.publicKey
  const ends = (of: Trust) => of.signers.map(({ revokedAt }) => revokedAt)
  const less = withRevocations(trust, [
    { keyId, since: at(9) },
    { keyId, since: at(5) },
    { keyId: 'f'.repeat(64), since: at(1) },
  ])
  expect(ends(less)).toEqual([at(5), null])
  expect(ends(withRevocations(less, [{ keyId, since: at(7) }]))).toEqual([at(5), null])
  expect(ends(withRevocations(less, [{ keyId, since: at(3) }]))).toEqual([at(3), null])
  expect(withRevocations(less, [])).toEqual(less)
  expect(less.countersigners).toEqual(trust.countersigners)
})
