import { generateKeyPairSync, sign } from 'node:crypto'
import { parsePublicKey } from '@countersign/core'
import { expect, it } from 'vitest'
import { nodeCryptoFor } from './crypto-node.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = parsePublicKey(publicKey.export({ type: 'spki', format: 'der' }))
const message = Buffer.from('a statement')
const good = sign('sha256', message, privateKey)

it('on two cores checks at the end of a turn what was asked for in it, in its order, and goes on in the next', async () => {
  const crypto = nodeCryptoFor(2)
  const answers: string[] = []
  const ask = async (name: string, signature: Uint8Array) => {
    const valid = await crypto.verifyLater(key, message, signature)
    answers.push(`${name} ${valid}`)
  }
  const all = [ask('first', good), ask('second', good.subarray(1)), ask('third', good)]
  await Promise.resolve()
  expect(answers).toEqual([])
  await new Promise(setImmediate)
  expect(answers).toEqual(['first true', 'second false', 'third true'])
  await Promise.all([...all, ask('of another turn', good)])
  expect(answers.at(-1)).toBe('of another turn true')
})
