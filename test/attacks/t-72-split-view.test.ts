import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { equal, utf8 } from '@countersign/core'
import { parseCheckpoint, parseVkey, verifyCheckpoint } from '@countersign/formats'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import {
  append,
  ask,
  beginLog,
  runLog,
  seen,
  type ServerProcess,
  startLog,
  startWitness,
  verified,
  writePolicy,
} from '../witnesses.ts'
import { THOROUGH, some } from '../thorough.ts'

// Two servers with one key, each with a history of its own, for two publics that do not speak to one another.

const root = mkdtempSync(join(tmpdir(), 'countersign-split-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const running: { end(signal: 'SIGKILL'): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.end('SIGKILL')))
})
function kept<T extends { end(signal: 'SIGKILL'): Promise<unknown> }>(one: T): T {
  running.push(one)
  return one
}

/** A log of one step, with its witness, and a copy of it all, key and lock as well. */
async function split(name: string, quorum: 1 | 'none') {
  const dir = join(root, name)
  const [one, two] = [join(dir, 'one'), join(dir, 'two')]
  const log = await beginLog(one)
  const witness = kept(await startWitness(join(dir, 'witness'), log))
  const policy = ['--witness-policy', writePolicy(join(dir, 'policy'), [witness], quorum)]
  const begun = await startLog(one, ...policy)
  expect(await append(begun, 'both')).toBe(201)
  await expect.poll(() => seen(begun, log, [witness])).toEqual([1, 1])
  await begun.end('SIGTERM')
  cpSync(one, two, { recursive: true })
  return { dir, one, two, log, witness, policy }
}
/** It was cosigned since it started: what it shows before may be what it had. */
const asked = async (server: ServerProcess) =>
  /^countersign_witness_up\{.*\} 1$/m.test(await (await ask(server, '/metrics')).text())
/** The witness has kept both checkpoints: with them alone everybody can be shown what the log did. */
async function convicts(dir: string, log: string): Promise<void> {
  const forks = join(dir, 'witness', 'state', 'forks')
  // It answers first, and writes then.
  const kept = () => (existsSync(forks) ? readdirSync(forks).filter((name) => name.endsWith('.txt')) : [])
  await expect.poll(() => kept().length).toBe(1)
  const text = readFileSync(join(forks, kept()[0]!), 'utf8')
  const key = parseVkey(log, nodeCrypto)
  const trust = { origin: key.name, keys: [key], witnesses: [] }
  const at = text.indexOf(`\n${key.name}\n`)
  const heads = [text.slice(0, at), text.slice(at + 1)].map(
    (note) => verifyCheckpoint(parseCheckpoint(utf8(note)), trust, nodeCrypto).checkpoint,
  )
  expect(heads.map(({ size }) => size)).toEqual([4, 4])
  expect(equal(heads[0]!.root, heads[1]!.root)).toBe(false)
}
const stopped = async (server: ServerProcess) => ((await ask(server, '/healthz')).status === 503 ? 'stopped' : 'signs')

describe('T-72: two histories under one key', () => {
  test('red control: without a witness nobody is the wiser', { timeout: 60_000 }, async () => {
    const { one, two, log } = await split('control', 'none')
    const servers = [kept(await startLog(one)), kept(await startLog(two))]
    const heads = []
    for (const [i, server] of servers.entries()) {
      expect(await append(server, `for public ${i}`)).toBe(201)
      heads.push((await verified(server, log, [])).checkpoint)
      expect(await stopped(server)).toBe('signs')
    }
    expect(heads.map(({ size }) => size)).toEqual([4, 4])
    expect(equal(heads[0]!.root, heads[1]!.root)).toBe(false)
  })

  const sizes: readonly [what: string, first: number, second: number][] = [
    ['the second larger', 1, 3],
    ['of one size', 1, 1],
    ['the second smaller', 3, 1],
  ]
  test.each(some(1, sizes))(
    'a witness of both stops the second: %s',
    { timeout: 60_000 },
    async (what, first, second) => {
      const { one, two, log, witness, policy } = await split(what, 'none')
      // Both have started before they part, so neither is caught at its start.
      const servers = [kept(await startLog(one, ...policy)), kept(await startLog(two, ...policy))]
      for (const server of servers) await expect.poll(() => asked(server)).toBe(true)
      for (let i = 0; i < first; i++) expect(await append(servers[0]!, `first ${i}`)).toBe(201)
      await expect.poll(() => seen(servers[0]!, log, [witness])).toEqual([1 + first, 1])
      for (let i = 0; i < second; i++) await append(servers[1]!, `second ${i}`)
      await expect.poll(() => stopped(servers[1]!), { timeout: 45_000 }).toBe('stopped')
      // What it says on its way out comes through a pipe.
      await expect.poll(() => servers[1]!.log()).toContain('witness-conflict')
      expect(await append(servers[1]!, 'more')).toBe(503)
      // Nothing of the second history has a cosignature, and the first goes on.
      const [size, cosigned] = await seen(servers[1]!, log, [witness])
      // What both histories share is cosigned, or not yet.
      if (size > 1) expect(cosigned).toBe(0)
      expect(await append(servers[0]!, 'goes on')).toBe(201)
      await expect.poll(() => seen(servers[0]!, log, [witness])).toEqual([2 + first, 1])
      expect(await stopped(servers[0]!)).toBe('signs')
      // It does not start again either.
      await servers[1]!.end('SIGTERM')
      const again = runLog(two, ...policy)
      expect([again.status, again.stdout]).toEqual([2, ''])
      expect(again.stderr).toContain('✗ witness-conflict: ')
    },
  )

  test.runIf(THOROUGH)('with a quorum no one is shown the second at all', { timeout: 60_000 }, async () => {
    const { one, two, log, witness, policy } = await split('quorum', 1)
    const servers = [kept(await startLog(one, ...policy)), kept(await startLog(two, ...policy))]
    expect(await append(servers[0]!, 'first')).toBe(201)
    expect(await append(servers[1]!, 'second')).toBe(503)
    expect(await seen(servers[1]!, log, [witness])).toEqual([1, 1])
    expect(await stopped(servers[1]!)).toBe('stopped')
  })
})

describe('T-73: a backup is brought back, and its lock with it', () => {
  test.runIf(THOROUGH)('a witness has seen more, and nothing is signed', { timeout: 60_000 }, async () => {
    const { dir, one, two, log, witness, policy } = await split('rewound', 'none')
    const server = await startLog(one, ...policy)
    expect(await append(server, 'lost')).toBe(201)
    await expect.poll(() => seen(server, log, [witness])).toEqual([2, 1])
    await server.end('SIGTERM')
    // The copy is of the day before, its lock too.
    const refused = runLog(two, ...policy)
    expect([refused.status, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain('✗ witness-conflict: the witness ')
    expect(refused.stderr).toContain('4 entries, and this checkpoint has 3')
    // Red control: without the witness it starts, and signs another second entry.
    const fooled = kept(await startLog(two))
    expect(await append(fooled, 'other')).toBe(201)
    await fooled.end('SIGTERM')
    // And then with it no more, though the sizes are the same.
    const same = runLog(two, ...policy)
    expect(same.stderr).toContain('4 entries under another root')
    await convicts(dir, log)
    // Positive control: the newest data goes on.
    const healed = kept(await startLog(one, ...policy))
    expect(await append(healed, 'next')).toBe(201)
    await expect.poll(() => seen(healed, log, [witness])).toEqual([3, 1])
  })
})
