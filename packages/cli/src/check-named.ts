import { CodedError } from '@countersign/core'
import { isName, MAX_ARGUMENTS } from '@countersign/formats'
import { checkPattern } from '@countersign/record'
import type { Context } from './context.ts'
import { plain } from './output.ts'

interface Named {
  readonly pipeline?: string
  readonly products?: readonly string[]
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
export function checkNamed({ settings }: Pick<Context, 'settings'>, { pipeline, products, chainOut }: Named): void {
  const from = pipeline === undefined ? 'COUNTERSIGN_PIPELINE' : '--pipeline'
  const name = pipeline ?? settings.pipeline
  if (name !== null && !isName(name)) {
    throw new CodedError('usage', `${from} ${plain(name, 60)} is not a name (1 to 128 letters, digits, . _ - /)`, {
      fix: 'Name it like: shop/web',
    })
  }
  if (chainOut === '') throw new CodedError('usage', '--chain-out names no file')
  for (const product of products ?? []) {
    try {
      checkPattern(product)
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause
      throw new CodedError('usage', `--products: ${cause.what}`, { fix: cause.fix, cause })
    }
  }
}
