import { resolve } from 'node:path'
import { CONTRACT_SCHEMA, lintContract, parseContract } from '@countersign/contract'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { readBaseline } from '../evidence.ts'
import { readBounded } from '../files.ts'
import { paintFor, plain } from '../output.ts'

const MAX_CONTRACT_BYTES = 1 << 20

/** Names every fault of a contract with its line and the way out. */
export function contractLint(
  context: Context,
  file: string,
  options: { readonly baseline?: string; readonly format: string },
): ExitCode {
  const bytes = readBounded(resolve(context.cwd, file), MAX_CONTRACT_BYTES)
  const baseline = options.baseline ?? context.settings.baseline
  const faults = lintContract(bytes, baseline === null ? null : readBaseline(context, baseline))
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ file, faults })}\n`)
    return faults.length === 0 ? 0 : 1
  }
  const paint = paintFor(context)
  for (const { line, column, code, what, fix } of faults) {
    context.stdout(
      `${file}:${line}:${column}  ${paint.bold(code)}: ${plain(what)}\n  ${paint.dim('fix')}  ${plain(fix, 400)}\n`,
    )
  }
  if (faults.length > 0) {
    context.stdout(`${paint.red('✗')} ${faults.length} fault${faults.length === 1 ? '' : 's'}\n`)
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

/** Gives the server the contract that new runs of the pipeline are bound to. */
export async function contractPublish(context: Context, file: string, options: { format: string }): Promise<ExitCode> {
  const bytes = readBounded(resolve(context.cwd, file), MAX_CONTRACT_BYTES)
  const { pipeline, revision, digest } = parseContract(bytes)
  const client = await clientFor(context)
  await client.publishContract(pipeline, bytes)
  if (options.format === 'json') context.stdout(`${JSON.stringify({ pipeline, revision, digest })}\n`)
  else
    context.stdout(
      `${paintFor(context).green('✓')} new runs of ${pipeline} are bound to revision ${revision} (${digest.slice(0, 12)})\n`,
    )
  return 0
}
