import { CATALOGUE } from '@countersign/core'
import type { Context, ExitCode } from '../context.ts'
import { paintFor } from '../output.ts'
import { RECOVERY } from '../recovery.ts'

type Stopped = keyof typeof RECOVERY

/** How a log comes back that refuses to sign: for one code, or all that it can stop with. */
export function logRecover(context: Context, code: string | undefined, { format }: { format: string }): ExitCode {
  const codes = code === undefined ? (Object.keys(RECOVERY) as Stopped[]) : [code as Stopped]
  if (format === 'json') {
    const facts = codes.map((one) => ({ code: one, why: CATALOGUE[one].why, steps: RECOVERY[one] }))
    context.stdout(`${JSON.stringify(facts)}\n`)
    return 0
  }
  const paint = paintFor(context)
  for (const [i, one] of codes.entries()) {
    context.stdout(`${i > 0 ? '\n' : ''}${paint.red(one)}  ${CATALOGUE[one].why}\n`)
    for (const [n, step] of RECOVERY[one].entries()) context.stdout(`${folded(`${n + 1}. ${step}`)}\n`)
  }
  if (code !== undefined) return 0
  context.stdout(
    '\nWhere the newest data is lost for good, this log cannot go on: begin another one under another name\n',
  )
  context.stdout('(--origin), with an empty data directory, and publish the last checkpoint of the old one.\n')
  return 0
}

/** A step over several lines of at most 100 characters. */
function folded(text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 98) {
      lines.push(line)
      line = `   ${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((one) => `  ${one}`).join('\n')
}
