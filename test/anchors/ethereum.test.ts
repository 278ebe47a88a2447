import { ethereumAnchor, ethereumSigner } from '@countersign/adapters/anchor-ethereum'
import { portableCrypto } from '@countersign/core/portable'
import { hex } from '@countersign/core'
import { verifyEthereum } from '@countersign/verify/anchors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readProof, statementOf, Way } from './evm-driver.ts'
import { keccak256 } from '@countersign/verify/anchors'
import { type LocalEvm, startLocalEvm } from './local-evm.ts'

let evm: LocalEvm
beforeAll(async () => {
  evm = await startLocalEvm()
})
afterAll(() => evm.close())

const anchorOf = (more = {}) =>
  ethereumAnchor({ chainId: evm.chainId, rpcs: evm.urls, signer: ethereumSigner(evm.key), ...more })

test('a statement in calldata, from pending to final, verified offline', async () => {
  const way = new Way(anchorOf(), 0)
  expect(await way.move()).toBe('pending')
  expect(await way.move()).toBe('submitted')
  expect(await way.move()).toBe('submitted')
  await evm.mine()
  expect(await way.move()).toBe('included')
  expect(await way.move()).toBe('included')
  await evm.mine(4)
  expect(await way.move()).toBe('final')
  console.log(way.costs, way.proof!.length)
  const proof = readProof(way.proof!)
  const trust = {
    chains: [
      {
        chainId: evm.chainId,
        blocks: [{ number: 1, hash: hex(keccak256(proof.header)) }],
        senders: [evm.address],
        contracts: [],
      },
    ],
  }
  console.log(verifyEthereum(proof, statementOf(0), trust, portableCrypto))
})
test('event', async () => {
  const contract = await evm.deploy()
  const way = new Way(anchorOf({ contract }), 1)
  for (let i = 0; i < 12 && (await way.move()) !== 'final'; i++) await evm.mine()
  console.log(way.costs, way.proof!.length)
  console.log(await way.anchor.check(Date.now()))
})
