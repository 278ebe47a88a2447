import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, type ErrorReport } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { ChainLine } from '@countersign/formats'
import { type Chain, handshake, judge, logKeys, readChain, trustOf } from '@countersign/verify'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BentWithheld, logOf } from '../log-of.ts'
import { at, countersign, logKeyOf, party, seal } from '../pipeline.ts'
import { type Evidence, handshakeSlowly, judgeSlowly, type Opinion } from './judge.ts'
import { type Choose, choices, honestRun, SERVER, type SignedDraft, signAll, SIGNERS } from './run.ts'
import { BENDS } from './tamper.ts'
import { rounds } from '../thorough.ts'

/** What a verifier is asked: a chain file, and what is to be proven by it. */
interface Case extends Pick<Evidence, 'artifact' | 'tree' | 'contract' | 'now' | 'allowWithheld'> {
  readonly chain: Chain
  /** What was done to it. */
  readonly bent: readonly string[]
}

const ANOTHER_SERVER = party('another-server', 'ed25519')

/** Signed for real: the twin is asked about what `readChain` lets through, so receipts and strangers' keys count. */
function read(lines: readonly ChainLine[], contract: Contract): Chain {
  return readChain(lines, trustOf(contract), nodeCrypto)
}

function linesOf(contract: Contract, signed: readonly SignedDraft[]): ChainLine[] {
  const receipts = contract.countersigners.length === 0 ? [] : signed.map((step, i) => countersign(SERVER, step, i))
  return [...signed.map(({ bundle }) => bundle), ...receipts]
}

/** All steps in one log, some of them withheld, and now and then a line that claims what is not so. */
function withheldLines(choose: Choose, signed: readonly SignedDraft[]): ChainLine[] {
  const hidden = choose.chance(70) ? [choose.one(signed)] : choose.some(signed)
  const log = logOf(SERVER, signed, { erased: choose.chance(50) ? [{ index: 0, ground: 'asked for' }] : [] })
  const bent: BentWithheld = choose.one([
    ...Array.from({ length: 9 }, () => ({})),
    { index: choose.upTo(signed.length - 1) },
    { chain: 'f'.repeat(32) },
  ])
  return signed.flatMap((step, i): ChainLine[] => {
    const receipt = choose.chance(5) ? [] : [log.receipts[i]!]
    return hidden.includes(step) ? [log.withheld(step, step === hidden[0] ? bent : {})] : [step.bundle, ...receipt]
  })
}

function readWithheld(lines: readonly ChainLine[], contract: Contract): Chain {
  return readChain(lines, { ...trustOf(contract), countersigners: logKeys([logKeyOf(SERVER)]) }, nodeCrypto)
}

/** An honest run after 0 to 3 changes; null where what came out has no form in which it could be signed. */
function bentCase(choose: Choose, withheld = false): Case | null {
  const { contract, drafts, artifact, again } = honestRun(choose)
  if (artifact === null) return null
  const bendable = { drafts, other: again(choose.one(['salt', 'pepper'])) }
  const names = Object.keys(BENDS)
  const bends = withheld ? choose.one([0, 0, 1, 2]) : choose.one([1, 1, 1, 2, 3, 0])
  const bent = Array.from({ length: bends }, () => choose.one(names))
  for (const name of bent) BENDS[name]!(bendable, choose)
  // So that more than one run is at fault.
  const theirs = { drafts: bendable.other, other: bendable.drafts }
  if (choose.chance(25)) BENDS[choose.one(names)]!(theirs, choose)
  const links = new Map<string, string>()
  const signed: SignedDraft[] = []
  try {
    const others = choose.chance(40) || bent.includes('the predecessor of another run')
    if (others) signed.push(...signAll(theirs.drafts, links))
    signed.push(...signAll(bendable.drafts, links))
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
  const made = signed.flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256))
  return {
    bent,
    chain: withheld
      ? readWithheld(withheldLines(choose, signed), contract)
      : read(tampered(choose, linesOf(contract, signed), signed), contract),
    artifact: choose.chance(10) ? choose.one([...made, 'f'.repeat(64)]) : artifact.digest.sha256,
    ...(choose.chance(20) ? { tree: choose.chance(50) } : {}),
    contract: choose.chance(15) ? null : contract,
    now: at(choose.one([60, 60, 60, 4])),
    allowWithheld: choose.chance(40),
  }
}

/** What can be done to a chain file without a key, and with one to another's step. */
function tampered(choose: Choose, all: ChainLine[], signed: readonly SignedDraft[]): ChainLine[] {
  const i = choose.upTo(all.length - 1)
  const step = choose.one(signed)
  const receipt = all.at(signed.indexOf(step) - signed.length)!
  const { envelope } = step.bundle
  switch (choose.upTo(11)) {
    case 5:
      return all.toSpliced(i, 1)
    case 6:
      return [...all, all[i]!]
    case 7:
      return all.with(all.indexOf(step.bundle), {
        ...step.bundle,
        envelope: { ...envelope, signature: new Uint8Array(64) },
      })
    case 8:
      return [...all, seal(choose.one(SIGNERS), step.bundle.envelope.payload)]
    case 9:
      return all.with(all.indexOf(receipt), countersign(ANOTHER_SERVER, step, 0))
    case 10:
      return all.with(all.indexOf(receipt), countersign(SERVER, ofChain(step, 'f'.repeat(32)), 0))
    case 11:
      return all.with(all.indexOf(receipt), countersign(SERVER, { ...step, bundle: choose.one(signed).bundle }, 0))
    default:
      return all
  }
}

function ofChain(step: SignedDraft, id: string): SignedDraft {
  const { predicate } = step.statement
  return {
    ...step,
    statement: { ...step.statement, predicate: { ...predicate, chain: { ...predicate.chain, id } } },
  }
}

/** A verdict, and what each step does wrong by itself, on the path or beside it. */
interface Judgement extends Opinion {
  readonly each: readonly (readonly string[])[]
}

function codesOf(findings: readonly ErrorReport[]): string[] {
  return [...new Set(findings.map(({ code }) => code))].toSorted()
}

function judged({ chain, artifact, tree, contract, now, allowWithheld }: Case): Judgement {
  const { verdict, findings } = judge({
    artifact,
    chain,
    contract,
    now,
    allowWithheld,
    ...(tree === undefined ? {} : { tree }),
  })
  const each = [...chain.steps.values()].map((step) =>
    handshake({ step, previous: chain.steps, withheld: chain.withheld, contract, now }),
  )
  return { verdict, codes: codesOf(findings), each: each.map(({ findings }) => codesOf(findings)) }
}

function judgedSlowly({ chain, ...asked }: Case): Judgement {
  const steps = [...chain.steps.values()].map((step) => ({
    ...step.statement,
    link: step.link,
    keyIds: [step.signer, ...step.cosigners].map(({ keyId }) => keyId),
  }))
  const receipts = [...chain.receipts.values()].flat()
  const withheld = [...chain.withheld.values()].map(({ withheld: { unopened, proof } }) => ({
    link: unopened.link,
    chain: unopened.chain,
    origin: proof.checkpoint.origin,
    index: proof.index,
  }))
  const opinion = judgeSlowly({
    ...asked,
    steps,
    receipts: receipts.map(({ receipt, countersigner: { name, keyId } }) => ({
      link: receipt.opening.link,
      origin: name,
      keyId,
      index: receipt.proof.index,
    })),
    withheld,
  })
  return { ...opinion, each: steps.map((step) => handshakeSlowly(step, { ...asked, steps, withheld })) }
}

/** Every code that a verdict can hold. */
const CODES = [
  'artifact-unproven',
  'attempt-mixed',
  'chain-mismatch',
  'contract-mismatch',
  'contract-missing',
  'digest-conflict',
  'edge-empty',
  'final-missing',
  'material-swapped',
  'material-unexplained',
  'matrix-incomplete',
  'nonce-reused',
  'pipeline-mismatch',
  'place-taken',
  'predecessor-failed',
  'previous-mismatch',
  'previous-missing',
  'product-missing',
  'product-unexpected',
  'receipt-missing',
  'signer-not-allowed',
  'step-failed',
  'step-order',
  'step-skipped',
  'step-unknown',
  'time-future',
  'time-order',
]

describe('judge and its slow twin', () => {
  test('pass every honest run', () => {
    fc.assert(
      fc.property(choices, (choose) => {
        const { contract, drafts, artifact } = honestRun(choose)
        if (artifact === null) fc.pre(false)
        const chain = read(linesOf(contract, signAll(drafts)), contract)
        const asked = { chain, artifact: artifact.digest.sha256, contract, now: at(60), bent: [], allowWithheld: false }
        const codes = drafts.every((draft) => draft.chain.contract !== null) ? [] : ['contract-missing']
        const right = { verdict: codes.length === 0 ? 'pass' : 'fail', codes }
        const each = drafts.map(() => codes)
        expect([judged(asked), judgedSlowly(asked)]).toEqual([right, right].map((one) => ({ ...one, each })))
      }),
      { numRuns: rounds(30, 150), seed: 7 },
    )
  })

  test('say the same of every other, in which all that can go wrong does', () => {
    const seen = new Set<string>()
    let passed = 0
    // One seed, so that every code does come up.
    fc.assert(
      fc.property(choices, (choose) => {
        const asked = bentCase(choose)
        fc.pre(asked !== null)
        const opinion = judged(asked)
        expect(opinion, asked.bent.join(', ')).toEqual(judgedSlowly(asked))
        for (const code of opinion.codes) seen.add(code)
        if (opinion.verdict === 'pass') passed++
      }),
      { numRuns: rounds(200, 600), maxSkipsPerRun: 10, seed: 3 },
    )
    expect([...seen].toSorted()).toEqual(CODES)
    expect(passed).toBeGreaterThan(50)
  })

  test('say the same of every chain of which something is withheld', () => {
    const seen = new Map<string, number>()
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
    fc.assert(
      fc.property(choices, (choose) => {
        const asked = bentCase(choose, true)
        fc.pre(asked !== null)
        const opinion = judged(asked)
        expect(opinion, asked.bent.join(', ')).toEqual(judgedSlowly(asked))
        const hidden = opinion.each.some((codes) => codes.includes('step-withheld'))
        if (hidden) count(`${opinion.verdict}${asked.allowWithheld ? ' allowed' : ''}`)
        for (const { report } of asked.chain.refused) count(report.code)
      }),
      { numRuns: rounds(200, 600), maxSkipsPerRun: 10, seed: 5 },
    )
    // Nobody passes over what is withheld without being asked to.
    for (const what of ['pass allowed', 'unknown', 'fail', 'fail allowed', 'withheld-invalid']) {
      expect(seen.get(what), what).toBeGreaterThan(5)
    }
    expect([...seen.keys()]).not.toContain('unknown allowed')
  })
})
