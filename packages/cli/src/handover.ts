import type { Client } from '@countersign/client'
import { CodedError, type PublicKey } from '@countersign/core'
import { type Contract, parseContract, type SignerFacts } from '@countersign/contract'
import { type ChainLine, isBundle, linkDigest, parseToken, type Resource, type StepRef } from '@countersign/formats'
import { ancestry, type Chain, readChainConcurrently, receive, type Received, type Trust } from '@countersign/verify'
import type { Context } from './context.ts'
import { believe, fetchChains, nativeCrypto, readChainFiles, readContract } from './evidence.ts'
import { runsIn } from './gathering.ts'
import { stepIn } from './sidecars.ts'

export interface HandoverInput {
  readonly step: StepRef
  readonly pipeline: string | null
  /** Chain id of the run to go on with, where the caller names it: before any token. */
  readonly run: string | null
  readonly contractFile: string | null
  readonly trustFiles: readonly string[]
  readonly previousFiles: readonly string[]
  readonly materials: readonly Resource[]
  /** The checkout the step runs in: a material, unless the run begins here. */
  readonly source: Resource | null
  /** Chain id of this run, should it begin here. */
  readonly newChain: string
  /** Whether that is but a fresh id, of no CI system. */
  readonly isUnnamed: boolean
  /** The recorder's own key: believed where nobody else is named. */
  readonly ownKey: PublicKey
  /** The same, as a contract sees it; null where a certificate will say who it is. */
  readonly signer: SignerFacts | null
}

export interface Handover {
  readonly received: Received
  /** Everything verified that was within reach. */
  readonly chain: Chain
  readonly contract: Contract | null
  /** Links of the steps that came by file. */
  readonly carried: ReadonlySet<string>
  /** Links of the steps that the server told of. */
  readonly atServer: ReadonlySet<string>
  /** Pipelines that what the server told of this is of, as it says, where nobody named one. */
  readonly pipelines: ReadonlySet<string>
  /** Why the server did not help, where one is set and did not answer. */
  readonly unreachable: CodedError | null
}

/**
 * The receiving half of the handshake, as a recorder sees it: gathers the predecessors from files and the
 * server, verifies them, and holds what is on disk against them.
 */
export async function takeOver(context: Context, input: HandoverInput, client: Client | null): Promise<Handover> {
  try {
    return await meet(context, input, client, null)
  } catch (error) {
    if (client === null || !(error instanceof CodedError)) throw error
    const { isAway } = await import('@countersign/client')
    if (!isAway(error)) throw error
    // What was handed over by file is enough to go on with; the step is spooled.
    return await meet(context, input, client, error)
  }
}

/** `takeOver`, with what the server knows, or, where it is `unreachable`, without. */
async function meet(
  context: Context,
  input: HandoverInput,
  client: Client | null,
  unreachable: CodedError | null,
): Promise<Handover> {
  const named = input.run === null ? null : { chain: input.run, links: [] }
  const token = named ?? (context.settings.chain === null ? null : parseToken(context.settings.chain))
  const pinned = input.contractFile === null ? null : readContract(context, input.contractFile)
  const all = input.source === null ? input.materials : [...input.materials, input.source]
  const names = all.map((material) => material.name)
  const local = readChainFiles(context, input.previousFiles, names)
  const asked = unreachable === null ? client : null
  const gathered = await gather(all, [input.newChain, ...(token === null ? [] : [token.chain])], local, asked)
  const found = { lines: gathered.lines, client: asked }
  const crypto = await nativeCrypto()
  const linksIn = (lines: readonly ChainLine[]) =>
    new Set(lines.filter(isBundle).map(({ envelope }) => linkDigest(envelope, crypto)))
  const carried = linksIn(local)
  const atServer = linksIn(gathered.remote)
  const ask = (chain: Chain, contract: Contract | null): Received => {
    const { step, pipeline, newChain, isUnnamed } = input
    const request = {
      step,
      signer: input.signer,
      pipeline,
      steps: chain.steps,
      carried,
      withheld: chain.withheld,
      deviations: chain.deviations,
      contract,
      token,
      newChain,
      isUnnamed,
      now: context.now(),
    }
    const received = beginning(() => receive({ ...request, materials: all }), unreachable)
    // Where the run begins the source is what the step vouches for, not what it was handed.
    return received.previous.length > 0 ? received : receive({ ...request, materials: input.materials })
  }

  let chain = await verifyAll(context, found, pinned, input)
  let contract = pinned
  if (contract === null && client !== null && mayAnswer(unreachable)) {
    const own = input.pipeline === null ? chain : onlyOf(input.pipeline, chain)
    contract = await pinnedContract(client, ask(own, null), input.pipeline, unreachable)
    // Under a contract its keys are believed, not all that the server knows.
    if (contract !== null) chain = await verifyAll(context, found, contract, input)
  }
  // Under a contract it says what may come from whom; where there is none, what the step was handed is of whom it believes.
  const handed = new Set(contract === null ? holding(gathered.lines, input.materials) : [])
  const isHanded = (index: number) => index < local.length || handed.has(gathered.lines[index]!)
  const received = orUnreachable(orRefused(ask(chain, contract), chain, isHanded), unreachable)
  // A CI system's own run is that which it is.
  const isNamed = input.pipeline !== null || token !== null || received.chain.id === input.newChain
  const pipelines = isNamed ? new Set<string>() : pipelinesOf(gathered.remote, all)
  return { received, chain, contract, carried, atServer, pipelines, unreachable }
}

/** What other pipelines made may come in where the contract of the one that was named says so: they do not say which that is. */
function onlyOf(pipeline: string, chain: Chain): Chain {
  const steps = [...chain.steps].filter(([, { statement }]) => statement.predicate.chain.pipeline === pipeline)
  return { ...chain, steps: new Map(steps) }
}

/** Whose signatures count, the contract of one of them says; that there are several is told of all. */
function pipelinesOf(lines: readonly ChainLine[], materials: readonly Resource[]): ReadonlySet<string> {
  return new Set(holding(lines, materials).flatMap((line) => stepIn(line)?.predicate.chain.pipeline ?? []))
}

/** Of lines the steps that made or vouched for one of these, as they say, verified or not. */
function holding(lines: readonly ChainLine[], resources: readonly Resource[]): readonly ChainLine[] {
  const digests = new Set(resources.map(({ digest }) => digest.sha256))
  return lines.filter((line) => stepIn(line)?.subject.some(({ digest }) => digests.has(digest.sha256)) === true)
}

/** One that refuses some requests, such as those that cost it much, answers others: nobody waits for one that is not there. */
function mayAnswer(unreachable: CodedError | null): boolean {
  return unreachable?.code !== 'server-unreachable'
}

/** The known way back from the predecessors, with receipts: what is handed on beside the new step. */
export function wayBack(received: Received, chain: Chain): ChainLine[] {
  const ends = received.previous.flatMap(({ link }) => chain.steps.get(link) ?? [])
  const steps = ancestry(ends, chain.steps)
  const ids = new Set(steps.map(({ statement }) => statement.predicate.chain.id))
  // What stands for a step that is not shown goes with the chain as well: else it would look as if it were missing.
  const withheld = [...chain.withheld.values()].filter(({ withheld: { unopened } }) => ids.has(unopened.chain))
  return [
    ...steps.flatMap(({ link, bundle, cosignatures }) => {
      // Whom the contract of this run does not ask, somebody else's policy may.
      const receipts = [...(chain.receipts.get(link) ?? []), ...(chain.unjudged.get(link) ?? [])]
      return [
        // Of several who signed it somebody else may believe but one, and a receipt is about one.
        ...new Set([bundle, ...cosignatures, ...receipts.map(({ step }) => step.bundle)]),
        ...receipts.map(({ receipt }) => receipt),
        ...[...(chain.disclosed.get(link)?.values() ?? [])].map(({ disclosure }) => disclosure),
        ...(chain.attached.get(link) ?? []).map(({ attachment }) => attachment),
      ]
    }),
    ...withheld.map((one) => one.withheld),
    ...chain.deviations.map(({ endorsed }) => endorsed),
  ]
}

interface Gathered {
  readonly lines: readonly ChainLine[]
  /** Those of them that the server told. */
  readonly remote: readonly ChainLine[]
}

async function gather(
  materials: readonly Resource[],
  chains: readonly string[],
  local: readonly ChainLine[],
  client: Client | null,
): Promise<Gathered> {
  if (client === null) return { lines: local, remote: [] }
  const digests = materials.map((material) => material.digest.sha256)
  // Of the runs that came by file, too: what holds a place there, no file need say.
  const remote = await fetchChains(client, digests, chains, { more: runsIn(local) })
  if (local.length + remote.length > 0) return { lines: [...local, ...remote], remote }
  // A changed checkout has a digest that nobody knows; its commit tells what it should have been.
  const found = await fetchByCommit(client, materials)
  return { lines: found, remote: found }
}

async function fetchByCommit(client: Client, materials: readonly Resource[]): Promise<ChainLine[]> {
  const commit = materials.map((material) => material.digest['gitCommit']).find((digest) => digest !== undefined)
  if (commit === undefined) return []
  const { items } = await client.search({ commit, limit: 20 })
  return fetchChains(client, [], [...new Set(items.map(({ chain }) => chain))])
}

async function verifyAll(
  context: Context,
  found: { readonly lines: readonly ChainLine[]; readonly client: Client | null },
  contract: Contract | null,
  input: HandoverInput,
): Promise<Chain> {
  const unnamed = contract === null && input.trustFiles.length === 0 && found.client === null
  // Where there is nothing to read it is of no matter whom to believe, and may be out of reach.
  const nobody = unnamed || found.lines.length === 0
  const own = { name: 'own key', key: input.ownKey, revokedAt: null }
  const trust: Trust = nobody
    ? { signers: [own], countersigners: [] }
    : (await believe(context, contract, { trust: input.trustFiles }, found.client)).trust
  return await readChainConcurrently(found.lines, trust, await nativeCrypto(), context.now())
}

/**
 * A chain was handed over and none of it verifies: to begin anew beside it would hide that. Or some of it was changed,
 * after somebody who is believed had signed it: to go on from the steps before would hide that. And of what is missing
 * the reason, where that is a key that counts no more. What a server has of other pipelines that began with the same source
 * is nothing to a run that begins, whoever signed it.
 */
function orRefused(received: Received, chain: Chain, isHanded: (index: number) => boolean): Received {
  const nothing = received.previous.length === 0 && chain.steps.size === 0
  const told = chain.refused.filter(
    ({ report, index }) =>
      (nothing && (received.findings.length > 0 || isHanded(index))) ||
      report.code === 'signature-invalid' ||
      (received.findings.length > 0 && report.code === 'signer-revoked'),
  )
  if (told.length === 0) return received
  const reports = new Map(told.map(({ report }) => [`${report.code} ${report.what}`, report]))
  return { ...received, findings: [...reports.values(), ...received.findings] }
}

/**
 * Whom to believe, and what goes before, the server might have said: that it did not is the cause, and told first. Bytes
 * that were changed no server would have made good.
 */
function orUnreachable(received: Received, unreachable: CodedError | null): Received {
  const { findings } = received
  if (unreachable === null || findings.length === 0) return received
  const changed = findings.filter(({ code }) => CHANGED.has(code))
  const others = findings.filter(({ code }) => !CHANGED.has(code))
  return { ...received, findings: [...changed, unreachable.report(), ...others] }
}

const CHANGED: ReadonlySet<string> = new Set(['material-swapped', 'digest-conflict', 'signature-invalid'])

/** The pipeline of a run that goes on is known at the server. */
function beginning(ask: () => Received, unreachable: CodedError | null): Received {
  try {
    return ask()
  } catch (cause) {
    if (unreachable === null || !(cause instanceof CodedError) || cause.code !== 'usage') throw cause
    throw new CodedError('server-unreachable', `${unreachable.what}; and ${cause.what}`, {
      fix: `Check COUNTERSIGN_URL and the network. ${cause.fix}`,
      cause: unreachable,
    })
  }
}

/** The contract the run is bound to at the server; for a new run, the one in force for the pipeline. */
async function pinnedContract(
  client: Client,
  received: Received,
  pipeline: string | null,
  unreachable: CodedError | null,
): Promise<Contract | null> {
  if (received.chain.contract === null && received.previous.length > 0) return null
  try {
    const { contract } = received.chain
    const read =
      contract === null ? client.contract(pipeline ?? received.chain.pipeline) : client.contractByDigest(contract)
    return parseContract(await read)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    if (received.chain.contract === null && error.code === 'not-found') return null
    const { isAway } = await import('@countersign/client')
    if (unreachable !== null && isAway(error)) return null
    throw error
  }
}
