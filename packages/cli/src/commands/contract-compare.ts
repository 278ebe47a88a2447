import { type Change, diffContracts, drawContract, type Drawing, type Effect } from '@countersign/contract'
import type { Context, ExitCode } from '../context.ts'
import { readContract } from '../evidence.ts'
import { paintFor, plain, plainLines, table } from '../output.ts'

const MARK: Readonly<Record<Effect, string>> = { tightened: '+', loosened: '-', changed: '~' }

/** Says what a change of a contract tightens, and what it loosens, a line each. */
export function contractDiff(
  context: Context,
  from: string,
  to: string,
  options: { format: string; onlyTighten?: boolean },
): ExitCode {
  const [old, now] = [readContract(context, from), readContract(context, to)]
  const changes = diffContracts(old, now)
  // What is neither tighter nor looser may let something pass that did not.
  const refused = options.onlyTighten === true && changes.some(({ effect }) => effect !== 'tightened')
  if (options.format === 'json') {
    const ends = [old, now].map(({ pipeline, revision, digest }) => ({ pipeline, revision, digest }))
    context.stdout(`${JSON.stringify({ from: ends[0], to: ends[1], changes, refused })}\n`)
  } else context.stdout(`${changesText(context, changes)}${refused ? refusalText(context, changes) : ''}`)
  return refused ? 1 : 0
}

function changesText(context: Context, changes: readonly Change[]): string {
  const paint = paintFor(context)
  if (changes.length === 0) return `${paint.green('✓')} they ask for the same\n`
  const tint = { tightened: paint.green, loosened: paint.red, changed: paint.yellow }
  return table(
    changes.map(({ effect, where, what }) => [
      tint[effect](`${MARK[effect]} ${effect}`),
      paint.bold(plain(where)),
      plain(what, 400),
    ]),
    '',
  )
}

/** Of a change that must only tighten, and does not for sure. */
function refusalText(context: Context, changes: readonly Change[]): string {
  const [loosened, changed] = (['loosened', 'changed'] as const).map(
    (one) => changes.filter(({ effect }) => effect === one).length,
  )
  const told = [
    loosened === 0 ? '' : `${loosened} loosened`,
    changed === 0 ? '' : `${changed} changed, which may let something pass that did not`,
  ].filter((part) => part !== '')
  return `${paintFor(context).red('✗')} not only tightened: ${told.join('; ')}\n`
}

/** Draws the steps of a contract. */
export function contractGraph(context: Context, file: string, options: { format: string }): ExitCode {
  context.stdout(plainLines(drawContract(readContract(context, file), options.format as Drawing)))
  return 0
}
