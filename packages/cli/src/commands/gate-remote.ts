import { resolve } from 'node:path'
import type { AskedContract } from '@countersign/client'
import { CodedError, type ErrorReport } from '@countersign/core'
import { passedSummary } from '@countersign/verify/slsa'
import { readArtifact } from '../artifact.ts'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto, readContract, UNREACHABLE } from '../evidence.ts'
import { writeWhole } from '../files.ts'
import { type LetThrough, letThrough, letThroughLine } from '../let-through.ts'
import { believeLog } from '../log-trust.ts'
import { errorText, paintFor, plain, short } from '../output.ts'
import type { VerifyOptions } from '../reach.ts'

export interface RemoteGateOptions extends VerifyOptions {
  readonly pipeline?: string
  readonly environment?: string
}

const EXIT = { allow: 0, deny: 1, unknown: 2 } as const
const WORD = { allow: 'ALLOW', deny: 'DENY', unknown: 'UNKNOWN, which denies' } as const
const MARK = { allow: '✓', deny: '✗', unknown: '?' } as const
/** How old the server's summary may be, and how far the clocks may disagree. */
const FRESH_MS = 5 * 60_000
/** What only a verdict that is made here can use. */
const LOCAL = ['chain', 'evidence', 'trustRoot', 'sigstoreTrust', 'revoked', 'allowWithheld', 'baseline'] as const
const DEMANDS = ['requireAnchors', 'anchorTrust', 'witnessPolicy', 'vsaKey', 'vsaVerifier'] as const

const ALONE =
  'Make the server reachable; or judge here, by files alone: without --remote, with --offline, --contract FILE and the chain file.'

/**
 * Asks the server's gate, which judges by all that it holds and records what it says. Its `allow` counts where the log's
 * key has signed the summary of it, for this artifact and, where one is named, this contract.
 */
export async function gateRemote(context: Context, text: string, options: RemoteGateOptions): Promise<ExitCode> {
  // A baseline is held against a verdict that is made here: it would be asked for, and never be.
  const given = { ...options, baseline: options.baseline ?? context.settings.baseline ?? undefined }
  const stray = [...LOCAL, ...DEMANDS].find((name) => given[name] !== undefined)
  if (stray !== undefined || options.offline === true) {
    throw new CodedError(
      'usage',
      `the server judges, and --${dashed(stray ?? 'offline')} is for a verdict that is made here`,
    )
  }
  if (options.vsaForm === 'bundle') throw new CodedError('usage', 'the server signs a bare envelope, and no bundle')
  const contract = contractOf(context, options)
  const artifact = await readArtifact(context, text)
  const { environment, vsaResource } = options
  const told = {
    ...(environment === undefined ? {} : { environment }),
    ...(vsaResource === undefined ? {} : { resource: vsaResource }),
  }
  const client = await clientFor(context)
  const crypto = await nativeCrypto()
  let reply: Awaited<ReturnType<typeof client.gate>>
  let believed = ''
  let deviations: readonly LetThrough[] = []
  try {
    reply = await client.gate({ artifact: artifact.sha256, contract, ...told })
    if (reply.decision === 'allow') {
      const { trust, from } = await believeLog(context, options.trust ?? [], client, crypto)
      believed = from
      if (reply.vsa === null) throw new CodedError('signature-missing', 'the gate allows without a summary')
      const pinned = 'digest' in contract ? contract.digest : reply.contract
      const keys = trust.keys.map(({ publicKey }) => publicKey)
      const demand = { keys, artifact: artifact.sha256, contract: pinned, now: context.now() }
      const fresh = { ...demand, maxAge: FRESH_MS, clockTolerance: FRESH_MS }
      deviations = letThrough(passedSummary(reply.vsa, fresh, crypto), reply.deviations)
    }
  } catch (error) {
    if (!(error instanceof CodedError) || !UNREACHABLE.has(error.code)) throw error
    const reason = new CodedError('evidence-unavailable', `${error.code}: ${error.what}`, { fix: ALONE }).report()
    return tell(
      context,
      text,
      options,
      { decision: 'unknown', reason, artifact: artifact.sha256, id: null, contract: null, deviations },
      '',
    )
  }
  if (options.vsa !== undefined && reply.vsa !== null) {
    await writeWhole(resolve(context.cwd, options.vsa), reply.vsa)
    context.stderr(`summary  ${plain(options.vsa)}\n`)
  }
  return tell(context, text, options, { ...reply, artifact: artifact.sha256, deviations }, believed)
}

interface Told {
  readonly decision: keyof typeof EXIT
  readonly reason: ErrorReport | null
  readonly artifact: string
  readonly id: number | null
  readonly contract: string | null
  readonly deviations: readonly LetThrough[]
}

function tell(
  context: Context,
  name: string,
  { format }: RemoteGateOptions,
  { decision, reason, artifact, id, contract, deviations }: Told,
  believed: string,
): ExitCode {
  if (format === 'json') {
    const through = deviations.map(({ id: deviation, told }) => ({ id: deviation, ...told }))
    const told = { command: 'gate', decision, artifact: `sha256:${artifact}`, id, contract, reason, believed }
    context.stdout(`${JSON.stringify({ ...told, deviated: deviations.length > 0, deviations: through })}\n`)
    return EXIT[decision]
  }
  const paint = paintFor(context)
  const word = `${WORD[decision]}${deviations.length > 0 ? ', BY DEVIATION' : ''}`
  const tint =
    deviations.length > 0 ? paint.yellow : { allow: paint.green, deny: paint.red, unknown: paint.yellow }[decision]
  if (reason !== null) context.stdout(errorText(reason, paint))
  for (const one of deviations) context.stdout(`${paint.yellow('!')} let through by ${letThroughLine(one)}\n`)
  const by = [
    `sha256:${short(artifact)}…`,
    ...(contract === null ? [] : [`contract ${short(contract)}…`]),
    ...(id === null ? [] : [`decision ${id}`]),
  ].join('  ')
  context.stdout(`${tint(`${MARK[decision]} ${word}`)}  ${plain(name)}  ${paint.dim(by)}\n`)
  if (believed !== '') context.stdout(paint.dim(`  believing ${believed}\n`))
  return EXIT[decision]
}

/** The contract that a file pins, or the one in force for the pipeline that is named. */
function contractOf(context: Context, options: RemoteGateOptions): AskedContract {
  const file = options.contract ?? (options.pipeline === undefined ? context.settings.contract : null)
  if (file !== null) return { digest: readContract(context, file).digest }
  const pipeline = options.pipeline ?? context.settings.pipeline
  if (pipeline !== null) return { pipeline }
  throw new CodedError('usage', 'the server’s gate must know what to judge under', {
    fix: 'Pin a contract: --contract FILE; or name a pipeline, whose contract in force counts: --pipeline NAME.',
  })
}

function dashed(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
