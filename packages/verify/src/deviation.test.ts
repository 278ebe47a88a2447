import { type Contract, parseContract } from '@countersign/contract'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, utf8 } from '@countersign/core'
import { actCommitment, type Deviation, pae, writeVkey } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { deviationFrom, logAct, maintained, maintainedText, signDeviation } from '../../../test/acts.ts'
import { at, logKeyOf, parties, party, type Party } from '../../../test/pipeline.ts'
import { deviationId, deviationIn, Excusing, verifyDeviation } from './deviation.ts'
import { endorsedText, endorsersOf } from './endorsed.ts'
import { type Trust, trustOf } from './index.ts'

const who = parties()
const [ann, bob, cy, eve] = ['ann', 'bob', 'cy', 'eve'].map((name) => party(name)) as [Party, Party, Party, Party]
const two = { threshold: 2, of: [ann, bob, cy] }
const contract = maintained(who, two)
const run = 'c'.repeat(32)
const excuses = [{ code: 'step-skipped', step: 'test' }]

/** Why a deviation does not count; null where it does. */
function refusal(verify: () => unknown): string | null {
  try {
    verify()
    return null
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return `${error.code}: ${error.what}`
  }
}
const verified = (given: Partial<Deviation>, by: readonly Party[] = [ann, bob], under = contract) =>
  verifyDeviation(
    signDeviation(deviationFrom(contract, { chain: run, excuses, ...given }), by),
    { contract: under, trust: trustOf(under), at: null },
    nodeCrypto,
  )

describe('a deviation', () => {
  test('is of those who signed it, and named by what it says alone', () => {
    const endorsed = signDeviation(deviationFrom(contract, { chain: run, excuses }), [cy, ann])
    const one = verifyDeviation(endorsed, { contract, trust: trustOf(contract), at: null }, nodeCrypto)
    expect([one.by, one.id]).toEqual([['cy', 'ann'], deviationId(endorsed.payload, nodeCrypto)])
    expect(one.under).toEqual([ann, cy].map(({ publicKey }) => publicKey.keyId).toSorted())
    const again = signDeviation(one.deviation, [ann, bob])
    expect(deviationId(again.payload, nodeCrypto)).toBe(one.id)
  })

  test('is of this contract and of steps that it has', () => {
    expect(refusal(() => verified({}))).toBeNull()
    for (const more of [
      { contract: 'f'.repeat(64) },
      { pipeline: 'shop/other' },
      { contract: 'f'.repeat(64), pipeline: 'x' },
    ]) {
      expect(refusal(() => verified(more))).toMatch(/^deviation-invalid: the deviation is from contract .* not from /)
    }
    expect(refusal(() => verified({ excuses: [{ code: 'step-skipped', step: 'tset' }] }))).toBe(
      'deviation-invalid: the contract has no step tset',
    )
    expect(refusal(() => verified({ excuses: [{ code: 'signer-not-allowed', step: 'test' }] }))).toBe(
      'deviation-invalid: signer-not-allowed can never be excused',
    )
  })

  test('is held against the contract that it names, of those that are trusted', () => {
    const other = maintained(who, { threshold: 1, of: [eve] }, { revision: 2 })
    const of = (from: Contract, by: readonly Party[], known: readonly Contract[]) =>
      refusal(() =>
        deviationIn(
          signDeviation(deviationFrom(from, { chain: run, excuses }), by),
          { ...trustOf(contract), maintained: known },
          nodeCrypto,
        ),
      )
    for (const known of [
      [contract, other],
      [other, contract],
    ]) {
      expect(of(contract, [ann, bob], known)).toBeNull()
      expect(of(other, [eve], known)).toBeNull()
      // Who alone maintains one of them says nothing of the other.
      expect(of(contract, [eve], known)).toMatch(/^deviation-unsigned/)
    }
    expect(of(other, [eve], [contract])).toMatch(/^deviation-invalid: .* not judged under$/)
  })

  test('that too few signed says who did, who may yet, and what did not count', () => {
    const said = (...by: readonly Party[]) => refusal(() => verified({}, by))
    expect(said(ann)).toBe('deviation-unsigned: 1 of 2 maintainers have signed (ann); may yet: bob, cy')
    expect(said(eve, eve)).toBe(
      'deviation-unsigned: 0 of 2 maintainers have signed (nobody); may yet: ann, bob, cy; what did not count: signer-unknown',
    )
    const all = signDeviation(deviationFrom(contract, { chain: run, excuses }), [cy, bob, ann])
    const endorsers = endorsersOf(all, { contract, trust: trustOf(contract), at: null }, nodeCrypto)
    expect(endorsedText(contract, endorsers)).toBe('3 of 2 maintainers have signed (cy, bob, ann)')
    expect(endorsedText({ maintainers: null }, endorsers)).toBe('the contract names no maintainers')
  })
})

describe('a maintainer whose key was revoked', () => {
  const dated = signDeviation(deviationFrom(contract, { chain: run, excuses }), [ann, bob])
  const own: Trust = trustOf(contract)
  const counts = (asSigner: number | null, asMaintainer: number | null, minute: number) => {
    const revokedAt = asSigner === null ? null : at(asSigner)
    const trust: Trust = {
      ...own,
      signers: [...own.signers, { name: 'bob', key: bob.publicKey, revokedAt }],
      unmaintained: new Map(asMaintainer === null ? [] : [[bob.publicKey.keyId, at(asMaintainer)]]),
    }
    return endorsersOf(dated, { contract, trust, at: at(minute) }, nodeCrypto).parties.has('bob')
  }

  test.each([
    [null, null, [true, true, true]],
    [10, null, [true, false, false]],
    [null, 10, [true, false, false]],
    [10, 20, [true, false, false]],
    [20, 10, [true, false, false]],
    [20, 20, [true, true, false]],
    [20, null, [true, true, false]],
  ] as const)(
    'as a signer at %s, as a maintainer at %s, counts until the first of both',
    (signer, maintainer, then) => {
      expect([5, 15, 25].map((minute) => counts(signer, maintainer, minute))).toEqual(then)
    },
  )
})

describe('where the contract demands receipts', () => {
  const second = party('second', 'ed25519')
  const text = maintainedText(who, two, { countersigned: true })
  const first = writeVkey(logKeyOf(who.server))
  const both = parseContract(utf8(text.replace(`["${first}"]`, `["${first}", "${writeVkey(logKeyOf(second))}"]`)))
  const deviation = signDeviation(deviationFrom(both, { chain: run, excuses }), [ann, bob])
  /** Believed for when they had something, and not what the contract names. */
  const others = [
    party('elsewhere', 'ed25519'),
    { ...party(who.server.name, 'ed25519') },
    { ...second, name: 'renamed' },
  ]
  const trust: Trust = {
    ...trustOf(both),
    timekeepers: others.map((one) => ({ key: logKeyOf(one), revokedAt: null })),
  }
  const by = (logged: typeof deviation.logged, more: { unlogged?: boolean } = {}) =>
    refusal(() => verifyDeviation({ ...deviation, logged }, { contract: both, trust, at: null, ...more }, nodeCrypto))

  test('any log that it names will do, and no other, whatever that is called or whichever key it has', () => {
    for (const log of [who.server, second]) expect(by(logAct(deviation, log, [ann, bob]))).toBeNull()
    for (const log of others) expect(by(logAct(deviation, log, [ann, bob]))).toMatch(/^receipt-missing/)
    expect(by(null)).toMatch(/^receipt-missing/)
    // But for the log that is about to take it.
    expect(by(null, { unlogged: true })).toBeNull()
  })

  test('the proof is of this very document', () => {
    const other = signDeviation(deviationFrom(both, { chain: run, excuses, reason: 'another' }), [ann, bob])
    const { commitment } = logAct(other, who.server, [ann, bob]).opening.leaf
    expect(by(logAct(other, who.server, [ann, bob]))).toMatch(/^receipt-missing/)
    const proof = logAct(deviation, who.server, [ann, bob])
    const signers = proof.opening.signers
    const signed = pae(deviation.payloadType, deviation.payload)
    const own = actCommitment(proof.opening.salt, { signed, signers }, nodeCrypto)
    for (const wrong of [
      { ...own, sha256: commitment.sha256 },
      { ...own, sha3_256: commitment.sha3_256 },
    ]) {
      const bent = logAct(deviation, who.server, [ann, bob], { leaf: { commitment: wrong } })
      // The same salt, or both digests would be others anyway.
      expect(by({ ...bent, opening: { ...bent.opening, salt: proof.opening.salt } })).toMatch(/^receipt-missing/)
    }
    const same = logAct(deviation, who.server, [ann, bob], { leaf: { commitment: own } })
    expect(by({ ...same, opening: { ...same.opening, salt: proof.opening.salt } })).toBeNull()
  })

  test('why a proof does not count is told with what is refused', () => {
    const forged = logAct(deviation, who.server, [ann, bob], { signedBy: party('mine', 'ed25519') })
    const { refused, logged } = endorsersOf(
      { ...deviation, logged: forged },
      { contract: both, trust, at: null },
      nodeCrypto,
    )
    expect([logged, refused.length]).toEqual([null, 1])
  })

  test('a key that was revoked after the log had its signature still counts', () => {
    const since = (minute: number): Trust => ({ ...trust, unmaintained: new Map([[bob.publicKey.keyId, at(minute)]]) })
    const logged = (signers: readonly Party[]) => logAct(deviation, who.server, signers, { time: at(10) })
    const parties = (minute: number, signers: readonly Party[] = [ann, bob]) => [
      ...endorsersOf(
        { ...deviation, logged: logged(signers) },
        { contract: both, trust: since(minute), at: null },
        nodeCrypto,
      ).parties.keys(),
    ]
    expect(parties(11)).toEqual(['ann', 'bob'])
    expect(parties(10)).toEqual(['ann'])
    // It had the document, and not as signed by this key.
    expect(parties(11, [ann])).toEqual(['ann'])
  })
})

describe('what is let through', () => {
  const artifact = 'a'.repeat(64)
  const skipped = new CodedError('step-skipped', 'it was').report()
  const forged = new CodedError('material-swapped', 'it was').report()
  const excusing = (given: Partial<Deviation>, now = at(60), under: Contract | null = contract) =>
    new Excusing([verified(given)], { contract: under, chain: run, artifact, now })
  const left = (given: Partial<Deviation>, now?: string, under?: Contract | null) =>
    excusing(given, now, under)
      .left('test', [skipped, forged])
      .map(({ code }) => code)

  test('is what is excused of a step, and nothing else, and it is told by what', () => {
    const open = excusing({})
    expect(open.left('build', [skipped, forged])).toEqual([skipped, forged])
    expect(open.used).toEqual([])
    expect(open.left('test', [skipped, forged])).toEqual([forged])
    expect(open.left('test', [skipped])).toEqual([])
    expect(open.used.map(({ findings }) => findings)).toEqual([[skipped, skipped]])
    expect([open.excuses('step-skipped', 'test'), open.excuses('step-skipped', 'build')]).toEqual([true, false])
    expect([open.excuses('step-order', 'test'), open.excuses('material-swapped', 'test')]).toEqual([false, false])
  })

  test('is not what is kept for all contracts of an organisation', () => {
    const strict: Contract = { ...contract, kept: ['step-skipped'] }
    expect(left({}, undefined, strict)).toEqual(['step-skipped', 'material-swapped'])
    expect(excusing({}, undefined, strict).excuses('step-skipped', 'test')).toBe(false)
  })

  test('is of this contract, this run and this artifact', () => {
    expect(left({ chain: run, artifact })).toEqual(['material-swapped'])
    for (const other of [
      { chain: 'd'.repeat(32) },
      { artifact: 'b'.repeat(64) },
      { chain: null, artifact: 'b'.repeat(64) },
    ]) {
      expect(left(other)).toEqual(['step-skipped', 'material-swapped'])
      expect(excusing(other).refused).toEqual([])
    }
    const next: Contract = { ...contract, digest: 'e'.repeat(64) }
    for (const under of [next, null]) expect(left({}, undefined, under)).toEqual(['step-skipped', 'material-swapped'])
  })

  test('is so from when it begins, with the contract’s tolerance, until it expires', () => {
    const times = { issuedAt: at(30), expiresAt: at(60) }
    const tolerance = contract.clockTolerance
    const moved = (minute: number, ms: number) => new Date(Date.parse(at(minute)) + ms).toISOString()
    expect(tolerance).toBeGreaterThan(0)
    for (const now of [moved(30, -tolerance), at(45), moved(60, -1)])
      expect(left(times, now)).toEqual(['material-swapped'])
    for (const [now, why] of [
      [moved(30, -tolerance - 1), 'begins at'],
      [at(60), 'expired at'],
      ['never', 'begins at'],
    ] as const) {
      expect(left(times, now)).toEqual(['step-skipped', 'material-swapped'])
      expect(excusing(times, now).refused).toMatchObject([
        { code: 'deviation-expired', what: expect.stringContaining(why) },
      ])
    }
  })
})
