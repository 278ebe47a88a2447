import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/** Arguments of a program that `npm run` begins. Asked for help, or given what is none of its options, it ends here. */
export function argumentsOf<T extends ParseArgsOptionsConfig>(options: T, help: string) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } })
    if ((values as { help?: boolean }).help !== true) return values
  } catch (error) {
    endWrongly(error instanceof Error ? error.message.split('\n', 1)[0]! : 'not to be read', help)
  }
  console.log(help)
  process.exit(0)
}

/** Says what is wrong with an argument, and what there is instead; exit code 2. */
export function endWrongly(what: string, help: string): never {
  console.error(`✗ usage: ${what}\n\n${help}`)
  process.exit(2)
}
