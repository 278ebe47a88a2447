import { isSealed } from '@countersign/formats'
import type { Verdict } from '@countersign/verify'
import type { AttestedVerdict } from '@countersign/verify/foreign'
import type { Artifact } from './artifact.ts'
import type { Context } from './context.ts'

export interface AttestingOptions {
  /** `--attester-trust`: trusted roots of Sigstore, and public keys. */
  readonly attesterTrust?: readonly string[]
}

/** The verdict, with what others attested of its steps verified again where it lies beside them. */
export async function withAttested(
  context: Context,
  options: AttestingOptions,
  verdict: Verdict,
  artifact: Artifact | null,
): Promise<AttestedVerdict> {
  const signed = verdict.steps.some(({ step: { statement }, disclosed }) => {
    const { evidence } = statement.predicate
    return isSealed(evidence) ? disclosed.length > 0 : evidence.some(({ annotations }) => annotations?.signer != null)
  })
  // Whom to believe of others is of no matter to almost every chain, and takes its time to load.
  if (!signed) return { verdict, attested: verdict.steps.map(() => []) }
  const [{ judgeAttested }, { readAttesterTrust }, { nativeCrypto }] = await Promise.all([
    import('@countersign/verify/foreign'),
    import('./attester-trust.ts'),
    import('./evidence.ts'),
  ])
  return judgeAttested(verdict, await readAttesterTrust(context, options, artifact), await nativeCrypto())
}
