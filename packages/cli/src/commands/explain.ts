import { CATALOGUE, type Code, CodedError } from '@countersign/core'
import type { Context, ExitCode } from '../context.ts'
import { paintFor, plain, table } from '../output.ts'

/** What a code means, why it exists and how to mend it; without a code, all of them. */
export function explain(context: Context, code: string | undefined, options: { format: string }): ExitCode {
  if (code === undefined) {
    const all = Object.entries(CATALOGUE).map(([name, { why, fix }]) => ({ code: name, why, fix }))
    if (options.format === 'json') context.stdout(`${JSON.stringify(all)}\n`)
    else
      context.stdout(
        table(
          all.map((entry) => [entry.code, entry.why]),
          '',
        ),
      )
    return 0
  }
  if (!Object.hasOwn(CATALOGUE, code)) {
    throw new CodedError('usage', `there is no code ${plain(code, 60)}`, {
      fix: 'List them all with: countersign explain',
    })
  }
  const { why, fix } = CATALOGUE[code as Code]
  if (options.format === 'json') context.stdout(`${JSON.stringify({ code, why, fix })}\n`)
  else {
    const paint = paintFor(context)
    context.stdout(
      `${paint.bold(code)}\n${table([
        [paint.dim('why'), why],
        [paint.dim('fix'), fix],
      ])}`,
    )
  }
  return 0
}
