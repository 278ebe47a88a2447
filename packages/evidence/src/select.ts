import { CodedError, type Crypto } from '@countersign/core'
import {
  type Bundle,
  type ChainLine,
  type Endorsed,
  isAttachment,
  isBundle,
  isDeviation,
  isDisclosure,
  isReceipt,
  isRemark,
  isWithheld,
  linkDigest,
  parseDeviation,
  parseRemark,
  parseStep,
  type StepStatement,
} from '@countersign/formats'

/** What evidence is wanted of: an artifact, by its SHA-256, or a run, by its chain id. */
export type Wanted = { readonly artifact: string } | { readonly chain: string }

/** The part of some lines that is about one thing, as they say themselves. */
export interface About {
  readonly lines: readonly ChainLine[]
  /** Ids of the runs, sorted. */
  readonly chains: readonly string[]
  /** Digests of the contracts that the runs are bound to, sorted. */
  readonly contracts: readonly string[]
}

interface Claimed {
  readonly bundle: Bundle
  readonly link: string
  /** Null where the payload cannot be read. */
  readonly statement: StepStatement | null
}

/**
 * Of all lines those of the runs concerned: the run itself, or every run in which a step vouches for the artifact;
 * where none does, all runs, for they are what was brought forward for it. No signature is checked: what does not
 * verify belongs to evidence of a failure, so what cannot be read is kept too.
 */
export function linesAbout(lines: readonly ChainLine[], wanted: Wanted, crypto: Pick<Crypto, 'sha256'>): About {
  const claims = lines.filter(isBundle).map((bundle) => claimOf(bundle, crypto))
  const runs = runsConcerned(claims, wanted)
  const kept = claims.filter(({ statement }) => statement === null || runs.has(statement.predicate.chain.id))
  const shown = new Set(kept.map(({ link }) => link))
  const links = new Set(shown)
  const contracts = new Set<string>()
  for (const { statement } of kept) {
    // A step that was changed has another link digest: its receipt is known by who goes on from it.
    for (const { link } of statement?.predicate.previous ?? []) links.add(link)
    if (statement !== null && statement.predicate.chain.contract !== null) {
      contracts.add(statement.predicate.chain.contract)
    }
  }
  const receipts = lines.filter((line) => isReceipt(line) && links.has(line.opening.link))
  const disclosures = lines.filter((line) => isDisclosure(line) && shown.has(line.link))
  const attached = lines.filter((line) => isAttachment(line) && shown.has(line.link))
  const withheld = lines.filter((line) => isWithheld(line) && runs.has(line.unopened.chain))
  // What was let through is part of why it passed.
  const deviations = lines.filter((line) => isDeviation(line) && isAbout(line, runs, contracts, wanted))
  const artifacts = new Set(kept.flatMap(({ statement }) => subjectsOf(statement)))
  const remarks = lines.filter((line) => isRemark(line) && isRemarkAbout(line, shown, artifacts))
  return {
    lines: [
      ...kept.map(({ bundle }) => bundle),
      ...receipts,
      ...withheld,
      ...disclosures,
      ...attached,
      ...deviations,
      ...remarks,
    ],
    chains: [...runs].toSorted(),
    contracts: [...contracts].toSorted(),
  }
}

/** What cannot be read is kept: it belongs to evidence of a failure. */
function isAbout(
  { payload }: Endorsed,
  runs: ReadonlySet<string>,
  contracts: ReadonlySet<string>,
  wanted: Wanted,
): boolean {
  try {
    const { contract, chain, artifact } = parseDeviation(payload)
    if (!contracts.has(contract) || (chain !== null && !runs.has(chain))) return false
    return artifact === null || !('artifact' in wanted) || artifact === wanted.artifact
  } catch (error) {
    if (error instanceof CodedError) return true
    throw error
  }
}

/** What can be read of them; of what is said about others nothing is told. */
function isRemarkAbout({ payload }: Endorsed, links: ReadonlySet<string>, artifacts: ReadonlySet<string>): boolean {
  try {
    return parseRemark(payload).about.some(
      ({ kind, digest }) => (kind === 'step' && links.has(digest)) || (kind === 'artifact' && artifacts.has(digest)),
    )
  } catch (error) {
    if (error instanceof CodedError) return false
    throw error
  }
}

function subjectsOf(statement: StepStatement | null): readonly string[] {
  return statement?.subject.map(({ digest }) => digest.sha256) ?? []
}

function claimOf(bundle: Bundle, crypto: Pick<Crypto, 'sha256'>): Claimed {
  const link = linkDigest(bundle.envelope, crypto)
  try {
    return { bundle, link, statement: parseStep(bundle.envelope.payload) }
  } catch (error) {
    if (error instanceof CodedError) return { bundle, link, statement: null }
    throw error
  }
}

function runsConcerned(claims: readonly Claimed[], wanted: Wanted): ReadonlySet<string> {
  const runs = new Set<string>()
  const vouching = new Set<string>()
  for (const { statement } of claims) {
    if (statement === null) continue
    const { id } = statement.predicate.chain
    runs.add(id)
    if ('artifact' in wanted && statement.subject.some(({ digest }) => digest.sha256 === wanted.artifact)) {
      vouching.add(id)
    }
  }
  if ('chain' in wanted) return new Set(runs.has(wanted.chain) ? [wanted.chain] : [])
  return vouching.size > 0 ? vouching : runs
}
