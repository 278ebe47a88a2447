import { describe, expect, test } from 'vitest'
import { portableCrypto } from '@countersign/core/portable'
import { type Endorsed, pae, PAYLOAD_TYPE, type Remark } from '@countersign/formats'
import { honestRun, party } from '../../../test/pipeline.ts'
import { idOfRemark, remarkAbout, sealRemark, signRemark } from '../../../test/remarks.ts'
import {
  openDisputes,
  readChain,
  standingRemarks,
  supersedingFault,
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

describe('beside a chain', () => {
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
