import { resolve } from 'node:path'
import {
  type Assembled,
  type Assembling,
  assemble as gathered,
  type HeldContract,
} from '@countersign/adapters/gathering'
import { parseContract } from '@countersign/contract'
import type { Context } from './context.ts'
import { knownRoots, nativeCrypto } from './evidence.ts'
import { readBounded } from './files.ts'

/** Evidence, unjudged, with the roots that this machine knows. Null where no line is about what is wanted. */
export async function assemble(context: Context, from: Omit<Assembling, 'rootsOf' | 'now'>): Promise<Assembled | null> {
  const rootsOf: Assembling['rootsOf'] = (contract) => knownRoots(context, contract, {})
  return gathered({ ...from, rootsOf, now: context.now() }, await nativeCrypto())
}

export function ownContract(context: Context, file: string): HeldContract {
  const bytes = readBounded(resolve(context.cwd, file), 1 << 20)
  const contract = parseContract(bytes)
  return { digest: contract.digest, bytes, contract }
}
