import { anchoredOf, rootsFor } from '@countersign/adapters/gathering'
import { type Client, gatherStatements } from '@countersign/client'
import { CodedError } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { ChainLine } from '@countersign/formats'
import { type Chain, judge, readChainConcurrently, type Trust, unknownVerdict, type Verdict } from '@countersign/verify'
import type { Anchored } from '@countersign/verify/anchors'
import type { AttestedVerdict } from '@countersign/verify/foreign'
import { anchorDemands, readAnchorRootsFrom } from './anchoring.ts'
import type { Artifact } from './artifact.ts'
import { type AttestingOptions, withAttested } from './attesting.ts'
import { boundContract } from './bound-contract.ts'
import { clientOrNull } from './connection.ts'
import type { Context } from './context.ts'
import { heldInForce, toldInForce } from './in-force.ts'
import {
  believe,
  type Believed,
  fetchChains,
  MAX_CHAINS,
  nativeCrypto,
  readChainFiles,
  readWitnessPolicy,
  UNREACHABLE,
  withPolicy,
} from './evidence.ts'
import { runsAtServer, runsIn } from './gathering.ts'
import { readOthers } from './others.ts'
import { NO_REMARKS, remarksIn, type RemarksTold } from './remarks-shown.ts'

export interface VerifyOptions extends AttestingOptions {
  readonly contract?: string
  /** What the contract must ask for at least. */
  readonly baseline?: string
  /** Contracts of other pipelines that materials come from. */
  readonly otherContract?: readonly string[]
  readonly chain?: readonly string[]
  readonly trust?: readonly string[]
  /** Files of `trusted_root.json`, pinned by the contract. */
  readonly sigstoreTrust?: readonly string[]
  /** File that lists keys that count no more. */
  readonly revoked?: string
  readonly offline?: boolean
  /** File of evidence to judge by, and by nothing else. */
  readonly evidence?: string
  /** Digest of whom and what the evidence may ask to be believed. */
  readonly trustRoot?: string
  readonly allowWithheld?: boolean
  /** Kinds of anchors that each step must have, or how many. */
  readonly requireAnchors?: string
  /** Policy file that says which logs and witnesses must have seen each step. */
  readonly witnessPolicy?: string
  /** Files that say which anchors to believe. */
  readonly anchorTrust?: readonly string[]
  /** Where to write the verdict as a signed summary, and how. */
  readonly vsa?: string
  readonly vsaKey?: string
  readonly vsaForm?: 'dsse' | 'bundle'
  readonly vsaVerifier?: string
  readonly vsaResource?: string
  readonly format: string
}

/** A verdict, and what stands beside it. */
export interface Reached extends AttestedVerdict {
  /** Whom was believed, for the reader. */
  readonly believed: string
  readonly remarks: RemarksTold
}

/**
 * The verdict over all evidence within reach; `unknown` when the only place it could be did not answer. Where neither a
 * contract nor keys are named, it is by the contract that the run is bound to, if the server has that: as far as the
 * artifact has come.
 */
export async function reach(
  context: Context,
  artifact: Artifact,
  contract: Contract | null,
  options: VerifyOptions,
): Promise<Reached> {
  const local = readChainFiles(context, options.chain ?? [], artifact.path === null ? [] : [artifact.path])
  const client = options.offline === true ? null : await clientOrNull(context)
  if (local.length === 0 && client === null) return unreached(artifact, nowhere(context))
  const judging = { artifact, options, local, client }
  try {
    let judged = await judgeBy(context, contract, judging)
    if (contract !== null && client !== null) {
      judged = { ...judged, verdict: await heldInForce(client, contract, judged.verdict) }
    } else if (client !== null && options.trust === undefined) {
      const { unjudgedContract: digest } = judged.verdict
      const bound = digest === null ? null : await boundContract(context, client, digest, options.baseline)
      if (bound !== null) {
        judged = await judgeBy(context, bound, { ...judging, before: judged })
        judged = { ...judged, verdict: await toldInForce(client, bound, judged.verdict) }
      }
    }
    const { verdict, believed, chain } = judged
    return { ...(await withAttested(context, options, verdict, artifact)), believed, remarks: remarksIn(chain) }
  } catch (error) {
    if (!(error instanceof CodedError) || !UNREACHABLE.has(error.code)) throw error
    return unreached(artifact, new CodedError('evidence-unavailable', `${error.code}: ${error.what}`))
  }
}

function unreached({ sha256 }: Artifact, error: CodedError): Reached {
  return { verdict: unknownVerdict(sha256, error.report()), attested: [], believed: '', remarks: NO_REMARKS }
}

function nowhere({ settings }: Context): CodedError {
  const [asked, online] =
    settings.url === null ? ['set', 'set COUNTERSIGN_URL'] : ['asked (--offline)', 'leave out --offline']
  const what = `there is no chain file beside the artifact, and no server is ${asked}`
  return new CodedError('evidence-unavailable', what, {
    fix: `Bring its chain file along, name one with --chain FILE, or ${online}.`,
  })
}

interface Judging {
  readonly artifact: Artifact
  readonly options: VerifyOptions
  readonly local: readonly ChainLine[]
  readonly client: Client | null
  /** Where the contract is the one that the run is bound to: what was judged without, and found it. */
  readonly before?: Judged
}

interface Judged {
  readonly verdict: Verdict
  readonly believed: string
  readonly trust: Trust
  readonly chain: Chain
  /** What the server has. */
  readonly remote: readonly ChainLine[]
}

async function judgeBy(context: Context, contract: Contract | null, judging: Judging): Promise<Judged> {
  const { artifact, options, local, client, before } = judging
  const crypto = await nativeCrypto()
  const demands = anchorDemands(options.requireAnchors)
  const witnessed = readWitnessPolicy(context, options.witnessPolicy, crypto)
  const roots = await readAnchorRootsFrom(context, options.anchorTrust, crypto)
  const belief = await believe(context, contract, options, client)
  const trust = withPolicy(withLogs(belief.trust, before?.trust ?? null), witnessed)
  let believed = before === undefined ? belief.from : `${belief.from} that the run is bound to`
  const remote = before?.remote ?? (await fetched(client, artifact, local, belief))
  const chain = await readChainConcurrently([...local, ...remote], trust, crypto, context.now())
  const files = options.otherContract ?? []
  const others = await readOthers(context, { contract, chain, local, files, options, client })
  let anchored: Anchored | null = null
  if (client !== null && (demands.length > 0 || contract?.anchored != null)) {
    const outside = await gatherStatements(client, chainsIn(chain))
    const served = before !== undefined || belief.chosenBy === 'server'
    const own = await rootsFor(roots, outside.anchors, served, crypto)
    anchored = await anchoredOf(chain, outside, trust, own, crypto)
    // Whoever pins nothing takes its word also for what others were to prove without it.
    const named = own.ethereum.length > 0 || own.opentimestamps !== null
    if (served && roots === null && named) believed += ', and the blocks that it says are final'
  }
  const { sha256, tree } = artifact
  const allowWithheld = options.allowWithheld === true
  const unfinished = before !== undefined
  const input = { contract, now: context.now(), allowWithheld, anchored, demands, others, witnessed, unfinished }
  const verdict = judge({ artifact: sha256, chain, ...input, ...(tree === undefined ? {} : { tree }) })
  return { verdict, believed, trust, chain, remote }
}

/** Whoever believes a server what the contract is, believes its log, where the contract names none. */
function withLogs(trust: Trust, before: Trust | null): Trust {
  if (before === null || trust.countersigners.length > 0) return trust
  return { ...trust, countersigners: before.countersigners }
}

async function fetched(
  client: Client | null,
  { sha256 }: Artifact,
  local: readonly ChainLine[],
  { lessened }: Believed,
): Promise<readonly ChainLine[]> {
  if (client === null) return []
  // Without files all hangs on the server, and so do the receipts of what was signed under keys that are revoked by now.
  return local.length === 0 || lessened
    ? await fetchChains(client, [sha256], runsIn(local), { notes: true })
    : await runsAtServer(client, local, { notes: true })
}

/** Runs that the steps are of: as many as are asked about at once. */
function chainsIn({ steps }: Chain): readonly string[] {
  return [...new Set([...steps.values()].map(({ statement }) => statement.predicate.chain.id))].slice(0, MAX_CHAINS)
}
