import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, type ErrorReport } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { Resource } from '@countersign/formats'
import {
  handshake,
  readChain,
  receive,
  type Received,
  type ReceiveInput,
  trustOf,
  verifyStep,
} from '@countersign/verify'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, signStep } from '../pipeline.ts'
import { type Choose, choices, type Draft, honestRun, type SignedDraft, signAll, SIGNERS } from './run.ts'
import { BENDS } from './tamper.ts'

const codesOf = (findings: readonly ErrorReport[]) => [...new Set(findings.map(({ code }) => code))].toSorted()

/** What a receiver asks that is about to run the step of this draft, knowing these steps. */
function asked(
  draft: Draft,
  known: readonly SignedDraft[],
  contract: Contract | null,
  trusted: Contract,
): ReceiveInput {
  const bundles = known.map(({ bundle }) => bundle)
  return {
    step: { name: draft.name, attempt: draft.attempt, matrix: draft.matrix, nonce: draft.nonce },
    pipeline: 'p',
    materials: draft.materials.map(({ resource }) => resource),
    steps: readChain(bundles, trustOf(trusted), nodeCrypto).steps,
    contract,
    token: null,
    newChain: draft.chain.id,
    now: at(draft.minute),
  }
}

/** The right predecessors without a contract: who holds a material, and is followed by nobody who holds it. */
function nearestSlowly(draft: Draft, known: readonly SignedDraft[]): string[] {
  const of = (link: string) => known.find((step) => step.link === link)
  const follows = (step: SignedDraft, other: SignedDraft): boolean =>
    step.statement.predicate.previous.some(({ link }) => {
      const before = of(link)
      return link === other.link || (before !== undefined && follows(before, other))
    })
  const nearest = draft.materials.flatMap(({ resource }) => {
    const holders = known.filter(
      (step) =>
        step.draft.exitCode === 0 &&
        step.draft.attempt === draft.attempt &&
        step.draft.subject.some(({ digest }) => digest.sha256 === resource.digest.sha256),
    )
    return holders.filter((step) => !holders.some((other) => follows(other, step)))
  })
  return [...new Set(nearest.map(({ link }) => link))].toSorted()
}

const linksOf = ({ previous }: Received) => previous.map(({ link }) => link).toSorted()

describe('what is received in an honest run', () => {
  /** Each step of a run with what was signed before it, and with another run that makes the same or not. */
  function eachOf(
    choose: Choose,
    see: (it: {
      draft: Draft
      known: SignedDraft[]
      own: SignedDraft[]
      contract: Contract
      links: Map<string, string>
    }) => void,
  ): void {
    const { contract, drafts, again } = honestRun(choose)
    const links = new Map<string, string>()
    const others = signAll(again(choose.one(['salt', 'pepper'])), links)
    const signed = signAll(drafts, links)
    const draft = choose.one(drafts)
    const own = signed.slice(0, drafts.indexOf(draft))
    see({ draft, own, known: [...others, ...own], contract, links })
  }

  test('comes from exactly the steps that it came from, under the contract', () => {
    fc.assert(
      fc.property(choices, (choose) =>
        eachOf(choose, ({ draft, known, contract, links }) => {
          fc.pre(draft.chain.contract !== null)
          const received = receive(asked(draft, known, contract, contract))
          expect(codesOf(received.findings), JSON.stringify(received.findings)).toEqual([])
          expect(received.chain).toEqual(draft.chain)
          expect(linksOf(received)).toEqual(draft.previous.map(({ id }) => links.get(id)).toSorted())
          expect(received.materials.map(({ name }) => name)).toEqual(
            draft.materials.map(({ resource }) => resource.name),
          )
          for (const { digest, annotations } of received.materials) {
            const makers = known.filter(({ statement }) =>
              statement.subject.some((made) => made.digest.sha256 === digest.sha256),
            )
            const from = annotations!.from!
            if (from === null) expect(makers.filter(({ link }) => linksOf(received).includes(link))).toEqual([])
            else expect(makers.map(({ link }) => link)).toContain(from)
          }
        }),
      ),
      { numRuns: 150 },
    )
  })

  test('comes from the nearest that hold it, without one', () => {
    fc.assert(
      fc.property(choices, (choose) =>
        eachOf(choose, ({ draft, known, own, contract }) => {
          // Without a contract nobody may go on from another attempt.
          fc.pre(own.length > 0 && own.every((step) => step.draft.attempt === draft.attempt))
          const received = receive(asked(draft, known, null, contract))
          expect(linksOf(received)).toEqual(nearestSlowly(draft, own))
          const held = own.flatMap((step) => step.draft.subject.map(({ digest }) => digest.sha256))
          const foreign = draft.materials.some(({ resource }) => !held.includes(resource.digest.sha256))
          expect(codesOf(received.findings).length > 0).toBe(foreign && received.previous.length > 0)
        }),
      ),
      { numRuns: 150 },
    )
  })
})

describe('what is received without findings', () => {
  /** What the step would make: what it vouches for, or what its contract names. */
  function madeBy(draft: Draft, materials: readonly Resource[]): readonly Resource[] {
    const plain = materials.map(({ annotations, ...rest }) => ({
      ...rest,
      annotations: { mode: annotations?.mode ?? null },
    }))
    const same = draft.subject.every(({ name }) => draft.materials.some(({ resource }) => resource.name === name))
    return same ? plain : draft.subject
  }

  test('is signed without findings, whatever was known', () => {
    let fitted = 0
    let refused = 0
    fc.assert(
      fc.property(choices, (choose) => {
        const { contract: trusted, drafts, again } = honestRun(choose)
        const bendable = { drafts, other: again(choose.one(['salt', 'pepper'])) }
        const names = Object.keys(BENDS)
        for (let i = choose.upTo(2); i > 0; i--) BENDS[choose.one(names)]!(bendable, choose)
        const draft = choose.one(bendable.drafts)
        const links = new Map<string, string>()
        const known: SignedDraft[] = []
        try {
          known.push(...signAll(bendable.other, links), ...signAll(bendable.drafts, links))
        } catch (error) {
          if (!(error instanceof CodedError)) throw error
          fc.pre(false)
        }
        const before = known.filter((step) => step.draft.id !== draft.id)
        const contract = choose.chance(30) ? null : trusted
        const newChain = choose.one([draft.chain.id, choose.fresh(32)])
        const token = choose.chance(20) ? { chain: draft.chain.id, links: [choose.one(known).link] } : null
        const input = { ...asked(draft, before, contract, trusted), newChain, token }
        const received = receive(input)
        if (received.findings.length > 0) {
          refused++
          return
        }
        fitted++
        const rule = contract?.steps.get(draft.name)
        const by = SIGNERS.find(({ name }) => rule === undefined || rule.signers.includes(name))!
        const subject = madeBy(draft, received.materials)
        if (subject.length === 0) return
        const signed = signStep(by, { ...input.step, ...received, subject, minute: draft.minute })
        const trust = {
          signers: SIGNERS.map(({ name, publicKey }) => ({ name, key: publicKey, revokedAt: null })),
          countersigners: [],
        }
        const step = verifyStep(signed.bundle, trust, nodeCrypto)
        const { findings } = handshake({ step, previous: input.steps, contract, now: at(draft.minute + 1) })
        // What it makes is not known before it runs.
        const made = ['product-unexpected', 'product-missing']
        expect(codesOf(findings).filter((code) => !made.includes(code))).toEqual([])
      }),
      { numRuns: 200, maxSkipsPerRun: 20 },
    )
    expect([fitted > 20, refused > 20]).toEqual([true, true])
  })
})
