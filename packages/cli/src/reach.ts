import { anchoredOf, rootsFor } from '@countersign/adapters/gathering'
import { gatherStatements } from '@countersign/client'
import { CodedError, type ErrorReport } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { ChainLine } from '@countersign/formats'
import { type Chain, judge, type Other, readChainConcurrently, unknownVerdict } from '@countersign/verify'
import type { Anchored } from '@countersign/verify/anchors'
import type { AttestedVerdict } from '@countersign/verify/foreign'
import { anchorDemands, readAnchorRootsFrom } from './anchoring.ts'
import type { Artifact } from './artifact.ts'
import { type AttestingOptions, withAttested } from './attesting.ts'
import { clientOrNull } from './connection.ts'
import type { Context } from './context.ts'
import { heldInForce } from './in-force.ts'
import {
  believe,
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

/** The verdict over all evidence within reach; `unknown` when the only place it could be did not answer. */
export async function reach(
  context: Context,
  artifact: Artifact,
  contract: Contract | null,
  options: VerifyOptions,
): Promise<AttestedVerdict & { believed: string; remarks: RemarksTold }> {
  const local = readChainFiles(context, options.chain ?? [], artifact.path === null ? [] : [artifact.path])
  const client = options.offline === true ? null : await clientOrNull(context)
  const crypto = await nativeCrypto()
  let remote: readonly ChainLine[] = []
  let unreachable: ErrorReport | null = null
  let believed = ''
  let chain: Chain = {
    steps: new Map(),
    receipts: new Map(),
    unjudged: new Map(),
    withheld: new Map(),
    disclosed: new Map(),
    attached: new Map(),
    deviations: [],
    remarks: [],
    unknownRemarks: [],
    refused: [],
  }
  let anchored: Anchored | null = null
  let others: ReadonlyMap<string, Other> = new Map()
  const demands = anchorDemands(options.requireAnchors)
  const witnessed = readWitnessPolicy(context, options.witnessPolicy, crypto)
  const roots = await readAnchorRootsFrom(context, options.anchorTrust, crypto)
  try {
    const belief = await believe(context, contract, options, client)
    const trust = withPolicy(belief.trust, witnessed)
    believed = belief.from
    if (client !== null) {
      // Without files all hangs on the server, and so do the receipts of what was signed under keys that are revoked by now.
      const alone = local.length === 0 || belief.lessened
      remote = alone
        ? await fetchChains(client, [artifact.sha256], runsIn(local), { notes: true })
        : await runsAtServer(client, local, { notes: true })
    }
    chain = await readChainConcurrently([...local, ...remote], trust, crypto, context.now())
    const files = options.otherContract ?? []
    others = await readOthers(context, { contract, chain, local, files, options, client })
    if (client !== null && (demands.length > 0 || contract?.anchored != null)) {
      const outside = await gatherStatements(client, chainsIn(chain))
      const served = belief.chosenBy === 'server'
      const own = await rootsFor(roots, outside.anchors, served, crypto)
      anchored = await anchoredOf(chain, outside, trust, own, crypto)
      // Whoever pins nothing takes its word also for what others were to prove without it.
      const named = own.ethereum.length > 0 || own.opentimestamps !== null
      if (served && roots === null && named) believed += ', and the blocks that it says are final'
    }
  } catch (error) {
    if (!(error instanceof CodedError) || !UNREACHABLE.has(error.code)) throw error
    unreachable = error.report()
  }
  if (unreachable !== null) {
    const report = new CodedError('evidence-unavailable', `${unreachable.code}: ${unreachable.what}`).report()
    return { verdict: unknownVerdict(artifact.sha256, report), attested: [], believed, remarks: NO_REMARKS }
  }
  if (local.length === 0 && client === null) {
    const [asked, online] =
      context.settings.url === null ? ['set', 'set COUNTERSIGN_URL'] : ['asked (--offline)', 'leave out --offline']
    const report = new CodedError(
      'evidence-unavailable',
      `there is no chain file beside the artifact, and no server is ${asked}`,
      { fix: `Bring its chain file along, name one with --chain FILE, or ${online}.` },
    ).report()
    return { verdict: unknownVerdict(artifact.sha256, report), attested: [], believed, remarks: NO_REMARKS }
  }
  const { sha256, tree } = artifact
  const allowWithheld = options.allowWithheld === true
  const input = {
    artifact: sha256,
    chain,
    contract,
    now: context.now(),
    allowWithheld,
    anchored,
    demands,
    others,
    witnessed,
  }
  const verdict = judge(tree === undefined ? input : { ...input, tree })
  const held = client === null || contract === null ? verdict : await heldInForce(client, contract, verdict)
  return { ...(await withAttested(context, options, held, artifact)), believed, remarks: remarksIn(chain) }
}

/** Runs that the steps are of: as many as are asked about at once. */
function chainsIn({ steps }: Chain): readonly string[] {
  return [...new Set([...steps.values()].map(({ statement }) => statement.predicate.chain.id))].slice(0, MAX_CHAINS)
}
