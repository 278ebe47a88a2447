import { CodedError, type ErrorReport, reportOf } from '@countersign/core'
import { type LetThrough, letThroughLine } from '../let-through.ts'
import { reasonLine } from '../reason-line.ts'
import { type AdmissionAnswer, type AdmissionRequest, readReview, uidIn, writeReview } from './admission-review.ts'
import { type ImageName, pinned, readImageName } from './image-name.ts'
import { hasPods, imagesOf, POD } from './images.ts'
import type { AskedAbout, Verdicts } from './verdicts.ts'
import { isExempt, type Mode, modeFor, ruleFor, type WebhookPolicy } from './webhook-policy.ts'

export interface AdmitDeps {
  readonly policy: WebhookPolicy
  readonly verdicts: Pick<Verdicts, 'of'>
  /** What a tag means now: `sha256:…`. Asked only of registries that a rule names. */
  readonly resolve: (image: ImageName) => Promise<string>
  /** A line for whoever runs the webhook. */
  readonly log: (line: Readonly<Record<string, unknown>>) => void
}

/** Longest warning that is shown whole (Kubernetes cuts what is longer than 256). */
const MAX_WARNING = 256
const MAX_MESSAGE = 4_000
const BY_DEVIATION = ' BY DEVIATION'

interface Judged {
  readonly image: string
  readonly decision: 'allow' | 'deny' | 'unknown' | 'exempt'
  readonly reason: ErrorReport | null
  /** By what it is allowed; left out where by none. */
  readonly deviations?: readonly LetThrough[]
}

/**
 * The validating webhook: a pod is admitted where each of its images is pinned by its digest and the gate allows it.
 * `labelled` is what the label of its namespace says. Objects that make pods are only warned about: the pods that they make
 * are judged. Whatever fails is no admission.
 */
export async function validate(deps: AdmitDeps, labelled: Mode, body: Uint8Array): Promise<object> {
  return answered(deps, body, async (request) => {
    if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return { allowed: true }
    if (!hasPods(request.kind))
      throw new CodedError('admission-invalid', `objects of kind ${request.kind} are not judged`)
    const images = imagesNew(request)
    const own = request.kind === POD
    const judged = await Promise.all(images.map((image) => judge(deps, image, request, own)))
    const against = judged.filter(({ decision }) => decision !== 'allow' && decision !== 'exempt')
    const mode = modeFor(deps.policy, request.namespace, labelled)
    tellLog(deps, request, mode, judged)
    const annotations = {
      mode,
      decisions: judged
        .map(
          ({ image, decision, reason, deviations = [] }) =>
            `${image} ${decision}${deviations.length > 0 ? BY_DEVIATION : ''}${reason === null ? '' : ` ${reason.code}`}`,
        )
        .join('; ')
        .slice(0, MAX_MESSAGE),
    }
    const told = judged.filter((one) => isDeviating(one) || against.includes(one)).map(warningOf)
    const warnings = mode === 'observe' ? [] : told
    if (against.length === 0) return { allowed: true, warnings, annotations }
    if (own && mode === 'enforce')
      return { allowed: false, message: against.map(lineOf).join('\n').slice(0, MAX_MESSAGE), annotations }
    return { allowed: true, warnings, annotations }
  })
}

/** The mutating webhook: puts the digest behind each tag, once, so that what is judged is what is pulled (T-98). */
export async function mutate(deps: AdmitDeps, body: Uint8Array): Promise<object> {
  return answered(deps, body, async (request) => {
    if (request.kind !== POD || (request.operation !== 'CREATE' && request.operation !== 'UPDATE'))
      return { allowed: true }
    const { object, oldObject } = request
    if (object === null) throw new CodedError('admission-invalid', 'there is no object')
    const known = new Set(oldObject === null ? [] : imagesOf(POD, oldObject).map(({ image }) => image))
    const found = imagesOf(POD, object).filter(({ image }) => !known.has(image))
    // One tag is one digest, in all places of a pod.
    const digests = new Map<string, Promise<string | ErrorReport>>()
    for (const { image } of found) if (!digests.has(image)) digests.set(image, pinOf(deps, image))
    const patch: { op: 'replace'; path: string; value: string }[] = []
    const warnings: string[] = []
    for (const { path, image } of found) {
      const value = await digests.get(image)!
      if (typeof value !== 'string') warnings.push(warningOf({ image, decision: 'unknown', reason: value }))
      else if (value !== image) patch.push({ op: 'replace', path, value })
    }
    // What could not be resolved is left as it is, and denied by whoever validates.
    return { allowed: true, patch, warnings: [...new Set(warnings)] }
  })
}

/** The name with its digest, the name where there is none to be put there; a report where that failed. */
async function pinOf(deps: AdmitDeps, text: string): Promise<string | ErrorReport> {
  try {
    const image = readImageName(text)
    if (image.digest !== null || isExempt(deps.policy, image) || ruleFor(deps.policy, image) === null) return text
    return pinned(image, await deps.resolve(image))
  } catch (error) {
    return reportOf(error)
  }
}

/** One image, under its rule. `strict`: a tag is no name for what is pulled; else it is what it would mean now. */
export async function judgeImage(
  deps: AdmitDeps,
  text: string,
  strict: boolean,
  asker: Pick<AskedAbout, 'requester' | 'dryRun'>,
): Promise<{ readonly judged: Judged; readonly pinned: string | null }> {
  const failed = (reason: ErrorReport, decision: 'deny' | 'unknown' = 'deny') => ({
    judged: { image: text, decision, reason },
    pinned: null,
  })
  let image: ImageName
  try {
    image = readImageName(text)
  } catch (error) {
    return failed(reportOf(error))
  }
  if (isExempt(deps.policy, image)) {
    return { judged: { image: text, decision: 'exempt', reason: null }, pinned: text }
  }
  const rule = ruleFor(deps.policy, image)
  if (rule === null) return failed(new CodedError('image-unruled', `no rule names ${image.name}`).report())
  if (image.digest === null && strict) return failed(new CodedError('image-unpinned', `${text} has no digest`).report())
  try {
    const digest = image.digest ?? (await deps.resolve(image))
    const about = { resource: `oci://${image.name}@${digest}`, ...asker }
    const { decision, reason, deviations } = await deps.verdicts.of(
      rule.contract,
      digest.slice('sha256:'.length),
      about,
    )
    return {
      judged: { image: text, decision, reason, deviations },
      pinned: image.digest === null ? pinned(image, digest) : text,
    }
  } catch (error) {
    const { code, what } = reportOf(error)
    return failed(new CodedError('evidence-unavailable', `${code}: ${what}`).report(), 'unknown')
  }
}

async function judge(deps: AdmitDeps, image: string, request: AdmissionRequest, strict: boolean): Promise<Judged> {
  const { namespace, name, user, dryRun } = request
  const requester = printable(`kubernetes ${namespace}/${name} by ${user}`)
  return (await judgeImage(deps, image, strict, { requester, dryRun })).judged
}

/** Images that the object did not name before: what runs already is not judged anew by every change of a label. */
function imagesNew({ kind, object, oldObject, operation }: AdmissionRequest): readonly string[] {
  if (object === null) throw new CodedError('admission-invalid', 'there is no object')
  const before = operation === 'UPDATE' && oldObject !== null ? imagesOf(kind, oldObject).map(({ image }) => image) : []
  return [...new Set(imagesOf(kind, object).map(({ image }) => image))].filter((image) => !before.includes(image))
}

async function answered(
  deps: AdmitDeps,
  body: Uint8Array,
  answer: (request: AdmissionRequest) => Promise<AdmissionAnswer>,
): Promise<object> {
  let uid = ''
  try {
    const request = readReview(body)
    uid = request.uid
    return writeReview(uid, await answer(request))
  } catch (error) {
    const reason = reportOf(error)
    deps.log({ decision: 'deny', code: reason.code, what: reason.what })
    // An answer without the uid of its question is none: the API server then does as failurePolicy says.
    return writeReview(uid === '' ? (uidIn(body) ?? '') : uid, {
      allowed: false,
      message: lineOf({ image: '', decision: 'deny', reason }),
    })
  }
}

function tellLog({ log }: AdmitDeps, request: AdmissionRequest, mode: Mode, judged: readonly Judged[]): void {
  const { namespace, name, kind, operation } = request
  for (const one of judged) {
    const { image, decision, reason, deviations = [] } = one
    if (decision === 'allow' && !isDeviating(one)) continue
    log({
      decision,
      deviated: isDeviating(one),
      mode,
      namespace,
      name,
      kind,
      operation,
      image,
      code: reason?.code ?? null,
      what: reason?.what ?? null,
      ...(deviations.length === 0 ? {} : { deviations: deviations.map(letThroughLine) }),
    })
  }
}

function isDeviating({ decision, deviations = [] }: Judged): boolean {
  return decision === 'allow' && deviations.length > 0
}

function lineOf({ image, decision, reason }: Judged): string {
  const subject = image === '' ? '' : `${image}: `
  if (reason === null) return `${subject}${decision}`
  return `${subject}${reasonLine(reason)}`
}

/** The end of a name tells more of it than its beginning. */
function warningOf({ image, decision, reason, deviations = [] }: Judged): string {
  const short = image.length > 80 ? `...${image.slice(-77)}` : image
  const by = deviations.length > 0 ? `${BY_DEVIATION}: ${deviations.map(letThroughLine).join('; ')}` : ''
  return printable(`countersign: ${short}: ${reason === null ? `${decision}${by}` : `${reason.code}: ${reason.what}`}`)
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_WARNING)
}
