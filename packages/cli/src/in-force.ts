import type { Client } from '@countersign/client'
import { CodedError } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { Verdict } from '@countersign/verify'
import { UNREACHABLE } from './evidence.ts'
import { UNTOLD } from './gathering.ts'

/**
 * A verdict under a contract that the server has published a later revision of is none: whoever brings an older one forward
 * may want what the newer one was made to stop (T-99). Where the server does not answer, the verdict stands.
 */
export async function heldInForce(client: Client, contract: Contract, verdict: Verdict): Promise<Verdict> {
  const newest = await newestRevision(client, contract.pipeline)
  if (newest === null || newest <= contract.revision) return verdict
  const what = `revision ${newest} of ${contract.pipeline} is in force at the server, and this is revision ${contract.revision}`
  const report = new CodedError('contract-superseded', what, {
    fix: 'Take the one in force (countersign contract show PIPELINE); to judge what was built under this one then: --offline.',
  }).report()
  const criteria = [...verdict.criteria, { name: 'in force', met: false, detail: what }]
  return { ...verdict, verdict: 'fail', criteria, findings: [report, ...verdict.findings] }
}

/** The same of a verdict under the contract that its run is bound to: what was built under that then stands, and is told. */
export async function toldInForce(client: Client, contract: Contract, verdict: Verdict): Promise<Verdict> {
  const newest = await newestRevision(client, contract.pipeline)
  if (newest === null || newest <= contract.revision) return verdict
  const detail = `revision ${newest} of ${contract.pipeline} is, and judges no run of before; this one is bound to revision ${contract.revision}`
  return { ...verdict, criteria: [...verdict.criteria, { name: 'in force', met: true, detail }] }
}

async function newestRevision(client: Client, pipeline: string): Promise<number | null> {
  try {
    const { items } = await client.contracts(pipeline)
    return items.reduce<number | null>((highest, { revision }) => Math.max(highest ?? 0, revision), null)
  } catch (error) {
    if (error instanceof CodedError && (UNREACHABLE.has(error.code) || UNTOLD.has(error.code))) return null
    throw error
  }
}
