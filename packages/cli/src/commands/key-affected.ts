import type { AffectedStep, AskedSigner, Client } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { enrolledKey, timeOf } from '../enrolled.ts'
import { paintFor, plain, short } from '../output.ts'

export interface AffectedOptions {
  readonly authority?: string
  readonly issuer?: string
  readonly subject?: string
  readonly repository?: string
  readonly since?: string
  readonly format: string
}

const MAX_SHOWN = 5

/** Lists what a signer signed since a time, and what goes on from it, as it comes: there may be a million of them. */
export async function keyAffected(
  context: Context,
  what: string | undefined,
  options: AffectedOptions,
): Promise<ExitCode> {
  checkAsked(what, options)
  try {
    return await listAffected(context, what, options)
  } catch (error) {
    // The exit code of something affected is 1: a name that nobody has is no such finding.
    if (!(error instanceof CodedError) || error.code !== 'not-found') throw error
    throw new CodedError('usage', error.what, { fix: error.fix, cause: error })
  }
}

async function listAffected(context: Context, what: string | undefined, options: AffectedOptions): Promise<ExitCode> {
  const asked = options.since === undefined ? {} : { since: timeOf('--since', options.since) }
  const client = await clientFor(context)
  const { signer, named, title } = await askedOf(client, what, options)
  const json = options.format === 'json'
  const paint = paintFor(context)
  const chains = new Set<string>()
  let [signed, following] = [0, 0]
  let since: string | null = null
  let page = await client.affected(signer, asked)
  since = page.since
  if (json) context.stdout(`${JSON.stringify({ ...named, since }).slice(0, -1)},"steps":[`)
  else context.stdout(`${paint.bold(plain(title.name, 200))}${paint.dim(title.more)}, since ${since ?? 'ever'}\n`)
  for (;;) {
    for (const step of page.items) {
      if (json) context.stdout(`${signed + following === 0 ? '' : ','}${JSON.stringify(step)}`)
      else context.stdout(textOf(context, step))
      if (step.after === null) signed++
      else following++
      chains.add(step.chain)
    }
    if (page.next === null) break
    // Of the time that the first page was: a revocation meanwhile must not move what is asked for.
    page = await client.affected(signer, { ...(since === null ? {} : { since }), cursor: page.next })
  }
  if (json) context.stdout(`],"signed":${signed},"following":${following},"chains":${chains.size}}\n`)
  else context.stdout(summary(what === undefined ? 'so' : 'with it', signed, following, chains.size))
  return signed === 0 ? 0 : 1
}

/** Throws `usage` unless exactly one signer is asked about. */
function checkAsked(what: string | undefined, { authority, issuer, subject, repository }: AffectedOptions): void {
  const ways = [what, authority, issuer].filter((way) => way !== undefined)
  const facts = [subject, repository].filter((fact) => fact !== undefined)
  if (ways.length !== 1) throw new CodedError('usage', 'name one signer: a key, --authority, or --issuer')
  if (facts.length > 0 && issuer === undefined) {
    throw new CodedError('usage', '--subject and --repository are of an issuer: name it with --issuer')
  }
  if (facts.length > 1) throw new CodedError('usage', '--subject and --repository are two ways to name one signer')
}

interface Asked {
  readonly signer: AskedSigner
  /** For programs. */
  readonly named: object
  readonly title: { readonly name: string; readonly more: string }
}

async function askedOf(client: Client, what: string | undefined, options: AffectedOptions): Promise<Asked> {
  const { authority, issuer, subject, repository } = options
  if (what !== undefined) {
    const { keyId, name } = await enrolledKey(client, what)
    return { signer: { keyId }, named: { keyId, name }, title: { name, more: ` key ${keyId}` } }
  }
  if (authority !== undefined) {
    const signer = { authority }
    return { signer, named: signer, title: { name: authority, more: ' as an authority' } }
  }
  const fact = subject !== undefined ? { subject } : repository !== undefined ? { repository } : {}
  const signer = { issuer: issuer!, ...fact }
  const name = subject ?? (repository === undefined ? issuer! : `repository ${repository}`)
  return {
    signer,
    named: signer,
    title: { name, more: name === issuer ? ' as an issuer' : ` by ${plain(issuer!, 200)}` },
  }
}

function textOf(context: Context, step: AffectedStep): string {
  const paint = paintFor(context)
  const { link, chain, pipeline, acceptedAt, artifacts, subjects, after } = step
  const job = step.matrix === null ? '' : ` (${plain(step.matrix)})`
  const attempt = step.attempt === 1 ? '' : `, attempt ${step.attempt}`
  const mark = after === null ? paint.red('✗') : paint.yellow('  ↳')
  const by = after === null ? '' : ` by ${plain(step.signer)}, after ${short(after)}`
  const indent = after === null ? '    ' : '      '
  const facts = `${plain(pipeline)} · chain ${chain} · ${acceptedAt} · ${short(link)}`
  const shown = artifacts
    .slice(0, MAX_SHOWN)
    .map(({ name, sha256 }) => `${indent}sha256:${sha256}  ${plain(name, 80)}\n`)
  const left = subjects - shown.length
  const more = left > 0 ? `${indent}${paint.dim(`and ${left} more`)}\n` : ''
  return `${mark} ${plain(step.step)}${job}${attempt}${by}  ${paint.dim(facts)}\n${shown.join('')}${more}`
}

function summary(how: string, signed: number, following: number, chains: number): string {
  if (signed === 0) return `nothing was signed ${how}\n`
  const steps = signed === 1 ? '1 step' : `${signed} steps`
  const others = following === 1 ? '1 goes on from them' : `${following} go on from them`
  return `${steps} signed ${how}, ${others}, in ${chains === 1 ? '1 chain' : `${chains} chains`}\n`
}
