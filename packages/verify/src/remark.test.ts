import { describe, expect, test } from 'vitest'
import { portableCrypto } from '@countersign/core/portable'
import { type Endorsed, pae, PAYLOAD_TYPE, type Remark } from '@countersign/formats'
import { logAct, maintained } from '../../../test/acts.ts'
import { at, honestRun, parties, party } from '../../../test/pipeline.ts'
import { idOfRemark, remarkAbout, sealRemark, signRemark } from '../../../test/remarks.ts'
import {
  openDisputes,
  readChain,
  standingRemarks,
  supersedingFault,
  type Trust,
  type VerifiedRemark,
  verifyRemark,
} from './index.ts'
import { trustIn } from './verify.test-kit.ts'

const [ann, bob, ci, eve] = ['ann', 'bob', 'ci', 'eve'].map((name) => party(name)) as [
  ReturnType<typeof party>,
  ReturnType<typeof party>,
  ReturnType<typeof party>,
  ReturnType<typeof party>,
]
const trust = trustIn([ann, bob, ci])
const STEP = 'a'.repeat(64)
const accused = () => [verified(signRemark(ci, remarkAbout(STEP))).signer]
const verified = (signed: Endorsed) => verifyRemark(signed, { trust, at: null }, portableCrypto)
const dispute = signRemark(ann, remarkAbout(STEP, { kind: 'dispute' }))
const after = (signed: Endorsed, more: Partial<Remark>) =>
  remarkAbout(STEP, { supersedes: idOfRemark(signed), ...more })
const standing = (...all: readonly Endorsed[]) => standingRemarks(all.map(verified), accused)
const open = (...all: readonly Endorsed[]) => openDisputes(standing(...all)).map(({ id }) => id)

describe('a signed note', () => {
  test('is verified under a trusted key, and says who signed it', () => {
    const one = verified(dispute)
    expect(one).toMatchObject({ id: idOfRemark(dispute), signer: { name: 'ann', grade: 'D' }, logged: null })
    expect(one.remark).toMatchObject({ kind: 'dispute', text: 'looked at it, INC-42' })
  })

  test('of a stranger, changed or of another kind is none', () => {
    const code = (signed: Endorsed) => {
      try {
        verified(signed)
        return null
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(code(dispute)).toBe(null)
    expect(code(signRemark(eve, remarkAbout(STEP)))).toBe('signer-unknown')
    const payload = new Uint8Array(Buffer.from(Buffer.from(dispute.payload).toString().replace('INC-42', 'INC-43')))
    expect(code({ ...dispute, payload })).toBe('signature-invalid')
    // A step is signed with the same type of payload: its predicate tells it apart.
    const step = honestRun().build.bundle.envelope.payload
    expect(code(sealRemark(ann, step))).toBe('predicate-type')
    // Red control: the signature is good, so whoever asks of nothing else takes it for a note.
    const { signature } = sealRemark(ann, step).endorsements[0]!
    expect(portableCrypto.verify(ann.publicKey, pae(PAYLOAD_TYPE, step), signature)).toBe(true)
  })

  test('under a key that was revoked counts only where somebody else says that it was before', () => {
    const [first, ...rest] = trust.signers
    const revoked = { ...trust, signers: [{ ...first!, revokedAt: '2026-11-20T12:00:00.000Z' }, ...rest] }
    const ask = (at: string | null) => () => verifyRemark(dispute, { trust: revoked, at }, portableCrypto)
    expect(ask(null)).toThrow(expect.objectContaining({ code: 'signer-revoked' }))
    expect(ask('2026-11-20T12:00:00.000Z')).toThrow(expect.objectContaining({ code: 'signer-revoked' }))
    expect(ask('2026-11-20T11:59:59.999Z')().signer.name).toBe('ann')
  })
})

describe('the proof beside a note', () => {
  const log = party('log', 'ed25519')
  const own = trustIn([ann, bob, ci], [log])
  const [early, late] = [at(70), at(80)]
  const logged = (signed: Endorsed, by: readonly ReturnType<typeof party>[], time = early): Endorsed => ({
    ...signed,
    logged: logAct(signed, log, by, { time }),
  })
  const open = (signed: Endorsed, trust = own) => verifyRemark(signed, { trust, at: null }, portableCrypto)
  const copy = sealRemark(ci, dispute.payload)

  test('says since when a log has it, as the one who signed it', () => {
    expect(open(logged(dispute, [ann]))).toMatchObject({ logged: { log: { name: 'log' }, at: early }, unlogged: null })
    expect(open(logged(copy, [ci]))).toMatchObject({ logged: { at: early }, signer: { name: 'ci' } })
  })

  test.each<[string, Endorsed]>([
    ['of who signed it before', { ...copy, logged: logged(dispute, [ann]).logged }],
    ['of two', logged(dispute, [ann, ci])],
    ['of nobody', logged(dispute, [])],
    ['that names another than the leaf', { ...dispute, logged: logged(dispute, [bob]).logged }],
    ['of a log that nobody believes', { ...dispute, logged: logAct(dispute, party('other', 'ed25519'), [ann]) }],
  ])('says nothing where it is %s', (_, signed) => {
    const one = open(signed)
    expect(one.logged).toBeNull()
    expect(['receipt-invalid', 'signer-unknown']).toContain(one.unlogged!.code)
    // Nor does it make up for a key that was revoked.
    const revoked = { ...own, signers: own.signers.map((known) => ({ ...known, revokedAt: late })) }
    expect(() => open(signed, revoked)).toThrow(expect.objectContaining({ code: 'signer-revoked' }))
    expect(open(logged(dispute, [ann]), revoked).signer.name).toBe('ann')
    expect(() => open(logged(dispute, [ann], late), revoked)).toThrow()
  })

  test('of copies the one that a log had first is told, whatever their order', () => {
    const [one, two] = [logged(dispute, [ann]), logged(dispute, [ann], late)]
    for (const lines of [
      [dispute, one, two],
      [two, one, dispute],
      [two, dispute, one],
    ]) {
      const { remarks } = readChain(lines, own, portableCrypto)
      expect(remarks.map((remark) => remark.logged?.at)).toEqual([early])
    }
  })

  test('tells when it was said, and its author no earlier than that', () => {
    const note = signRemark(bob, remarkAbout(STEP, { at: at(90) }))
    const first = signRemark(ann, remarkAbout(STEP, { at: at(1) }))
    const times = (...all: readonly Endorsed[]) =>
      standingRemarks(
        all.map((signed) => open(signed)),
        () => [],
      ).map(({ remark }) => remark.signer.name)
    expect(times(note, first)).toEqual(['ann', 'bob'])
    expect(times(logged(first, [ann], late), logged(note, [bob], early))).toEqual(['bob', 'ann'])
  })
})

describe('what stands', () => {
  test('a dispute is open until it is resolved by somebody else, and again when that is taken back', () => {
    expect(open(dispute)).toEqual([idOfRemark(dispute)])
    const resolution = signRemark(bob, after(dispute, { kind: 'resolution' }))
    expect(open(dispute, resolution)).toEqual([])
    expect(open(resolution, dispute)).toEqual([])
    const back = signRemark(bob, after(resolution, { kind: 'withdrawal' }))
    expect(open(dispute, resolution, back)).toEqual([idOfRemark(dispute)])
    expect(standing(dispute, resolution, back)).toHaveLength(3)
  })

  test('a dispute is withdrawn or restated by its author', () => {
    expect(open(dispute, signRemark(ann, after(dispute, { kind: 'withdrawal' })))).toEqual([])
    const again = signRemark(ann, after(dispute, { kind: 'dispute', text: 'and the other report too' }))
    expect(open(dispute, again)).toEqual([idOfRemark(again)])
    const back = signRemark(ann, after(again, { kind: 'withdrawal' }))
    expect(open(dispute, again, back)).toEqual([])
  })

  test.each<[string, Endorsed]>([
    ['of somebody else, withdrawn', signRemark(bob, after(dispute, { kind: 'withdrawal' }))],
    ['of somebody else, restated', signRemark(bob, after(dispute, { kind: 'dispute' }))],
    ['resolved by its own author', signRemark(ann, after(dispute, { kind: 'resolution' }))],
    ['resolved by who signed the step', signRemark(ci, after(dispute, { kind: 'resolution' }))],
    ['made a note of', signRemark(ann, after(dispute, { kind: 'note' }))],
    [
      'resolved as of another step',
      signRemark(bob, remarkAbout('b'.repeat(64), { kind: 'resolution', supersedes: idOfRemark(dispute) })),
    ],
  ])('a dispute stays open: %s', (_, later) => {
    expect(open(dispute, later)).toContain(idOfRemark(dispute))
    expect(standing(dispute, later).find(({ remark }) => remark.id === idOfRemark(later))?.fault).not.toBe(null)
    // Red control: whoever asks nobody who it was takes it for answered.
    const naive = (all: readonly VerifiedRemark[]) =>
      !all.some(({ remark }) => remark.supersedes === idOfRemark(dispute))
    expect(naive([dispute, later].map(verified))).toBe(false)
  })

  // T-92: what another has written can be signed again, as it stands. Then it has the same id, and another author.
  test('who signs what another disputes does not take that back with it', () => {
    const { payload } = dispute
    const copy = sealRemark(ci, payload)
    const back = signRemark(ci, after(dispute, { kind: 'withdrawal' }))
    expect(idOfRemark(copy)).toBe(idOfRemark(dispute))
    for (const all of [
      [dispute, copy, back],
      [copy, back, dispute],
      [back, dispute, copy],
    ]) {
      const stood = standing(...all)
      expect(openDisputes(stood).map(({ signer }) => signer.name)).toEqual(['ann'])
      const of = (name: string) => stood.filter(({ remark }) => remark.signer.name === name)
      expect(of('ann')).toMatchObject([{ supersededBy: null, fault: null }])
      // His own he takes back, which is no fault.
      expect(of('ci').map(({ supersededBy, fault }) => [supersededBy, fault])).toEqual(
        expect.arrayContaining([
          [idOfRemark(back), null],
          [null, null],
        ]),
      )
      // Red control: whoever knows notes by their ids alone has one of the two, and with his the dispute is gone.
      const byId = new Map([dispute, copy, back].map((signed) => [idOfRemark(signed), signed]))
      expect(open(...byId.values())).toEqual([])
    }
    // Whom neither of them accuses resolves what both say, and is resolved for both.
    expect(open(dispute, copy, signRemark(bob, after(dispute, { kind: 'resolution' })))).toEqual([])
    // Nobody's but the author's own: it is a fault where none of them is his.
    const none = standing(dispute, copy, signRemark(bob, after(dispute, { kind: 'withdrawal' })))
    expect(none.filter(({ fault }) => fault !== null).map(({ remark }) => remark.signer.name)).toEqual(['bob'])
  })

  test('who is accused is asked for: where nobody is known, anybody else resolves', () => {
    const later = verified(signRemark(ci, after(dispute, { kind: 'resolution' })))
    expect(supersedingFault(later, verified(dispute), [])).toBe(null)
    expect(supersedingFault(later, verified(dispute), accused())).toBe('ci signed what is disputed')
  })

  test('what is there twice stands once, in whatever order', () => {
    const note = signRemark(bob, remarkAbout(STEP))
    const ids = (...all: readonly Endorsed[]) => standing(...all).map(({ remark }) => remark.id)
    expect(ids(dispute, note, dispute)).toEqual(ids(note, dispute))
  })
})

describe('who may say something', () => {
  const contract = maintained(parties(), { threshold: 1, of: [eve] })
  const note = signRemark(eve, remarkAbout(STEP))
  const ask = (more: Partial<Trust>) => () =>
    verifyRemark(note, { trust: { ...trust, ...more }, at: at(90) }, portableCrypto).signer.name

  test('is a maintainer as well, until their key is revoked', () => {
    expect(ask({})).toThrow(expect.objectContaining({ code: 'signer-unknown' }))
    expect(ask({ maintained: [contract] })()).toBe('eve')
    const unmaintained = new Map([[eve.publicKey.keyId, at(90)]])
    expect(ask({ maintained: [contract], unmaintained })).toThrow(expect.objectContaining({ code: 'signer-revoked' }))
  })

  test('is no fault of the machine', () => {
    const log = party('log', 'ed25519')
    const broken = (keyId: string) => ({
      ...portableCrypto,
      verify: (...given: Parameters<typeof portableCrypto.verify>) => {
        if (given[0].keyId === keyId) throw new Error('out of memory')
        return portableCrypto.verify(...given)
      },
    })
    const logged = { ...dispute, logged: logAct(dispute, log, [ann], { time: at(70) }) }
    for (const { publicKey } of [ann, log]) {
      const crypto = broken(publicKey.keyId)
      expect(() => verifyRemark(logged, { trust: trustIn([ann], [log]), at: null }, crypto)).toThrow('out of memory')
      expect(() => readChain([logged], trustIn([ann], [log]), crypto)).toThrow('out of memory')
    }
  })
})

describe('what cannot stand in the place of another', () => {
  const fault = (later: Endorsed, earlier: Endorsed) => supersedingFault(verified(later), verified(earlier), [])

  test('is told why', () => {
    const note = signRemark(ann, remarkAbout(STEP))
    const back = signRemark(ann, after(note, { kind: 'withdrawal' }))
    expect(fault(back, note)).toBeNull()
    expect(fault(back, dispute)).toBe('it names another note')
    expect(fault(signRemark(bob, after(note, { kind: 'resolution' })), note)).toBe(
      'a resolution is of a dispute, not of a note',
    )
    expect(fault(signRemark(ann, after(back, { kind: 'withdrawal' })), back)).toBe('what is withdrawn stays so')
  })

  test('is asked of steps alone: an artifact has no signers', () => {
    const digest = 'b'.repeat(64)
    const about = [
      { kind: 'artifact', digest },
      { kind: 'step', digest: STEP },
    ] as const
    const first = signRemark(ann, remarkAbout(about, { kind: 'dispute' }))
    const later = signRemark(bob, remarkAbout(about, { kind: 'resolution', supersedes: idOfRemark(first) }))
    const asked: string[] = []
    standingRemarks([first, later].map(verified), (link) => {
      asked.push(link)
      return []
    })
    expect(asked).toEqual([STEP])
  })
})

describe('among the lines of a chain', () => {
  test('no more than so many notes are looked at, and the others are told', () => {
    const yes = { ...portableCrypto, verify: () => true }
    const read = (count: number) => readChain(Array(count).fill(dispute), trust, yes).unknownRemarks
    expect(read(2_000)).toEqual([])
    expect(read(2_001)).toMatchObject([{ index: 2_000, report: { code: 'remark-invalid' } }])
  }, 30_000)

  const run = honestRun()
  const own = trustIn([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure, ann])
  const bundles = run.steps.map(({ bundle }) => bundle)

  test('notes are told, change nothing of what is verified, and who is unknown is told apart', () => {
    const without = readChain(bundles, own, portableCrypto)
    const lines = [
      ...bundles,
      signRemark(ann, remarkAbout(run.build.link)),
      signRemark(eve, remarkAbout(run.build.link)),
    ]
    const chain = readChain(lines, own, portableCrypto)
    expect([...chain.steps.keys()]).toEqual([...without.steps.keys()])
    expect(chain.refused).toEqual([])
    expect(chain.remarks.map(({ signer }) => signer.name)).toEqual(['ann'])
    expect(chain.unknownRemarks).toMatchObject([{ index: bundles.length + 1, report: { code: 'signer-unknown' } }])
  })
})
