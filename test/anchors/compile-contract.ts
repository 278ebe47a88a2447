import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../../packages/adapters/contracts')
const NAME = 'StatementAnchor'

/** Where the compiled contract is kept. */
export const COMPILED = join(FOLDER, `${NAME}.json`)

/**
 * The contract as `solc` compiles it here, as text: ABI, bytecode, and with what it was compiled. This file run by itself
 * writes that to where it is kept.
 */
export function compileContract(): string {
  // solc is CommonJS, and prints nothing but what it returns.
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string; version(): string }
  const settings = {
    optimizer: { enabled: true, runs: 1_000_000 },
    // Without PUSH0 (Shanghai) it runs on every EVM chain.
    evmVersion: 'paris',
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
  }
  const source = readFileSync(join(FOLDER, `${NAME}.sol`), 'utf8')
  const input = { language: 'Solidity', sources: { [`${NAME}.sol`]: { content: source } }, settings }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    errors?: { formattedMessage: string }[]
    contracts: Record<
      string,
      Record<string, { abi: unknown; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>
    >
  }
  if (output.errors !== undefined) throw new Error(output.errors.map((error) => error.formattedMessage).join('\n'))
  const { abi, evm } = output.contracts[`${NAME}.sol`]![NAME]!
  const compiled = {
    contract: NAME,
    compiler: solc.version(),
    evmVersion: settings.evmVersion,
    optimizer: settings.optimizer,
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  }
  return `${JSON.stringify(compiled, null, 2)}\n`
}

if (import.meta.main) writeFileSync(COMPILED, compileContract())
