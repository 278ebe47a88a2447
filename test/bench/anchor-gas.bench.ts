import { ethereumAnchor, ethereumSigner } from '@countersign/adapters/anchor-ethereum'
import { Way } from '../anchors/evm-driver.ts'
import { startLocalEvm } from '../anchors/local-evm.ts'
import type { Bench } from './row.ts'

/** Gas that the chain charges for any transaction; EIP-7623 adds 40 for each of the 72 bytes. */
const BARE = 21_000

/** What one statement costs on Ethereum, as a real node charged it, beside an empty transaction. */
export default {
  name: 'anchor-gas',
  async run() {
    const evm = await startLocalEvm()
    try {
      const gas: number[] = []
      for (const contract of [null, await evm.deploy()]) {
        const signer = ethereumSigner(evm.key)
        const way = new Way(ethereumAnchor({ chainId: evm.chainId, rpcs: evm.urls, signer, contract }), gas.length)
        for (let i = 0; i < 14 && way.state.phase !== 'final'; i++) {
          await way.move()
          await evm.mine()
        }
        gas.push(Number(way.costs.find(({ unit }) => unit === 'gas')!.amount))
      }
      const [calldata, event] = gas as [number, number]
      return {
        name: 'anchor-gas',
        value: calldata,
        unit: 'gas',
        limit: BARE,
        ratio: BARE / calldata,
        target: `a statement a day ≤ 23,880 (as an event ${event.toLocaleString('en-US')})`,
        held: calldata <= 23_880,
      }
    } finally {
      await evm.close()
    }
  },
} satisfies Bench
