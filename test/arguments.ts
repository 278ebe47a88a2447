import { parseArgs, type ParseArgsConfig, type ParseArgsOptionsConfig } from 'node:util'

/** Arguments of a program that `npm run` begins. Asked for help, or given what is none of its options, it ends here. */
export function argumentsOf<T extends ParseArgsOptionsConfig>(options: T, help: string) {
  return read({ options: { ...options, help: HELP_OPTION } } as const, help).values
}

/** {@link argumentsOf} of a program that also takes names of files. */
export function argumentsAndFilesOf<T extends ParseArgsOptionsConfig>(options: T, help: string) {
  const args = process.argv.slice(2).filter((arg) => arg !== '--')
  return read({ args, options: { ...options, help: HELP_OPTION }, allowPositionals: true } as const, help)
}

const HELP_OPTION = { type: 'boolean', short: 'h' } as const

function read<T extends ParseArgsConfig>(config: T, help: string) {
  try {
    const parsed = parseArgs(config)
    if ((parsed.values as { help?: boolean }).help !== true) return parsed
  } catch (error) {
    endWrongly(error instanceof Error ? error.message.split(/\n|\. /, 1)[0]! : 'not to be read', help)
  }
  console.log(help)
  process.exit(0)
}

/** Says what is wrong with an argument, and what there is instead; exit code 2. */
export function endWrongly(what: string, help: string): never {
  console.error(`✗ usage: ${what}\n\n${help}`)
  process.exit(2)
}
