import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, fromHex, type JsonValue, parsePublicKey } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseVkey, readBundle, readReceipt } from '@countersign/formats'
import { logKeys, namedKeys, readChain, verifyReceipt, verifyStep } from '@countersign/verify'
import { expect, test } from 'vitest'
import { vectors } from './read.ts'

interface Vector {
  readonly bundle: JsonValue
  readonly receipt: JsonValue
  /** SPKI of the key that signed the bundle, hex, and the log's verifier key. */
  readonly key: string
  readonly log: string
  readonly error?: Code
}

test.each(vectors<Vector>('countersigned'))('%s', (_, { bundle, receipt, key, log, error }) => {
  const trust = {
    signers: namedKeys(new Map([['ci', parsePublicKey(fromHex(key))]])),
    countersigners: logKeys([parseVkey(log, portableCrypto)]),
  }
  const lines = [readBundle(bundle), readReceipt(receipt)] as const
  for (const crypto of [portableCrypto, nodeCrypto]) {
    // The signature is good in all of them: what differs is whose the log says that it was.
    const step = verifyStep(lines[0], trust, crypto)
    const verify = () => verifyReceipt(lines[1], step, trust, crypto)
    const chain = readChain(lines, trust, crypto)
    expect(chain.steps.size).toBe(1)
    expect(chain.receipts.size).toBe(error === undefined ? 1 : 0)
    if (error !== undefined) expect(verify).toThrow(expect.objectContaining({ name: 'CodedError', code: error }))
    else expect(verify().step.signer.name).toBe('ci')
  }
})
