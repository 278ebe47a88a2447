import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { parsePublicKey } from '@countersign/core'
import { nodeCrypto } from './crypto-node.ts'
import { rememberingCrypto } from './remembering-crypto.ts'

const pair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { key: parsePublicKey(publicKey.export({ type: 'spki', format: 'der' })), privateKey }
}
const { key, privateKey } = pair()
const message = Buffer.from('a statement')
const good = sign(null, message, privateKey)

/** What is asked of OpenSSL, and what is answered. */
function watched(most?: number) {
  const verifyLater = vi.fn(nodeCrypto.verifyLater)
  return { verifyLater, crypto: rememberingCrypto({ ...nodeCrypto, verifyLater }, most) }
}

test('a good signature is computed once', async () => {
  const { verifyLater, crypto } = watched()
  for (let i = 0; i < 3; i++) expect(await crypto.verifyLater(key, message, good)).toBe(true)
  expect(verifyLater).toHaveBeenCalledTimes(1)
})

test('one that is bad is bad again, and nothing of it is remembered', async () => {
  const { verifyLater, crypto } = watched()
  const bad = good.map((byte, i) => (i === 5 ? byte ^ 1 : byte))
  for (let i = 0; i < 2; i++) expect(await crypto.verifyLater(key, message, bad)).toBe(false)
  expect(await crypto.verifyLater(key, message, good)).toBe(true)
  expect(verifyLater).toHaveBeenCalledTimes(3)
})

test('a good one is good for no other key, message or signature', async () => {
  const { crypto } = watched()
  expect(await crypto.verifyLater(key, message, good)).toBe(true)
  expect(await crypto.verifyLater(pair().key, message, good)).toBe(false)
  expect(await crypto.verifyLater(key, Buffer.from('a statemenu'), good)).toBe(false)
  expect(await crypto.verifyLater(key, message, sign(null, message, pair().privateKey))).toBe(false)
  // The same bytes in a row, with the border between signature and message elsewhere.
  const [longer, shorter] = [Buffer.concat([good, message.subarray(0, 1)]), message.subarray(1)]
  expect(await crypto.verifyLater(key, shorter, longer)).toBe(false)
})

test('the oldest are forgotten', async () => {
  const { verifyLater, crypto } = watched(2)
  const signed = ['one', 'two', 'three'].map((text) => [Buffer.from(text), sign(null, Buffer.from(text), privateKey)])
  for (const [text, signature] of signed) await crypto.verifyLater(key, text!, signature!)
  await crypto.verifyLater(key, signed[2]![0]!, signed[2]![1]!)
  expect(verifyLater).toHaveBeenCalledTimes(3)
  await crypto.verifyLater(key, signed[0]![0]!, signed[0]![1]!)
  expect(verifyLater).toHaveBeenCalledTimes(4)
})
