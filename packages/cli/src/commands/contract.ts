import { adviseContract, CONTRACT_SCHEMA, lintContract, parseContract } from '@countersign/contract'
import type { Context, ExitCode } from '../context.ts'
import { readContractText } from '../contract-file.ts'
import { readBaseline } from '../evidence.ts'
import { paintFor, plain } from '../output.ts'

/** Names every fault of a contract with its line and the way out. */
export function contractLint(
  context: Context,
  file: string,
  options: { readonly baseline?: string; readonly format: string; readonly strict?: boolean },
): ExitCode {
  const { bytes } = readContractText(context, file)
  const baseline = options.baseline ?? context.settings.baseline
  const faults = lintContract(bytes, baseline === null ? null : readBaseline(context, baseline))
  const advice = faults.length === 0 ? adviseContract(bytes) : []
  const refused = faults.length > 0 || (options.strict === true && advice.length > 0)
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ file, faults, advice })}\n`)
    return refused ? 1 : 0
  }
  const paint = paintFor(context)
  for (const { line, column, code, what, fix } of faults) {
    context.stdout(
      `${file}:${line}:${column}  ${paint.bold(code)}: ${plain(what)}\n  ${paint.dim('fix')}  ${plain(fix, 400)}\n`,
    )
  }
  for (const { line, column, what, fix } of advice) {
    context.stdout(
      `${file}:${line}:${column}  ${paint.yellow('!')} ${plain(what)}\n  ${paint.dim('fix')}  ${plain(fix, 400)}\n`,
    )
  }
  if (refused) {
    const count = faults.length + advice.length
    context.stdout(`${paint.red('✗')} ${count} fault${count === 1 ? '' : 's'}\n`)
    return 1
  }
  const { pipeline, revision, steps, final, digest } = parseContract(bytes)
  context.stdout(
    `${paint.green('✓')} ${pipeline} revision ${revision}: ${[...steps.keys()].join(', ')}; final step ${final}\n`,
  )
  context.stdout(`  ${paint.dim('sha256')}  ${digest}\n`)
  return 0
}

/** Prints the JSON Schema for editors. */
export function contractSchema(context: Context): ExitCode {
  context.stdout(`${JSON.stringify(CONTRACT_SCHEMA, null, 2)}\n`)
  return 0
}
