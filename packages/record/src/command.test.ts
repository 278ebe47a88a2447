import { EventEmitter } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CommandInput, FORWARDED_SIGNALS, runCommand } from './command.ts'
import { workspace } from './workspace.test-kit.ts'

const coded = (code: string) => expect.objectContaining({ code })

/** Runs a program of Node's, its output in files. */
async function run(program: string, more: Partial<CommandInput> = {}, args: string[] = []) {
  const work = workspace()
  const [out, err] = [openSync(work.at('out'), 'w'), openSync(work.at('err'), 'w')]
  let time = Date.parse('2026-11-01T12:00:00.000Z')
  const outcome = await runCommand({
    argv: [process.execPath, '-e', program, ...args],
    cwd: work.root,
    environment: { PATH: process.env['PATH'] },
    stdio: ['ignore', out, err],
    now: () => new Date((time += 1000)),
    ...more,
  })
  closeSync(out)
  closeSync(err)
  return { outcome, out: readFileSync(work.at('out')), err: readFileSync(work.at('err')), root: work.root }
}

describe('running a command', () => {
  it.each([0, 1, 42, 255])('returns its exit code %i and when it ran', async (code) => {
    const { outcome } = await run(`process.exit(${code})`)
    expect(outcome).toEqual({
      exitCode: code,
      signal: null,
      startedAt: '2026-11-01T12:00:01.000Z',
      finishedAt: '2026-11-01T12:00:02.000Z',
    })
  })

  it('leaves its output as it is, byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 256))
    const text = `const b = Buffer.from('${bytes.toString('hex')}', 'hex'); process.stdout.write(b); process.stderr.write(b)`
    const { out, err } = await run(text)
    expect(out.equals(bytes)).toBe(true)
    expect(err.equals(bytes)).toBe(true)
  })

  it('passes arguments without a shell', async () => {
    const args = ['$(id)', '`id`', 'a b', "'", '"', '*', 'new\nline', '', '--', ';exit 3', '\u{1f600}']
    const { out } = await run('process.stdout.write(JSON.stringify(process.argv.slice(1)))', {}, ['--', ...args])
    expect(JSON.parse(out.toString())).toEqual(args)
  })

  it('runs where it is told, and finds programs as the command’s own PATH says', async () => {
    const { out, root } = await run('process.stdout.write(process.cwd())')
    expect(out.toString()).toBe(root)
    const work = workspace()
    work.write('tool', '#!/bin/sh\nexit 7\n', 0o755)
    const input = { cwd: work.root, stdio: 'ignore' as const, now: () => new Date() }
    const found = await runCommand({ ...input, argv: ['tool'], environment: { PATH: `${work.root}:/bin` } })
    expect(found.exitCode).toBe(7)
    expect((await runCommand({ ...input, argv: ['./tool'], environment: {} })).exitCode).toBe(7)
  })

  it('does not wait for those it left behind, though they hold its output', async () => {
    const { outcome, root } = await run(
      `const child = require('node:child_process').spawn('sleep', ['30'], { detached: true, stdio: 'inherit' })
       require('node:fs').writeFileSync('pid', String(child.pid))
       process.exit(0)`,
      { stdio: 'pipe' },
    )
    expect(outcome.exitCode).toBe(0)
    // Throws unless it is still there.
    process.kill(Number(readFileSync(`${root}/pid`, 'utf8')), 'SIGKILL')
  })
})

describe('what the command gets to see', () => {
  const environment = {
    PATH: process.env['PATH'],
    KEEP: 'kept',
    NPM_TOKEN: 'the command’s own',
    COUNTERSIGN_URL: 'https://countersign.example',
    COUNTERSIGN_TOKEN: 'secret',
    COUNTERSIGN_ID_TOKEN: 'secret',
    COUNTERSIGN_ID_TOKEN_2: 'secret',
    COUNTERSIGN_KEY: '/key',
    COUNTERSIGN_KEY_PASSPHRASE: 'secret',
    COUNTERSIGN_CHAIN: 'cs1.old',
    GONE: undefined,
  }
  const seen = async (token: string | null): Promise<Record<string, string>> => {
    const { out } = await run('process.stdout.write(JSON.stringify(process.env))', { environment, token })
    return JSON.parse(out.toString()) as Record<string, string>
  }

  it('is all but the recorder’s secrets', async () => {
    const names = Object.keys(await seen(null)).filter((name) => !name.startsWith('__'))
    expect(names.toSorted()).toEqual(['COUNTERSIGN_CHAIN', 'COUNTERSIGN_URL', 'KEEP', 'NPM_TOKEN', 'PATH'])
  })

  it('and the hand-over token where there is one', async () => {
    expect((await seen('cs1.new'))['COUNTERSIGN_CHAIN']).toBe('cs1.new')
    expect((await seen(null))['COUNTERSIGN_CHAIN']).toBe('cs1.old')
  })
})

describe('signals', () => {
  it('are listened to before the command is there to be sent any, and no longer where it cannot start', async () => {
    const work = workspace()
    const signals = new EventEmitter()
    const seen: string[] = []
    // What is asked for last before a process starts is its environment.
    const environment = new Proxy<Record<string, string>>(
      { PATH: process.env['PATH'] ?? '' },
      {
        ownKeys: (target) => (seen.push(`starting with ${signals.listenerCount('SIGTERM')}`), Reflect.ownKeys(target)),
      },
    )
    const input = { cwd: work.root, environment, stdio: 'ignore', signals, now: () => new Date(0) } as const
    await runCommand({ ...input, argv: [process.execPath, '-e', ''] })
    expect(seen[0]).toBe('starting with 1')
    await expect(runCommand({ ...input, argv: ['no\0such'] })).rejects.toThrow(coded('command-unstartable'))
    for (const name of FORWARDED_SIGNALS) expect(signals.listenerCount(name)).toBe(0)
  })

  /** Runs until its handlers are set, sends signals to the recorder, and returns what the command saw. */
  async function signalled(send: readonly string[], more: Partial<CommandInput> = {}) {
    const signals = new EventEmitter()
    const work = workspace()
    const ready = work.fifo('ready')
    const waiting = import('node:fs/promises').then(({ readFile }) => readFile(ready))
    const program = `
      const names = ${JSON.stringify(FORWARDED_SIGNALS)}
      const seen = []
      for (const name of names) process.on(name, () => {
        seen.push(name)
        if (name === 'SIGTERM') { process.stdout.write(seen.join(' ')); process.exit(5) }
      })
      require('node:fs').writeFileSync(${JSON.stringify(ready)}, 'ready')
      setInterval(() => {}, 1000)`
    const running = run(program, { signals, ...more })
    await waiting
    for (const name of send) {
      signals.emit(name)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const { outcome, out } = await running
    return { outcome, seen: out.toString(), signals }
  }

  it('are passed on, each once, and no longer once it has ended', async () => {
    const all = [...FORWARDED_SIGNALS.filter((name) => name !== 'SIGTERM'), 'SIGTERM']
    const { outcome, seen, signals } = await signalled(all)
    expect(seen).toBe(all.join(' '))
    expect(outcome.exitCode).toBe(5)
    for (const name of FORWARDED_SIGNALS) expect(signals.listenerCount(name)).toBe(0)
  })

  it('are not doubled where the terminal sends them to the command itself', async () => {
    const { seen } = await signalled(['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGTERM'], { terminal: true })
    expect(seen).toBe('SIGHUP SIGTERM')
  })

  it('that end the command are returned', async () => {
    const { outcome } = await run(`process.kill(process.pid, 'SIGKILL')`)
    expect(outcome).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
  })

  // SECURITY.md says so: this fails where Node begins to tell.
  it.skipIf(process.platform !== 'linux').each([34, 64])('is not told of the real-time signal %i', async (signal) => {
    const { outcome } = await run('', { argv: ['sh', '-c', `kill -${signal} $$`] })
    expect(outcome).toMatchObject({ exitCode: 0, signal: null })
  })
})

describe('a command that cannot be started', () => {
  it.each([
    ['is not there', ['no-such-command-here']],
    ['is not there by its path', ['./nothing']],
    ['is not executable', ['./plain']],
    ['is a directory', ['./directory']],
    ['has a null byte', ['true', 'a\0b']],
    ['has too many arguments', ['true', 'x'.repeat(200_000)]],
    ['is empty', ['']],
    ['is no command', []],
  ])('is command-unstartable where it %s', async (_what, argv) => {
    const work = workspace()
    work.write('plain', 'text')
    work.directory('directory')
    const signals = new EventEmitter()
    const input = {
      argv,
      cwd: work.root,
      environment: { PATH: process.env['PATH'] },
      stdio: 'ignore' as const,
      signals,
    }
    await expect(runCommand({ ...input, now: () => new Date() })).rejects.toThrow(coded('command-unstartable'))
    for (const name of FORWARDED_SIGNALS) expect(signals.listenerCount(name)).toBe(0)
  })

  it('nor where its directory is not there', async () => {
    const input = { argv: ['true'], cwd: workspace().at('gone'), environment: { PATH: process.env['PATH'] } }
    await expect(runCommand({ ...input, now: () => new Date() })).rejects.toThrow(coded('command-unstartable'))
  })
})
