import { CodedError } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { Endorsed } from '@countersign/formats'
import { endorsersOf } from '@countersign/verify'
import type { Context } from './context.ts'
import { believe, nativeCrypto } from './evidence.ts'

/**
 * That the signature a document was just given is a maintainer's of one of the contracts: any other counts for nothing,
 * and whoever made it would wait for what never comes. Throws `signer-not-allowed`, and what believing a contract throws.
 */
export async function checkMaintainer(
  context: Context,
  signed: Endorsed,
  contracts: readonly Contract[],
): Promise<void> {
  const asking = contracts.filter(({ maintainers }) => maintainers !== null)
  if (asking.length === 0) return
  const crypto = await nativeCrypto()
  const own = { ...signed, endorsements: signed.endorsements.slice(-1), logged: null }
  for (const contract of asking) {
    const { trust } = await believe(context, contract, {}, null)
    // What was signed a moment ago was signed now.
    if (endorsersOf(own, { contract, trust, at: context.now() }, crypto).parties.size > 0) return
  }
  const names = new Set(asking.flatMap(({ maintainers }) => [...maintainers!.of.keys()]))
  throw new CodedError('signer-not-allowed', `who signs is none of the maintainers: ${[...names].join(', ')}`, {
    fix: 'Sign with the key of one of them; a maintainer of the contract in force alone names that: --follows FILE (contract sign).',
  })
}
