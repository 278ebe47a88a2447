import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type JsonValue, publicKeyPem } from '@countersign/core'
import {
  type NoteKey,
  parseCheckpoint,
  parseVkey,
  readReceipt,
  type Receipt,
  verifyCheckpoint,
  writeBundle,
} from '@countersign/formats'
import { logKeys, namedKeys, type TrustedLogKey, verifyReceipt, verifyStep } from '@countersign/verify'
import { afterAll, expect, test } from 'vitest'
import { MAIN } from '../demo/world.ts'
import { file, newChainId, party, type Signed, signStep } from '../pipeline.ts'
import { THOROUGH } from '../thorough.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-log-keys-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const by = party('build')
const ORIGIN = 'countersign.local'

interface Facts {
  readonly vkey: string
  readonly next: string | null
  readonly retired: readonly { readonly vkey: string; readonly retiredAt: string }[]
}

interface Running {
  readonly facts: Facts
  readonly receipt: Receipt
  readonly checkpoint: Uint8Array
}

function step(n: number): Signed {
  const chain = { id: newChainId(), pipeline: 'keys', contract: null }
  return signStep(by, { chain, name: 'build', subject: [file('a', `${n}`)] })
}

/** Starts the server, appends a step, and stops it. */
async function runOnce(dir: string, signed: Signed): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, '--json', '--port', '0', '--data', dir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk) => (log += String(chunk)))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)))
    child.once('exit', () => reject(new Error(log)))
  })
  const { url, token } = JSON.parse(line) as { url: string; token: string }
  const headers = { authorization: `Bearer ${token}` }
  const post = (path: string, body: string | Uint8Array) =>
    fetch(`${url}${path}`, { method: 'POST', headers, body: Buffer.from(body) })
  await post('/v1/keys', JSON.stringify({ name: by.name, publicKey: publicKeyPem(by.publicKey) }))
  const reply = await post('/v1/attestations', writeBundle(signed.bundle))
  const { receipt } = (await reply.json()) as { receipt: JsonValue }
  const facts = (await (await fetch(`${url}/v1/server`, { headers })).json()) as Facts
  const checkpoint = new Uint8Array(await (await fetch(`${url}/checkpoint`)).arrayBuffer())
  child.kill('SIGTERM')
  await ended
  return { facts, receipt: readReceipt(receipt), checkpoint }
}

function change(dir: string, what: '--new-log-key' | '--retire-log-key') {
  return spawnSync(process.execPath, [MAIN, what, '--json', '--data', dir], { encoding: 'utf8' })
}

function signersOf(checkpoint: Uint8Array, keys: readonly NoteKey[]): string[] {
  const trust = { origin: ORIGIN, keys, witnesses: [] }
  return verifyCheckpoint(parseCheckpoint(checkpoint), trust, nodeCrypto).signedBy.map(({ key }) => key.keyId)
}

test('a log changes its key: both sign for a while, and what the old one signed stays proven', async () => {
  const dir = join(root, 'changes')
  const steps = [step(0), step(1), step(2)] as const
  const first = await runOnce(dir, steps[0])
  expect(first.facts).toMatchObject({ next: null, retired: [] })

  const made = change(dir, '--new-log-key')
  const { next: vkey } = JSON.parse(made.stdout) as { next: string }
  expect(JSON.parse(change(dir, '--new-log-key').stdout)).toEqual({ next: vkey })
  // Nothing is signed with it yet: the log would not know its own checkpoint.
  const early = change(dir, '--retire-log-key')
  expect([early.status, early.stdout]).toEqual([2, ''])
  expect(early.stderr).toContain('✗ signer-unknown: the last checkpoint is not signed with the new key')

  const [old, next] = [first.facts.vkey, vkey].map((text) => parseVkey(text, nodeCrypto)) as [NoteKey, NoteKey]
  const second = await runOnce(dir, steps[1])
  expect(second.facts).toEqual({ ...first.facts, next: vkey })
  // Whoever knows one of them, or both, accepts it.
  expect(signersOf(second.checkpoint, [old, next])).toEqual([old.keyId, next.keyId])
  expect(signersOf(second.checkpoint, [old])).toEqual([old.keyId])
  expect(signersOf(second.checkpoint, [next])).toEqual([next.keyId])

  const retired = change(dir, '--retire-log-key')
  expect(JSON.parse(retired.stdout)).toEqual({ vkey, retired: first.facts.vkey })
  expect(existsSync(join(dir, 'server.next.key'))).toBe(false)
  const third = await runOnce(dir, steps[2])
  expect(third.facts).toMatchObject({ vkey, next: null, retired: [{ vkey: first.facts.vkey }] })
  expect(signersOf(third.checkpoint, [next, old])).toEqual([next.keyId])
  expect(() => signersOf(third.checkpoint, [old])).toThrow(expect.objectContaining({ code: 'signer-unknown' }))

  const signers = namedKeys(new Map([[by.name, by.publicKey]]))
  const counts = (signed: Signed, { receipt }: Running, countersigners: readonly TrustedLogKey[]) => {
    const trust = { signers, countersigners }
    return verifyReceipt(receipt, verifyStep(signed.bundle, trust, nodeCrypto), trust, nodeCrypto).countersigner.keyId
  }
  const told = [...logKeys([next]), { key: old, revokedAt: third.facts.retired[0]!.retiredAt }]
  expect(counts(steps[0], first, told)).toBe(old.publicKey.keyId)
  expect(counts(steps[1], second, logKeys([next]))).toBe(next.publicKey.keyId)
  expect(counts(steps[2], third, told)).toBe(next.publicKey.keyId)
  expect(() => counts(steps[0], first, logKeys([next]))).toThrow(expect.objectContaining({ code: 'signer-unknown' }))
  const fsck = spawnSync(process.execPath, [MAIN, '--fsck', '--data', dir], { encoding: 'utf8' })
  expect([fsck.status, fsck.stdout]).toEqual([0, expect.stringMatching(/^✓ 5 entries/)])
}, 120_000)

test.runIf(THOROUGH)(
  'a change of key that was cut off leaves the old key in its place',
  async () => {
    const dir = join(root, 'cut-off')
    const first = await runOnce(dir, step(0))
    change(dir, '--new-log-key')
    await runOnce(dir, step(1))
    // Named as retired, and not yet replaced.
    const list = [{ vkey: first.facts.vkey, retiredAt: '2026-11-01T00:00:00.000Z' }]
    writeFileSync(join(dir, 'retired-keys.json'), JSON.stringify(list))
    const { facts } = await runOnce(dir, step(2))
    expect(facts).toMatchObject({ vkey: first.facts.vkey, retired: [] })
    expect(change(dir, '--retire-log-key').status).toBe(0)
    expect(JSON.parse(readFileSync(join(dir, 'retired-keys.json'), 'utf8'))).toHaveLength(1)
  },
  120_000,
)

test('red control: another key in the place of the log’s, without the two steps, is refused', async () => {
  const dir = join(root, 'swapped')
  await runOnce(dir, step(0))
  await runOnce(join(root, 'other'), step(1))
  for (const name of ['server.key', 'server.key.pub']) {
    writeFileSync(join(dir, name), readFileSync(join(root, 'other', name)))
  }
  const refused = spawnSync(process.execPath, [MAIN, '--json', '--port', '0', '--data', dir], { encoding: 'utf8' })
  expect([refused.status, refused.stdout]).toEqual([2, ''])
  expect(refused.stderr).toMatch(/✗ (signer-unknown|signature-invalid): /)
}, 60_000)

test('a key is changed only where there is a log', () => {
  for (const what of ['--new-log-key', '--retire-log-key'] as const) {
    const refused = change(join(root, 'nowhere'), what)
    expect([refused.status, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain('✗ key-unreadable: there is no server.key')
    expect(existsSync(join(root, 'nowhere'))).toBe(false)
  }
})
