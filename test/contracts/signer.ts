import { describe, expect, it } from 'vitest'
import { type Crypto, utf8 } from '@countersign/core'
import { BUNDLE_V03, linkDigest, pae, PAYLOAD_TYPE, parseBundle, writeBundle } from '@countersign/formats'
import { type Signer, signStatement } from '@countersign/sign'

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
