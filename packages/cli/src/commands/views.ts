import type { Deploy, Run } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { type Paint, paintFor, plain, short, table } from '../output.ts'

interface Listing {
  readonly pipeline?: string
  readonly since?: string
  readonly until?: string
  readonly limit: string
  readonly cursor?: string
  readonly format: string
}

export interface RunsOptions extends Listing {
  readonly system?: string
  readonly signer?: string
}

export interface DeploysOptions extends Listing {
  readonly environment?: string
  readonly decision?: Deploy['decision']
  readonly at?: string
}

/** Shows what a text may mean. */
export async function search(context: Context, text: string, { format }: { format: string }): Promise<ExitCode> {
  const { items, note } = await (await clientFor(context)).find(text)
  const paint = paintFor(context)
  if (format === 'json') context.stdout(`${JSON.stringify({ items, note })}\n`)
  else context.stdout(table(items.map(({ kind, title, detail }) => [paint.dim(kind), plain(title), plain(detail)])))
  if (format !== 'json' && items.length === 0) context.stderr(`${paint.yellow('?')} nothing is found\n`)
  if (format !== 'json' && note !== null) context.stderr(`  ${paint.dim(plain(note))}\n`)
  return items.length === 0 ? 1 : 0
}

/** Lists runs, newest first. */
export async function runs(context: Context, options: RunsOptions): Promise<ExitCode> {
  const { format, ...rest } = options
  const page = await (await clientFor(context)).listRuns({ ...rest, limit: limitOf(rest.limit) })
  if (format === 'json') {
    context.stdout(`${JSON.stringify(page)}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(table(page.items.map((run) => runRow(run, paint))))
  const behind =
    page.behind === 0
      ? []
      : [page.behind === 1 ? '1 attestation is not counted yet' : `${page.behind} attestations are not counted yet`]
  tellMore(context, [...behind, ...more(page.next)])
  return 0
}

/** Lists deploys, newest first; with a time, what was in force then. */
export async function deploys(context: Context, options: DeploysOptions): Promise<ExitCode> {
  const { format, at, environment, decision, since, until, ...rest } = options
  const client = await clientFor(context)
  const asked = { ...rest, limit: limitOf(rest.limit) }
  if (at !== undefined && environment === undefined) {
    throw new CodedError('usage', 'where was it in force? --at needs --environment NAME')
  }
  if (at !== undefined && (decision !== undefined || since !== undefined || until !== undefined)) {
    throw new CodedError('usage', '--at is about one time, and about what was let in')
  }
  const span = { ...given({ environment, decision, since, until }), ...asked }
  const page =
    at === undefined || environment === undefined
      ? await client.listDeploys(span)
      : await client.deploysAt({ environment, ...(at === 'now' ? {} : { time: at }), ...asked })
  if (format === 'json') {
    context.stdout(`${JSON.stringify(page)}\n`)
    return 0
  }
  const paint = paintFor(context)
  // A page of a filtered list may be empty and not the last.
  if (page.items.length === 0 && page.next === null)
    context.stdout('No gate was asked: countersign gate ARTIFACT --remote --environment NAME\n')
  context.stdout(table(page.items.map((deploy) => deployRow(deploy, paint))))
  tellMore(context, more(page.next))
  return 0
}

function runRow({ chain, pipeline, firstAt, ...run }: Run, paint: Paint): string[] {
  const counts = [
    run.steps === 1 ? '1 step' : `${run.steps} steps`,
    ...(run.failed === 0 ? [] : [paint.red(`${run.failed} failed`)]),
    ...(run.refused === 0 ? [] : [paint.red(`${run.refused} refused`)]),
    ...(run.late === 0 ? [] : [paint.yellow(`${run.late} late`)]),
    ...(run.erased === 0 ? [] : [`${run.erased} erased`]),
  ]
  return [plain(chain), plain(firstAt), plain(pipeline), plain(run.systems.join(', ')), counts.join(', ')]
}

function deployRow(
  { id, at, decision, deviated, environment, pipeline, artifact, code }: Deploy,
  paint: Paint,
): string[] {
  const mark = { allow: paint.green('✓ allow'), deny: paint.red('✗ deny'), unknown: paint.yellow('? unknown') }
  const why = [...(deviated ? ['by deviation'] : []), ...(code === null ? [] : [code])].join(', ')
  return [
    `#${id}`,
    plain(at),
    mark[decision],
    plain(environment),
    plain(pipeline ?? '–'),
    artifact === null ? 'erased' : short(artifact),
    plain(why),
  ]
}

function more(next: string | null): readonly string[] {
  return next === null ? [] : [`there is more: --cursor ${plain(next)}`]
}

function tellMore(context: Context, lines: readonly string[]): void {
  const paint = paintFor(context)
  for (const line of lines) context.stderr(`  ${paint.dim(line)}\n`)
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

function limitOf(text: string): number {
  if (/^[1-9][0-9]{0,2}$/.test(text) && Number(text) <= 200) return Number(text)
  throw new CodedError('usage', '--limit is from 1 to 200')
}
