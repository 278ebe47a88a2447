import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseVkey, readReceipt } from '@countersign/formats'
import { type JsonObject, parseJson } from '@countersign/core'
import { logKeys, type Trust, verifyReceipt, verifyStep } from '@countersign/verify'
import { measureAppends } from './append.ts'
import type { Bench } from './row.ts'

/** The same, and every receipt in a reply is verified afterwards: what is fast and proves nothing does not count. */
export default {
  name: 'append-receipt',
  async run() {
    const { value, limit, p99, bare, replies, by, vkey } = await measureAppends()
    const trust: Trust = {
      signers: [{ name: 'bench', key: by.publicKey, revokedAt: null }],
      countersigners: logKeys([parseVkey(vkey, nodeCrypto)]),
    }
    for (const [{ bundle }, text] of replies) {
      const receipt = readReceipt((parseJson(Buffer.from(text, 'latin1')) as JsonObject)['receipt'])
      verifyReceipt(receipt, verifyStep(bundle, trust, nodeCrypto), trust, nodeCrypto)
    }
    const target = `≥ 3,000/s with receipts that verify, p99 < 100 ms (p99 ${p99.toFixed(0)} ms; a server that checks and proves nothing: ${Math.round(bare).toLocaleString('en')}/s)`
    const held = value >= 3000 && p99 < 100
    return { name: 'append-receipt', value, unit: '1/s', limit, ratio: value / limit, target, held }
  },
} satisfies Bench
