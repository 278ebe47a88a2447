import { resolve } from 'node:path'
import { CodedError, isHex } from '@countersign/core'
import {
  type ChainLine,
  isBundle,
  isAttachment,
  isDeviation,
  isDisclosure,
  isReceipt,
  isRemark,
  isWithheld,
  linkDigest,
  MAX_CHAIN_BYTES,
  parseChainFile,
  parseRemark,
  parseStep,
  type Receipt,
  withhold,
  writeChainFile,
} from '@countersign/formats'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { readBounded, writeWhole } from '../files.ts'
import { paintFor, plain, short } from '../output.ts'
import { fieldsNamed } from '../sealed.ts'
import { withholdFields } from './withhold-fields.ts'

export interface WithholdOptions {
  readonly step?: readonly string[]
  readonly link?: readonly string[]
  /** Sealed fields of these steps, or of all, that are not to be told; the steps themselves then stay. */
  readonly field?: readonly string[]
  readonly out: string
  readonly format: string
}

/** A chain file, and what of it is not to be shown. */
export interface ChainCopy {
  readonly file: string
  readonly lines: readonly ChainLine[]
  /** Names of steps. */
  readonly names: readonly string[]
  /** Link digests of steps. */
  readonly links: readonly string[]
  readonly out: string
  readonly format: string
  write(lines: readonly ChainLine[]): Promise<void>
}

interface Hidden {
  readonly link: string
  readonly name: string
  readonly chain: string
}

/** Copies a chain file without what is not to be shown: steps, or sealed fields. */
export async function withholdFrom(context: Context, file: string, options: WithholdOptions): Promise<ExitCode> {
  const names = options.step ?? []
  const links = options.link ?? []
  const fields = fieldsNamed('--field', options.field)
  if (names.length + links.length + fields.length === 0) {
    throw new CodedError('usage', 'neither a step nor a field is named', {
      fix: 'Name what is not to be shown: --step NAME, --link DIGEST or --field NAME.',
    })
  }
  const odd = links.find((link) => !isHex(link, 64))
  if (odd !== undefined) throw new CodedError('usage', `${plain(odd)} is not a link digest`)
  const lines = parseChainFile(readBounded(resolve(context.cwd, file), MAX_CHAIN_BYTES))
  const write = (kept: readonly ChainLine[]) => writeWhole(resolve(context.cwd, options.out), writeChainFile(kept))
  const copy = { file, lines, names, links, out: options.out, format: options.format, write }
  return fields.length > 0 ? withholdFields(context, fields, copy) : withholdSteps(context, copy)
}

/** Each step that is named as what its receipt proves of it without what opens it. */
async function withholdSteps(
  context: Context,
  { file, lines, names, links, out, format, write }: ChainCopy,
): Promise<ExitCode> {
  const crypto = await nativeCrypto()
  const hidden = new Map<string, Hidden>()
  for (const line of lines) {
    if (!isBundle(line)) continue
    const link = linkDigest(line.envelope, crypto)
    const { step, chain } = parseStep(line.envelope.payload).predicate
    if (names.includes(step.name) || links.includes(link)) hidden.set(link, { link, name: step.name, chain: chain.id })
  }
  // A name mistyped would show what was to be kept.
  const named = new Set([...hidden.values()].map(({ name }) => name))
  const missing = names.find((name) => !named.has(name)) ?? links.find((link) => !hidden.has(link))
  if (missing !== undefined) throw new CodedError('not-found', `${plain(file)} has no step ${plain(missing)}`)
  const shown = lines.filter((line) => {
    if (isWithheld(line) || isDeviation(line)) return true
    // What is said about a step that is not shown would tell of it.
    if (isRemark(line)) return !parseRemark(line.payload).about.some(({ digest }) => hidden.has(digest))
    if (isDisclosure(line) || isAttachment(line)) return !hidden.has(line.link)
    return !hidden.has(isReceipt(line) ? line.opening.link : linkDigest(line.envelope, crypto))
  })
  await write([...shown, ...[...hidden.values()].map((one) => standIn(one, lines))])
  if (format === 'json') {
    const withheld = [...hidden.values()].map(({ link, name }) => ({ link, step: name }))
    context.stdout(`${JSON.stringify({ file: out, withheld })}\n`)
    return 0
  }
  const paint = paintFor(context)
  for (const { link, name } of hidden.values())
    context.stdout(`${paint.yellow('–')} ${plain(name)} ${short(link)} is withheld\n`)
  context.stdout(
    `${paint.green('✓')} ${plain(out)}\n  ${paint.dim('To verify it: countersign verify ARTIFACT --chain FILE --allow-withheld')}\n`,
  )
  return 0
}

/** What its receipt proves of a step; of several, the one under the largest checkpoint. */
function standIn({ link, name, chain }: Hidden, lines: readonly ChainLine[]) {
  const receipts = lines.filter((line): line is Receipt => isReceipt(line) && line.opening.link === link)
  const [latest] = receipts.toSorted((a, b) => b.proof.checkpoint.size - a.proof.checkpoint.size)
  if (latest === undefined) {
    throw new CodedError('receipt-missing', `step ${plain(name)} has no receipt in the file, so nothing would prove it`)
  }
  return withhold(latest, chain)
}
