import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError, hex } from '@countersign/core'
import {
  isSealed,
  isTree,
  isReportType,
  MAX_ATTACHED_BYTES,
  names,
  type ReportNotes,
  type ReportRef,
  type ReportSigner,
  type Resource,
  type StepPredicate,
} from '@countersign/formats'
import { MAX_REPORT_BYTES, parseReport, type Report } from '@countersign/formats/report'
import { observe, type Redactor } from '@countersign/record'
import type { JudgedStep, VerifiedAttachment } from '@countersign/verify'
import type { Attested } from '@countersign/verify/foreign'
import type { Context } from './context.ts'
import { readBounded } from './files.ts'
import { plain, short } from './output.ts'

/** A report that a step records: what is signed of it, and its bytes where they are to lie beside the step. */
export interface ReadReport {
  readonly ref: ReportRef
  readonly content: Uint8Array | null
}

/** What a report may be asked to be, beside its very type. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  sbom: ['spdx', 'cyclonedx'],
  vex: ['openvex', 'cyclonedx-vex'],
  tests: ['junit', 'test-result'],
  scan: ['sarif', 'vulns', 'cyclonedx'],
  provenance: ['slsa-provenance'],
  attestation: [
    'attestation',
    'slsa-provenance',
    'vsa',
    'test-result',
    'vulns',
    'link',
    'witness-collection',
    'npm-publish',
  ],
}
const TYPES = ['spdx', 'cyclonedx', 'cyclonedx-vex', 'openvex', 'sarif', 'junit', 'signature', ...KINDS['attestation']!]

/**
 * Reads what `--evidence` names: `FILE`, whose type is found by what it holds; `KIND=FILE`, which must be of that kind; or
 * `WORD=FILE` with a word of one's own, which is recorded by its digest alone. A report that names by digest what it is
 * about must mean something that the step received or made. Throws `report-type`, `report-subject`, and what
 * `parseReport` throws.
 */
export async function readReports(
  context: Context,
  given: readonly NamedReport[],
  resources: readonly Resource[],
): Promise<ReadReport[]> {
  const reports: ReadReport[] = []
  for (const { kind, file } of given) {
    const own = kind !== null && !TYPES.includes(kind) && !Object.hasOwn(KINDS, kind)
    for (const { name, digest, mediaType } of await observe({ root: context.cwd, patterns: [file] })) {
      if (own || isTree({ digest, ...(mediaType === undefined ? {} : { mediaType }) })) {
        reports.push({
          ref: { name, digest, mediaType: `application/vnd.countersign.evidence.${kind ?? 'tree'}` },
          content: null,
        })
        continue
      }
      const content = readBounded(resolve(context.cwd, name), MAX_REPORT_BYTES)
      const report = await reportOf(context, { name, content, kind, resources })
      reports.push(report)
    }
  }
  return reports
}

/** What `--evidence` names: a file or a pattern, and what it is to be; null where that is to be found. */
export interface NamedReport {
  readonly kind: string | null
  readonly file: string
}

/** Throws `usage`. */
export function reportsNamed(given: readonly string[] = []): NamedReport[] {
  return given.map(reportNamed)
}

function reportNamed(text: string): NamedReport {
  const [kind, file] = [text.slice(0, Math.max(text.indexOf('='), 0)), text.slice(text.indexOf('=') + 1)]
  if (!text.includes('=')) return { kind: null, file: text }
  if (isReportType(kind) && file !== '') return { kind, file }
  throw new CodedError('usage', `--evidence ${plain(text, 60)} is neither FILE nor TYPE=FILE`, {
    fix: 'For example: --evidence sbom.json, or --evidence sbom=sbom.json',
  })
}

interface Given {
  readonly name: string
  readonly content: Uint8Array
  readonly kind: string | null
  readonly resources: readonly Resource[]
  /** Where it is from, where no file has it. */
  readonly uri?: string
  readonly signer?: ReportSigner | null
}

/** What is recorded of a report. Throws `report-type`, `report-subject`, and what `parseReport` throws. */
export async function reportOf(context: Context, given: Given): Promise<ReadReport> {
  const { name, content, kind, resources, uri, signer = null } = given
  let report: Report
  try {
    report = parseReport(content)
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError(cause.code, `${plain(name)}: ${cause.what}`, { cause })
  }
  const asked = kind === null ? null : (KINDS[kind] ?? [kind])
  if (asked !== null && !asked.includes(report.type)) {
    throw new CodedError('report-type', `${plain(name)} is ${report.type}, and not ${kind}`)
  }
  const notes: ReportNotes = {
    // A signature that verified over the artifact itself names nothing, and needs not.
    about:
      report.type === 'signature' && report.about.length === 0 && signer !== null
        ? []
        : await aboutOf(context, name, report, resources),
    facts: report.facts,
    signer,
    size: content.length,
    type: report.type,
  }
  const digest = { sha256: hex(nodeCrypto.sha256(content)) }
  return {
    ref: { name, digest, mediaType: report.mediaType, ...(uri === undefined ? {} : { uri }), annotations: notes },
    content: content.length > 0 && content.length <= MAX_ATTACHED_BYTES ? content : null,
  }
}

/** What is signed and handed on of a report where it holds a secret of this environment (T-101): its digest, and no more. Told, where there is anybody to tell. */
export function withoutSecrets(context: Context | null, redactor: Redactor, report: ReadReport): ReadReport {
  const { ref, content } = report
  const told = Object.values(ref.annotations?.facts ?? {}).join('\n')
  const open = content !== null && redactor.holds(Buffer.from(content).toString())
  if (!open && !redactor.holds(told)) return report
  context?.stderr(
    `${plain(ref.name, 80)} holds a secret of the environment: its digest is recorded, and nothing of it is handed on\n`,
  )
  const { annotations: _, ...digest } = ref
  return { ref: digest, content: null }
}

/** What of the step it is about, sorted. A statement is about something; what is no statement may be about the whole. */
async function aboutOf(
  context: Context,
  name: string,
  { about, attestation }: Report,
  resources: readonly Resource[],
): Promise<string[]> {
  const known = about.some((digests) => !Object.hasOwn(digests, 'sha256'))
    ? await Promise.all(resources.map((one) => withSha512(context, one)))
    : resources
  const meant = known.filter((one) => about.some((digests) => names(digests, one)))
  if (meant.length === 0 && (about.length > 0 || attestation !== null)) {
    throw new CodedError('report-subject', `${plain(name)} is about nothing that the step received or made`)
  }
  return [...new Set(meant.map(({ digest }) => digest.sha256))].toSorted()
}

/** npm names packages by SHA-512 alone. */
async function withSha512(context: Context, resource: Resource): Promise<Resource> {
  if (isTree(resource) || resource.uri !== undefined || resource.digest['sha512'] !== undefined) return resource
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')]
  try {
    for await (const part of createReadStream(resolve(context.cwd, resource.name))) {
      sha256.update(part as Uint8Array)
      sha512.update(part as Uint8Array)
    }
  } catch {
    // Gone by now: it is known by its SHA-256.
    return resource
  }
  // Another file by now has another name in SHA-512.
  if (sha256.digest('hex') !== resource.digest.sha256) return resource
  return { ...resource, digest: { ...resource.digest, sha512: sha512.digest('hex') } }
}

/** A report of a step as data for scripts. */
export interface ReportJson {
  readonly name: string
  readonly digest: string
  readonly mediaType: string | null
  readonly type: string | null
  readonly size: number | null
  readonly about: readonly string[]
  readonly facts: ReportNotes['facts']
  /** Whose signature the recorder of the step verified. */
  readonly signer: ReportSigner | null
  /** What stands behind that: it was checked `here`, is the recorder's `word`, or was `refused`; null where there is no signer. */
  readonly checked: Attested['standing'] | null
  /** Code of what was missing, or wrong, where it is not `here`. */
  readonly unchecked: string | null
  /** Whether it is here in full, and is what was signed. */
  readonly attached: boolean
}

/** The reports of a step; none where they are sealed. */
export function reportsJson(
  { evidence }: Pick<StepPredicate, 'evidence'>,
  attached: readonly VerifiedAttachment[],
  attested: readonly Attested[] = [],
): ReportJson[] {
  if (isSealed(evidence)) return []
  const here = new Set(attached.flatMap(({ refs }) => refs.map(({ digest }) => digest.sha256)))
  const standings = new Map(attested.map((one) => [one.ref, one]))
  return evidence.map((ref) => {
    const { name, digest, mediaType, annotations } = ref
    const { signer = null, facts = {}, about = [], size = null, type = null } = annotations ?? {}
    const standing = standings.get(ref)
    return {
      name,
      digest: `sha256:${digest.sha256}`,
      mediaType: mediaType ?? null,
      type,
      size,
      about: about.map((one) => `sha256:${one}`),
      facts,
      signer,
      checked: standing?.standing ?? (signer === null ? null : 'word'),
      unchecked: standing?.fault?.code ?? null,
      attached: here.has(digest.sha256),
    }
  })
}

/** The same as rows of name, type and what it says. */
export function reportRows(
  predicate: Pick<StepPredicate, 'evidence'>,
  attached: readonly VerifiedAttachment[],
  attested: readonly Attested[] = [],
): (readonly [string, string, string])[] {
  return reportsJson(predicate, attached, attested).map((one) => {
    const told = Object.entries(one.facts).map(([name, fact]) => `${name} ${fact}`)
    const signer = one.signer === null ? [] : [signedText(one.signer, one)]
    const where = one.attached ? 'attached' : `sha256:${short(one.digest.slice('sha256:'.length))}…`
    return [one.name, one.type ?? 'by digest', [...told, ...signer, where].join(', ')] as const
  })
}

/** By whom, and who says so. */
function signedText(signer: ReportSigner, { checked, unchecked }: Pick<ReportJson, 'checked' | 'unchecked'>): string {
  const who = signerText(signer)
  if (checked === 'here') return `signed by ${who} (checked here)`
  if (checked === 'refused') return `not signed by ${who}, as the step says (${unchecked})`
  return `signed by ${who}, on the importer's word${unchecked === null ? '' : ` (${unchecked})`}`
}

function signerText(signer: ReportSigner): string {
  return 'key' in signer ? `key ${short(signer.key)}` : `${signer.subject} (${signer.issuer})`
}

/** Of the steps of a verdict. */
export function judgedReports({ step, attached }: JudgedStep, attested: readonly Attested[] = []): ReportJson[] {
  return reportsJson(step.statement.predicate, attached, attested)
}
