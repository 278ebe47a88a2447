import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nodeCrypto, nodeCryptoFor } from '@countersign/adapters/crypto-node'
import { rememberingCrypto } from '@countersign/adapters/remembering-crypto'
import { parsePublicKey } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { cryptoContract } from './crypto.ts'

cryptoContract('nodeCrypto', nodeCrypto)
cryptoContract('nodeCrypto on two cores', nodeCryptoFor(2))
cryptoContract('nodeCrypto that remembers', rememberingCrypto(nodeCrypto))
cryptoContract('portableCrypto', portableCrypto)

it.each(['p256', 'ed25519'] as const)('all say the same of every bent %s signature', async (type) => {
  const pair = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const bent = fc.record({
    message: fc.uint8Array({ maxLength: 100 }),
    changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
    cut: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(3)),
  })
  const remembering = rememberingCrypto(nodeCrypto)
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(bent, async ({ message, changes, cut }) => {
      const whole = new Uint8Array(sign(type === 'ed25519' ? null : 'sha256', message, pair.privateKey))
      for (const [at, value] of changes) whole[at % whole.length] = value
      const signature = whole.subarray(0, whole.length - cut)
      const native = nodeCrypto.verify(key, message, signature)
      if (native) accepted++
      const later = await nodeCryptoFor(4).verifyLater(key, message, signature)
      // The second answer is the remembered one.
      for (const _ of [1, 2]) if ((await remembering.verifyLater(key, message, signature)) !== native) return false
      const inPlace = await nodeCryptoFor(2).verifyLater(key, message, signature)
      return later === native && inPlace === native && portableCrypto.verify(key, message, signature) === native
    }),
    { numRuns: 200 },
  )
  expect(accepted).toBeGreaterThan(0)
})
