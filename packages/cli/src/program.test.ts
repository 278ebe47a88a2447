import { expect, test } from 'vitest'
import { contextOf } from './context.ts'
import { build } from './program.ts'

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
  expect(silent).toEqual([])
})
