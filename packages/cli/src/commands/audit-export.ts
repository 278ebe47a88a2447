import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gatherPack, type Packed, writeArchive } from '@countersign/adapters/audit-pack'
import type { Contract } from '@countersign/contract'
import { CodedError } from '@countersign/core'
import { isName } from '@countersign/formats'
import { readAnchorRootsFrom } from '../anchoring.ts'
import { periodOf } from '../audit/period.ts'
import { figuresText } from '../audit/told.ts'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { knownRoots, nativeCrypto, UNREACHABLE } from '../evidence.ts'
import { readBounded } from '../files.ts'
import { paintFor, plain, short } from '../output.ts'
import { stepsBar } from '../progress.ts'
import { openSigning } from '../signing.ts'
import { VERSION } from '../version.ts'

export interface AuditExportOptions {
  readonly since: string
  readonly until: string
  readonly pipeline?: readonly string[]
  readonly environment?: readonly string[]
  readonly key?: string
  readonly out: string
  readonly vsa?: readonly string[]
  readonly anchorTrust?: readonly string[]
  readonly format: string
}

const MAX_SUMMARY = 4 * 1024 * 1024

/**
 * Puts all that the server has of a period and some pipelines into one signed archive that verifies without it. What does
 * not verify is in it as well, and told; what the server listed and did not give is told as missing.
 */
export async function auditExport(context: Context, options: AuditExportOptions): Promise<ExitCode> {
  const period = periodOf(options.since, options.until)
  const pipelines = [...new Set(options.pipeline)].toSorted()
  const odd = pipelines.find((name) => !isName(name))
  if (odd !== undefined) throw new CodedError('usage', `${plain(odd, 80)} is not the name of a pipeline`)
  const environments = [...new Set(options.environment)].toSorted()
  const out = resolve(context.cwd, options.out)
  // Before anything is fetched: a pack that nobody can sign is none.
  const signing = await openSigning(context, options.key === undefined ? { offline: true } : { key: options.key })
  const client = await clientFor(context)
  const crypto = await nativeCrypto()
  const summaries = (options.vsa ?? []).map((file) => readBounded(resolve(context.cwd, file), MAX_SUMMARY))
  const anchorRoots = await readAnchorRootsFrom(context, options.anchorTrust, crypto)
  const directory = await mkdtemp(join(tmpdir(), 'countersign-audit-'))
  let bar: ReturnType<typeof stepsBar> | null = null
  const source = {
    client,
    directory,
    anchorRoots,
    crypto,
    now: context.now(),
    version: VERSION,
    rootsOf: (contract: Contract) => knownRoots(context, contract, {}),
    progress(done: number, runs: number) {
      bar ??= stepsBar(context, 'fetching runs', runs)
      bar.update(done)
    },
    goOn: () => undefined,
  }
  const signer = async () => {
    bar?.clear()
    const signed = await signing.signer()
    if (signed.fault !== null) throw signed.fault
    return signed.signer
  }
  try {
    const packed = await unlessStopped(context, async () => {
      const all = await gatherPack(source, { period, pipelines, environments }, { by: null, signer }, summaries)
      await writeArchive(out, all.files)
      return all
    })
    tell(context, options, { ...packed, out })
    return 0
  } catch (error) {
    if (!(error instanceof CodedError) || !UNREACHABLE.has(error.code)) throw error
    throw new CodedError('evidence-unavailable', `${error.code}: ${error.what}`, { cause: error })
  } finally {
    ;(bar as ReturnType<typeof stepsBar> | null)?.clear()
    await rm(directory, { recursive: true, force: true })
  }
}

/** What was fetched holds what steps did: nothing of it is left where somebody stops the export. */
async function unlessStopped<T>({ signals }: Context, work: () => Promise<T>): Promise<T> {
  let stop = () => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new CodedError('evidence-unavailable', 'the export was stopped', { fix: 'Run it again.' }))
  })
  for (const signal of STOPS) signals.on(signal, stop)
  try {
    return await Promise.race([work(), stopped])
  } finally {
    for (const signal of STOPS) signals.off(signal, stop)
  }
}

const STOPS = ['SIGINT', 'SIGTERM'] as const

function tell(
  context: Context,
  options: AuditExportOptions,
  { out, manifest, figures, digest }: Packed & { out: string },
): void {
  const { files, missing, exporter } = manifest
  const bytes = files.reduce((all, { size }) => all + size, 0)
  if (options.format === 'json') {
    const told = { file: out, files: files.length, bytes, manifest: `sha256:${digest}`, signer: exporter.key.keyId }
    context.stdout(`${JSON.stringify({ command: 'audit export', pack: told, missing, figures })}\n`)
    return
  }
  const paint = paintFor(context)
  context.stdout(
    `${figuresText(context, manifest, figures)}\n${paint.bold(plain(options.out))}  ${paint.dim(`${files.length} files, ${bytes.toLocaleString('en-US')} bytes, signed by key ${short(exporter.key.keyId)}`)}\n  ${paint.dim('manifest')}  sha256:${digest}\n`,
  )
}
