import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Contract } from '@countersign/contract'
import type { Bundle } from '@countersign/formats'
import { handshake, judge, readChain, type Trust, trustOf, type VerifiedStep, verifyStep } from '@countersign/verify'
import { at, type Run, type Signed } from '../pipeline.ts'

export const NOW = at(60)

export interface Judged {
  readonly verdict: string
  /** Codes against it, the cause first. */
  readonly codes: readonly string[]
  /** Codes of what did not verify at all. */
  readonly refused: readonly string[]
}

/** The gate's verdict over these bundles, for the run's artifact or another. */
export function gate(contract: Contract | null, bundles: readonly Bundle[], artifact: string, trust: Trust): Judged {
  const chain = readChain(bundles, trust, nodeCrypto)
  const { verdict, findings, refused } = judge({ artifact, chain, contract, now: NOW })
  return { verdict, codes: findings.map(({ code }) => code), refused: refused.map(({ code }) => code) }
}

export function gateRun(run: Run, steps: readonly Pick<Signed, 'bundle'>[], artifact = run.app.digest.sha256): Judged {
  return gate(
    run.contract,
    steps.map(({ bundle }) => bundle),
    artifact,
    trustOf(run.contract),
  )
}

/** The handshake of one step with its predecessors: codes, the cause first. */
export function shake(
  contract: Contract | null,
  step: Signed,
  previous: readonly Signed[],
  trust: Trust,
): readonly string[] {
  const open = (signed: Signed): VerifiedStep => verifyStep(signed.bundle, trust, nodeCrypto)
  const known = new Map(previous.map((signed) => [signed.link, open(signed)]))
  return handshake({ step: open(step), previous: known, contract, now: NOW }).findings.map(({ code }) => code)
}
