import { CodedError, type ErrorReport } from '@countersign/core'
import { hasQuorum, type NoteKey, type WitnessPolicy } from '@countersign/formats'
import type { Chain } from './chain.ts'
import type { Criterion } from './criteria.ts'
import type { Signer } from './types.ts'

const CODE = 'cosignature-missing'

/** What holds an entry of a log under a checkpoint: a receipt, or what stands for a withheld attestation. */
interface Held {
  readonly countersigner: Signer
  readonly witnesses: readonly NoteKey[]
}

/**
 * Whether one checkpoint over this step is of a log of the policy (of any that is trusted, where it names none), and cosigned by its quorum (C2SP tlog-policy). The
 * cosignatures of two checkpoints are not added up: each may be of another history.
 */
export function cosignedFindings(link: string, name: string, policy: WitnessPolicy, chain: Chain): ErrorReport[] {
  const closed = chain.withheld.get(link)
  const held: readonly Held[] = [...(chain.receipts.get(link) ?? []), ...(closed === undefined ? [] : [closed])]
  const own = held.filter(
    ({ countersigner }) =>
      policy.logs.length === 0 ||
      policy.logs.some(({ key }) => key.name === countersigner.name && key.publicKey.keyId === countersigner.keyId),
  )
  if (own.some(({ witnesses }) => hasQuorum(policy, new Set(witnesses.map(({ publicKey }) => publicKey.keyId))))) {
    return []
  }
  const most = own.reduce((count, { witnesses }) => Math.max(count, witnesses.length), 0)
  const why =
    own.length === 0
      ? 'has no receipt of a log in the policy'
      : `is under no checkpoint with a quorum: ${most} of ${policy.witnesses.length} witnesses cosigned it`
  return [new CodedError(CODE, `step ${name} ${why}`).report()]
}

/** What was demanded of the witnesses, and what speaks against it. */
export function witnessesCriterion({ quorum }: WitnessPolicy, findings: readonly ErrorReport[]): Criterion {
  const first = findings.find(({ code }) => code === CODE)
  const detail =
    quorum === null ? 'every step is in a log of the policy' : 'every step is under a checkpoint with a quorum'
  return { name: 'witnesses', met: first === undefined, detail: first?.what ?? detail }
}
