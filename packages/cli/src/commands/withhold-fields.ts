import { CodedError } from '@countersign/core'
import {
  type ChainLine,
  isBundle,
  isDisclosure,
  linkDigest,
  parseStep,
  sealableFields,
  sealedFields,
  type SealedField,
} from '@countersign/formats'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { paintFor, plain, short } from '../output.ts'
import type { ChainCopy } from './withhold.ts'

/** A sealed field that the copy does not tell. */
interface Closed {
  readonly link: string
  readonly step: string
  readonly field: SealedField
}

/** Copies a chain file without what opens these fields: of the steps that are named, or of all. */
export async function withholdFields(
  context: Context,
  fields: readonly SealedField[],
  { file, lines, names, links, out, format, write }: ChainCopy,
): Promise<ExitCode> {
  const crypto = await nativeCrypto()
  const everywhere = names.length + links.length === 0
  const found = new Set<string>()
  const closed = new Map<string, Closed>()
  for (const line of lines.filter(isBundle)) {
    const link = linkDigest(line.envelope, crypto)
    const { predicate } = parseStep(line.envelope.payload)
    const { name } = predicate.step
    if (!everywhere && !names.includes(name) && !links.includes(link)) continue
    found.add(name).add(link)
    const sealed = sealedFields(predicate)
    for (const field of fields) {
      if (sealed.includes(field)) closed.set(`${link} ${field}`, { link, step: name, field })
      // Else whoever asked for it would believe that it is hidden.
      else if (sealableFields(predicate)[field] !== null) throw open(name, field)
    }
  }
  const missing = [...names, ...links].find((name) => !found.has(name))
  if (missing !== undefined) throw new CodedError('not-found', `${plain(file)} has no step ${plain(missing)}`)
  if (closed.size === 0) throw new CodedError('not-found', `${plain(file)} has no step with ${fields.join(', ')}`)
  const told = (line: ChainLine) =>
    isDisclosure(line) && fields.includes(line.field) && (everywhere || closed.has(`${line.link} ${line.field}`))
  await write(lines.filter((line) => !told(line)))
  if (format === 'json') {
    context.stdout(`${JSON.stringify({ file: out, withheld: [...closed.values()] })}\n`)
    return 0
  }
  const paint = paintFor(context)
  for (const { link, step, field } of closed.values())
    context.stdout(`${paint.yellow('–')} ${field} of ${plain(step)} ${short(link)} is sealed\n`)
  context.stdout(`${paint.green('✓')} ${plain(out)}\n`)
  return 0
}

function open(step: string, field: SealedField): CodedError {
  return new CodedError('not-found', `${field} of step ${plain(step)} is not sealed: it stands in what was signed`, {
    fix: 'Name the steps of which it is sealed: --step NAME; or leave --field out, to withhold the whole step.',
  })
}
