import type { Client, ListedAnchor, ListedAnchored, ListedCost, ListedProgress } from '@countersign/client'
import { CodedError, fromUtf8 } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { type Paint, paintFor, plain, plainLines, table } from '../output.ts'

interface Format {
  readonly format: string
}

export interface NowOptions extends Format {
  /** Which anchors to wait for; true for all of them. */
  readonly wait?: readonly string[] | true
  /** Seconds. */
  readonly timeout: string
}

/** Milliseconds between two looks while waiting. */
const LOOK_EVERY = 1_000

/** States the log as it is, and has the anchors look at it; with `wait` until they prove it. */
export async function anchorNow(context: Context, options: NowOptions): Promise<ExitCode> {
  const seconds = Number(options.timeout)
  if (!/^[1-9][0-9]{0,6}$/.test(options.timeout)) throw new CodedError('usage', '--timeout is not a number of seconds')
  const client = await clientFor(context)
  const on = (await client.anchors()).anchors.filter((one) => one.on)
  if (on.length === 0) throw noAnchors()
  const named = Array.isArray(options.wait) ? options.wait : []
  for (const name of named) if (!on.some(({ anchor }) => anchor === name)) throw unknownAnchor(name)
  const { statement, made } = await client.makeStatement()
  const { number } = statement
  await client.driveAnchors()
  const awaited = on
    .filter(({ anchor, first }) => first <= number && (named.length === 0 || named.includes(anchor)))
    .map(({ anchor }) => anchor)
  const json = options.format === 'json'
  if (!json) context.stdout(`statement ${number}${made ? '' : ', as before: nothing was logged since'}\n`)
  if (options.wait === undefined) {
    if (json) context.stdout(`${JSON.stringify({ number, made, anchors: awaited })}\n`)
    else context.stdout(`  on its way into ${awaited.join(', ')}: countersign anchor show ${number}\n`)
    return 0
  }
  const found = await waitFor(context, client, number, awaited, seconds)
  if (json) context.stdout(`${JSON.stringify({ number, made, anchors: found })}\n`)
  else
    context.stdout(
      table(
        found.map((one) => progressRow(one, paintFor(context))),
        '  ',
      ),
    )
  if (found.some(({ dead }) => dead !== null)) return 1
  return found.length === awaited.length && found.every(isFinal) ? 0 : 2
}

/** Where the anchors stand, and how far the newest statements are. */
export async function anchorList(context: Context, options: Format): Promise<ExitCode> {
  const { anchors, items } = await (await clientFor(context)).anchors()
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ anchors, items })}\n`)
    return 0
  }
  const paint = paintFor(context)
  if (anchors.length === 0) {
    context.stdout('No anchor is set up: nothing leaves the house. See --anchors of the server.\n')
    return 0
  }
  const names = anchors.map(({ anchor }) => anchor)
  const rows = items.map(({ number, anchors: its }) => [
    String(number),
    ...names.map((name) => mark(its.find(({ anchor }) => anchor === name) ?? null, paint)),
  ])
  context.stdout(table([['', ...names.map((name) => paint.bold(name))], ...rows], ''))
  context.stdout('\n')
  context.stdout(
    table(
      anchors.map((one) => [one.anchor, standingOf(one), costsOf(one.costs)]),
      '',
    ),
  )
  for (const { anchor, gap, counts } of anchors) {
    if (gap !== null) {
      const since = duration(gap.seconds)
      context.stdout(`${paint.red('✗')} ${anchor}: statement ${gap.number} has no proof after ${since}\n`)
    }
    if (counts.dead > 0) {
      const what = counts.dead === 1 ? 'a statement is' : `${counts.dead} statements are`
      context.stdout(
        `${paint.red('✗')} ${anchor}: ${what} not tried any longer: countersign anchor show N, then retry\n`,
      )
    }
  }
  return 0
}

/** One statement on its way, or the proof of one anchor as it was issued, to be kept. */
export async function anchorShow(
  context: Context,
  text: string,
  anchor: string | undefined,
  options: Format,
): Promise<ExitCode> {
  const number = numberOf(text)
  const client = await clientFor(context)
  if (anchor !== undefined) {
    context.stdout(`${plainLines(fromUtf8(await client.anchorProof(number, anchor)))}\n`)
    return 0
  }
  const found = await client.anchored(number)
  if (options.format === 'json') context.stdout(`${JSON.stringify(found)}\n`)
  else show(context, found)
  return 0
}

/** Puts a dead letter back among those that are tried. */
export async function anchorRetry(context: Context, text: string, anchor: string, options: Format): Promise<ExitCode> {
  const number = numberOf(text)
  const found = await (await clientFor(context)).retryAnchor(number, anchor)
  if (options.format === 'json') context.stdout(`${JSON.stringify({ number, ...found })}\n`)
  else context.stdout(table([progressRow(found, paintFor(context))], ''))
  return 0
}

/** What each anchor finds of all that it will need. 0 where all is well, 1 where it is not, 2 where there is none. */
export async function anchorDoctor(context: Context, options: Format): Promise<ExitCode> {
  const items = await (await clientFor(context)).checkAnchors()
  if (options.format === 'json') context.stdout(`${JSON.stringify({ items })}\n`)
  else if (items.length > 0) {
    const paint = paintFor(context)
    for (const { anchor, kind, checks } of items) {
      context.stdout(`${paint.bold(anchor)}${anchor === kind ? '' : paint.dim(`  ${kind}`)}\n`)
      context.stdout(
        table(
          checks.map(({ name, ok, found, code }) => [
            ok ? paint.green('✓') : paint.red('✗'),
            plain(name, 40),
            `${plain(found)}${code === null ? '' : paint.dim(`  ${code}`)}`,
          ]),
        ),
      )
    }
  }
  if (items.length === 0) throw noAnchors()
  return items.every(({ checks }) => checks.length > 0 && checks.every(({ ok }) => ok)) ? 0 : 1
}

/** Looks until all of them are final or dead, or the time is over; gives how far they are then. */
async function waitFor(
  context: Context,
  client: Client,
  number: number,
  awaited: readonly string[],
  seconds: number,
): Promise<readonly ListedProgress[]> {
  const until = Date.parse(context.now()) + seconds * 1000
  const paint = paintFor({ colour: context.colour && context.interactive })
  for (;;) {
    const { anchors } = await client.anchored(number)
    const found = anchors.filter(({ anchor }) => awaited.includes(anchor))
    const over = found.length === awaited.length && found.every((one) => isFinal(one) || one.dead !== null)
    if (over || Date.parse(context.now()) >= until) {
      if (context.interactive) context.stderr('\r\u001b[K')
      return found
    }
    if (context.interactive) {
      const line = awaited.map((name) => `${name} ${mark(found.find(({ anchor }) => anchor === name) ?? null, paint)}`)
      context.stderr(`\r\u001b[K${line.join('  ')}`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
  }
}

function show(context: Context, { number, anchors }: ListedAnchored): void {
  const paint = paintFor(context)
  context.stdout(`${paint.bold(`statement ${number}`)}\n`)
  if (anchors.length === 0) context.stdout('  in no anchor\n')
  context.stdout(table(anchors.map((one) => progressRow(one, paint))))
  for (const { anchor, dead } of anchors) {
    if (dead === null) continue
    context.stdout(`\n  ${paint.dim('fix')}  ${plain(dead.fix, 1000)}\n`)
    context.stdout(`       countersign anchor retry ${number} ${plain(anchor)}\n`)
  }
}

function progressRow(one: ListedProgress, paint: Paint): string[] {
  return [plain(one.anchor), mark(one, paint), detailOf(one, paint)]
}

function detailOf({ finalAt, dead, failing, nextLook, queuedAt, costs }: ListedProgress, paint: Paint): string {
  const cost = costs.length === 0 ? '' : paint.dim(`  ${costsOf(costs)}`)
  if (finalAt !== null) return `${plain(finalAt)}${cost}`
  if (dead !== null) return `since ${plain(dead.at)}: ${plain(dead.what, 500)}${cost}`
  const next = nextLook === null ? '' : `, next look ${plain(nextLook)}`
  if (failing === null) return `since ${plain(queuedAt)}${next}${cost}`
  const tries = failing.tries === 1 ? 'one try' : `${failing.tries} tries`
  return `${tries} since ${plain(failing.since)}: ${plain(failing.what, 500)}${next}${cost}`
}

/** How far one is, in a word. */
function mark(one: ListedProgress | null, paint: Paint): string {
  if (one === null) return paint.dim('–')
  if (one.dead !== null) return paint.red(`✗ ${one.dead.code ?? 'failed'}`)
  if (isFinal(one)) return paint.green('✓ final')
  const sign = { pending: '○', submitted: '◔', included: '◑' }[one.phase] ?? '○'
  const text = `${sign} ${plain(one.phase, 20)}`
  return one.failing === null ? text : paint.yellow(`${text} !`)
}

function isFinal({ phase }: ListedProgress): boolean {
  return phase === 'final'
}

function standingOf({ on, counts, provenTo }: ListedAnchor): string {
  const all = counts.pending + counts.submitted + counts.included + counts.final + counts.dead
  const to = provenTo === null ? 'proves nothing yet' : `proves up to ${plain(provenTo)}`
  return `${on ? '' : 'off, '}${to}, ${counts.final} of ${all}`
}

function costsOf(costs: readonly ListedCost[]): string {
  return costs.map(({ unit, amount }) => `${grouped(plain(amount))} ${named(plain(unit), amount)}`).join(', ')
}

/** Gas and wei are counted by their names. */
function named(unit: string, amount: string): string {
  return amount === '1' || unit === 'gas' || unit === 'wei' ? unit : `${unit}s`
}

function grouped(amount: string): string {
  return amount.replace(/\B(?=(?:\d{3})+$)/g, ' ')
}

function duration(seconds: number): string {
  const [amount, unit] =
    seconds >= 172_800
      ? [seconds / 86_400, 'days']
      : seconds >= 7_200
        ? [seconds / 3_600, 'hours']
        : [seconds / 60, 'minutes']
  return `${Math.floor(amount)} ${unit}`
}

function numberOf(text: string): number {
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(text)) return Number(text)
  throw new CodedError('usage', `${plain(text, 40)} is not the number of a statement`)
}

function noAnchors(): CodedError {
  return new CodedError('usage', 'the server has no anchor set up', {
    fix: 'Set some up with --anchors FILE of the server; see its README.',
  })
}

function unknownAnchor(name: string): CodedError {
  return new CodedError('usage', `${plain(name, 64)} is no anchor of the server`, {
    fix: 'See: countersign anchor list',
  })
}
