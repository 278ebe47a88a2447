import { resolve } from 'node:path'
import { anchoredOf, ownBasis } from '@countersign/adapters/gathering'
import { CodedError, isHex, utf8 } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import { type Evidence, MAX_EVIDENCE_BYTES, parseEvidence, trustRootOf } from '@countersign/evidence'
import { type AnchorRoots, NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import {
  type JudgeInput,
  judgeSubject,
  readChainConcurrently,
  type Trust,
  type Verdict,
  withRevocations,
} from '@countersign/verify'
import { anchorDemands, readAnchorRootsFrom } from '../anchoring.ts'
import { type Artifact, readArtifact } from '../artifact.ts'
import { type AttestingOptions, withAttested } from '../attesting.ts'
import type { Context, ExitCode } from '../context.ts'
import { believe, nativeCrypto, readContract, readWitnessPolicy, underBaseline, withPolicy } from '../evidence.ts'
import { contentOf, readBounded } from '../files.ts'
import { remarksIn, type RemarksTold } from '../remarks-shown.ts'
import { readRevocations } from '../revoking.ts'
import { EXIT, type EvidenceTrust, verdictJson, verdictText } from '../verdict.ts'

/** How evidence is judged. */
export interface EvidenceOptions extends AttestingOptions {
  readonly evidence?: string
  readonly trustRoot?: string
  /** The caller's own contract file. */
  readonly contract: string | null
  readonly baseline?: string
  readonly trust?: readonly string[]
  readonly sigstoreTrust?: readonly string[]
  readonly revoked?: string
  readonly chain?: readonly string[]
  readonly allowWithheld?: boolean
  readonly requireAnchors?: string
  readonly witnessPolicy?: string
  readonly anchorTrust?: readonly string[]
  readonly format: string
}

/** Verifies an artifact, or what the evidence is about, by one file: nothing else is read, no network is used. */
export function verifyEvidence(context: Context, text: string | null, options: EvidenceOptions): Promise<ExitCode> {
  return judgeByFile(context, 'verify', text, options)
}

/** The same for a gate. The caller has a contract, or has pinned the trust root; else the file would decide itself. */
export function gateEvidence(context: Context, text: string, options: EvidenceOptions): Promise<ExitCode> {
  return judgeByFile(context, 'gate', text, options)
}

async function judgeByFile(
  context: Context,
  command: 'verify' | 'gate',
  text: string | null,
  options: EvidenceOptions,
): Promise<ExitCode> {
  if (options.chain !== undefined) throw new CodedError('usage', 'evidence is judged alone: leave --chain out')
  const file = options.evidence!
  const bytes = readBounded(resolve(context.cwd, file), MAX_EVIDENCE_BYTES)
  const evidence = contentOf(file, () => parseEvidence(bytes))
  const witnessed = readWitnessPolicy(context, options.witnessPolicy, await nativeCrypto())
  const basis = await basisOf(context, evidence, options)
  if (command === 'gate' && basis.contracts.length === 0) {
    throw new CodedError('trust-missing', 'a gate judges under a contract, and the evidence brings none', {
      fix: 'Name it: --contract FILE, or COUNTERSIGN_CONTRACT.',
    })
  }
  const artifact = text === null ? null : await readArtifact(context, text)
  const demands = anchorDemands(options.requireAnchors)
  const { allowWithheld = false } = options
  const more = { now: context.now(), allowWithheld, demands, witnessed }
  const { verdict: judged, remarks } = await judgeEvidenceTold(evidence, artifact, basis, more)
  const { verdict, attested } = await withAttested(context, options, judged, artifact)
  const beside = { trust: basis.source, attested, remarks }
  const name = text ?? subjectText(evidence)
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(verdictJson(command, verdict, basis.believed, beside))}\n`)
  } else context.stdout(verdictText(context, command, name, verdict, basis.believed, beside))
  return EXIT[verdict.verdict]
}

/** What evidence is judged under. */
export interface Basis {
  readonly trust: Trust
  readonly anchors: AnchorRoots
  readonly contracts: readonly Contract[]
  readonly believed: string
  readonly source: EvidenceTrust
}

/** The verdict on an artifact, or on what the evidence is about. */
export async function judgeEvidence(...given: Parameters<typeof judgeEvidenceTold>): Promise<Verdict> {
  return (await judgeEvidenceTold(...given)).verdict
}

/** {@link judgeEvidence}, and what the evidence has of what is said about it. */
async function judgeEvidenceTold(
  evidence: Evidence,
  artifact: Artifact | null,
  { trust: believed, anchors, contracts }: Basis,
  more: Pick<JudgeInput, 'now' | 'allowWithheld' | 'demands' | 'witnessed'>,
): Promise<{ readonly verdict: Verdict; readonly remarks: RemarksTold }> {
  const { subject, lines } = evidence
  const crypto = await nativeCrypto()
  const trust = withPolicy(believed, more.witnessed ?? null)
  const chain = await readChainConcurrently(lines, trust, crypto, more.now)
  const anchored = await anchoredOf(chain, evidence, trust, anchors, crypto)
  const input = { runs: subject.chains, chain, contracts, anchored, ...more }
  const remarks = remarksIn(chain)
  if (artifact === null) return { verdict: judgeSubject({ ...input, artifact: subject.artifact }), remarks }
  const { sha256, tree } = artifact
  const own = { ...input, artifact: sha256, ...(tree === undefined ? {} : { tree }) }
  return { verdict: judgeSubject(own), remarks }
}

/** What the evidence is about, in a word. */
export function subjectText({ subject }: Evidence): string {
  return subject.artifact === null ? `run ${subject.chains[0]}` : `sha256:${subject.artifact}`
}

/** Whom to believe, the first of: the caller's own contract or keys; what was pinned; what came with the file. */
async function basisOf(context: Context, evidence: Evidence, options: EvidenceOptions): Promise<Basis> {
  const root = trustRootOf(evidence)
  const pinned = options.trustRoot !== undefined
  if (pinned) checkPin(options.trustRoot, root)
  const contract = options.contract === null ? null : readContract(context, options.contract, options.baseline)
  const trustFiles = options.trust ?? []
  const named = await readAnchorRootsFrom(context, options.anchorTrust, await nativeCrypto())
  const brought = ownBasis(evidence)
  // Whose contract it is does not matter: the organisation asks as much of each.
  const contracts = brought.contracts.map((one) => underBaseline(context, one, options.baseline))
  const own = { ...brought, contracts }
  if (contract !== null || trustFiles.length > 0) {
    // What a contract pins by its digest may come from anywhere, the evidence included. Which one is the public Sigstore's
    // is the word of whoever made the evidence, and counts where that was pinned.
    const sigstores = evidence.trust.authorities.filter((one) => one.kind === 'sigstore')
    const trustedRoots = sigstores.map(({ trustedRoot }) => utf8(trustedRoot))
    const brought = pinned ? sigstores.find(({ isPublic }) => isPublic) : undefined
    const publicRoot = brought === undefined ? null : utf8(brought.trustedRoot)
    const { trust, from } = await believe(context, contract, { ...options, trustedRoots, publicRoot }, null)
    const contracts = contract === null ? (pinned ? own.contracts : []) : [contract]
    // Anchors that came with the file are believed where they were pinned, and by nobody who brings keys instead.
    const anchors = named ?? (pinned ? own.anchors : NO_ANCHOR_ROOTS)
    return { trust, anchors, contracts, believed: from, source: { from: 'caller', root } }
  }
  const believed = pinned
    ? 'the keys in the evidence, by the trust root that was pinned'
    : 'the keys that came with the evidence: nobody else vouches for them'
  const trust = withRevocations(own.trust, readRevocations(context, options.revoked))
  return {
    ...own,
    trust,
    anchors: named ?? own.anchors,
    believed,
    source: { from: pinned ? 'pinned' : 'evidence', root },
  }
}

function checkPin(pin: string, root: string): void {
  const digest = pin.replace(/^sha256:/, '')
  if (!isHex(digest, 64)) throw new CodedError('usage', '--trust-root is not a sha256 digest')
  if (digest !== root) {
    throw new CodedError('trust-root-mismatch', `the trust root of the evidence is sha256:${root}`)
  }
}
