import { type ConcurrentCrypto, type ErrorReport, hex } from '@countersign/core'
import type { Evidence } from '@countersign/evidence'
import type { Outcome, RunFacts, RunRecord, SignerFacts } from '@countersign/evidence/pack'
import { succeeded } from '@countersign/formats'
import {
  type Chain,
  judgeSubject,
  openDisputes,
  readChainConcurrently,
  type Signer,
  standingRemarks,
  type VerifiedStep,
} from '@countersign/verify'
import type { RunBasis } from '../gathering/own-basis.ts'
import { anchoredOf } from '../gathering/statements.ts'

export interface Asked {
  /** As the server listed it. */
  readonly run: RunRecord
  /** SHA-256 of artifacts that gates let out: of these it is told which the run proves. */
  readonly artifacts: ReadonlySet<string>
  /** ISO time as of which all is judged. */
  readonly now: string
}

/** What the evidence of one run proves under a basis, and nothing that it only says. */
export async function runFacts(
  evidence: Evidence,
  basis: RunBasis,
  { run, artifacts, now }: Asked,
  crypto: ConcurrentCrypto,
): Promise<RunFacts> {
  const { trust, anchors } = basis
  const chain = await readChainConcurrently(evidence.lines, trust, crypto, now)
  const anchored = await anchoredOf(chain, evidence, trust, anchors, crypto)
  const own = [...chain.steps.values()].filter(({ statement }) => statement.predicate.chain.id === run.chain)
  const bound = own[0]?.statement.predicate.chain.contract ?? null
  const contract = basis.contracts.find(({ digest }) => digest === bound) ?? null
  const contracts = contract === null ? [] : [contract]
  const common = { runs: [run.chain], chain, contracts, now, anchored }
  const verdict = judgeSubject({ artifact: null, ...common })
  // Without its contract nothing says what the run should have been.
  const unruled = contract === null && own.length > 0 && (bound !== null || basis.contracts.length > 0)
  const unknown = {
    code: 'contract-unknown',
    what:
      bound === null ? 'the run is bound to no contract' : `contract ${bound.slice(0, 12)} of the run is not at hand`,
  } as const
  const outcome: Outcome = unruled
    ? 'unknown'
    : verdict.verdict !== 'pass'
      ? verdict.verdict === 'fail'
        ? 'failed'
        : 'unknown'
      : verdict.deviations.length > 0
        ? 'deviating'
        : 'proven'
  const proves =
    contract === null
      ? []
      : subjectsOf(own).filter(
          (artifact) => artifacts.has(artifact) && judgeSubject({ artifact, ...common }).verdict === 'pass',
        )
  const times = timesOf(chain)
  const links = new Set(own.map(({ link }) => link))
  const receipts = [...chain.receipts].flatMap(([link, all]) => (links.has(link) ? [all] : []))
  return {
    chain: run.chain,
    pipeline: own[0]?.statement.predicate.chain.pipeline ?? run.pipeline,
    contract: contract === null ? null : { digest: contract.digest, revision: contract.revision },
    outcome,
    reason: unruled
      ? unknown
      : outcome === 'proven' || outcome === 'deviating'
        ? null
        : reasonOf(verdict.findings, chain),
    firstAt: times[0] ?? null,
    lastAt: times.at(-1) ?? null,
    steps: own.length,
    failed: own.filter(({ statement }) => !succeeded(statement.predicate)).length,
    withheld: chain.withheld.size,
    refused: chain.refused.length,
    late: receipts.flatMap((all) => {
      const [{ receipt, step }] = all as [(typeof all)[number]]
      const { leaf } = receipt.opening
      return leaf.late ? [{ step: step.statement.predicate.step.name, at: leaf.acceptedAt }] : []
    }),
    systems: [...new Set(own.map(({ statement }) => statement.predicate.runner.system))].toSorted(),
    signers: distinct(own.flatMap((step) => [step.signer, ...step.cosigners].map((one) => signerFacts(one, step)))),
    logs: distinct(receipts.flat().map(({ countersigner: { name, keyId } }) => ({ name, keyId }))),
    entries: [
      ...receipts.map((all) => all[0]!.receipt.proof.index),
      ...[...chain.withheld.values()].map(({ withheld }) => withheld.proof.index),
    ],
    anchors: distinct(
      [...(anchored?.entries.values() ?? [])].flatMap((entries) =>
        entries.flatMap(({ statement }) => statement.proved.map(({ kind, by }) => ({ kind, by }))),
      ),
    ),
    forks: distinct([
      ...(anchored?.forked ?? []).map(({ code, what }) => ({ code, what })),
      ...[...verdict.findings, ...verdict.steps.flatMap(({ findings }) => findings)]
        .filter(({ code }) => code === 'place-taken')
        .map(({ code, what }) => ({ code, what })),
    ]),
    heads: distinct(
      receipts.flat().map(({ receipt: { proof }, countersigner: { name: log } }) => {
        return { log, size: proof.checkpoint.size, root: hex(proof.checkpoint.root) }
      }),
    ),
    leaves: [...chain.receipts].flatMap(([link, all]) =>
      links.has(link)
        ? all.map(({ receipt, countersigner: { name: log } }) => ({ log, index: receipt.proof.index, link }))
        : [],
    ),
    deviations: verdict.deviations.map(({ deviation: { id, by, deviation }, findings }) => ({
      id,
      by: [...by].toSorted(),
      reason: deviation.reason,
      expiresAt: deviation.expiresAt,
      codes: [...new Set(findings.map(({ code }) => code))].toSorted(),
    })),
    disputes: disputesOf(chain),
    proves,
  }
}

/** Of the notes beside a run the disputes that are open, the oldest first. */
function disputesOf({ remarks, steps }: Chain): RunFacts['disputes'] {
  const signersOf = (link: string) => {
    const step = steps.get(link)
    return step === undefined ? [] : [step.signer, ...step.cosigners]
  }
  return openDisputes(standingRemarks(remarks, signersOf)).map(({ id, signer, logged, remark: { text, about } }) => ({
    id,
    by: signer.name,
    at: logged?.at ?? null,
    text,
    about: about.map(({ kind, digest }) => steps.get(digest)?.statement.predicate.step.name ?? kind),
  }))
}

/** The first reason against a run; where it is that nothing is there, why what is there did not verify. */
function reasonOf(findings: readonly ErrorReport[], chain: Chain): RunFacts['reason'] {
  const [found] =
    chain.steps.size === 0 && chain.refused.length > 0 ? chain.refused.map(({ report }) => report) : findings
  return found === undefined ? null : { code: found.code, what: found.what }
}

function subjectsOf(steps: readonly VerifiedStep[]): string[] {
  return [...new Set(steps.flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256)))].toSorted()
}

/** When a log that is believed had the steps of the run, shown or withheld, the earliest first. */
function timesOf({ receipts, withheld }: Chain): string[] {
  return [
    ...[...receipts.values()].flat().map(({ receipt }) => receipt.opening.leaf.acceptedAt),
    ...[...withheld.values()].map((one) => one.withheld.unopened.leaf.acceptedAt),
  ].toSorted()
}

function signerFacts({ name, keyId, grade, authority, certificate }: Signer, step: VerifiedStep): SignerFacts {
  const { system } = step.statement.predicate.runner
  // The key of a certificate lives for minutes, and means nobody behind them.
  const key = authority === null ? keyId : ''
  return { name, keyId: key, grade, authority, system: certificate?.system ?? (system === 'local' ? null : system) }
}

/** Each once, in an order that does not hang on where it was found. */
function distinct<T extends object>(items: readonly T[]): T[] {
  return [...new Map(items.map((one) => [JSON.stringify(one), one]))]
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, one]) => one)
}
