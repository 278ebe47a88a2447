import { basename, resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { Verdict } from '@countersign/verify'
import { slsaSummary } from '@countersign/verify/slsa'
import type { Context } from './context.ts'
import { writeWhole } from './files.ts'
import { plain } from './output.ts'
import type { VerifyOptions } from './reach.ts'
import { signForeign, signerUri } from './sign-foreign.ts'
import { openSigning, type Signing } from './signing.ts'
import { VERSION } from './version.ts'

type SummaryOptions = Pick<VerifyOptions, 'vsa' | 'vsaKey' | 'vsaVerifier' | 'vsaResource' | 'offline'>

/** Who will sign a summary, under which contract. */
export interface SummarySigning {
  readonly signing: Signing
  readonly contract: Contract
}

/** Before anything is judged: a verdict whose summary cannot be signed would be told as if it had been. Throws `usage`. */
export async function openSummary(
  context: Context,
  { vsaKey, offline }: SummaryOptions,
  contract: Contract | null,
): Promise<SummarySigning> {
  if (contract === null) throw new CodedError('usage', '--vsa says which policy was kept to: name a contract')
  const key = vsaKey === undefined ? {} : { key: vsaKey }
  return { signing: await openSigning(context, { ...key, ...(offline === undefined ? {} : { offline }) }), contract }
}

interface Summary {
  readonly signing: SummarySigning
  readonly options: SummaryOptions
  readonly verdict: Verdict
  /** As the artifact was named. */
  readonly name: string
}

/** Writes the verdict as a signed SLSA verification summary in a DSSE envelope. */
export async function writeSummary(
  context: Context,
  { signing: { signing, contract }, options, verdict, name }: Summary,
): Promise<void> {
  const { signer, fault } = await signing.signer()
  if (fault !== null) throw fault
  const file = basename(name)
  const payload = slsaSummary({
    verdict,
    contract: contract.digest,
    verifier: options.vsaVerifier ?? signerUri(signer, signing.certified),
    resource: options.vsaResource ?? `pkg:generic/${encodeURIComponent(file)}`,
    name: file,
    now: context.now(),
    version: VERSION,
  })
  const bytes = await signForeign(payload, signer, 'dsse', nodeCrypto)
  await writeWhole(resolve(context.cwd, options.vsa!), bytes)
  context.stderr(`summary  ${plain(options.vsa!)}\n`)
}
