import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { CodedError, isHex } from '@countersign/core'
import {
  type Bundle,
  linkDigest,
  parseBundle,
  parseChainFile,
  parseReceipt,
  parseStatement,
  parseStep,
  RECEIPT_PREDICATE,
  STEP_PREDICATE,
} from '@countersign/formats'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { readBounded } from '../files.ts'
import { paintFor, plain, short, table } from '../output.ts'

/** Shows what bundles say, without believing it: no signature is checked here. */
export async function inspect(context: Context, what: string, options: { format: string }): Promise<ExitCode> {
  const bundles = await load(context, what)
  const crypto = await nativeCrypto()
  const seen = bundles.map((bundle) => describe(bundle, linkDigest(bundle.envelope, crypto)))
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(seen)}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(paint.dim('As written, not verified. To verify: countersign verify ARTIFACT\n'))
  for (const { rows, title } of seen)
    context.stdout(`\n${paint.bold(plain(title))}\n${table(rows.map(([k, v]) => [paint.dim(k), plain(v, 400)]))}`)
  return 0
}

async function load(context: Context, what: string): Promise<Bundle[]> {
  const path = resolve(context.cwd, what)
  if (isHex(what, 64) && !existsSync(path)) return [(await (await clientFor(context)).attestation(what)).bundle]
  const bytes = readBounded(path, 256 * 1024 * 1024)
  try {
    return [parseBundle(bytes)]
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    const lines = parseChainFile(bytes)
    if (lines.length === 0) throw new CodedError('chain-file-invalid', `${what} holds no bundle`)
    return lines
  }
}

type Row = readonly [string, string]

function describe(bundle: Bundle, link: string): { title: string; link: string; rows: Row[]; statement: unknown } {
  const statement = parseStatement(bundle.envelope.payload)
  const key = bundle.key.kind === 'publicKey' ? (bundle.key.hint ?? 'unnamed') : 'certificate'
  const signed: Row = ['signed with', key.length === 64 ? `key ${short(key)}…` : key]
  if (statement.predicateType === RECEIPT_PREDICATE) {
    const receipt = parseReceipt(bundle.envelope.payload)
    const rows: Row[] = [
      ['about', receipt.link],
      ['origin', receipt.origin],
      ['index', `${receipt.index}${receipt.late ? ' (uploaded late)' : ''}`],
      ['accepted', receipt.acceptedAt],
      signed,
    ]
    return { title: `receipt for step ${receipt.step}`, link, rows, statement: receipt }
  }
  if (statement.predicateType !== STEP_PREDICATE) {
    return { title: statement.predicateType, link, rows: [['link', link], signed], statement }
  }
  const step = parseStep(bundle.envelope.payload)
  const { chain, step: ref, previous, materials, invocation, runner } = step.predicate
  const rows: Row[] = [
    ['link', link],
    ['chain', `${chain.id} of ${chain.pipeline}`],
    ['contract', chain.contract ?? 'none'],
    ...previous.map((p): Row => ['after', `${p.step} (${short(p.link)})`]),
    ...materials.map((m): Row => ['received', resourceText(m)]),
    ...step.subject.map((s): Row => ['vouches for', resourceText(s)]),
    ['ran', invocation.argv === null ? 'recorded without a command' : invocation.argv.join(' ')],
    ['ended', endText(invocation)],
    ['from, to', `${invocation.startedAt}  ${invocation.finishedAt}`],
    ['runner', `${runner.system}, ${runner.os}/${runner.arch}`],
    signed,
  ]
  return {
    title: `step ${ref.name}${ref.matrix === null ? '' : ` (${ref.matrix})`}, attempt ${ref.attempt}`,
    link,
    rows,
    statement: step,
  }
}

function resourceText({ name, digest }: { name: string; digest: { sha256: string } }): string {
  return `${name}  sha256:${short(digest.sha256)}…`
}

function endText({
  exitCode,
  signal,
  error,
}: {
  exitCode: number | null
  signal: string | null
  error: string | null
}): string {
  const end = signal === null ? (exitCode === null ? 'without a command' : `exit ${exitCode}`) : signal
  return error === null ? end : `${end}, recorder: ${error}`
}
