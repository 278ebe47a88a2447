import { resolve } from 'node:path'
import { PUBLIC_MIRROR, type KeptTrust } from '@countersign/adapters/sigstore-cache'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, hex } from '@countersign/core'
import type { ValidFor } from '@countersign/formats/anchor'
import { parseSigstoreTrust, type SigstoreTrust } from '@countersign/verify/sigstore'
import type { Context, ExitCode } from '../context.ts'
import { readBounded } from '../files.ts'
import { type Paint, paintFor, plain, table } from '../output.ts'
import { cacheOf, isFresh, keptTrust, readSigstoreTrust } from '../sigstore-trust.ts'

const MAX_ROOT_BYTES = 512_000

export interface TrustUpdateOptions {
  readonly mirror?: string
  readonly root?: string
  readonly cache?: string
  readonly format: string
}

/** Fetches Sigstore's trust root by TUF, and keeps it. */
export async function trustUpdate(context: Context, options: TrustUpdateOptions): Promise<ExitCode> {
  // The one command that needs a TUF client.
  const { updateSigstoreTrust } = await import('@countersign/adapters/sigstore-tuf')
  const root = options.root === undefined ? null : readBounded(resolve(context.cwd, options.root), MAX_ROOT_BYTES)
  const kept = await updateSigstoreTrust({
    mirror: options.mirror ?? PUBLIC_MIRROR,
    directory: cacheOf(context, options),
    root,
    now: context.now(),
  })
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ command: 'trust update', ...keptJson(kept) })}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(`${paint.green('✓')} the trust root of ${plain(kept.mirror)} is kept\n${keptText(kept)}`)
  return 0
}

export interface TrustShowOptions {
  readonly mirror?: string
  readonly sigstoreTrust?: string
  readonly cache?: string
  readonly format: string
}

/** Shows whom a trust root names. */
export function trustShow(context: Context, options: TrustShowOptions): ExitCode {
  if (options.sigstoreTrust !== undefined) {
    if (options.mirror !== undefined)
      throw new CodedError('usage', '--mirror and --sigstore-trust name two trust roots')
    const { trust } = readSigstoreTrust(context, options)
    show(context, options, trust, null)
    return 0
  }
  const kept = keptTrust(context, options)
  show(context, options, parseSigstoreTrust(kept.trustedRoot, nodeCrypto), kept)
  return isFresh(kept, context.now()) ? 0 : 2
}

function show(
  context: Context,
  { format, sigstoreTrust }: TrustShowOptions,
  trust: SigstoreTrust,
  kept: KeptTrust | null,
) {
  const rows = partiesOf(trust)
  if (format === 'json') {
    const fresh = kept === null ? null : isFresh(kept, context.now())
    const from = kept === null ? { file: sigstoreTrust } : keptJson(kept)
    context.stdout(`${JSON.stringify({ command: 'trust show', ...from, fresh, parties: rows })}\n`)
    return
  }
  const paint = paintFor(context)
  if (kept !== null) context.stdout(`${headOf(context, kept, paint)}\n${keptText(kept)}`)
  context.stdout(
    table(rows.map(({ kind, name, from, until }) => [kind, plain(name), `${from ?? ''} … ${until ?? 'now'}`])),
  )
}

function headOf(context: Context, kept: KeptTrust, paint: Paint): string {
  if (isFresh(kept, context.now())) return `${paint.green('✓')} the trust root of ${plain(kept.mirror)} is fresh`
  return `${paint.red('✗')} the trust root of ${plain(kept.mirror)} is no longer fresh: countersign trust update`
}

interface Party {
  readonly kind: 'authority' | 'ct log' | 'log' | 'timestamps'
  readonly name: string
  readonly from: string | null
  readonly until: string | null
}

function partiesOf({ authorities, logs, timestampAuthorities }: SigstoreTrust): Party[] {
  const party = (kind: Party['kind'], name: string, { start, end }: ValidFor): Party => {
    const time = (at: number | null) => (at === null ? null : new Date(at).toISOString())
    return { kind, name, from: time(start), until: time(end) }
  }
  // Each authority holds the logs of all of them.
  const ctlogs = authorities[0]?.ctlogs ?? []
  return [
    ...authorities.map(({ name, validFor }) => party('authority', name, validFor)),
    ...ctlogs.map(({ logId, validFor }) => party('ct log', hex(logId).slice(0, 16), validFor)),
    ...logs.map(({ name, validFor }) => party('log', name, validFor)),
    ...timestampAuthorities.map(({ name, validFor }) => party('timestamps', name, validFor)),
  ]
}

function keptJson({ mirror, fetchedAt, expires, versions, trustedRoot }: KeptTrust): object {
  return { mirror, fetchedAt, expires, versions, trustedRoot: `sha256:${hex(nodeCrypto.sha256(trustedRoot))}` }
}

function keptText({ fetchedAt, expires, versions, trustedRoot }: KeptTrust): string {
  const numbers = Object.entries(versions).map(([role, version]) => `${role} ${version}`)
  return table([
    ['fetched', fetchedAt],
    ['fresh until', expires],
    ['metadata', numbers.join(', ')],
    ['digest', `sha256:${hex(nodeCrypto.sha256(trustedRoot))}`],
  ])
}
