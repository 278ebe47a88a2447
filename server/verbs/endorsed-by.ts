import { CodedError } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { Endorsed } from '@countersign/formats'
import { type Endorsers, endorsedText, endorsersOf, enough } from '@countersign/verify'
import type { Deps } from './deps.ts'

/**
 * Who signed a document of those who maintain a contract: as many as it asks for, now. Whom our own authority let in for
 * another tenant is none of them. Throws `contract-unsigned`.
 */
export async function endorsedBy(
  deps: Deps,
  tenant: string,
  contract: Contract,
  endorsed: Endorsed | null,
): Promise<Endorsers> {
  const { crypto, verified } = deps
  const trust = await verified.trust(tenant)
  const all = endorsed === null ? NOBODY : endorsersOf(endorsed, { contract, trust, at: deps.now() }, crypto)
  const parties = new Map(all.parties)
  for (const [name, { certificate }] of all.parties) {
    if (certificate !== null && (await verified.vouching.isFor(tenant, certificate)) === false) parties.delete(name)
  }
  const endorsers = { ...all, parties }
  if (enough(contract, endorsers)) return endorsers
  const { revision } = contract
  const why = [...new Set(all.refused.map(({ code }) => code))]
  const others = why.length === 0 ? '' : `; what did not count: ${why.join(', ')}`
  throw new CodedError('contract-unsigned', `of revision ${revision}, ${endorsedText(contract, endorsers)}${others}`)
}

const NOBODY: Endorsers = { parties: new Map(), under: [], logged: null, refused: [] }
