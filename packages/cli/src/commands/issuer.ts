import { resolve } from 'node:path'
import type { ListedIssuer } from '@countersign/client'
import { CodedError, type JsonObject, parseJson } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { readBounded, readText } from '../files.ts'
import { type RuleOptions, ruleOf } from '../issuer-rule.ts'
import { type Paint, paintFor, plain, table } from '../output.ts'

interface Format {
  readonly format: string
}

export interface AddOptions extends RuleOptions, Format {
  readonly file?: string
}

export interface TestOptions extends Format {
  readonly tokenFile: string
  readonly run?: string
}

const MAX_RULE_BYTES = 64 * 1024
const MAX_TOKEN_BYTES = 64 * 1024

/** Has the server take tokens of an issuer for the tenant. */
export async function issuerAdd(context: Context, system: string | undefined, options: AddOptions): Promise<ExitCode> {
  const rule = ruleFor(context, system, options)
  const added = await (await clientFor(context)).addIssuer(rule)
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(added)}\n`)
    return 0
  }
  context.stdout(`${paintFor(context).green('✓')} ${plain(added.id)}: tokens of ${plain(added.issuer)} are taken\n`)
  context.stdout(table(detailsOf(added)))
  return 0
}

function ruleFor(
  context: Context,
  system: string | undefined,
  { file, format: _format, ...options }: AddOptions,
): JsonObject {
  if (file === undefined) {
    if (system !== undefined) return ruleOf(system, options)
    throw new CodedError('usage', 'whose tokens are to be taken is not said', {
      fix: 'Name the CI system, like: countersign issuer add github --repository-id 123; or a rule: --file rule.json',
    })
  }
  if (system !== undefined || Object.keys(options).length > 0) {
    throw new CodedError('usage', '--file is the whole rule: nothing else can be said beside it')
  }
  const value = parseJson(readBounded(resolve(context.cwd, file), MAX_RULE_BYTES), { maxBytes: MAX_RULE_BYTES })
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new CodedError('usage', `${file} does not hold a JSON object`)
}

/** Shows whose tokens the tenant takes. */
export async function issuerList(context: Context, options: Format & { readonly all?: boolean }): Promise<ExitCode> {
  const known = await (await clientFor(context)).issuers()
  const items = options.all === true ? known : known.filter(({ removedAt }) => removedAt === null)
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ items })}\n`)
    return 0
  }
  if (items.length === 0) {
    context.stdout('No issuer is trusted: nobody signs in without an API token. See: countersign issuer add --help\n')
    return 0
  }
  const paint = paintFor(context)
  for (const one of items) {
    context.stdout(`${paint.bold(plain(one.id))}  ${plain(one.system)}${endOf(one, paint)}\n`)
    context.stdout(table(detailsOf(one)))
  }
  return 0
}

/** Takes no tokens under a rule any longer, and ends the sessions under it. */
export async function issuerRemove(context: Context, id: string, options: Format): Promise<ExitCode> {
  await (await clientFor(context)).removeIssuer(id)
  if (options.format === 'json') context.stdout(`${JSON.stringify({ id, removed: true })}\n`)
  else context.stdout(`${paintFor(context).green('✓')} ${plain(id)} is removed, and every session under it has ended\n`)
  return 0
}

/** Says what the rules make of a token; uses nothing up. */
export async function issuerTest(context: Context, options: TestOptions): Promise<ExitCode> {
  const token = readText(resolve(context.cwd, options.tokenFile), MAX_TOKEN_BYTES).trim()
  const tried = await (await clientFor(context)).tryToken(token, options.run ?? null)
  const admitted = tried.refusal === null
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ admitted, ...tried })}\n`)
    return admitted ? 0 : 1
  }
  const paint = paintFor(context)
  for (const { id, refusal } of tried.rules) {
    const mark = refusal === null ? paint.green('✓') : paint.dim('·')
    context.stdout(`${mark} ${plain(id)}  ${refusal === null ? 'takes it' : plain(refusal.what, 300)}\n`)
  }
  if (tried.token !== null) {
    const { system, grade, issuer, subject, expiresAt } = tried.token
    const rows = { system, grade, issuer, subject, expires: expiresAt }
    context.stdout(table(Object.entries(rows).map(([name, value]) => [name, plain(value, 300)])))
  }
  if (tried.confirmation !== null) {
    const { confirmed, reason } = tried.confirmation
    const said = confirmed ? 'its provider confirms the run' : `not confirmed: ${plain(reason?.what ?? '?', 300)}`
    context.stdout(`${confirmed ? paint.green('✓') : paint.dim('·')} ${said}\n`)
  }
  if (tried.refusal === null) {
    context.stdout(`${paint.green('✓')} would be let in by ${plain(tried.rule ?? '?')}\n`)
    return 0
  }
  const { code, what, fix } = tried.refusal
  context.stdout(
    `${paint.red('✗')} ${paint.bold(code ?? 'refused')}: ${plain(what, 300)}\n  ${paint.dim('fix')}  ${plain(fix, 300)}\n`,
  )
  return 1
}

function detailsOf(one: ListedIssuer): string[][] {
  return [
    ['issuer', plain(one.issuer)],
    ...one.claims.map(({ name, value }) => ['claim', `${plain(name)} = ${plain(value)}`]),
    ...(one.audience === null ? [] : [['audience', plain(one.audience)]]),
    ['allows', one.allows.length === 0 ? 'runs of its own only' : one.allows.join(', ')],
    ['confirm', plain(one.confirm, 20)],
    ['session', `${one.session} s`],
    ['added', `${plain(one.addedAt)} by token ${plain(one.addedBy)}`],
  ]
}

function endOf({ removedAt }: ListedIssuer, paint: Paint): string {
  return removedAt === null ? '' : paint.red(`  removed ${plain(removedAt)}`)
}
