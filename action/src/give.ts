import { appendFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeWhole } from '@countersign/cli/files'
import { signForeign } from '@countersign/cli/sign-foreign'
import { openSigning } from '@countersign/cli/signing'
import { VERSION } from '@countersign/cli/version'
import { CodedError } from '@countersign/core'
import type { StepStatement } from '@countersign/formats'
import type { Verdict } from '@countersign/verify'
import { slsaProvenance } from '@countersign/verify/slsa'
import { createAttestation } from './github.ts'
import { githubOf, type Job, temporaryOf } from './job.ts'

/** What was given to GitHub. */
export interface Given {
  /** Bundle with SLSA provenance. */
  readonly file: string
  /** Its page. */
  readonly url: string
}

/**
 * Signs as this job what the chain proves of an artifact, as SLSA provenance, and gives it to the repository's attestations.
 * Throws `usage` where the job does not know its repository, and what signing and GitHub's API throw.
 */
export async function giveAttestation(job: Job, name: string, verdict: Verdict): Promise<Given> {
  const { context, environment } = job
  const repository = environment['GITHUB_REPOSITORY'] ?? ''
  const payload = slsaProvenance({ verdict, version: VERSION })
  const { signer, fault } = await (await openSigning(context, {})).signer()
  if (fault !== null) throw fault
  const bundle = await signForeign(payload, signer, 'bundle', nodeCrypto)
  const file = join(temporaryOf(job), `${basename(name).replace(/^sha256:/, '')}.provenance.sigstore.json`)
  await writeWhole(file, bundle)
  const id = await createAttestation(githubOf(job), repository, bundle)
  return { file, url: `${environment['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${repository}/attestations/${id}` }
}

/**
 * Tells the runner what was made, where it keeps a list (`$GITHUB_ARTIFACTS`): a line a file. That list is a convenience of
 * others, and no reason to fail.
 */
export function tellRunner({ environment, context }: Job, { subject }: StepStatement): void {
  const list = environment['GITHUB_ARTIFACTS'] ?? ''
  if (list === '') return
  const files = subject.filter(
    ({ name, digest, uri }) => uri === undefined && !name.endsWith('/') && digest['gitCommit'] === undefined,
  )
  const lines = files.map(({ name }) => `file://${resolve(context.cwd, name)}\n`)
  try {
    appendFileSync(list, lines.filter((line) => line.indexOf('\n') === line.length - 1).join(''))
  } catch (cause) {
    const error = new CodedError('file-write-failed', 'the list of what was made cannot be written', { cause })
    context.stdout(`Countersign: ${error.what}\n`)
  }
}
