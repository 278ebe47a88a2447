import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicKeyPem, readPublicKey } from '@countersign/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { startLocalAws } from '../signers/local-aws.ts'
import { startLocalAzure } from '../signers/local-azure.ts'
import { startLocalGcp } from '../signers/local-gcp.ts'
import type { LocalKeys } from '../signers/local-service.ts'
import { startLocalVault } from '../signers/local-vault.ts'
import { Bench, type Ran } from './cli.ts'
import { some } from '../thorough.ts'

const bench = new Bench()
let server: Server
let toServer: Record<string, string>
beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  toServer = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

/** Not in our own process's way: the key services are in it. */
async function cli(cwd: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const child = bench.start(cwd, args, { ...env, COUNTERSIGN_DEBUG: '1' })
  let [out, err] = ['', '']
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, out, err }
}

const SERVICES: readonly (readonly [name: string, start: () => Promise<LocalKeys>])[] = [
  ['awskms', startLocalAws],
  ['gcpkms', startLocalGcp],
  ['azurekms', startLocalAzure],
  ['hashivault', startLocalVault],
]

describe.each(some(2, SERVICES))('%s', (name, start) => {
  let service: LocalKeys
  beforeAll(async () => {
    service = await start()
  })
  afterAll(() => service.close())

  test('its public half is shown, enrolled, and what it signs is taken by the server and verifies', async () => {
    const { uri, env } = service
    const shown = await cli(bench.root, ['key', 'show', uri], env)
    expect(shown).toMatchObject({ code: 0, err: '' })
    const pem = shown.out.slice(shown.out.indexOf('-----BEGIN'))
    const key = readPublicKey(pem)
    expect(publicKeyPem(key)).toBe(pem)
    expect(await cli(bench.root, ['key', 'enroll', uri, '--name', name], { ...env, ...toServer })).toMatchObject({
      code: 0,
    })

    const repo = bench.checkout(name, { 'a.txt': `${name}\n` })
    const args = ['run', '--json', '--step', 'build', '--pipeline', 'p', '--products', 'a.txt', '--', 'true']
    const ran = await cli(repo, args, { ...env, ...toServer, COUNTERSIGN_KEY: uri })
    expect(ran).toMatchObject({ code: 0 })
    expect(JSON.parse(ran.err)).toMatchObject({ receipt: { late: false } })
    const trusted = bench.write(`${name}.pub`, pem)
    const verified = await cli(repo, ['verify', 'a.txt', '--trust', `${name}=${trusted}`, '--format', 'json'], {})
    expect(JSON.parse(verified.out)).toMatchObject({ verdict: 'pass', steps: [{ signer: { name, grade: 'D' } }] })
    // What is signed holds no credential, though the environment did.
    const chain = readFileSync(join(repo, 'a.txt.chain.jsonl'), 'utf8')
    const payload = (JSON.parse(chain.split('\n')[0]!) as { dsseEnvelope: { payload: string } }).dsseEnvelope.payload
    for (const secret of service.secrets) {
      expect(chain + Buffer.from(payload, 'base64').toString() + ran.err + ran.out + shown.out).not.toContain(secret)
    }
  })

  test('nothing runs where the key cannot be had, and nothing leaves that another version signed (T-68)', async () => {
    const repo = bench.checkout(`${name}-lies`, { 'a.txt': 'a\n' })
    const run = [
      'run',
      '--step',
      'build',
      '--pipeline',
      'p',
      '--products',
      'made.txt',
      '--key',
      service.uri,
      '--',
      'sh',
      '-c',
    ]
    service.mode = 'denied'
    const denied = await cli(repo, [...run, 'touch made.txt'], service.env)
    expect(denied).toMatchObject({ code: 1, out: '' })
    expect(denied.err).toContain('signer-setup-invalid')
    expect(existsSync(join(repo, 'made.txt'))).toBe(false)

    service.mode = 'honest'
    const lying = cli(repo, [...run, 'touch made.txt; sleep 2'], service.env)
    await expect.poll(() => existsSync(join(repo, 'made.txt'))).toBe(true)
    service.mode = 'other-version'
    const lied = await lying
    expect(lied).toMatchObject({ code: 1 })
    expect(lied.err).toContain('sign-failed')
    expect(existsSync(join(repo, 'made.txt.chain.jsonl'))).toBe(false)
    for (const secret of service.secrets) expect(denied.err + lied.err).not.toContain(secret)
    service.mode = 'honest'
    expect(await cli(repo, [...run, 'touch made.txt'], service.env)).toMatchObject({ code: 0 })
  })
})

test('an address that is none says how it is written', async () => {
  for (const [uri, fix] of [
    ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k', 'cryptoKeyVersions'],
    ['k8s://namespace/secret', 'awskms://'],
    ['azurekms://evil.example/key', 'vault.azure.net'],
  ] as const) {
    const ran = await cli(bench.root, ['key', 'show', uri], {})
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain('signer-setup-invalid')
    expect(ran.err).toContain(fix)
  }
  expect(await cli(bench.root, ['key', 'new', 'hashivault://k'], {})).toMatchObject({ code: 2 })
})
