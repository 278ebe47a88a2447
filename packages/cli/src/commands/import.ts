import { basename, resolve } from 'node:path'
import { listGithubAttestations } from '@countersign/adapters/github-attestations'
import { listGitlabAttestations } from '@countersign/adapters/gitlab-attestations'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, type ErrorReport, hex } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import { MAX_REPORT_BYTES, parseReport } from '@countersign/formats/report'
import { observe } from '@countersign/record'
import { verifyAttestation } from '@countersign/verify/foreign'
import type { SigstorePolicy, SigstoreTrust } from '@countersign/verify/sigstore'
import { attestationsIn, MAX_ATTESTATIONS } from '../attestations.ts'
import type { Context, ExitCode } from '../context.ts'
import { readBounded } from '../files.ts'
import { errorText, paintFor, plain } from '../output.ts'
import { recordedJson, recordedText } from '../recorded.ts'
import { recordStep, type RunOptions } from '../recording.ts'
import { type ReadReport, reportOf, reportRows } from '../reports.ts'
import { readSigstoreTrust, type SigstoreTrustOptions } from '../sigstore-trust.ts'
import { policyOf, readSigned, type StatedPolicyOptions, thresholdsOf } from '../stated-policy.ts'

export interface ImportOptions extends SigstoreTrustOptions, Omit<StatedPolicyOptions, 'key'> {
  readonly from?: readonly string[]
  readonly github?: string
  readonly githubApi: string
  readonly gitlab?: string
  readonly gitlabUrl: string
  readonly type?: string
  readonly step: string
  /** To sign the step with. */
  readonly key?: string
  /** Public key of whoever attested. */
  readonly attesterKey?: string
  readonly keyless?: boolean
  readonly pipeline?: string
  readonly contract?: string
  readonly trust?: readonly string[]
  readonly chainOut?: string
  readonly offline?: boolean
  readonly format: string
}

/** An attestation as it was found, and what it is called. */
interface Found {
  readonly name: string
  readonly uri: string | null
  readonly content: Uint8Array
}

/**
 * Takes in what others attested of an artifact: what whoever is named has signed, about this artifact, becomes the evidence
 * of a step that received the artifact. What does not verify is told, and not taken. Nothing is recorded where none is left.
 */
export async function importAttestations(
  context: Context,
  artifact: string,
  options: ImportOptions,
): Promise<ExitCode> {
  const policy = attesterOf(context, options)
  const thresholds = thresholdsOf(options)
  // Before the trust, which may have to be fetched: a name that was mistyped is told as that.
  const named = inFiles(context, options)
  const trust = trustOrNone(context, options, policy, thresholds.logs)
  const signed = await readSigned(context, artifact)
  const [material, ...more] = await observe({ root: context.cwd, patterns: [artifact] })
  if (material === undefined || more.length > 0) throw new CodedError('usage', `${plain(artifact)} is not one file`)
  const found = [...named, ...(await atForges(context, options, signed.sha256))]
  checkFound(found, options)
  const sha512 = await sha512Of(signed.signed)
  const held = { sha256: signed.sha256, ...(sha512 === null ? {} : { sha512 }) }
  const resource: Resource = { ...material, digest: { ...material.digest, ...held } }
  const reports: ReadReport[] = []
  const refused: { readonly name: string; readonly report: ErrorReport }[] = []
  for (const { name, uri, content } of found) {
    try {
      const report = parseReport(content)
      const input = { report, artifact: signed.signed, digests: held, policy, trust, thresholds, crypto: nodeCrypto }
      const { signer } = verifyAttestation(input)
      const kind = options.type ?? null
      const given = { name, content, kind, resources: [resource], signer, ...(uri === null ? {} : { uri }) }
      reports.push(await reportOf(context, given))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      refused.push({ name, report: error.report() })
    }
  }
  if (reports.length === 0) return nothing(context, artifact, options, refused)
  const done = await recordStep(context, { argv: null, options: stepOptions(artifact, options), reports })
  if (done.kind === 'refused')
    return nothing(
      context,
      artifact,
      options,
      done.findings.map((report) => ({ name: artifact, report })),
    )
  const { recorded } = done
  const { predicate } = recorded.statement
  if (options.format === 'json') {
    const told = { recorded: recordedJson(recorded), imported: reports.map(({ ref }) => ref), refused }
    context.stdout(`${JSON.stringify(told)}\n`)
  } else {
    context.stderr(recordedText(context, recorded))
    for (const [name, type, says] of reportRows(predicate, []))
      context.stdout(`${plain(name)}  ${type}: ${plain(says, 400)}\n`)
    tellRefused(context, refused)
  }
  return recorded.refused === null && done.aftermath.error === null ? 0 : 1
}

function attesterOf(context: Context, { identity, issuer, fact, attesterKey }: ImportOptions): SigstorePolicy {
  const named = {
    ...(identity === undefined ? {} : { identity }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(fact === undefined ? {} : { fact }),
    ...(attesterKey === undefined ? {} : { key: attesterKey }),
  }
  return policyOf(context, named, '--attester-key')
}

/** A key alone needs no instance of Sigstore, where no log is demanded. */
function trustOrNone(
  context: Context,
  options: ImportOptions,
  policy: SigstorePolicy,
  logs: number,
): SigstoreTrust | null {
  if (policy.key !== undefined && logs === 0 && options.sigstoreTrust === undefined) return null
  return readSigstoreTrust(context, options).trust
}

function inFiles(context: Context, { from = [] }: ImportOptions): Found[] {
  const found: Found[] = []
  for (const file of from) {
    const all = attestationsIn(readBounded(resolve(context.cwd, file), MAX_REPORT_BYTES))
    for (const [i, content] of all.entries()) {
      const name = basename(file)
      found.push({ name: all.length === 1 ? name : `${name}.${i + 1}`, uri: null, content })
    }
  }
  return found
}

async function atForges(context: Context, options: ImportOptions, sha256: string): Promise<Found[]> {
  const found: Found[] = []
  if (options.github !== undefined) {
    const token = context.settings.githubToken
    const from = { api: options.githubApi, repository: options.github, token }
    const uri = `${options.githubApi}/repos/${options.github}/attestations/sha256:${sha256}`
    found.push(...(await listGithubAttestations(from, sha256)).map((content) => fetched('github', uri, content)))
  }
  if (options.gitlab !== undefined) {
    const from = { url: options.gitlabUrl, project: options.gitlab, token: context.settings.gitlabToken }
    const uri = `${options.gitlabUrl}/api/v4/projects/${encodeURIComponent(options.gitlab)}/attestations/${sha256}`
    found.push(...(await listGitlabAttestations(from, sha256)).map((content) => fetched('gitlab', uri, content)))
  }
  return found
}

function checkFound(found: readonly Found[], options: ImportOptions): void {
  if (found.length > MAX_ATTESTATIONS)
    throw new CodedError('report-invalid', 'there are too many attestations to look at')
  if (found.length > 0) return
  const asked = [options.github, options.gitlab].filter((one) => one !== undefined)
  if (options.from === undefined && asked.length === 0) {
    throw new CodedError('usage', 'nothing is named to be imported', {
      fix: 'Name it: --from FILE, --github OWNER/REPO, or --gitlab GROUP/PROJECT.',
    })
  }
  throw new CodedError('not-found', `${plain(asked.join(' and '))} has no attestation of this artifact`)
}

function fetched(forge: string, uri: string, content: Uint8Array): Found {
  const digest = hex(nodeCrypto.sha256(content)).slice(0, 16)
  return { name: `${forge}-${digest}.sigstore.json`, uri, content }
}

/** A statement of npm's names a package by it alone. */
async function sha512Of(signed: Awaited<ReturnType<typeof readSigned>>['signed']): Promise<string | null> {
  if (!(signed instanceof Uint8Array)) return signed.sha512 === null ? null : hex(signed.sha512)
  const { createHash } = await import('node:crypto')
  return createHash('sha512').update(signed).digest('hex')
}

function stepOptions(artifact: string, options: ImportOptions): RunOptions {
  const { step, key, keyless, pipeline, contract, trust, chainOut, offline } = options
  return {
    step,
    materials: [artifact],
    git: false,
    json: options.format === 'json',
    ...(key === undefined ? {} : { key }),
    ...(keyless === undefined ? {} : { keyless }),
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(contract === undefined ? {} : { contract }),
    ...(trust === undefined ? {} : { trust }),
    ...(chainOut === undefined ? {} : { chainOut }),
    ...(offline === undefined ? {} : { offline }),
  }
}

interface NotTaken {
  readonly name: string
  readonly report: ErrorReport
}

function nothing(
  context: Context,
  artifact: string,
  { format }: ImportOptions,
  refused: readonly NotTaken[],
): ExitCode {
  if (format === 'json') context.stdout(`${JSON.stringify({ imported: [], refused })}\n`)
  else {
    tellRefused(context, refused)
    const paint = paintFor(context)
    context.stderr(`${paint.red('nothing is imported')} for ${plain(artifact)}\n`)
  }
  return 1
}

function tellRefused(context: Context, refused: readonly NotTaken[]): void {
  const paint = paintFor(context)
  for (const { name, report } of refused) context.stderr(`${plain(name)}: ${errorText(report, paint)}`)
}
