import { CodedError } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import {
  type Deviation,
  DEVIATION_PAYLOAD_TYPE,
  type Endorsed,
  pae,
  parseDeviation,
  parseDeviationLine,
  writeDeviationLine,
} from '@countersign/formats'
import { type VerifiedDeviation, verifyDeviation } from '@countersign/verify'
import { proveAct } from './act-proof.ts'
import type { StoredAct } from '../acts.ts'
import type { Deps } from './deps.ts'
import type { Log } from './log.ts'

/** Most deviations of one chain. */
export const MAX_DEVIATIONS = 16

/**
 * Takes a deviation into its chain: as many maintainers of the contract that the chain is bound to, or will be, as that
 * asks for have signed it. It is in the log, so that what is let through is on record; the line with the proof of that is given back. The
 * same again gets the same. Throws `not-found`, `deviation-invalid`, `deviation-unsigned`, `deviation-expired` and what
 * the line's reader throws.
 */
export async function admitDeviation(deps: Deps, tenant: string, chain: string, body: Uint8Array): Promise<Uint8Array> {
  const { store, sequencer, log } = deps
  const endorsed = parseDeviationLine(body)
  const deviation = parseDeviation(endorsed.payload)
  const contract = await contractOf(deps, tenant, chain, deviation)
  if (deviation.chain !== chain) throw new CodedError('deviation-invalid', 'the deviation is about another run')
  const now = deps.now()
  const verified = await verifyNow(deps, tenant, endorsed, contract, now)
  if (Date.parse(now) >= Date.parse(deviation.expiresAt)) {
    throw new CodedError('deviation-expired', `the deviation expired at ${deviation.expiresAt}`)
  }
  const held = await store.acts.about(tenant, 'deviation', chain, MAX_DEVIATIONS)
  if (held.length >= MAX_DEVIATIONS && !held.some(({ digest }) => digest === verified.id)) {
    throw new CodedError('deviation-invalid', `the chain has ${MAX_DEVIATIONS} deviations already`)
  }
  await log.ready()
  await sequencer.act({
    tenant,
    kind: 'deviation',
    digest: verified.id,
    about: chain,
    at: now,
    document: writeDeviationLine({ ...endorsed, logged: null }),
    signed: pae(DEVIATION_PAYLOAD_TYPE, endorsed.payload),
    signers: verified.under,
    contract: null,
  })
  const act = (await store.acts.one(tenant, 'deviation', verified.id))!
  return writeDeviationLine(await loggedDeviation(log, act))
}

/**
 * The contract that the chain is bound to. One that has no step yet, for its first may be what nothing but a deviation lets
 * in, will be bound to the one in force: whose maintainers say what they let through of it. Throws `not-found`, and
 * `deviation-invalid`.
 */
export async function contractOf(
  { store, verified }: Deps,
  tenant: string,
  chain: string,
  deviation: Deviation,
): Promise<Contract> {
  const binding = await store.binding(tenant, chain)
  const coming = binding === null ? await store.contract(tenant, deviation.pipeline) : null
  if (binding === null && coming?.digest !== deviation.contract) {
    throw new CodedError('not-found', `there is no chain ${chain}, and a new one would not be bound to that contract`)
  }
  const digest = binding === null ? deviation.contract : binding.contract
  const contract = digest === null ? null : await verified.contract(tenant, digest)
  if (contract === null) throw new CodedError('deviation-invalid', 'the chain is bound to no contract')
  return contract
}

/** A deviation that was let in, with the proof that the log has it. */
export async function loggedDeviation(log: Log, act: StoredAct): Promise<Endorsed> {
  return { ...parseDeviationLine(act.document), logged: await proveAct(log, act) }
}

/** The lines of a chain's deviations, each with the proof that the log has it. */
export async function deviationLines({ store, log }: Deps, tenant: string, chain: string): Promise<Uint8Array[]> {
  const acts = await store.acts.about(tenant, 'deviation', chain, MAX_DEVIATIONS)
  const lines: Uint8Array[] = []
  for (const act of acts) {
    lines.push(writeDeviationLine(await loggedDeviation(log, act)))
  }
  return lines
}

/** The deviations of a chain from its contract, verified anew as they were when they were let in: the store is not believed. */
export async function deviationsOf(
  deps: Deps,
  tenant: string,
  chain: string,
  contract: Contract,
): Promise<readonly VerifiedDeviation[]> {
  if (contract.maintainers === null) return []
  const acts = await deps.store.acts.about(tenant, 'deviation', chain, MAX_DEVIATIONS)
  const found: VerifiedDeviation[] = []
  for (const { document, at } of acts) {
    try {
      found.push(await verifyNow(deps, tenant, parseDeviationLine(document), contract, at))
    } catch (error) {
      // A key may have been revoked since, as of before: what it signed lets nothing through any more.
      if (!(error instanceof CodedError)) throw error
    }
  }
  return found
}

export async function verifyNow(
  { crypto, verified }: Deps,
  tenant: string,
  endorsed: Endorsed,
  contract: Contract,
  at: string,
): Promise<VerifiedDeviation> {
  const trust = await verified.trust(tenant)
  const deviation = verifyDeviation(endorsed, { contract, trust, at, unlogged: true }, crypto)
  for (const [name, { certificate }] of deviation.signers) {
    if (certificate === null || (await verified.vouching.isFor(tenant, certificate)) !== false) continue
    throw new CodedError('deviation-unsigned', `the certificate of ${name} was not issued for this tenant`)
  }
  return deviation
}
