import type { ErrorReport } from '@countersign/core'
import type { JudgedStep, Verdict } from '@countersign/verify'
import type { AttestedVerdict } from '@countersign/verify/foreign'
import { anchorsJson, anchorsText, provenFrom } from './anchors-shown.ts'
import type { Context } from './context.ts'
import { claimedFacts, signerText, verifiedText } from './identity-shown.ts'
import { judgedReports, reportRows } from './reports.ts'
import { refusedText } from './refused-shown.ts'
import { NO_REMARKS, remarksJson, type RemarksTold, remarksText } from './remarks-shown.ts'
import { sealedJson, sealedRows } from './sealed.ts'
import { stepName } from './step-shown.ts'
import { errorsText, type Paint, paintFor, plain, short, table, times } from './output.ts'

export const EXIT = { pass: 0, fail: 1, unknown: 2 } as const
const MARK = { pass: '✓', fail: '✗', unknown: '?' } as const
const WORD = {
  verify: { pass: 'VERIFIED', fail: 'NOT VERIFIED', unknown: 'UNKNOWN' },
  gate: { pass: 'ALLOW', fail: 'DENY', unknown: 'UNKNOWN, which denies' },
} as const

/** Where the trust that evidence was judged under came from. */
export interface EvidenceTrust {
  readonly from: 'caller' | 'pinned' | 'evidence'
  /** Digest that pins whom and what the evidence asks to be believed. */
  readonly root: string
}

/** What is told of a verdict beside it. */
export interface ToldBeside {
  readonly trust?: EvidenceTrust
  /** What stands behind what others attested, by step; left out where it was not asked. */
  readonly attested?: AttestedVerdict['attested']
  /** What is said about it; left out where that was not asked. */
  readonly remarks?: RemarksTold
}

/** Criteria first, then a line a step, then what speaks against it, then the verdict. */
export function verdictText(
  context: Context,
  command: 'verify' | 'gate',
  name: string,
  verdict: Verdict,
  believed: string,
  { trust, attested = [], remarks = NO_REMARKS }: ToldBeside = {},
): string {
  const paint = paintFor(context)
  const tint = { pass: paint.green, fail: paint.red, unknown: paint.yellow }[verdict.verdict]
  const mark = (met: boolean | null) => (met === null ? paint.yellow('?') : met ? paint.green('✓') : paint.red('✗'))
  let text = table(
    verdict.criteria.map(({ name: criterion, met, detail }) => [mark(met), criterion, plain(detail)]),
    '',
  )
  if (believed !== '') text += paint.dim(`  believing ${believed}\n`)
  if (verdict.steps.length > 0) {
    text += `\n${table(
      verdict.steps.map((judged) => [
        mark(judged.findings.length === 0),
        plain(stepName(judged.step)),
        signerText(judged.step.signer),
        plain(judged.step.statement.predicate.runner.system),
        short(judged.step.link),
        receiptsText(judged, paint),
      ]),
      '',
    )}`
  }
  text += identitiesText(verdict, paint)
  if (verdict.anchored !== null) text += anchorsText(verdict.anchored, paint)
  text += sealedText(verdict, paint)
  text += reportsText(verdict, attested, paint)
  if (verdict.findings.length > 0) text += `\n${errorsText(verdict.findings, paint)}`
  const refused = verdict.refused.filter(({ code }) => code !== 'disclosure-mismatch' && code !== 'report-mismatch')
  if (verdict.verdict === 'pass') {
    const anchors = new Set(verdict.anchored?.refused.map(({ report }) => report))
    text += refusedText(
      refused.filter((report) => !anchors.has(report)),
      paint,
    )
  } else if (refused.length > 0) {
    text += `\nDid not verify, and so did not count:\n${linesOf(refused)}`
  }
  text += deviationsText(verdict, paint)
  text += remarksText(remarks, paint)
  const limits = verdict.verdict === 'pass' ? limitOf(verdict, trust) : ''
  const word = `${MARK[verdict.verdict]} ${limits === OWN_KEYS ? 'VERIFIED' : WORD[command][verdict.verdict]}${limits}`
  const isNamed = verdict.artifact === null || name.endsWith(verdict.artifact)
  const digest = isNamed ? '' : `  ${paint.dim(`sha256:${short(verdict.artifact)}…`)}`
  text += `\n${(limits === '' ? tint : paint.yellow)(word)}  ${plain(name)}${digest}\n`
  if (verdict.unjudgedContract !== null) text += unjudgedText(verdict.unjudgedContract, paint)
  if (verdict.upTo !== null && verdict.verdict === 'pass') text += upToText(paint)
  if (trust?.from === 'evidence') text += cautionText(trust.root, paint)
  return text
}

const OWN_KEYS = ', BUT ONLY UNDER ITS OWN KEYS'

/** Why a verdict that passes is worth less than the word says. */
function limitOf({ deviations, upTo, unjudgedContract }: Verdict, trust: EvidenceTrust | undefined): string {
  if (trust?.from === 'evidence') return OWN_KEYS
  const far = upTo === null ? '' : `, AS FAR AS ${plain(upTo)}`
  if (deviations.length > 0) return `${far}, BY DEVIATION`
  return unjudgedContract === null ? far : ', BUT NOT BY ITS CONTRACT'
}

/** A line each; what is said of several alike, such as receipts of one log, once. */
function linesOf(refused: readonly ErrorReport[]): string {
  const alike = Map.groupBy(refused, ({ code, what }) => `  ${code}: ${plain(what)}`)
  return [...alike].map(([line, { length }]) => `${line}${times(length)}\n`).join('')
}

function receiptsText({ countersigners, unjudged }: JudgedStep, paint: Paint): string {
  if (countersigners.length > 0) return `countersigned by ${countersigners.map((c) => plain(c)).join(', ')}`
  if (unjudged.length === 0) return paint.dim('no receipt')
  return paint.dim(`receipt of ${unjudged.map((log) => plain(log)).join(', ')}, not judged`)
}

/** What the contract refuses and was let through. */
function deviationsText({ deviations }: Verdict, paint: Paint): string {
  return deviations
    .map(({ deviation: { deviation, by, id }, findings }) => {
      const head = `\n${paint.yellow('!')} let through by deviation ${short(id)}, ${by.map((one) => plain(one)).join(', ')}, until ${deviation.expiresAt}\n`
      const rows = findings.map(({ code, what }) => [paint.bold(code), plain(what, 400)])
      return `${head}${table([[paint.dim('reason'), plain(deviation.reason, 400)], ...rows])}`
    })
    .join('')
}

/** Whom authorities vouch for, a line a step; what a step alone says is not told here. */
function identitiesText({ steps }: Verdict, paint: Paint): string {
  const rows = steps.flatMap(({ step }) => {
    const verified = verifiedText(step.signer)
    return verified === '' ? [] : [[plain(stepName(step)), verified]]
  })
  return rows.length === 0 ? '' : `\n${paint.dim('Identities, verified:')}\n${table(rows)}`
}

/** What is told of sealed fields, and what is not; and what was said to be in them and is not. */
function sealedText({ steps, refused }: Verdict, paint: Paint): string {
  const rows = steps.flatMap(({ step, disclosed }) =>
    sealedRows(
      step.statement.predicate,
      disclosed.map(({ disclosure }) => disclosure),
    ).map(([field, told]) => [plain(stepName(step)), field, plain(told, 400)]),
  )
  const wrong = refused.filter(({ code }) => code === 'disclosure-mismatch')
  const lines = wrong.map(({ code, what }) => `${paint.yellow('!')} ${code}: ${plain(what)}\n`)
  return `${rows.length === 0 ? '' : `\n${table(rows)}`}${lines.length === 0 ? '' : `\n${lines.join('')}`}`
}

/** The reports of the steps: what was signed of them; and what lies beside a step and is none of its. */
function reportsText({ steps, refused }: Verdict, attested: AttestedVerdict['attested'], paint: Paint): string {
  const rows = steps.flatMap(({ step, attached }, i) =>
    reportRows(step.statement.predicate, attached, attested[i]).map(([name, type, told]) => [
      plain(stepName(step)),
      type,
      plain(name, 60),
      plain(told, 400),
    ]),
  )
  const wrong = refused.filter(({ code }) => code === 'report-mismatch')
  const lines = wrong.map(({ code, what }) => `${paint.yellow('!')} ${code}: ${plain(what)}\n`)
  const head = `\n${paint.dim('Reports, as the steps signed them:')}\n`
  return `${rows.length === 0 ? '' : `${head}${table(rows)}`}${lines.length === 0 ? '' : `\n${lines.join('')}`}`
}

/** What somebody must know who judges a run by less than those agreed to who made it. */
function unjudgedText(contract: string, paint: Paint): string {
  return `${paint.yellow('!')} The run is bound to a contract, which says who may do what, in which order, from what. Judge by it:
  countersign contract show ${contract} > contract.yaml, and --contract contract.yaml
`
}

function upToText(paint: Paint): string {
  return `${paint.yellow('!')} The final step of its contract has not vouched for it yet: a gate denies it.\n`
}

/** What somebody must know who believed keys out of the very file that they are to prove. */
function cautionText(root: string, paint: Paint): string {
  return `${paint.yellow('!')} Whoever made the evidence chose whom it asks you to believe: trust root
  sha256:${root}
  Pin it where you got that digest another way (--trust-root sha256:…), or name whom you believe (--contract, --trust).
`
}

/** The verdict as data; the shape is part of the command's contract with scripts. */
export function verdictJson(
  command: 'verify' | 'gate',
  verdict: Verdict,
  believed: string,
  { trust, attested = [], remarks = NO_REMARKS }: ToldBeside = {},
): object {
  return {
    command,
    verdict: verdict.verdict,
    artifact: verdict.artifact === null ? null : `sha256:${verdict.artifact}`,
    believed,
    ...(trust === undefined ? {} : { trust: { from: trust.from, root: `sha256:${trust.root}` } }),
    criteria: verdict.criteria,
    steps: verdict.steps.map((judged, i) => {
      const { step, countersigners, unjudged, disclosed, findings } = judged
      const { chain, step: ref, runner, invocation, previous } = step.statement.predicate
      return {
        link: step.link,
        chain: chain.id,
        pipeline: chain.pipeline,
        name: ref.name,
        attempt: ref.attempt,
        matrix: ref.matrix,
        signer: step.signer,
        cosigners: step.cosigners,
        system: runner.system,
        claimed: claimedFacts(step.statement.predicate, step.signer),
        startedAt: invocation.startedAt,
        finishedAt: invocation.finishedAt,
        previous: previous.map(({ link }) => link),
        subject: step.statement.subject.map(({ name, digest }) => ({ name, digest })),
        countersigners,
        unjudged,
        provenFrom: provenFrom(verdict.anchored, step.link),
        sealed: sealedJson(
          step.statement.predicate,
          disclosed.map(({ disclosure }) => disclosure),
        ),
        evidence: judgedReports(judged, attested[i]),
        findings,
      }
    }),
    anchors: anchorsJson(verdict.anchored),
    deviations: verdict.deviations.map(({ deviation: { deviation, by, id }, findings }) => ({
      id,
      by,
      ...deviation,
      findings,
    })),
    notes: remarksJson(remarks),
    upTo: verdict.upTo,
    unjudgedContract: verdict.unjudgedContract === null ? null : `sha256:${verdict.unjudgedContract}`,
    edges: verdict.edges,
    findings: verdict.findings,
    refused: verdict.refused,
  }
}
