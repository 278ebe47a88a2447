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
import { rounds } from '../thorough.ts'

const codesOf = (findings: readonly ErrorReport[]) => [...new Set(findings.map(({ code }) => code))].toSorted()

/** What a receiver asks that is about to run the step of this draft, and knows these steps. */
function asked(draft: Draft, known: readonly SignedDraft[], opened: ReceiveInput['steps']): ReceiveInput {
  return {
    step: { name: draft.name, attempt: draft.attempt, matrix: draft.matrix, nonce: draft.nonce },
    pipeline: 'p',
    materials: draft.materials.map(({ resource }) => resource),
    steps: new Map(known.flatMap(({ link }) => (opened.has(link) ? [[link, opened.get(link)!]] : []))),
    contract: null,
    token: null,
    newChain: draft.chain.id,
    now: at(draft.minute),
  }
}

function open(signed: readonly SignedDraft[], contract: Contract): ReceiveInput['steps'] {
  const bundles = signed.map(({ bundle }) => bundle)
  return readChain(bundles, trustOf(contract), nodeCrypto).steps
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
    see: (input: ReceiveInput, it: { draft: Draft; own: SignedDraft[]; contract: Contract }) => void,
  ): void {
    const { contract, drafts, again } = honestRun(choose)
    const others = signAll(again(choose.one(['salt', 'pepper'])))
    const signed = signAll(drafts)
    const opened = open([...others, ...signed], contract)
    for (const [i, draft] of drafts.entries()) {
      const own = signed.slice(0, i)
      see(asked(draft, [...others, ...own], opened), { draft, own, contract })
    }
  }

  test('comes from exactly the steps that it came from, under the contract', () => {
    fc.assert(
      fc.property(choices, (choose) =>
        eachOf(choose, (input, { draft, own, contract }) => {
          fc.pre(draft.chain.contract !== null)
          const received = receive({ ...input, contract })
          expect(codesOf(received.findings)).toEqual([])
          expect(received.chain).toEqual(draft.chain)
          const before = own.filter((step) => draft.previous.some(({ id }) => id === step.draft.id))
          expect(linksOf(received)).toEqual(before.map(({ link }) => link).toSorted())
          expect(received.materials.map(({ name }) => name)).toEqual(
            draft.materials.map(({ resource }) => resource.name),
          )
          for (const { digest, annotations } of received.materials) {
            const makers = before.filter(({ statement }) =>
              statement.subject.some((made) => made.digest.sha256 === digest.sha256),
            )
            const froms = makers.length === 0 ? [null] : makers.map(({ link }) => link)
            expect(froms).toContain(annotations!.from)
          }
        }),
      ),
      { numRuns: rounds(40, 100) },
    )
  })

  test('comes from the nearest that hold it, without one', () => {
    fc.assert(
      fc.property(choices, (choose) =>
        eachOf(choose, (input, { draft, own }) => {
          // Without a contract nobody may go on from another attempt: the first try of such a run is no predecessor.
          if (own.length === 0 || own.some((step) => step.draft.attempt !== draft.attempt)) return
          const received = receive(input)
          expect(linksOf(received)).toEqual(nearestSlowly(draft, own))
          const made = own.flatMap((step) => step.draft.subject)
          const held = made.map(({ digest }) => digest.sha256)
          // Bytes under two names, as of two empty files: the nearest that holds them may not know the name, and
          // another's product of that name makes it look swapped. Refused to be safe.
          const bases = (sha256: string) =>
            new Set(made.filter(({ digest }) => digest.sha256 === sha256).map(({ name }) => name.split('/').at(-1)))
          if (draft.materials.some(({ resource }) => bases(resource.digest.sha256).size > 1)) return
          const foreign = draft.materials.some(({ resource }) => !held.includes(resource.digest.sha256))
          expect(received.findings.length > 0).toBe(foreign && received.previous.length > 0)
        }),
      ),
      { numRuns: rounds(40, 100) },
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
        const { predicate } = choose.one(known).statement
        const like = known.filter((step) => draft.previous.some(({ step: name }) => name === step.draft.name))
        const named = choose.one(like.length > 0 ? like : known).link
        const token = choose.chance(30) ? { chain: predicate.chain.id, links: [named] } : null
        const input = { ...asked(draft, before, open(known, trusted)), contract, newChain, token }
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
      { numRuns: rounds(80, 200), maxSkipsPerRun: 20 },
    )
    const few = rounds(10, 20)
    expect([fitted > few, refused > few]).toEqual([true, true])
  })
})
