import { resolve } from 'node:path'
import { CodedError } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Contract, parseContract } from '@countersign/contract'
import { type Endorsed, isSignedContract, MAX_SIGNED_CONTRACT_BYTES, parseSignedContract } from '@countersign/formats'
import { endorsedText, endorsersOf, enough, trustOf } from '@countersign/verify'
import type { Context } from './context.ts'
import { contentOf, readBounded } from './files.ts'

/** A contract as a file has it. */
export interface ContractFile {
  readonly contract: Contract
  /** Of the YAML. */
  readonly bytes: Uint8Array
  /** With its signatures, of which none is verified; null where the file is YAML. */
  readonly endorsed: Endorsed | null
}

export function readContractFile(context: Context, file: string): ContractFile {
  const { bytes, endorsed } = readContractText(context, file)
  return { contract: contentOf(file, () => parseContract(bytes)), bytes, endorsed }
}

/** The YAML of a file, which may be no contract, with the signatures around it. */
export function readContractText(context: Context, file: string): Omit<ContractFile, 'contract'> {
  const read = readBounded(resolve(context.cwd, file), MAX_SIGNED_CONTRACT_BYTES)
  const endorsed = isSignedContract(read) ? contentOf(file, () => parseSignedContract(withoutLineEnd(read))) : null
  return { bytes: endorsed?.payload ?? read, endorsed }
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes
}

/**
 * Throws `contract-unsigned` unless as many of a contract's own maintainers have signed it as it asks for: a file that was
 * begun to be signed is no contract yet.
 */
export function checkOwnMaintainers(contract: Contract, endorsed: Endorsed): void {
  if (contract.maintainers === null) return
  const endorsers = endorsersOf(endorsed, { contract, trust: trustOf(contract), at: null }, portableCrypto)
  if (enough(contract, endorsers)) return
  throw new CodedError('contract-unsigned', `of revision ${contract.revision}, ${endorsedText(contract, endorsers)}`)
}
