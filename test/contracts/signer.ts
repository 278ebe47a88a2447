import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Code, CodedError, type Crypto, utf8 } from '@countersign/core'
import type { KmsSignerOptions } from '@countersign/adapters/kms-signer'
import { BUNDLE_V03, linkDigest, pae, PAYLOAD_TYPE, parseBundle, writeBundle } from '@countersign/formats'
import { type Signer, signStatement } from '@countersign/sign'
import type { LocalKeys, ServiceMode } from '../signers/local-service.ts'

const PAYLOAD = utf8(
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'dist/app.tgz', digest: { sha256: '0'.repeat(64) } }],
    predicateType: 'https://example.com/note/v1',
    predicate: { note: 'grün' },
  }),
)

/** What every {@link Signer} promises, whether its key is in a file, a KMS or a certificate. */
export function signerContract(name: string, crypto: Crypto, open: () => Promise<Signer>): void {
  describe(`Signer: ${name}`, () => {
    it('signs the bytes it is given, so that its public key verifies them', async () => {
      const signer = await open()
      const signed = pae(PAYLOAD_TYPE, PAYLOAD)
      const signature = await signer.sign(signed)
      expect(crypto.verify(signer.publicKey, signed, signature)).toBe(true)
      expect(crypto.verify(signer.publicKey, signed.subarray(1), signature)).toBe(false)
      expect(crypto.verify(signer.publicKey, crypto.sha256(signed), signature)).toBe(false)
    })

    it('makes signatures of its own algorithm', async () => {
      const signer = await open()
      const signature = await signer.sign(utf8('x'))
      if (signer.publicKey.algorithm === 'ed25519') expect(signature.length).toBe(64)
      else expect(signature[0]).toBe(0x30)
      expect(signature.constructor).toBe(Uint8Array)
    })

    it('keeps its key from one call to the next, and many at once', async () => {
      const signer = await open()
      const messages = Array.from({ length: 16 }, (_, i) => utf8(`message ${i}`))
      const signatures = await Promise.all(messages.map((message) => signer.sign(message)))
      for (const [i, message] of messages.entries()) {
        expect(crypto.verify(signer.publicKey, message, signatures[i]!)).toBe(true)
      }
      expect((await open()).publicKey.keyId).toBe(signer.publicKey.keyId)
    })

    it('leaves what it signs as it was', async () => {
      const message = utf8('unchanged')
      await (await open()).sign(message)
      expect(message).toEqual(utf8('unchanged'))
    })

    it('names itself in the bundle, which reads back as it was written', async () => {
      const signer = await open()
      const bundle = await signStatement(PAYLOAD, signer, crypto)
      expect(bundle.key).toEqual(signer.key)
      if (signer.key.kind === 'publicKey') expect(signer.key.hint).toBe(signer.publicKey.keyId)
      const bytes = writeBundle(bundle)
      expect(new TextDecoder().decode(bytes)).toContain(BUNDLE_V03)
      const read = parseBundle(bytes)
      expect(read.envelope.payload).toEqual(PAYLOAD)
      expect(linkDigest(read.envelope, crypto)).toBe(linkDigest(bundle.envelope, crypto))
      expect(crypto.verify(signer.publicKey, pae(PAYLOAD_TYPE, read.envelope.payload), read.envelope.signature)).toBe(
        true,
      )
    })
  })
}

const MESSAGE = utf8('what a step did')

/** What a mode of the service comes to when a key is opened, and when something is signed with it. */
const FAULTS: readonly (readonly [mode: ServiceMode, opening: Code | null, signing: Code])[] = [
  ['denied', 'signer-setup-invalid', 'signer-setup-invalid'],
  ['absent', 'signer-setup-invalid', 'signer-setup-invalid'],
  ['disabled', 'signer-setup-invalid', 'signer-setup-invalid'],
  ['expired', 'signer-setup-invalid', 'signer-setup-invalid'],
  ['redirect', 'signer-setup-invalid', 'signer-setup-invalid'],
  ['proxy', 'signer-setup-invalid', 'signer-setup-invalid'],
  ['repeats', 'signer-setup-invalid', 'signer-setup-invalid'],
  ['throttled', 'signer-unreachable', 'signer-unreachable'],
  ['broken', 'signer-unreachable', 'signer-unreachable'],
  ['stall', 'signer-unreachable', 'signer-unreachable'],
  ['endless', 'signer-unreachable', 'signer-unreachable'],
  ['garbage', 'signer-unreachable', 'signer-unreachable'],
  ['duplicate', 'signer-unreachable', 'signer-unreachable'],
  ['empty', 'signer-unreachable', 'signer-unreachable'],
  ['no-base64', null, 'signer-unreachable'],
  ['malformed', null, 'sign-failed'],
  ['short', null, 'sign-failed'],
  ['other-version', null, 'sign-failed'],
  ['said-other', null, 'sign-failed'],
]

/** What every {@link Signer} promises whose key is in a service that may be away, wrong or hostile. */
export function remoteSignerContract(
  name: string,
  start: () => Promise<LocalKeys>,
  openAt: (uri: string, options: KmsSignerOptions) => Promise<Signer>,
  crypto: Crypto,
): void {
  describe(`Signer of a service: ${name}`, () => {
    let service: LocalKeys
    beforeAll(async () => {
      service = await start()
    })
    afterAll(() => service.close())
    afterEach(() => {
      service.mode = 'honest'
    })

    const waited: number[] = []
    const options = (mode?: ServiceMode): KmsSignerOptions => ({
      env: service.env,
      now: () => Date.now(),
      ...(mode === 'stall' ? { timeoutMs: 250 } : {}),
      wait: (ms) => {
        waited.push(ms)
        return Promise.resolve()
      },
    })
    const open = (mode?: ServiceMode) => openAt(service.uri, options(mode))

    async function faultOf(work: () => Promise<unknown>): Promise<CodedError> {
      const thrown = await work().then(
        () => new Error('nothing was thrown'),
        (error: unknown) => error,
      )
      expect(thrown).toBeInstanceOf(CodedError)
      // Neither in what is reported, nor in what a log could print of it.
      const told = inspect(thrown, { depth: 9 }) + JSON.stringify((thrown as CodedError).report())
      for (const secret of service.secrets) expect(told).not.toContain(secret)
      return thrown as CodedError
    }

    it.each(FAULTS)('%s: nothing comes of it', async (mode, opening, signing) => {
      const signer = await open(mode)
      service.mode = mode
      if (opening !== null) expect((await faultOf(() => open(mode))).code).toBe(opening)
      expect((await faultOf(() => signer.sign(MESSAGE))).code).toBe(signing)
      service.mode = 'honest'
      expect(crypto.verify(signer.publicKey, MESSAGE, await signer.sign(MESSAGE))).toBe(true)
    })

    it('asks again what may pass, so that a step that ran is not lost; and nothing else', async () => {
      const signer = await open()
      for (const [mode, tries] of [
        ['broken', 3],
        ['denied', 1],
        ['other-version', 1],
      ] as const) {
        service.mode = mode
        const before = service.asked.length
        waited.length = 0
        await faultOf(() => signer.sign(MESSAGE))
        expect([mode, service.asked.length - before, waited.length]).toEqual([mode, tries, tries - 1])
      }
      service.mode = 'broken'
      const recovering = { ...options(), wait: () => ((service.mode = 'honest'), Promise.resolve()) }
      await (await openAt(service.uri, recovering)).sign(MESSAGE)
    })

    it('reads an answer without an end no further than it may be', async () => {
      const signer = await open()
      service.mode = 'endless'
      expect((await faultOf(() => signer.sign(MESSAGE))).what).toMatch(/ exceeds 65536 bytes$/)
    })

    it('signs on with the version that it was opened with (T-68)', async () => {
      const signer = await open()
      service.rotate()
      expect(crypto.verify(signer.publicKey, MESSAGE, await signer.sign(MESSAGE))).toBe(true)
    })

    it('refuses keys that cannot sign steps', async () => {
      expect(service.unfit.length).toBeGreaterThan(1)
      for (const uri of service.unfit) {
        expect([uri, (await faultOf(() => openAt(uri, options()))).code]).toEqual([uri, 'signer-setup-invalid'])
      }
    })

    it('says nothing of the credentials where nobody listens', async () => {
      const gone = await start()
      const env = gone.env
      await gone.close()
      const fault = await faultOf(() => openAt(gone.uri, { ...options(), env }))
      expect([fault.code, fault.what]).toEqual([
        'signer-unreachable',
        expect.stringMatching(/ did not answer: ECONNREFUSED$/),
      ])
    })
  })
}
