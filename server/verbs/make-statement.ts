import { CodedError } from '@countersign/core'
import { type LogStatement, leafTime, parseLeaf, type SignedLogStatement, statementDigests } from '@countersign/formats'
import type { Deps } from './deps.ts'

type StatementDeps = Pick<
  Deps,
  'log' | 'statements' | 'store' | 'crypto' | 'origin' | 'metrics' | 'now' | 'statementPeriod'
>

export interface Made {
  /** The newest statement; null where there is none yet. */
  readonly statement: SignedLogStatement | null
  /** False where there was nothing new to state. */
  readonly made: boolean
}

/**
 * Makes the statement of the periods that are over; with `now` also one of the period that has begun, unless the log
 * is as it was stated last. Periods without a statement of their own are covered by the next one, which says so. Asked
 * again, it finds what it made. Throws what opening the statements throws, and `log-corrupt`, `sign-failed`,
 * `store-failed`, `checkpoint-conflict`.
 */
export async function makeStatement(deps: StatementDeps, now: boolean): Promise<Made> {
  try {
    return await deps.statements.exclusive(async () => {
      const time = Date.parse(deps.now())
      const due = await state(deps, boundaryBefore(time, deps.statementPeriod), time)
      return now ? await stateNow(deps, time, due) : due
    })
  } catch (error) {
    deps.metrics.statementFailed(error instanceof CodedError ? error.code : 'internal')
    throw error
  }
}

/** What somebody should look at: `overdue` says that none is made, `late` that the last stands for several periods, `ahead` that it ends after now. */
export type StatementWarning = 'statement-overdue' | 'statement-late' | 'statement-ahead'

/** What is to be noticed of the statements. */
export function statementWarnings(deps: StatementDeps): readonly StatementWarning[] {
  const { statementPeriod, statements } = deps
  const now = Date.parse(deps.now())
  const start = startOf(deps)
  const warnings: StatementWarning[] = []
  // One period is not over yet, and the one before it was to be stated a while ago.
  if (start !== null && now >= start + 2 * statementPeriod) warnings.push('statement-overdue')
  if ((statements.newest?.covers ?? 1) > 1) warnings.push('statement-late')
  if (statements.newest !== null && now < Date.parse(statements.newest.end)) warnings.push('statement-ahead')
  return warnings
}

async function stateNow(deps: StatementDeps, time: number, due: Made): Promise<Made> {
  if (due.statement !== null && due.statement.size === deps.log.size) return due
  const now = await state(deps, time, time)
  return { statement: now.statement, made: due.made || now.made }
}

/** States everything since the statement before, up to `end`; nothing where that is not later. */
async function state(deps: StatementDeps, end: number, time: number): Promise<Made> {
  const { log, statements, store, crypto, origin, statementPeriod, metrics } = deps
  const previous = statements.newest
  const start = startOf(deps)
  if (start === null || end <= start) return { statement: previous, made: false }
  const roots = log.roots()
  if (previous !== null && roots.size < previous.size) {
    throw new CodedError(
      'log-behind',
      `statement ${previous.number} covers more than the ${roots.size} entries there are`,
    )
  }
  const heads = await store.statements.headsAt(roots.size)
  const covers = Math.floor((end - 1) / statementPeriod) - Math.floor(start / statementPeriod) + 1
  const statement: LogStatement = {
    origin,
    number: previous === null ? 0 : previous.number + 1,
    start: iso(start),
    end: iso(end),
    covers,
    ...roots,
    heads: { count: heads.count, root: heads.root },
    previous: previous === null ? null : statementDigests(previous.note.text, crypto),
    time: iso(time),
  }
  const published = await statements.publish(statement, heads)
  metrics.stated(end, covers - 1)
  return { statement: published, made: true }
}

/** Where the next statement starts: where the last one ended, or with the period of the first entry; null before that. */
function startOf({ statements, log, statementPeriod }: StatementDeps): number | null {
  const { newest } = statements
  if (newest !== null) return Date.parse(newest.end)
  const [entry] = log.signedSize === 0 ? [] : log.data.entries(0, 1)
  if (entry === undefined) return null
  return boundaryBefore(Date.parse(leafTime(parseLeaf(entry))), statementPeriod)
}

function boundaryBefore(time: number, period: number): number {
  return Math.floor(time / period) * period
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
