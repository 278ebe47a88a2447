import { expect, test } from 'vitest'
import { contextOf } from './context.ts'
import { build } from './program.ts'

/** What only prints, or has the codes of the command that it runs: none may be added. */
const SILENT = [
  'anchor list',
  'anchor retry',
  'anchor show',
  'certificate list',
  'certificate show',
  'explain',
  'head prove',
  'inspect',
  'issuer list',
  'issuer remove',
  'key invite',
  'key list',
  'key new',
  'key rotate',
  'key show',
  'log recover',
  'run',
  'statement list',
  'statement now',
  'statement show',
  'witness',
]

test('each command tells its exit codes', () => {
  let help = ''
  const { stdin, stdout, stderr, env } = process
  const context = contextOf({ ...process, stdin, stdout, stderr, env })
  const program = build({ ...context, stdout: (text: string) => void (help += text) }, () => {})
  const silent: string[] = []
  const waiting = program.commands.map((command) => ({ path: command.name(), command }))
  let seen = 0
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { path, command } = one
    waiting.push(...command.commands.map((below) => ({ path: `${path} ${below.name()}`, command: below })))
    if (command.commands.length > 0) continue
    help = ''
    command.outputHelp()
    expect(help).toContain(`Usage: countersign ${path}`)
    seen++
    if (!/Exit codes: 0 /.test(help)) silent.push(path)
  }
  expect(seen).toBeGreaterThan(40)
  expect(silent.toSorted()).toEqual(SILENT)
})
