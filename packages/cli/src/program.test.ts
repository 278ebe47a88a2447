import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { contextOf } from './context.ts'
import { build, run } from './program.ts'

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

async function tell(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  let [out, err] = ['', '']
  const stdout = { write: (text: string) => void (out += text) } as unknown as typeof process.stdout
  const stderr = { write: (text: string) => void (err += text) } as unknown as typeof process.stderr
  const argv = ['node', 'countersign', ...args]
  const code = await run({ ...process, argv, stdin: process.stdin, stdout, stderr, env, cwd: process.cwd })
  return { code, out, err }
}

test.each([
  [['verify', 'x', '--nope'], "unknown option '--nope'", 'countersign verify --help'],
  [['verfy'], "unknown command 'verfy' (Did you mean verify?)", 'countersign --help'],
  [['key', 'nope'], "unknown command 'nope'", 'countersign key --help'],
  [['run', '--step', 's'], "missing required argument 'command'", 'countersign run --help'],
])('%j is told as every other error is', async (args, what, help) => {
  const told = (...more: string[]) => tell([...args.slice(0, 1), ...more, ...args.slice(1)])
  const text = await told()
  expect(text).toMatchObject({ code: 2, out: '' })
  expect(text.err).toContain(`usage: ${what}\n  why  `)
  expect(text.err).toContain(`  fix  See: ${help}\n`)
  if (args[0] === 'verify') {
    const json = await told('--format', 'json')
    expect([json.code, json.err, JSON.parse(json.out).error.what]).toEqual([2, '', what])
  }
})

test.each([
  [429, 'server-busy', 2],
  [503, 'store-failed', 2],
  [409, 'request-invalid', 1],
  [403, 'token-scope', 1],
])('a server that answers %i refuses, or answers nobody', async (status, code, exit) => {
  const server = createServer((_, reply) => {
    reply.writeHead(status, { 'content-type': 'application/problem+json' })
    reply.end(JSON.stringify({ code, title: code, detail: 'as it is', why: 'w', fix: 'f' }))
  })
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const told = await tell(['runs'], { COUNTERSIGN_URL: url, COUNTERSIGN_TOKEN: 'cst_x' })
  server.close()
  expect([told.code, told.err]).toEqual([exit, expect.stringContaining(`${code}: as it is`)])
})

test('record --json tells errors where run --json does', async () => {
  for (const command of [['record'], ['run', '--', 'true']]) {
    const [name = '', ...rest] = command
    const told = await tell([name, '--json', '--step', 's', '--key', 'nowhere', ...rest])
    expect([told.code, told.out, JSON.parse(told.err)]).toEqual([expect.any(Number), '', { error: expect.any(Object) }])
  }
})
