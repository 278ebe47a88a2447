import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CodedError } from '@countersign/core'
import { isName, MAX_ARGUMENTS } from '@countersign/formats'
import { checkPattern } from '@countersign/record'
import type { Context } from './context.ts'
import { plain } from './output.ts'
import { reportsNamed } from './reports.ts'

interface Named {
  readonly pipeline?: string
  readonly products?: readonly string[]
  readonly evidence?: readonly string[]
  readonly chainOut?: string
}

/** Throws `usage` for a command of more arguments than are recorded of one. */
export function checkArguments(argv: readonly string[] | null): void {
  if (argv === null || argv.length <= MAX_ARGUMENTS) return
  throw new CodedError('usage', `the command has ${argv.length} words; at most ${MAX_ARGUMENTS} are recorded`, {
    fix: 'Let it read them from a file, or from standard input by xargs.',
  })
}

/** What a step is given to name, of which else only what comes after the command would find that it cannot be. Throws `usage`. */
export function checkNamed({ settings, cwd }: Pick<Context, 'settings' | 'cwd'>, named: Named): void {
  const { pipeline, products = [], evidence, chainOut } = named
  const from = pipeline === undefined ? 'COUNTERSIGN_PIPELINE' : '--pipeline'
  const name = pipeline ?? settings.pipeline
  if (name !== null && !isName(name)) {
    throw new CodedError('usage', `${from} ${plain(name, 60)} is not a name (1 to 128 letters, digits, . _ - /)`, {
      fix: 'Name it like: shop/web',
    })
  }
  if (chainOut === '') throw new CodedError('usage', '--chain-out names no file')
  if (chainOut !== undefined && isDirectory(resolve(cwd, chainOut))) {
    throw new CodedError('usage', `--chain-out ${plain(chainOut, 60)} is a directory`, {
      fix: `Name a file in it: --chain-out ${plain(join(chainOut, 'chain.jsonl'), 80)}`,
    })
  }
  for (const product of products) checkPatternOf('--products', product)
  for (const { file } of reportsNamed(evidence)) checkPatternOf('--evidence', file)
}

function checkPatternOf(option: string, pattern: string): void {
  try {
    checkPattern(pattern)
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('usage', `${option}: ${cause.what}`, { fix: cause.fix, cause })
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // What else there is to say of it, whoever writes there says.
    return false
  }
}
