import { CodedError } from '@countersign/core'
import { mustBeNamed, readArtifact } from '../artifact.ts'
import type { Context, ExitCode } from '../context.ts'
import { readContract } from '../evidence.ts'
import { reach, type VerifyOptions } from '../reach.ts'
import { EXIT, verdictJson, verdictText } from '../verdict.ts'
import { openSummary, writeSummary } from '../summary.ts'
import { gateEvidence, verifyEvidence } from './verify-evidence.ts'

/** Verifies how an artifact was built, with or without a contract. Without an artifact: what the evidence is about. */
export function verify(context: Context, text: string | undefined, options: VerifyOptions): Promise<ExitCode> {
  if (text !== undefined) mustBeNamed(text)
  const contract = options.contract ?? context.settings.contract
  if (options.evidence !== undefined) noSummary(options)
  if (options.evidence !== undefined) return verifyEvidence(context, text ?? null, { ...options, contract })
  if (text === undefined) {
    throw new CodedError('usage', 'neither an artifact nor evidence is named', {
      fix: 'Name the artifact, or: --evidence FILE',
    })
  }
  return judgeArtifact(context, 'verify', text, options, contract)
}

/** Lets an artifact pass only when it is proven under the contract. Fails closed. */
export function gate(context: Context, text: string, options: VerifyOptions): Promise<ExitCode> {
  mustBeNamed(text)
  const contract = options.contract ?? context.settings.contract
  // Evidence is judged under its own contracts only where they were pinned.
  if (options.evidence !== undefined && (contract !== null || options.trustRoot !== undefined)) {
    noSummary(options)
    return gateEvidence(context, text, { ...options, contract })
  }
  if (contract === null) {
    throw new CodedError('trust-missing', 'a gate judges under a contract', {
      fix: 'Name it: --contract FILE, or COUNTERSIGN_CONTRACT.',
    })
  }
  return judgeArtifact(context, 'gate', text, options, contract)
}

function noSummary({ vsa }: VerifyOptions): void {
  if (vsa !== undefined) throw new CodedError('usage', '--vsa is of a verdict under --contract, and not of --evidence')
}

async function judgeArtifact(
  context: Context,
  command: 'verify' | 'gate',
  text: string,
  options: VerifyOptions,
  contractFile: string | null,
): Promise<ExitCode> {
  if (options.trustRoot !== undefined) throw new CodedError('usage', '--trust-root pins evidence, and none is named')
  const contract = contractFile === null ? null : readContract(context, contractFile, options.baseline)
  const signing = options.vsa === undefined ? null : await openSummary(context, options, contract)
  const artifact = await readArtifact(context, text)
  const { verdict, attested, believed, remarks } = await reach(context, artifact, contract, options)
  if (signing !== null) await writeSummary(context, { signing, options, verdict, name: text })
  if (options.format === 'json')
    context.stdout(`${JSON.stringify(verdictJson(command, verdict, believed, { attested, remarks }))}\n`)
  else context.stdout(verdictText(context, command, text, verdict, believed, { attested, remarks }))
  return EXIT[verdict.verdict]
}
