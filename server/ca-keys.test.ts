import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { createKeyFile, openKeyFile } from '@countersign/adapters/signer-file'
import { CodedError } from '@countersign/core'
import { basicConstraints, certificatePem, commonName, extendedKeyUsage, keyUsage } from '@countersign/formats/x509'
import { certificate, type CertificateOptions, newKey, type TestKey } from '../test/anchors/certificates.ts'
import { addAuthority, type CaKeysInput, openCaKeys } from './ca-keys.ts'

const NOW = Date.parse('2026-11-21T12:00:00.500Z')
const DAY = 86_400_000
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-ca-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const input = (more: Partial<CaKeysInput> = {}): CaKeysInput => ({
  directory: join(root, 'ca'),
  origin: 'log.example.com',
  passphrase: null,
  caKey: null,
  ctKey: null,
  crypto: nodeCrypto,
  now: NOW,
  hasIssued: false,
  ...more,
})
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'opened',
    (error: CodedError) => error.code,
  )
const at = (name: string, number = 1) => join(root, 'ca', String(number), name)

describe('the keys of the authority', () => {
  it('are made once, with a root whose key nobody keeps', async () => {
    const { issuing, former } = await openCaKeys(input())
    const [ca, top] = issuing.chain
    expect(issuing.chain).toHaveLength(2)
    expect([commonName(ca.subject, 'certificate-invalid'), commonName(top!.subject, 'certificate-invalid')]).toEqual([
      'countersign-intermediate-1',
      'countersign-root-1',
    ])
    expect([basicConstraints(ca), basicConstraints(top!)]).toEqual([
      { ca: true, pathLength: 0 },
      { ca: true, pathLength: 1 },
    ])
    expect([keyUsage(ca)!(0), keyUsage(ca)!(5), keyUsage(top!)!(5)]).toEqual([false, true, true])
    expect(extendedKeyUsage(ca)?.purposes).toEqual([CODE_SIGNING])
    expect(new Date(ca.notAfter).toISOString()).toBe('2036-11-21T12:00:00.000Z')
    expect([former, issuing.validFor]).toEqual([[], { start: NOW - 500, end: null }])
    expect(readdirSync(join(root, 'ca', '1')).toSorted()).toEqual([
      'ca.key',
      'ca.key.pub',
      'chain.pem',
      'ct.key',
      'ct.key.pub',
    ])
    for (const name of ['ca.key', 'ct.key']) expect(statSync(at(name)).mode & 0o777).toBe(0o600)
    const again = await openCaKeys(input({ now: NOW + DAY }))
    expect(again.issuing.chain.map(({ der }) => der)).toEqual(issuing.chain.map(({ der }) => der))
    expect(again.issuing.validFor).toEqual(issuing.validFor)
    const keys = [issuing.signer, issuing.ctSigner].map(({ publicKey }) => publicKey.keyId)
    expect(new Set(keys).size).toBe(2)
    expect([again.issuing.signer, again.issuing.ctSigner].map(({ publicKey }) => publicKey.keyId)).toEqual(keys)
  })

  it('are encrypted under the passphrase, and open with no other', async () => {
    await openCaKeys(input({ passphrase: 'correct horse' }))
    expect(readFileSync(at('ca.key'), 'latin1')).toContain('ENCRYPTED PRIVATE KEY')
    expect(await codeOf(openCaKeys(input({ passphrase: 'wrong' })))).toBe('key-passphrase')
    expect(await codeOf(openCaKeys(input()))).toBe('key-passphrase')
    expect(await codeOf(openCaKeys(input({ passphrase: 'correct horse' })))).toBe('opened')
  })

  it('go on from where making them was cut off', async () => {
    mkdirSync(join(root, 'ca', '1'), { recursive: true })
    const key = await createKeyFile(at('ca.key'), { algorithm: 'ecdsa-p256', passphrase: null })
    const { issuing } = await openCaKeys(input())
    expect(issuing.signer.publicKey.keyId).toBe(key.keyId)
  })

  it.each(['ca.key', 'ct.key', 'chain.pem'])('are not made anew where %s is gone', async (name) => {
    await openCaKeys(input())
    rmSync(at(name))
    expect(await codeOf(openCaKeys(input()))).toBe('key-unreadable')
    expect(existsSync(at(name))).toBe(false)
  })

  it('are not made anew where all is gone, and certificates are out there; only --new-ca begins again', async () => {
    await openCaKeys(input())
    expect(await codeOf(openCaKeys(input({ hasIssued: true })))).toBe('opened')
    rmSync(join(root, 'ca'), { recursive: true })
    expect(await codeOf(openCaKeys(input({ hasIssued: true })))).toBe('key-unreadable')
    expect(existsSync(join(root, 'ca'))).toBe(false)
    // The control: who has issued nothing begins.
    expect(await codeOf(openCaKeys(input()))).toBe('opened')
    rmSync(join(root, 'ca'), { recursive: true })
    await addAuthority(input())
    expect(await codeOf(openCaKeys(input({ hasIssued: true })))).toBe('opened')
  })

  it('are not taken where they are not those of the certificate, or of the SCTs', async () => {
    await openCaKeys(input())
    for (const name of ['ca.key', 'ct.key']) {
      const held = readFileSync(at(name))
      rmSync(at(name))
      rmSync(at(`${name}.pub`))
      await createKeyFile(at(name), { algorithm: 'ecdsa-p256', passphrase: null })
      expect(await codeOf(openCaKeys(input()))).toBe('signer-setup-invalid')
      writeFileSync(at(name), held)
      expect(await codeOf(openCaKeys(input()))).toBe('opened')
    }
    rmSync(join(root, 'ca', 'authorities.json'))
    writeFileSync(at('ct.key'), readFileSync(at('ca.key')))
    expect(await codeOf(openCaKeys(input()))).toBe('key-invalid')
  })

  it.each(['', '[{}]', '{"a":1}', '[{"number":2,"ctKey":"AA==","from":null,"until":null}]'])(
    'are not read where the list of authorities is %j',
    async (text) => {
      await openCaKeys(input())
      writeFileSync(join(root, 'ca', 'authorities.json'), text)
      expect(await codeOf(openCaKeys(input()))).toBe('key-unreadable')
    },
  )

  it('may be kept elsewhere; nothing of them is written then', async () => {
    const [file, ct] = [join(root, 'elsewhere.key'), join(root, 'ct-elsewhere.key')]
    for (const path of [file, ct]) await createKeyFile(path, { algorithm: 'ecdsa-p256', passphrase: null })
    const elsewhere = { caKey: () => openKeyFile(file, null), ctKey: () => openKeyFile(ct, null) }
    const { issuing } = await openCaKeys(input(elsewhere))
    expect(readdirSync(join(root, 'ca', '1'))).toEqual(['chain.pem'])
    expect(issuing.chain[0].spki).toEqual((await openKeyFile(file, null)).publicKey.spki)
    expect((await openCaKeys(input(elsewhere))).issuing.chain[0].der).toEqual(issuing.chain[0].der)
    expect(await codeOf(openCaKeys(input({ ...elsewhere, caKey: elsewhere.ctKey })))).toBe('signer-setup-invalid')
    expect(await codeOf(openCaKeys(input({ ...elsewhere, directory: join(root, 'b'), ctKey: elsewhere.caKey })))).toBe(
      'key-invalid',
    )
  })
})

describe('a key service that does not answer', () => {
  it('keeps the server from issuing, not from starting, and is asked again', async () => {
    const file = join(root, 'elsewhere.key')
    await createKeyFile(file, { algorithm: 'ecdsa-p256', passphrase: null })
    let answer: 'key' | 'another' | 'nothing' = 'nothing'
    const caKey = async () => {
      if (answer === 'nothing') throw new CodedError('signer-unreachable', 'no answer')
      if (answer === 'key') return openKeyFile(file, null)
      await createKeyFile(join(root, 'another.key'), { algorithm: 'ecdsa-p256', passphrase: null })
      return openKeyFile(join(root, 'another.key'), null)
    }
    const code = (error: CodedError) => error.code
    // Of the first one nothing is known.
    expect(await codeOf(openCaKeys(input({ caKey })))).toBe('signer-unreachable')
    answer = 'key'
    await openCaKeys(input({ caKey }))
    answer = 'nothing'
    const { issuing } = await openCaKeys(input({ caKey }))
    const message = new TextEncoder().encode('a')
    expect(await issuing.signer.sign(message).catch(code)).toBe('signer-unreachable')
    answer = 'key'
    const signature = (await issuing.signer.sign(message)) as Uint8Array
    expect(nodeCrypto.verify(issuing.signer.publicKey, message, signature)).toBe(true)
    answer = 'nothing'
    const other = (await openCaKeys(input({ caKey }))).issuing
    answer = 'another'
    expect(await other.signer.sign(message).catch(code)).toBe('signer-setup-invalid')
  })
})

describe("an authority with somebody's own certificate", () => {
  /** Puts a chain in the place where the first one would be made. */
  async function put(more: Partial<CertificateOptions> = {}, above: Partial<CertificateOptions> = {}): Promise<void> {
    mkdirSync(join(root, 'ca', '1'), { recursive: true })
    const key = await createKeyFile(at('ca.key'), { algorithm: 'ecdsa-p256', passphrase: null })
    const own = { ...newKey(), spki: key.spki } as TestKey
    const top = certificate({ name: 'Our root', key: newKey('P-384', 'sha384'), issuer: null, ca: true, ...above })
    const middle = { name: 'Our authority', key: own, issuer: top, serial: 2, ca: true, ...more }
    writeFileSync(at('chain.pem'), [certificate(middle), top].map(({ der }) => certificatePem(der)).join(''))
  }

  it('issues with it', async () => {
    await put({ pathLength: 0, purposes: [CODE_SIGNING], purposesCritical: false })
    const { issuing } = await openCaKeys(input())
    expect(commonName(issuing.chain[1]!.subject, 'certificate-invalid')).toBe('Our root')
  })

  it.each<[string, string, Partial<CertificateOptions>, Partial<CertificateOptions>]>([
    ['that is no authority', 'certificate-untrusted', { ca: false, purposes: null }, {}],
    ['that may not sign certificates', 'certificate-untrusted', { usage: [0] }, {}],
    ['that is for timestamps', 'certificate-untrusted', { purposes: ['1.3.6.1.5.5.7.3.8'] }, {}],
    ['that has expired', 'certificate-untrusted', { until: '2026-11-20T00:00:00Z' }, {}],
    ['whose root allows none below', 'certificate-untrusted', {}, { pathLength: 0 }],
    ['whose root is no authority', 'certificate-untrusted', {}, { ca: false, purposes: null, usage: [5] }],
  ])('refuses one %s', async (_name, code, more, above) => {
    await put(more, above)
    expect(await codeOf(openCaKeys(input()))).toBe(code)
  })

  it('refuses one that its root did not sign', async () => {
    await put()
    const [middle] = readFileSync(at('chain.pem'), 'utf8').split(/(?<=END CERTIFICATE-----\n)/)
    const other = certificate({ name: 'Our root', key: newKey(), issuer: null, ca: true })
    writeFileSync(at('chain.pem'), `${middle}${certificatePem(other.der)}`)
    expect(await codeOf(openCaKeys(input()))).toBe('certificate-untrusted')
  })

  it('makes no key for one that came without', async () => {
    await put()
    rmSync(at('ca.key'))
    expect(await codeOf(openCaKeys(input()))).toBe('key-unreadable')
  })
})

describe('another authority', () => {
  it('issues from the next start on, and the one before is trusted as long as what it issued lives', async () => {
    const first = (await openCaKeys(input())).issuing
    const added = await addAuthority(input({ now: NOW + DAY }))
    expect(added).toMatchObject({ number: 2, validFor: { start: null, end: null } })
    expect((await addAuthority(input({ now: NOW + DAY }))).chain[0].der).toEqual(added.chain[0].der)
    const second = await openCaKeys(input({ now: NOW + 2 * DAY }))
    expect(second.issuing.chain[0].der).toEqual(added.chain[0].der)
    expect(second.issuing.validFor).toEqual({ start: NOW - 500 + 2 * DAY, end: null })
    expect(second.former).toMatchObject([
      { number: 1, validFor: { start: NOW - 500, end: NOW + 2 * DAY + 600_000 }, ctKey: first.ctKey },
    ])
    // What was set once stays: a later start moves nothing.
    const third = await openCaKeys(input({ now: NOW + 3 * DAY }))
    expect([third.issuing.validFor, third.former[0]!.validFor]).toEqual([
      second.issuing.validFor,
      second.former[0]!.validFor,
    ])
    // The keys of one that does not issue are needed no longer.
    for (const name of ['ca.key', 'ct.key']) rmSync(at(name))
    expect((await openCaKeys(input({ now: NOW + 3 * DAY }))).former).toHaveLength(1)
  })

  it('is the first where there is none', async () => {
    expect((await addAuthority(input())).number).toBe(1)
    expect((await openCaKeys(input())).issuing.number).toBe(1)
  })

  it('does not end the one before where its key does not open', async () => {
    await openCaKeys(input())
    await addAuthority(input())
    const list = readFileSync(join(root, 'ca', 'authorities.json'))
    rmSync(at('ca.key', 2))
    expect(await codeOf(openCaKeys(input({ now: NOW + DAY })))).toBe('key-unreadable')
    expect(readFileSync(join(root, 'ca', 'authorities.json'))).toEqual(list)
  })
})
