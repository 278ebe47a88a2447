import { CodedError } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import {
  type Actor,
  type Deviation,
  type Endorsed,
  type Endorsement,
  parseDeviation,
  parseDeviationLine,
  writeDeviationLine,
} from '@countersign/formats'
import { deviationId, endorsersOf } from '@countersign/verify'
import type { Proposal } from '../proposal-store.ts'
import { admitDeviation, contractOf, MAX_DEVIATIONS, verifyNow } from './admit-deviation.ts'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'

/** Most deviations of a tenant that wait, and of one chain. */
const MOST = { tenant: 100, chain: MAX_DEVIATIONS }
/** How long what is over is shown; milliseconds. */
const SHOWN_MS = 7 * 86_400_000
/** How often a signature is added anew where another one came between. */
const TRIES = 16

/** A deviation that waits, as it is told. */
export interface Waiting extends Deviation {
  readonly id: string
  /** `superseded` where nobody can let it in any more, whoever signs. */
  readonly state: 'waiting' | 'expired' | 'superseded'
  /** Why it is not waiting any more; null while it is. */
  readonly why: string | null
  readonly proposedAt: string
  readonly by: Actor
  /** How many maintainers it takes; null where the contract is not known any more. */
  readonly threshold: number | null
  /** Those of the contract's maintainers whose signature counts now, and those who may sign yet. */
  readonly signedBy: readonly string[]
  readonly open: readonly string[]
}

/** What became of a proposal. */
export type Proposed =
  | { readonly state: 'waiting'; readonly waiting: Waiting }
  /** The line, with the proof that the log has it. */
  | { readonly state: 'admitted'; readonly id: string; readonly line: Uint8Array }

/**
 * Keeps a deviation until enough maintainers have signed it, or adds their signatures to one that is kept; with the last that
 * it takes it is let in, as `admitDeviation` lets it in. Whoever proposes it is a maintainer, or brings the signature of one:
 * what nobody has signed waits for nobody. Throws what `admitDeviation` throws, but that too few have signed.
 */
export async function proposeDeviation(
  deps: Deps,
  { tenant, by }: Administrator,
  chain: string,
  body: Uint8Array,
): Promise<Proposed> {
  const { store, crypto, now } = deps
  const given = parseDeviationLine(body)
  const deviation = parseDeviation(given.payload)
  const contract = await contractOf(deps, tenant, chain, deviation)
  if (deviation.chain !== chain) throw new CodedError('deviation-invalid', 'the deviation is about another run')
  if (isOver(deviation, now()))
    throw new CodedError('deviation-expired', `the deviation expired at ${deviation.expiresAt}`)
  const id = deviationId(given.payload, crypto)
  for (let left = TRIES; left > 0; left--) {
    const held = await store.proposals.one(tenant, id)
    const before = held === null ? [] : parseDeviationLine(held.document).endorsements
    const counting = await countingOf(deps, tenant, contract, {
      ...given,
      endorsements: [...before, ...given.endorsements],
    })
    const merged = { ...given, logged: null, endorsements: [...counting.values()] }
    const document = writeDeviationLine({ ...given, logged: null })
    if (await isEnough(deps, tenant, merged, contract))
      return { state: 'admitted', id, line: await admitDeviation(deps, tenant, chain, writeDeviationLine(merged)) }
    // Let in before, it is as it is; with fewer signatures nobody proposes it anew.
    if ((await store.acts.one(tenant, 'deviation', id)) !== null)
      return { state: 'admitted', id, line: await admitDeviation(deps, tenant, chain, document) }
    if (counting.size === 0) throw await unsigned(deps, tenant, given, contract)
    const at = held?.proposedAt ?? now()
    const proposal: Proposal = {
      tenant,
      id,
      chain,
      document: writeDeviationLine(merged),
      proposedAt: at,
      expiresAt: deviation.expiresAt,
      by: held?.by ?? by,
    }
    const forgotten = new Date(Date.parse(now()) - SHOWN_MS).toISOString()
    if (await store.proposals.put(proposal, held?.document ?? null, { most: MOST, forgotten }))
      return { state: 'waiting', waiting: await told(deps, proposal) }
  }
  throw new CodedError('server-busy', 'others sign the deviation at the same time')
}

/** What waits, newest first; of one chain, or (null) of all. */
export async function waitingDeviations(deps: Deps, tenant: string, chain: string | null): Promise<readonly Waiting[]> {
  const found: Waiting[] = []
  for (const one of await deps.store.proposals.list(tenant, chain)) found.push(await told(deps, one))
  return found
}

/** The line of one that waits, with the signatures that it has. Throws `not-found`. */
export async function waitingDeviation({ store }: Deps, tenant: string, id: string): Promise<Uint8Array> {
  const held = await store.proposals.one(tenant, id)
  if (held === null) throw nothing()
  return held.document
}

/** Takes one away that waits. Throws `not-found`. */
export async function withdrawDeviation(deps: Deps, who: Administrator, id: string): Promise<void> {
  const held = await deps.store.proposals.one(who.tenant, id)
  if (held === null) throw nothing()
  if (!(await administer(deps, who, { act: 'deviation.withdrawn', id, chain: held.chain }))) throw nothing()
}

async function told(deps: Deps, { tenant, id, chain, document, proposedAt, by }: Proposal): Promise<Waiting> {
  const endorsed = parseDeviationLine(document)
  const deviation = parseDeviation(endorsed.payload)
  const own = { ...deviation, id, proposedAt, by }
  let contract: Contract
  try {
    contract = await contractOf(deps, tenant, chain, deviation)
    if (contract.digest !== deviation.contract)
      throw new CodedError('deviation-invalid', 'the run is bound to another contract')
  } catch (error) {
    if (!(error instanceof CodedError) || (error.code !== 'not-found' && error.code !== 'deviation-invalid'))
      throw error
    return { ...own, state: 'superseded', why: error.what, threshold: null, signedBy: [], open: [] }
  }
  const counting = await countingOf(deps, tenant, contract, endorsed)
  const names = [...(contract.maintainers?.of.keys() ?? [])]
  const state = await stateOf(deps, tenant, deviation)
  return {
    ...own,
    ...state,
    threshold: contract.maintainers?.threshold ?? null,
    signedBy: [...counting.keys()],
    open: names.filter((name) => !counting.has(name)),
  }
}

async function stateOf(deps: Deps, tenant: string, deviation: Deviation): Promise<Pick<Waiting, 'state' | 'why'>> {
  const { chain, expiresAt } = deviation
  if (isOver(deviation, deps.now())) return { state: 'expired', why: `it expired at ${expiresAt}` }
  const admitted = await deps.store.acts.about(tenant, 'deviation', chain!, MAX_DEVIATIONS)
  const covering = admitted.find(({ document }) =>
    covers(parseDeviation(parseDeviationLine(document).payload), deviation),
  )
  if (covering === undefined) return { state: 'waiting', why: null }
  return { state: 'superseded', why: `deviation ${covering.digest.slice(0, 12)} lets the same through` }
}

/** Whether one lets through all that another would, for as long. */
function covers(one: Deviation, other: Deviation): boolean {
  if (one.contract !== other.contract || one.expiresAt < other.expiresAt) return false
  if (one.artifact !== null && one.artifact !== other.artifact) return false
  return other.excuses.every(({ code, step }) => one.excuses.some((own) => own.code === code && own.step === step))
}

/** The signatures of a document that count now, by whose they are: one for each maintainer, and nothing that is held for nobody. */
async function countingOf(
  { crypto, verified, now }: Deps,
  tenant: string,
  contract: Contract,
  endorsed: Endorsed,
): Promise<ReadonlyMap<string, Endorsement>> {
  const trust = await verified.trust(tenant)
  const counting = new Map<string, Endorsement>()
  for (const one of endorsed.endorsements) {
    const alone = { ...endorsed, logged: null, endorsements: [one] }
    for (const [name, { certificate }] of endorsersOf(alone, { contract, trust, at: now() }, crypto).parties) {
      if (certificate !== null && (await verified.vouching.isFor(tenant, certificate)) === false) continue
      if (!counting.has(name)) counting.set(name, one)
    }
  }
  return counting
}

/** Whether it could be let in now. Throws where no signature ever helps. */
async function isEnough(deps: Deps, tenant: string, merged: Endorsed, contract: Contract): Promise<boolean> {
  try {
    await verifyNow(deps, tenant, merged, contract, deps.now())
    return true
  } catch (error) {
    if (error instanceof CodedError && error.code === 'deviation-unsigned') return false
    throw error
  }
}

/** Why none of the signatures counts. */
async function unsigned(deps: Deps, tenant: string, given: Endorsed, contract: Contract): Promise<unknown> {
  try {
    await verifyNow(deps, tenant, given, contract, deps.now())
  } catch (error) {
    return error
  }
  return new CodedError('deviation-unsigned', 'nobody who may has signed it')
}

function isOver({ expiresAt }: Deviation, now: string): boolean {
  return !(Date.parse(now) < Date.parse(expiresAt))
}

function nothing(): CodedError {
  return new CodedError('not-found', 'there is no such deviation that waits')
}
