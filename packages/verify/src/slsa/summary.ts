import { canonicalJson, CodedError, type JsonObject, type JsonValue } from '@countersign/core'
import { STATEMENT_TYPE } from '@countersign/formats'
import type { Verdict } from '../judge.ts'

/** Predicate type of a verification summary (slsa.dev/spec/v1.2/verification_summary). */
export const SLSA_SUMMARY = 'https://slsa.dev/verification_summary/v1'
const POLICY = 'https://countersign.dev/contracts/sha256:'
const CHAIN = 'https://countersign.dev/chains/'
export const DEVIATION = 'https://countersign.dev/deviations/'
/** Level of what passed by a deviation. */
export const DEVIATED = 'COUNTERSIGN_BY_DEVIATION'
/** Of runners that nobody who builds can log in to. */
const HOSTED: ReadonlySet<string | null> = new Set(['github-hosted', 'gitlab-hosted'])

export interface SummaryInput {
  /** Under a contract. One that is unknown is no pass. */
  readonly verdict: Verdict
  /** SHA-256 of the contract that it was judged under, hex. */
  readonly contract: string
  /** Who judged: a URI. */
  readonly verifier: string
  /** What the artifact is called: a URI. */
  readonly resource: string
  /** Name of the artifact; its digest is that of the verdict. */
  readonly name: string
  /** ISO time. */
  readonly now: string
  readonly version: string
}

/**
 * A verdict in the words of SLSA: payload bytes of a statement, to be signed. It passed where the verdict did. Level 2 is
 * claimed where every step was signed by a job that its CI system vouches for, on a runner of that system; 1 else; 3, which
 * is a property of a builder, never. Throws `artifact-unproven` where no artifact was judged.
 */
export function slsaSummary(input: SummaryInput): Uint8Array {
  const { verdict, contract, verifier, resource, name, now, version } = input
  if (verdict.artifact === null) throw new CodedError('artifact-unproven', 'a run was judged, and no artifact')
  const passed = verdict.verdict === 'pass'
  return canonicalJson({
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: verdict.artifact } }],
    predicateType: SLSA_SUMMARY,
    predicate: {
      verifier: { id: verifier, version: { countersign: version } },
      timeVerified: now,
      resourceUri: resource,
      policy: { uri: `${POLICY}${contract}`, digest: { sha256: contract } },
      inputAttestations: [
        ...verdict.steps.map(
          ({ step }): JsonObject => ({
            uri: `${CHAIN}${step.statement.predicate.chain.id}/${step.link}`,
            digest: { sha256: step.link },
          }),
        ),
        ...verdict.deviations.map(
          ({ deviation: { id } }): JsonObject => ({ uri: `${DEVIATION}${id}`, digest: { sha256: id } }),
        ),
      ],
      verificationResult: passed ? 'PASSED' : 'FAILED',
      verifiedLevels: passed ? [levelOf(verdict), ...(verdict.deviations.length > 0 ? [DEVIATED] : [])] : ['FAILED'],
      slsaVersion: '1.1',
    } satisfies Record<string, JsonValue>,
  })
}

function levelOf({ steps }: Verdict): string {
  const hosted = steps.every(
    ({ step: { signer } }) => signer.grade === 'A' && HOSTED.has(signer.identity?.runnerEnvironment ?? null),
  )
  return hosted && steps.length > 0 ? 'SLSA_BUILD_LEVEL_2' : 'SLSA_BUILD_LEVEL_1'
}
