import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { publicKeyPem } from '@countersign/core'
import {
  checkStatementsAgree,
  parseHeadProof,
  parseLogStatement,
  parseVkey,
  verifyLogStatement,
  writeBundle,
} from '@countersign/formats'
import { verifyHead } from '@countersign/verify'
import { MAIN } from '../demo/world.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { Bench } from './cli.ts'
import { THOROUGH, rounds } from '../thorough.ts'

const ROUNDS = rounds(2, 4)

const root = mkdtempSync(join(tmpdir(), 'countersign-statements-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Running {
  readonly url: string
  readonly token: string
  readonly log: () => string
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

async function start(dir: string, ...more: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, '--json', '--port', '0', '--data', dir, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk) => (log += String(chunk)))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)))
    child.once('exit', () => reject(new Error(log)))
  })
  const { url, token } = JSON.parse(line) as { url: string; token: string }
  return { url, token, log: () => log, end: (signal) => (child.kill(signal), ended) }
}

function ask({ url, token }: Running, path: string, body?: string | Uint8Array): Promise<Response> {
  // A connection of its own: while a command is waited for in this thread, nobody sees that the server closed an idle one.
  const headers = { authorization: `Bearer ${token}`, connection: 'close' }
  return fetch(`${url}${path}`, body === undefined ? { headers } : { method: 'POST', headers, body: Buffer.from(body) })
}

const textOf = async (server: Running, path: string) => (await ask(server, path)).text()
const by = party('build', 'ed25519')

async function enrol(server: Running): Promise<void> {
  const key = JSON.stringify({ name: 'build', publicKey: publicKeyPem(by.publicKey) })
  expect((await ask(server, '/v1/keys', key)).status).toBe(201)
}

async function append(server: Running, chain: string, matrix: string): Promise<void> {
  const { bundle } = signStep(by, {
    chain: { id: chain, pipeline: 'p', contract: null },
    name: 'build',
    matrix,
    subject: [file('a', `${chain} ${matrix}`)],
  })
  expect((await ask(server, '/v1/attestations', writeBundle(bundle))).status).toBe(201)
}

async function trustOf(server: Running) {
  const { origin, vkey } = JSON.parse(await textOf(server, '/v1/server')) as { origin: string; vkey: string }
  return { origin, keys: [parseVkey(vkey, nodeCrypto)], vkey }
}

interface Line {
  readonly number: number
  readonly covers: number
  readonly size: number
}

const listed = async (server: Running) =>
  (JSON.parse(await textOf(server, '/statements?limit=200')) as { items: Line[] }).items
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function until<T>(what: () => Promise<T | null | false>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await what()
    if (found !== null && found !== false) return found
    await pause(50)
  }
  throw new Error('it did not come to that')
}

describe('statements of a server as a process', () => {
  test.runIf(THOROUGH)(
    'follow one another through kill -9, and say which periods went by while it was down',
    async () => {
      const dir = join(root, 'killed')
      const period = ['--statement-period', '1']
      const seen = new Map<number, string>()
      const chain = newChainId()
      // The first administrator and the key are told there, too.
      const told = 2
      let appended = 0
      const logs: string[] = []
      const look = async (server: Running) => {
        for (const { number } of await listed(server)) {
          const text = await textOf(server, `/statements/${number}`)
          // What was shown once is shown for ever, byte by byte.
          expect(seen.get(number) ?? text).toBe(text)
          seen.set(number, text)
        }
      }
      let server = await start(dir, ...period)
      await enrol(server)
      for (let round = 0; round < ROUNDS; round++) {
        for (let i = 0; i < 3; i++) await append(server, chain, `${appended++}`)
        await until(async () => (await listed(server))[0]?.size === told + appended)
        await look(server)
        // Near the end of a period, before, in and after the making of a statement.
        await pause(1000 - (Date.now() % 1000) + 15 * round)
        await server.end('SIGKILL')
        logs.push(server.log())
        if (round === 1) await pause(3_200)
        server = await start(dir, ...period)
        await look(server)
      }
      await until(async () => (await listed(server)).some(({ covers }) => covers > 1))
      expect([...logs, server.log()].join('')).toContain('periods were missed; one statement covers them')
      await look(server)

      const trust = await trustOf(server)
      const numbers = [...seen.keys()].toSorted((a, b) => a - b)
      expect(numbers).toEqual(numbers.map((_, i) => i))
      const verified = numbers.map((number) =>
        verifyLogStatement(parseLogStatement(new TextEncoder().encode(seen.get(number))), trust, nodeCrypto),
      )
      for (const one of verified) for (const other of verified) checkStatementsAgree(one, other, nodeCrypto)
      // Every one of them still proves what the chain was then.
      for (const { statement } of verified) {
        const bytes = await (await ask(server, `/v1/chains/${chain}/head?statement=${statement.number}`)).arrayBuffer()
        const { head } = verifyHead(parseHeadProof(new Uint8Array(bytes)), trust, nodeCrypto)
        if (head !== null) expect(head).toMatchObject({ length: statement.size - told, index: statement.size - 1 })
      }
      await server.end('SIGTERM')
    },
    60_000,
  )

  test('are read, kept and verified on the command line, with and without the server', async () => {
    const bench = new Bench()
    const server = await start(join(root, 'cli'))
    await enrol(server)
    const env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token }
    const cli = (...args: string[]) => bench.cli(bench.root, args, env)
    const offline = (...args: string[]) => bench.cli(bench.root, args)
    expect(cli('statement', 'list')).toMatchObject({ code: 0, out: 'The log has made no statement yet.\n' })
    expect(cli('statement', 'show')).toMatchObject({ code: 1, err: expect.stringContaining('not-found') as string })
    const [early, later] = [newChainId(), newChainId()]
    await append(server, early, '1')
    const first = cli('statement', 'now', '--format', 'json')
    expect(JSON.parse(first.out)).toMatchObject({ number: 0, size: 3, heads: { count: 1 }, previous: null })
    await append(server, early, '2')
    await append(server, later, '1')
    expect(cli('statement', 'now').out).toMatch(
      /^countersign\.dev\/log-statement@v1\norigin countersign\.local\nnumber 1\n/,
    )
    expect(cli('statement', 'now').err).toContain('Nothing was logged since')
    expect(cli('statement', 'list').out).toMatch(/^1 +\S+ to \S+ +5 entries of 2 chains\n0 .* 3 entries of 1 chain\n$/)

    for (const number of ['0', '1']) bench.write(`${number}.statement`, cli('statement', 'show', number).out)
    expect(cli('statement', 'verify', '0.statement', '1.statement').code).toBe(0)
    const { vkey } = await trustOf(server)
    bench.write('log.vkey', `${vkey}\n`)
    const kept = ['statement', 'verify', '0.statement', '1.statement', '--trust', 'log.vkey']
    const judged = offline(...kept, '--format', 'json')
    expect(JSON.parse(judged.out)).toMatchObject({ verdict: 'pass', statements: [{ number: 0 }, { number: 1 }] })
    bench.write('0.statement', readFileSync(bench.path('0.statement'), 'utf8').replace('size 3', 'size 4'))
    expect(offline(...kept)).toMatchObject({ code: 1, err: expect.stringContaining('signature-invalid') as string })
    expect(offline('statement', 'verify', '1.statement')).toMatchObject({
      code: 2,
      err: expect.stringContaining('trust-missing') as string,
    })

    expect(cli('head', 'prove', early, '--statement', '0', '--out', 'early.json').code).toBe(0)
    expect(cli('head', 'prove', later, '--statement', '0', '--out', 'later.json').code).toBe(0)
    const verify = (name: string, ...more: string[]) => offline('head', 'verify', name, '--trust', 'log.vkey', ...more)
    expect(verify('early.json').out).toContain(`✓ chain ${early} had 1 entry, the last of them entry 2 of the log`)
    expect(verify('later.json').out).toContain(`✓ chain ${later} had no entry`)
    expect(JSON.parse(verify('later.json', '--format', 'json').out)).toMatchObject({ verdict: 'pass', head: null })
    // What else was proven of the chain is held against it.
    const { items } = JSON.parse(await textOf(server, `/v1/attestations?chain=${early}`)) as {
      items: { link: string }[]
    }
    for (const [i, { link }] of items.entries())
      bench.write(`${i}.tlog-proof`, await textOf(server, `/v1/attestations/${link}/proof`))
    const entries = ['--entry', '0.tlog-proof', '1.tlog-proof', '--format', 'json']
    expect(JSON.parse(verify('early.json', ...entries).out)).toMatchObject({
      entries: 2,
      head: { length: 1, index: 2 },
    })
    expect(verify('later.json', '--entry', '0.tlog-proof')).toMatchObject({
      code: 1,
      err: expect.stringContaining('proof-invalid') as string,
    })
    bench.write('forged.json', readFileSync(bench.path('early.json'), 'utf8').replace('"length":1', '"length":2'))
    expect(verify('forged.json').code).toBe(1)
    expect(cli('head', 'prove', newChainId())).toMatchObject({
      code: 1,
      err: expect.stringContaining('not-found') as string,
    })
    await server.end('SIGTERM')
    bench.remove()
  }, 60_000)

  test('take their period from the door', async () => {
    const dir = join(root, 'door')
    const bad = (text: string) => start(dir, '--statement-period', text)
    for (const text of ['0', '1.5', '31536001']) await expect(bad(text)).rejects.toThrow('usage')
    await (await start(dir, '--statement-period', '31536000')).end('SIGTERM')
  })
})
