import { basename } from 'node:path'
import { evidenceExport } from '@countersign/cli/evidence-export'
import { readArtifact } from '@countersign/cli/artifact'
import { readContract } from '@countersign/cli/evidence'
import { short } from '@countersign/cli/output'
import { reach } from '@countersign/cli/reach'
import { CodedError } from '@countersign/core'
import { writeToken } from '@countersign/formats'
import { observe } from '@countersign/record'
import type { Verdict } from '@countersign/verify'
import { exportVariable } from '@actions/core'
import { type Given, giveAttestation } from './give.ts'
import type { Job } from './job.ts'
import { shownStep, summaryOf } from './summary.ts'
import { annotateAll, setOutputs, writeSummary } from './tell.ts'
import { verifyCommand } from './verify-command.ts'
import { temporaryOf } from './job.ts'
import { join } from 'node:path'

const WORST = ['pass', 'unknown', 'fail'] as const

/** Lets a job go on only where every subject is proven under the contract. Fails closed. */
export async function gate(job: Job): Promise<Verdict['verdict']> {
  const contract = job.inputs.contract ?? job.context.settings.contract
  if (contract === null) {
    throw new CodedError('trust-missing', 'a gate judges under a contract', {
      fix: 'Name it: with: { contract: contract.yaml }',
    })
  }
  let worst: Verdict['verdict'] = 'pass'
  for (const name of await subjectsOf(job)) {
    const { verdict } = await judged(job, name, contract)
    if (WORST.indexOf(verdict.verdict) > WORST.indexOf(worst)) worst = verdict.verdict
  }
  setOutputs({ verdict: worst })
  return worst
}

/** Puts all that proves each subject into a file, and says where the next system begins. */
export async function handoff(job: Job): Promise<Verdict['verdict']> {
  const contract = job.inputs.contract ?? job.context.settings.contract
  const { context } = job
  const written: string[] = []
  let worst: Verdict['verdict'] = 'pass'
  let token: string | null = null
  let chain: string | null = null
  const given: Given[] = []
  for (const name of await subjectsOf(job)) {
    const { verdict } = await judged(job, name, contract)
    if (WORST.indexOf(verdict.verdict) > WORST.indexOf(worst)) worst = verdict.verdict
    const out = join(temporaryOf(job), `${basename(name).replace(/^sha256:/, '')}.evidence.json`)
    await evidenceExport({ ...context, stdout: () => undefined }, name, {
      out,
      chain: job.inputs.chain,
      format: 'json',
      ...(contract === null ? {} : { contract }),
    })
    written.push(out)
    const last = verdict.steps.at(-1)?.step
    if (last === undefined || verdict.verdict !== 'pass') continue
    chain = last.statement.predicate.chain.id
    token = writeToken({ chain, links: [last.link] })
    if (job.inputs.githubAttestation) given.push(await giveAttestation(job, name, verdict))
  }
  setOutputs({ verdict: worst, 'evidence-path': written.join('\n'), 'chain-id': chain, token })
  const [paths, urls] = [given.map(({ file }) => file), given.map(({ url }) => url)]
  if (given.length > 0) setOutputs({ 'provenance-path': paths.join('\n'), 'attestation-url': urls.join('\n') })
  if (token !== null) exportVariable('COUNTERSIGN_CHAIN', token)
  return worst
}

async function subjectsOf({ inputs, context }: Job): Promise<readonly string[]> {
  const { products, subject } = inputs
  const files = await observe({ root: context.cwd, patterns: products })
  const names = [...files.map(({ name }) => name), ...(subject === null ? [] : [`sha256:${subject.sha256}`])]
  if (names.length > 0) return names
  throw new CodedError('usage', 'nothing is named to judge', { fix: 'Name it: with: { subject-path: dist/app.tgz }' })
}

async function judged(job: Job, name: string, contractFile: string | null): Promise<{ readonly verdict: Verdict }> {
  const { context, inputs } = job
  const artifact = await readArtifact(context, name)
  const contract = contractFile === null ? null : readContract(context, contractFile)
  const { verdict, believed } = await reach(context, artifact, contract, { chain: inputs.chain, format: 'text' })
  const good = verdict.verdict === 'pass' ? true : verdict.verdict === 'fail' ? false : null
  annotateAll(verdict.findings)
  const word = { pass: 'allow', fail: 'deny', unknown: 'unknown, which denies' }[verdict.verdict]
  context.stdout(`Countersign: ${word}: ${name} sha256:${short(artifact.sha256)}\n`)
  await writeSummary(
    job,
    summaryOf({
      headline: `${word}: ${name}`,
      good,
      steps: verdict.steps.map(({ step, findings }) => shownStep(step, findings.length === 0)),
      findings: [...verdict.findings, ...(good === true ? [] : verdict.refused)],
      facts: [
        ['sha256', artifact.sha256],
        ['believing', believed],
      ],
      command: verifyCommand(job, [{ name, digest: { sha256: artifact.sha256 } }]),
    }),
  )
  return { verdict }
}
