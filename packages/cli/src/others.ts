import { resolve } from 'node:path'
import type { Client } from '@countersign/client'
import { type Contract, otherContractsOf, parseContract } from '@countersign/contract'
import { CodedError } from '@countersign/core'
import type { ChainLine } from '@countersign/formats'
import { type Chain, type Other, readChainConcurrently } from '@countersign/verify'
import type { Context } from './context.ts'
import { believe, fetchChains, nativeCrypto, readContract, type TrustFiles } from './evidence.ts'
import { readBounded } from './files.ts'

/** Most other pipelines that are looked at: each is a chain to verify. */
const MAX_OTHERS = 16
const MAX_ARTIFACTS = 100
const MAX_ROOT_BYTES = 4_000_000

export interface OthersInput {
  readonly contract: Contract | null
  /** What was verified of the pipeline itself. */
  readonly chain: Chain
  /** All lines of chain files, whosoever they are. */
  readonly local: readonly ChainLine[]
  /** `--other-contract` */
  readonly files: readonly string[]
  readonly options: Pick<TrustFiles, 'sigstoreTrust' | 'revoked'>
  readonly client: Client | null
}

/**
 * The other pipelines that materials are to come from: their contracts, from files or the server, and what verifies of their
 * chains under each one's own trust. What is not within reach is left out, and then nothing is proven by it.
 */
export async function readOthers(context: Context, input: OthersInput): Promise<ReadonlyMap<string, Other>> {
  const others = new Map<string, Other>()
  const named = new Map(
    input.files.map((file) => {
      const contract = readContract(context, file)
      return [contract.digest, contract] as const
    }),
  )
  // Files that mean nothing to one contract may mean something to another.
  const { sigstoreTrust = [], revoked } = input.options
  const roots = sigstoreTrust.map((file) => readBounded(resolve(context.cwd, file), MAX_ROOT_BYTES))
  const trusted = { sigstoreTrust: [], trustedRoots: roots, ...(revoked === undefined ? {} : { revoked }) }
  const open: { readonly contract: Contract | null; readonly chain: Chain }[] = [input]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const [digest, artifacts] of wantedOf(next)) {
      if (others.has(digest)) continue
      if (others.size === MAX_OTHERS)
        throw new CodedError('usage', `materials come from more than ${MAX_OTHERS} pipelines`)
      const contract = named.get(digest) ?? (await fetched(input.client, digest))
      if (contract === null) continue
      const { trust } = await believe(context, contract, trusted, input.client)
      const remote = input.client === null ? [] : await fetchChains(input.client, artifacts.slice(0, MAX_ARTIFACTS), [])
      const lines = [...input.local, ...remote]
      const chain = await readChainConcurrently(lines, trust, await nativeCrypto(), context.now())
      others.set(digest, { contract, chain })
      open.push({ contract, chain })
    }
  }
  return others
}

/** Digests of contracts, with what is to be proven under each. */
function wantedOf({ contract, chain }: { readonly contract: Contract | null; readonly chain: Chain }) {
  const wanted = new Map<string, string[]>()
  for (const { statement } of chain.steps.values()) {
    const { step, materials } = statement.predicate
    const rule = contract?.steps.get(step.name)
    if (rule === undefined) continue
    for (const material of materials) {
      for (const digest of otherContractsOf(rule, material) ?? []) {
        wanted.set(digest, [...(wanted.get(digest) ?? []), material.digest.sha256])
      }
    }
  }
  return wanted
}

/** By its digest, so that it does not matter who has it. */
async function fetched(client: Client | null, digest: string): Promise<Contract | null> {
  if (client === null) return null
  try {
    const contract = parseContract(await client.contractByDigest(digest))
    return contract.digest === digest ? contract : null
  } catch (error) {
    if (error instanceof CodedError && error.code === 'not-found') return null
    throw error
  }
}
