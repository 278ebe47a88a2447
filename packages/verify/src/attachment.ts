import { CodedError, type Crypto, hex } from '@countersign/core'
import { type Attachment, isSealed, names, type ReportNotes, type ReportRef } from '@countersign/formats'
import { parseReport, type Report } from '@countersign/formats/report'
import { disclosedPredicate } from './disclosure.ts'
import type { VerifiedAttachment, VerifiedDisclosure, VerifiedStep } from './types.ts'

/** The reports beside the steps of a chain, each once. */
export class Attached {
  readonly #steps: ReadonlyMap<string, VerifiedStep>
  readonly #disclosed: ReadonlyMap<string, ReadonlyMap<string, VerifiedDisclosure>>
  readonly #crypto: Pick<Crypto, 'sha256'>
  readonly #seen = new Set<string>()
  /** By link digest of their step. */
  readonly all = new Map<string, VerifiedAttachment[]>()

  constructor(
    steps: ReadonlyMap<string, VerifiedStep>,
    disclosed: ReadonlyMap<string, ReadonlyMap<string, VerifiedDisclosure>>,
    crypto: Pick<Crypto, 'sha256'>,
  ) {
    this.#steps = steps
    this.#disclosed = disclosed
    this.#crypto = crypto
  }

  /** Throws `report-mismatch`. */
  add(attachment: Attachment): void {
    const { link, content } = attachment
    const step = this.#steps.get(link)
    if (step === undefined) {
      const what = `no step ${link.slice(0, 12)} that verifies is with what is attached to it`
      throw new CodedError('report-mismatch', what)
    }
    const once = `${link} ${hex(this.#crypto.sha256(content))}`
    if (this.#seen.has(once)) return
    const disclosed = [...(this.#disclosed.get(link)?.values() ?? [])]
    const verified = verifyAttachment(attachment, step, disclosed, this.#crypto)
    this.#seen.add(once)
    const known = this.all.get(link)
    if (known === undefined) this.all.set(link, [verified])
    else known.push(verified)
  }
}

/**
 * Verifies that what lies beside a step is a report of it: its digest is among those that were signed, and where it was
 * read then, it still says what was signed of it. A sealed list of reports must be disclosed. Who signed the report, if
 * anybody, is not asked here. SPEC.md §8. Throws `report-mismatch`.
 */
export function verifyAttachment(
  attachment: Attachment,
  step: VerifiedStep,
  disclosed: readonly VerifiedDisclosure[],
  crypto: Pick<Crypto, 'sha256'>,
): VerifiedAttachment {
  const { link, content } = attachment
  const { predicate, subject } = step.statement
  const of = `step ${predicate.step.name} (${step.link.slice(0, 12)})`
  if (link !== step.link) throw new CodedError('report-mismatch', `what is attached is not to ${of}`)
  const { evidence } = disclosedPredicate(predicate, disclosed)
  if (isSealed(evidence)) throw new CodedError('report-mismatch', `the reports of ${of} are sealed`)
  const digest = hex(crypto.sha256(content))
  const refs = evidence.filter((one) => one.digest.sha256 === digest)
  if (refs.length === 0) throw new CodedError('report-mismatch', `what is attached is no report of ${of}`)
  const read = refs.some(({ annotations }) => annotations !== undefined)
  const report = read ? parseAttached(content, refs[0]!) : null
  for (const ref of refs) {
    const { annotations, name } = ref
    if (annotations === undefined || report === null) continue
    if (
      !says(report, ref, annotations, content.length) ||
      !isAbout(report, annotations, [...subject, ...predicate.materials])
    ) {
      throw new CodedError('report-mismatch', `report ${name} does not say what ${of} says of it`)
    }
  }
  return { attachment, refs, report } as unknown as VerifiedAttachment
}

function parseAttached(content: Uint8Array, { name }: ReportRef): Report {
  try {
    return parseReport(content)
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('report-mismatch', `report ${name} cannot be read: ${cause.code}: ${cause.what}`, { cause })
  }
}

function says(report: Report, { mediaType }: ReportRef, notes: ReportNotes, size: number): boolean {
  if (notes.type !== report.type || mediaType !== report.mediaType || notes.size !== size) return false
  const told = Object.entries(notes.facts)
  return (
    told.length === Object.keys(report.facts).length &&
    told.every(([name, fact]) => Object.hasOwn(report.facts, name) && report.facts[name] === fact)
  )
}

/**
 * That the step names as what the report is about all that the report means of it, and nothing that it does not: a file
 * that it names by another digest than SHA-256 alone cannot be told from its name here.
 */
function isAbout(
  { about }: Report,
  notes: ReportNotes,
  resources: readonly { readonly digest: ReportRef['digest'] }[],
): boolean {
  const named = new Set(notes.about)
  const meant = resources.filter((one) => about.some((digests) => names(digests, one)))
  if (meant.some(({ digest }) => !named.has(digest.sha256))) return false
  const open = about.some((digests) => !Object.hasOwn(digests, 'sha256'))
  return open || notes.about.every((sha256) => meant.some(({ digest }) => digest.sha256 === sha256))
}
