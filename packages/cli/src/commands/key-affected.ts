import type { AffectedStep } from '@countersign/client'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { enrolledKey, timeOf } from '../enrolled.ts'
import { paintFor, plain, short } from '../output.ts'

export interface AffectedOptions {
  readonly since?: string
  readonly format: string
}

const MAX_SHOWN = 5

/** Lists what a key signed since a time, and what goes on from it, as it comes: there may be a million of them. */
export async function keyAffected(context: Context, what: string, options: AffectedOptions): Promise<ExitCode> {
  const asked = options.since === undefined ? {} : { since: timeOf('--since', options.since) }
  const client = await clientFor(context)
  const { keyId, name } = await enrolledKey(client, what)
  const json = options.format === 'json'
  const paint = paintFor(context)
  const chains = new Set<string>()
  let [signed, following] = [0, 0]
  let since: string | null = null
  let page = await client.affected(keyId, asked)
  since = page.since
  if (json)
    context.stdout(
      `{"keyId":${JSON.stringify(keyId)},"name":${JSON.stringify(name)},"since":${JSON.stringify(since)},"steps":[`,
    )
  else context.stdout(`${paint.bold(plain(name))} ${paint.dim(`key ${keyId}`)}, since ${since ?? 'ever'}\n`)
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
    page = await client.affected(keyId, { ...(since === null ? {} : { since }), cursor: page.next })
  }
  if (json) context.stdout(`],"signed":${signed},"following":${following},"chains":${chains.size}}\n`)
  else context.stdout(summary(signed, following, chains.size))
  return signed === 0 ? 0 : 1
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

function summary(signed: number, following: number, chains: number): string {
  if (signed === 0) return 'it signed nothing\n'
  const steps = signed === 1 ? '1 step' : `${signed} steps`
  const others = following === 1 ? '1 goes on from them' : `${following} go on from them`
  return `${steps} signed with it, ${others}, in ${chains === 1 ? '1 chain' : `${chains} chains`}\n`
}
