import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fromHex, hex, readPublicKey, utf8 } from '@countersign/core'
import { signerContract } from '../../../test/contracts/signer.ts'
import { nodeCrypto } from './crypto-node.ts'
import { createKeyFile, openKeyFile, publicKeyPath } from './signer-file.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-keys-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0
const fresh = () => join(root, `${count++}.key`)

const P256 = { algorithm: 'ecdsa-p256', passphrase: null } as const
const rejects = (running: Promise<unknown>, code: string) =>
  expect(running).rejects.toThrow(expect.objectContaining({ code }))

for (const algorithm of ['ecdsa-p256', 'ed25519'] as const) {
  for (const passphrase of [null, 'correct horse ü']) {
    const path = fresh()
    const made = createKeyFile(path, { algorithm, passphrase })
    signerContract(`${algorithm} file${passphrase === null ? '' : ', encrypted'}`, nodeCrypto, async () => {
      await made
      return openKeyFile(path, passphrase)
    })
  }
}

describe('createKeyFile', () => {
  it('writes the private half for its owner only, the public half beside it', async () => {
    const path = fresh()
    const key = await createKeyFile(path, P256)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readPublicKey(readFileSync(publicKeyPath(path))).keyId).toBe(key.keyId)
    expect((await openKeyFile(path, null)).publicKey.keyId).toBe(key.keyId)
  })

  it('never overwrites a key, nor follows a link in its place', async () => {
    const path = fresh()
    await createKeyFile(path, P256)
    const before = readFileSync(path, 'utf8')
    await rejects(createKeyFile(path, P256), 'key-exists')
    expect(readFileSync(path, 'utf8')).toBe(before)
    const [link, target] = [fresh(), fresh()]
    symlinkSync(target, link)
    await rejects(createKeyFile(link, P256), 'key-exists')
    expect(existsSync(target)).toBe(false)
  })

  it('leaves no private half behind where the public one cannot be written', async () => {
    const path = fresh()
    writeFileSync(publicKeyPath(path), 'somebody else’s')
    await rejects(createKeyFile(path, P256), 'key-exists')
    expect(existsSync(path)).toBe(false)
    expect(readFileSync(publicKeyPath(path), 'utf8')).toBe('somebody else’s')
  })

  it('says what failed where it cannot write', async () => {
    await rejects(createKeyFile(join(root, 'missing', 'a.key'), P256), 'file-write-failed')
    await rejects(createKeyFile(fresh(), { ...P256, passphrase: '' }), 'key-passphrase')
  })

  it('encrypts with 600,000 rounds, in a form that OpenSSL itself reads', async () => {
    const path = fresh()
    const key = await createKeyFile(path, { algorithm: 'ed25519', passphrase: 'secret' })
    const text = readFileSync(path, 'utf8')
    const der = Buffer.from(text.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
    expect(der.includes(Buffer.from(fromHex('02030927c0')))).toBe(true)
    const opened = createPrivateKey({ key: text, passphrase: 'secret' })
    expect(hex(createPublicKey(opened).export({ type: 'spki', format: 'der' }))).toBe(hex(key.spki))
  })

  it('shares neither salt nor vector between two files', async () => {
    const bodies = new Set<string>()
    for (let i = 0; i < 3; i++) {
      const path = fresh()
      await createKeyFile(path, { algorithm: 'ed25519', passphrase: 'secret' })
      bodies.add(readFileSync(path, 'utf8').split('\n')[1]!.slice(40))
    }
    expect(bodies.size).toBe(3)
  })
})

describe('openKeyFile', () => {
  it('asks for the passphrase of an encrypted key, and refuses a wrong one', async () => {
    const path = fresh()
    await createKeyFile(path, { algorithm: 'ecdsa-p256', passphrase: 'right' })
    await openKeyFile(path, 'right')
    await rejects(openKeyFile(path, null), 'key-passphrase')
    await rejects(openKeyFile(path, 'wrong'), 'key-passphrase')
    await rejects(openKeyFile(path, ''), 'key-passphrase')
  })

  it('ignores a passphrase that an open key does not need', async () => {
    const path = fresh()
    await createKeyFile(path, P256)
    await openKeyFile(path, 'not needed')
  })

  it.each<[string, (path: string) => void, string]>([
    ['nothing', () => undefined, 'key-unreadable'],
    ['a directory', (path) => mkdirSync(path), 'key-unreadable'],
    ['a FIFO', (path) => execFileSync('mkfifo', [path]), 'key-unreadable'],
    ['an empty file', (path) => writeFileSync(path, ''), 'key-unreadable'],
    ['text', (path) => writeFileSync(path, 'hello'), 'key-unreadable'],
    ['a huge file', (path) => writeFileSync(path, 'x'.repeat(70_000)), 'key-unreadable'],
    ['half a key', (path) => writeFileSync(path, pkcs8('p256').slice(0, 60)), 'key-unreadable'],
    ['a public key', (path) => writeFileSync(path, spki()), 'key-invalid'],
    ['an RSA key', (path) => writeFileSync(path, pkcs8('rsa')), 'key-invalid'],
    ['a P-384 key', (path) => writeFileSync(path, pkcs8('p384')), 'key-invalid'],
    ['an X25519 key', (path) => writeFileSync(path, pkcs8('x25519')), 'key-invalid'],
  ])('refuses %s', async (_what, make, code) => {
    const path = fresh()
    make(path)
    await rejects(openKeyFile(path, null), code)
  })

  it.runIf(process.getuid?.() !== 0)('says when the file may not be read', async () => {
    const path = fresh()
    await createKeyFile(path, P256)
    chmodSync(path, 0)
    await rejects(openKeyFile(path, null), 'key-unreadable')
  })

  it('reads the other forms that OpenSSL writes', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    for (const options of [
      { type: 'sec1', format: 'pem' },
      { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' },
      { type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' },
    ] as const) {
      const path = fresh()
      writeFileSync(path, pair.privateKey.export(options))
      const signer = await openKeyFile(path, 'passphrase' in options ? 'p' : null)
      expect(nodeCrypto.verify(signer.publicKey, utf8('m'), await signer.sign(utf8('m')))).toBe(true)
    }
  })
})

function pkcs8(type: 'p256' | 'p384' | 'rsa' | 'x25519'): string {
  const format = { type: 'pkcs8', format: 'pem' } as const
  if (type === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(format) as string
  if (type === 'x25519') return generateKeyPairSync('x25519').privateKey.export(format) as string
  const namedCurve = type === 'p256' ? 'P-256' : 'P-384'
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export(format) as string
}

function spki(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string
}
