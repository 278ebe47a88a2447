import { basename, resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { slsaProvenance } from '@countersign/verify/slsa'
import { readArtifact } from '../artifact.ts'
import type { Context, ExitCode } from '../context.ts'
import { readContract } from '../evidence.ts'
import { writeWhole } from '../files.ts'
import { paintFor, plain } from '../output.ts'
import { reach, type VerifyOptions } from '../reach.ts'
import { type ForeignForm, signForeign } from '../sign-foreign.ts'
import { openSigning, type SigningOptions } from '../signing.ts'
import { EXIT, verdictJson, verdictText } from '../verdict.ts'
import { VERSION } from '../version.ts'

export interface ProvenanceOptions extends Omit<VerifyOptions, 'evidence' | 'trustRoot'>, SigningOptions {
  readonly out?: string
  readonly as: ForeignForm
  readonly offline?: boolean
}

/** Writes what a chain proves of its artifact as signed SLSA provenance, for tools that read that. Only of what verifies. */
export async function provenance(context: Context, text: string, options: ProvenanceOptions): Promise<ExitCode> {
  const contractFile = options.contract ?? context.settings.contract
  const contract = contractFile === null ? null : readContract(context, contractFile)
  const signing = await openSigning(context, options)
  const artifact = await readArtifact(context, text)
  const { verdict, attested, believed } = await reach(context, artifact, contract, options)
  const json = options.format === 'json'
  if (verdict.verdict !== 'pass') {
    if (json) context.stdout(`${JSON.stringify(verdictJson('verify', verdict, believed, { attested }))}\n`)
    else context.stderr(verdictText(context, 'verify', text, verdict, believed, { attested }))
    return EXIT[verdict.verdict]
  }
  const { signer, fault } = await signing.signer()
  if (fault !== null) throw fault
  const payload = slsaProvenance({ verdict, version: VERSION })
  const bytes = await signForeign(payload, signer, options.as, nodeCrypto)
  const out = options.out ?? `${basename(text).replace(/^sha256:/, '')}.${ENDING[options.as]}`
  await writeWhole(resolve(context.cwd, out), bytes)
  if (json) context.stdout(`${JSON.stringify({ file: out, artifact: `sha256:${artifact.sha256}` })}\n`)
  else context.stdout(`${paintFor(context).green('✓')} ${plain(out)}\n`)
  return 0
}

const ENDING = { bundle: 'provenance.sigstore.json', dsse: 'intoto.jsonl' } as const
