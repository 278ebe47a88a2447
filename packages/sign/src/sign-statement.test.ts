import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CodedError, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { MAX_BUNDLE_BYTES } from '@countersign/formats'
import { type Signer, signStatement } from './index.ts'

const payload = (note: string) =>
  utf8(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'a', digest: { sha256: '0'.repeat(64) } }],
      predicateType: 'https://example.com/note/v1',
      predicate: note,
    }),
  )

function signer(change: (signature: Uint8Array) => Uint8Array = (signature) => signature): Signer {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }))
  return {
    key: { kind: 'publicKey', hint: publicKey.keyId },
    publicKey,
    sign: (pae) => Promise.resolve(change(new Uint8Array(sign('sha256', pae, pair.privateKey)))),
  }
}

function flip(signature: Uint8Array): Uint8Array {
  signature[signature.length - 1]! ^= 1
  return signature
}

function failing(error: Error): Signer {
  return { ...signer(), sign: () => Promise.reject(error) }
}

const rejects = (running: Promise<unknown>, code: string) =>
  expect(running).rejects.toThrow(expect.objectContaining({ code }))

describe('signStatement', () => {
  it('returns the bytes that were signed, whatever happens to the caller’s', async () => {
    const given = payload('first')
    const running = signStatement(given, signer(), portableCrypto)
    given.fill(0)
    expect((await running).envelope.payload).toEqual(payload('first'))
  })

  it('returns no signature that does not verify (T-68)', async () => {
    await signStatement(payload('x'), signer(), portableCrypto)
    await rejects(signStatement(payload('x'), signer(flip), portableCrypto), 'sign-failed')
    await rejects(
      signStatement(
        payload('x'),
        signer(() => new Uint8Array()),
        portableCrypto,
      ),
      'sign-failed',
    )
  })

  it('returns no signature of another key than the one it says', async () => {
    const other: Signer = { ...signer(), sign: signer().sign }
    await rejects(signStatement(payload('x'), other, portableCrypto), 'sign-failed')
  })

  it('does not let the signer change what is verified', async () => {
    const honest = signer()
    const meddling: Signer = {
      ...honest,
      sign: (pae) => {
        pae[pae.length - 2]! ^= 1
        return honest.sign(pae)
      },
    }
    await rejects(signStatement(payload('x'), meddling, portableCrypto), 'sign-failed')
  })

  it('passes coded errors on and wraps others', async () => {
    const coded = new CodedError('key-passphrase', 'locked')
    await rejects(signStatement(payload('x'), failing(coded), portableCrypto), 'key-passphrase')
    await rejects(signStatement(payload('x'), failing(new Error('socket')), portableCrypto), 'sign-failed')
  })

  it('signs nothing that is no statement', async () => {
    await rejects(signStatement(utf8('{}'), signer(), portableCrypto), 'statement-invalid')
    await rejects(signStatement(new Uint8Array(), signer(), portableCrypto), 'json-invalid')
  })

  it('signs nothing too large to be read', async () => {
    const huge = payload('x'.repeat((MAX_BUNDLE_BYTES / 4) * 3))
    await rejects(signStatement(huge, signer(), portableCrypto), 'input-too-large')
  })
})
