import { type Anchored, existedBy, provenBy } from '@countersign/verify'
import { type Paint, plain, table } from './output.ts'

/** A line for each anchor: of which kind, by whom, when, over what; under it what had to be believed for it. */
export function anchorsText(anchored: Anchored, paint: Paint): string {
  const { statements, doubts, refused } = anchored
  const rows = statements.flatMap((statement) => {
    const { number } = statement.verified.statement
    const steps = coveredBy(anchored, statement.id).length
    const about = `statement ${number}, ${steps} ${steps === 1 ? 'entry' : 'entries'}`
    if (statement.proved.length === 0) return [[paint.dim('·'), paint.dim('no anchor'), '', '', about]]
    return statement.proved.flatMap(({ kind, by, time, within, at, trusted }) => [
      [paint.green('✓'), kind, plain(by), timeText(time, within), `${about}, ${plain(at, 120)}`],
      ...trusted.map((sentence) => ['', '', '', '', paint.dim(plain(sentence, 400))]),
    ])
  })
  const refusals = refused.map(({ part, kind, report }) => [
    paint.red('✗'),
    kind ?? part,
    paint.bold(report.code),
    '',
    plain(report.what, 400),
  ])
  const warnings = doubts.map(({ what }) => `  ${paint.yellow('!')} ${plain(what, 400)}\n`)
  return `\n${table([...rows, ...refusals], '')}${warnings.join('')}`
}

function timeText(time: string | null, within: number): string {
  if (time === null) return 'no time'
  return within === 0 ? time : `${time} ± ${within} s`
}

/** Links of the steps, and of what is withheld, that a statement covers. */
function coveredBy({ entries }: Anchored, statement: string): string[] {
  return [...entries].flatMap(([link, all]) => (all.some((one) => one.statement.id === statement) ? [link] : []))
}

/** From when on a step is proven to have existed, by its earliest anchor; null where no anchor names a time. */
export function provenFrom(anchored: Anchored | null, link: string): string | null {
  const by = provenBy(anchored?.entries.get(link) ?? [])
  return by === null ? null : new Date(by).toISOString()
}

/** What was proven from outside as data; null where nothing was brought forward. */
export function anchorsJson(anchored: Anchored | null): object | null {
  if (anchored === null) return null
  return {
    statements: anchored.statements.map((one) => {
      const { origin, number, size, start, end, time } = one.verified.statement
      return {
        sha256: one.id,
        origin,
        number,
        size,
        start,
        end,
        time,
        covers: coveredBy(anchored, one.id),
        proved: one.proved.map((proved) => {
          const by = existedBy(one, proved)
          return { ...proved, existedBy: by === null ? null : new Date(by).toISOString() }
        }),
      }
    }),
    forked: anchored.forked,
    doubts: anchored.doubts,
    refused: anchored.refused,
  }
}
