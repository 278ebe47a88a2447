import { CodedError, hex } from '@countersign/core'
import type { Contract, StepRule } from '@countersign/contract'
import type { Examination } from '@countersign/evidence-page'
import { asSubject, parseStep, type Resource, writeStep } from '@countersign/formats'
import { receive, type VerifiedStep } from '@countersign/verify'
import type { ApprovalAsked, Draft, SeenApproval } from './messages.ts'

/** Steps that approve, of the runs that were examined: who may, and who did. */
export function approvalsIn({ chain, contracts }: Pick<Examination, 'chain' | 'contracts'>): SeenApproval[] {
  const runs = Map.groupBy(chain.steps.values(), ({ statement }) => statement.predicate.chain.id)
  return [...runs].flatMap(([id, steps]) => {
    const contract = contractOf(contracts, steps)
    if (contract === null) return []
    return [...contract.steps.values()].flatMap((rule) => approvalOf(id, steps, contract, rule))
  })
}

function contractOf(contracts: readonly Contract[], steps: readonly VerifiedStep[]): Contract | null {
  const digests = new Set(steps.map(({ statement }) => statement.predicate.chain.contract))
  const [digest] = digests
  return digests.size === 1 ? (contracts.find((one) => one.digest === digest) ?? null) : null
}

function approvalOf(chain: string, steps: readonly VerifiedStep[], contract: Contract, rule: StepRule): SeenApproval[] {
  if (rule.approvals === null) return []
  const attempt = attemptOf(steps)
  const given = steps.filter(
    ({ statement: { predicate } }) => predicate.step.name === rule.name && predicate.step.attempt === attempt,
  )
  const people = [...rule.approvals.people].map(([name, signers]) => ({
    name,
    keyIds: signers.flatMap((signer) => {
      const own = contract.signers.get(signer)
      return own?.kind === 'key' ? [own.key.keyId] : []
    }),
    link: given.find(({ statement }) => statement.predicate.step.matrix === name)?.link ?? null,
  }))
  const before = rule.after.map((name) => latest(steps, name, attempt, contract))
  return [
    {
      chain,
      contract: contract.digest,
      pipeline: contract.pipeline,
      step: rule.name,
      atLeast: rule.approvals.atLeast,
      people,
      after: before.flatMap((some) => some.map(({ link }) => link)),
      waitsFor: rule.after.filter((_, i) => before[i]!.length === 0),
    },
  ]
}

function attemptOf(steps: readonly VerifiedStep[]): number {
  return steps.reduce((last, { statement }) => Math.max(last, statement.predicate.step.attempt), 1)
}

/** The steps of a name that an attempt goes on from. */
function latest(steps: readonly VerifiedStep[], name: string, attempt: number, { attempts }: Contract): VerifiedStep[] {
  const own = steps.filter(({ statement }) => statement.predicate.step.name === name)
  const fitting = attempts === 'carry' ? own : own.filter((one) => attemptIn(one) === attempt)
  const last = attemptOf(fitting)
  return fitting.filter((one) => attemptIn(one) === last)
}

function attemptIn({ statement }: VerifiedStep): number {
  return statement.predicate.step.attempt
}

/**
 * The approval that somebody is about to sign, out of what was verified here: the same as `countersign approve` makes.
 * What is shown of it is read out of the very bytes that are signed.
 */
export function draftApproval({ chain, contracts, now }: Examination, asked: ApprovalAsked, nonce: Uint8Array): Draft {
  const steps = [...chain.steps.values()].filter(({ statement }) => statement.predicate.chain.id === asked.chain)
  const contract = contractOf(contracts, steps)
  const rule = contract?.steps.get(asked.step)
  if (contract === null || rule === undefined || rule.approvals === null || !rule.approvals.people.has(asked.person))
    throw new CodedError('usage', 'the contract of this run asks nobody of this name to approve')
  const attempt = attemptOf(steps)
  const before = rule.after.flatMap((name) => latest(steps, name, attempt, contract))
  const received = receive({
    step: { name: rule.name, attempt, matrix: asked.person, nonce: hex(nonce) },
    pipeline: contract.pipeline,
    materials: productsOf(before),
    steps: new Map(steps.map((step) => [step.link, step])),
    withheld: chain.withheld,
    contract,
    deviations: chain.deviations,
    token: null,
    newChain: asked.chain,
    now,
  })
  if (received.findings.length > 0) return { kind: 'refused', findings: received.findings }
  const payload = writeStep({
    subject: received.materials.map(asSubject),
    predicate: {
      chain: received.chain,
      step: { name: rule.name, attempt, matrix: asked.person, nonce: hex(nonce) },
      previous: received.previous,
      materials: received.materials,
      invocation: {
        argv: null,
        exitCode: null,
        signal: null,
        error: null,
        startedAt: now,
        finishedAt: now,
        workingDirectory: null,
        environment: {},
      },
      runner: { system: 'local', identity: null, os: 'browser', arch: 'browser', tools: {}, actions: {} },
      evidence: [],
    },
  })
  const { subject, predicate } = parseStep(payload)
  return {
    kind: 'draft',
    payload,
    pipeline: predicate.chain.pipeline,
    chain: predicate.chain.id,
    contract: predicate.chain.contract ?? '',
    step: predicate.step.name,
    person: predicate.step.matrix ?? '',
    attempt: predicate.step.attempt,
    previous: predicate.previous.map(({ link, step }) => ({ link, step })),
    subjects: subject.map((one) => ({
      name: one.name,
      sha256: one.digest.sha256,
      from: null,
      dirty: one.annotations?.dirty === true,
    })),
  }
}

/** What some steps hand on, by name: of two that vouch for one name, what the later one has. */
function productsOf(steps: readonly VerifiedStep[]): Resource[] {
  const ended = ({ statement }: VerifiedStep) => statement.predicate.invocation.finishedAt
  const byName = new Map<string, Resource>()
  for (const { statement } of steps.toSorted((a, b) => (ended(a) < ended(b) ? -1 : 1)))
    for (const made of statement.subject) byName.set(made.name, asSubject(made))
  return [...byName.values()]
}
