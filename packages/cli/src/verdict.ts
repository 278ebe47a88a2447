import type { Verdict, VerifiedStep } from '@countersign/verify'
import type { Context } from './context.ts'
import { errorText, paintFor, plain, short, table } from './output.ts'

const MARK = { pass: '✓', fail: '✗', unknown: '?' } as const
const WORD = {
  verify: { pass: 'VERIFIED', fail: 'NOT VERIFIED', unknown: 'UNKNOWN' },
  gate: { pass: 'ALLOW', fail: 'DENY', unknown: 'UNKNOWN, which denies' },
} as const

/** Criteria first, then a line a step, then what speaks against it, then the verdict. */
export function verdictText(
  context: Context,
  command: 'verify' | 'gate',
  name: string,
  verdict: Verdict,
  believed: string,
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
      verdict.steps.map(({ step, countersigners, findings }) => [
        mark(findings.length === 0),
        plain(stepName(step)),
        `${plain(step.signer.name)} (${step.signer.grade})`,
        plain(step.statement.predicate.runner.system),
        short(step.link),
        countersigners.length > 0
          ? `countersigned by ${countersigners.map((c) => plain(c)).join(', ')}`
          : paint.dim('no receipt'),
      ]),
      '',
    )}`
  }
  if (verdict.findings.length > 0) text += `\n${verdict.findings.map((finding) => errorText(finding, paint)).join('')}`
  if (verdict.verdict !== 'pass' && verdict.refused.length > 0) {
    text += `\nDid not verify, and so did not count:\n${verdict.refused.map(({ code, what }) => `  ${code}: ${plain(what)}\n`).join('')}`
  }
  const summary = `${MARK[verdict.verdict]} ${WORD[command][verdict.verdict]}`
  return `${text}\n${tint(summary)}  ${plain(name)}  ${paint.dim(`sha256:${short(verdict.artifact)}…`)}\n`
}

/** `build`, `test (linux)`, `build #2`. */
export function stepName(step: VerifiedStep): string {
  const { name, attempt, matrix } = step.statement.predicate.step
  return `${name}${matrix === null ? '' : ` (${matrix})`}${attempt === 1 ? '' : ` #${attempt}`}`
}

/** The verdict as data; the shape is part of the command's contract with scripts. */
export function verdictJson(command: 'verify' | 'gate', verdict: Verdict, believed: string): unknown {
  return {
    command,
    verdict: verdict.verdict,
    artifact: `sha256:${verdict.artifact}`,
    believed,
    criteria: verdict.criteria,
    steps: verdict.steps.map(({ step, countersigners, findings }) => {
      const { chain, step: ref, runner, invocation, previous } = step.statement.predicate
      return {
        link: step.link,
        chain: chain.id,
        pipeline: chain.pipeline,
        name: ref.name,
        attempt: ref.attempt,
        matrix: ref.matrix,
        signer: step.signer,
        system: runner.system,
        startedAt: invocation.startedAt,
        finishedAt: invocation.finishedAt,
        previous: previous.map(({ link }) => link),
        subject: step.statement.subject.map(({ name, digest }) => ({ name, digest })),
        countersigners,
        findings,
      }
    }),
    edges: verdict.edges,
    findings: verdict.findings,
    refused: verdict.refused,
  }
}
