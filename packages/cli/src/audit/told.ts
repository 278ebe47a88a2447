import type { Figures, Manifest } from '@countersign/evidence/pack'
import type { Context } from '../context.ts'
import { paintFor, plain, table } from '../output.ts'

/** Most incidents that the terminal shows; the report has more. */
const SHOWN = 10

/** What a pack holds, for the terminal. */
export function figuresText(
  context: Context,
  { period, pipelines, environments, server }: Manifest,
  figures: Figures,
): string {
  const paint = paintFor(context)
  const { runs, steps, decisions, refusals, entries, incidents, acts, forks } = figures
  const counted = (n: number, what: string, tint: (text: string) => string) =>
    n === 0 ? [] : [tint(`${n.toLocaleString('en-US')} ${what}`)]
  const rows = [
    ['period', `${period.since} up to ${period.until}`],
    [
      'scope',
      `${pipelines.length === 0 ? 'all pipelines' : pipelines.map((one) => plain(one)).join(', ')}${environments.length === 0 ? '' : `; gates of ${environments.map((one) => plain(one, 60)).join(', ')} alone`}`,
    ],
    ['server', `${plain(server.origin)}, a log of ${server.checkpoint.size.toLocaleString('en-US')} entries`],
    [
      'runs',
      [
        `${runs.listed.toLocaleString('en-US')} listed`,
        ...counted(runs.proven, 'proven', paint.green),
        ...counted(runs.deviating, 'by deviation', paint.yellow),
        ...counted(runs.failed, 'not proven', paint.red),
        ...counted(runs.unknown, 'unknown', paint.red),
        ...counted(runs.missing, 'missing', paint.red),
      ].join(', '),
    ],
    [
      'steps',
      `${steps.verified} of ${steps.listed} verified${steps.late > 0 ? `, ${steps.late} late` : ''}${steps.withheld > 0 ? `, ${steps.withheld} withheld` : ''}${entries === null ? '' : `; entries ${entries.first} to ${entries.last} of the log, ${entries.shown} of them shown`}`,
    ],
    [
      'deploys',
      `${decisions.allow} allowed, ${decisions.backed} of them proven here, ${decisions.deny + decisions.unknown} stopped`,
    ],
    ...(forks.total === 0
      ? []
      : [
          [
            'forks',
            paint.red(
              `${forks.total}: ${forks.shown
                .slice(0, 3)
                .map(({ what }) => plain(what, 160))
                .join('; ')}`,
            ),
          ],
        ]),
    ['refused', `${refusals}`],
    [
      'acts',
      acts === null
        ? 'not exported'
        : `${acts.total} of administrators, none missing in between${acts.closed ? ', nor after' : ''}`,
    ],
  ].map(([name, value]) => [paint.dim(name!), value!])
  const shown = incidents.shown.slice(0, SHOWN).map(({ at, kind, code, what, where }) => {
    return [
      at === null ? '' : at.slice(0, 16).replace('T', ' '),
      kind,
      paint.bold(code),
      plain(`${what}${where === '' ? '' : ` (${where})`}`, 160),
    ]
  })
  const more = incidents.total - shown.length
  const list = shown.length === 0 ? '' : `\n${paint.dim('Incidents, the newest first:')}\n${table(shown)}`
  return `${table(rows)}${list}${more > 0 ? `  and ${more} more, in the report\n` : ''}`
}
