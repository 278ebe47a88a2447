import type { CertifiedSigner } from '@countersign/adapters/signer-keyless'
import type { Appended } from '@countersign/client'
import type { ErrorReport } from '@countersign/core'
import type { Edge } from '@countersign/verify'
import { sealedFields, type StepStatement } from '@countersign/formats'
import type { Context } from './context.ts'
import { errorText, paintFor, plain, short, table } from './output.ts'
import { failureOf, stepName } from './step-shown.ts'

/** A step that was signed, and what became of it. */
export interface Recorded {
  readonly link: string
  readonly statement: StepStatement
  readonly edges: readonly Edge[]
  /** The server's receipt; null where there is none. */
  readonly appended: Appended | null
  /** False where the server holds the statement as it was signed before. */
  readonly asSent: boolean
  /** Why the server refused it. */
  readonly refused: ErrorReport | null
  /** Where it waits or was put, when the server does not have it. */
  readonly spooled: string | null
  readonly chainFiles: readonly string[]
  /** Where what opens its sealed fields was put, when it is in no chain file. */
  readonly disclosures: string | null
  readonly token: string
  /** Who signed by a certificate; null for a key. */
  readonly certified: CertifiedSigner | null
  /** What was not told yet. */
  readonly warnings: readonly string[]
}

export function recordedText(context: Context, it: Recorded): string {
  const paint = paintFor({ colour: context.colour && context.interactive })
  const { predicate, subject } = it.statement
  const { chain } = predicate
  const failed = failureOf(it)
  const mark = failed === null && it.refused === null ? paint.green('✓') : paint.red('✗')
  const head = `${mark} ${paint.bold(plain(stepName(it)))} ${failed === null ? 'signed' : `failed (${failed}) and signed`}  ${paint.dim(`${plain(chain.pipeline)} · chain ${short(chain.id)} · link ${short(it.link)}`)}\n`
  const received = new Map(predicate.previous.map(({ link, step: name }) => [link, name]))
  const names = new Set(predicate.materials.map((material) => material.digest.sha256))
  const rows = [
    ...limited(
      predicate.materials.map((m) => [
        paint.dim('received'),
        plain(m.name, 80),
        short(m.digest.sha256),
        `${originOf(m.annotations?.from, received)}${m.annotations?.dirty === true ? ', not as its commit' : ''}`,
      ]),
    ),
    ...limited(
      subject.map((s) => [
        paint.dim(names.has(s.digest.sha256) || s.digest['gitCommit'] !== undefined ? 'vouched' : 'made'),
        plain(s.name, 80),
        short(s.digest.sha256),
        s.annotations?.dirty === true ? 'not as its commit' : '',
      ]),
    ),
  ]
  const state =
    it.appended !== null
      ? [
          [
            paint.dim('receipt'),
            `number ${it.appended.index}, countersigned by the server${it.asSent ? '' : ' as it was signed before'}`,
          ],
        ]
      : it.spooled === null
        ? []
        : [[paint.dim(it.refused === null ? 'spooled' : 'kept'), plain(it.spooled, 400)]]
  const files = limited(it.chainFiles.map((file) => [paint.dim('chain'), plain(file, 400)]))
  const fields = sealedFields(predicate).join(', ')
  const kept = it.disclosures === null ? '' : `; opened by ${plain(it.disclosures, 400)}`
  const sealed = fields === '' ? [] : [[paint.dim('sealed'), `${fields}${kept}`]]
  const signed = it.certified === null ? [] : [[paint.dim('signed as'), signedAs(it.certified)]]
  const unconfirmed = it.certified?.unconfirmed ?? null
  if (unconfirmed !== null) signed.push([paint.dim('unconfirmed'), plain(unconfirmed, 300)])
  const unkept = it.certified?.unkept ?? null
  if (unkept !== null) {
    const lost = `is not kept, so no later step can sign with the same token: ${plain(unkept, 400)}`
    signed.push([paint.dim('session'), `${lost}; name a directory: COUNTERSIGN_SESSIONS`])
  }
  const reason = it.refused === null ? '' : errorText(it.refused, paint)
  const warnings = it.warnings.map((one) => `  ${paint.yellow('!')} ${plain(one, 600)}\n`).join('')
  return `${head}${table(rows)}${table([...signed, ...state, ...files, ...sealed])}${warnings}${reason}`
}

/** The name, how well it is known, and until when the certificate lasts. */
function signedAs({ certified, expiresAt }: CertifiedSigner): string {
  const { identity, grade, system } = certified
  const known = [grade, system].filter((one) => one !== null).join(', ')
  const until = new Date(expiresAt).toISOString().slice(11, 19)
  return `${plain(identity.subject.value, 200)}${known === '' ? '' : ` (${plain(known)})`}, certified until ${until}Z`
}

const SHOWN = 8

function limited(rows: string[][]): string[][] {
  if (rows.length <= SHOWN) return rows
  return [...rows.slice(0, SHOWN), [rows[0]![0]!, `… and ${rows.length - SHOWN} more`]]
}

function originOf(from: string | null | undefined, names: ReadonlyMap<string, string>): string {
  if (from === null || from === undefined) return 'from outside'
  return `from ${plain(names.get(from) ?? short(from))}`
}

export function recordedJson(it: Recorded): unknown {
  const { predicate, subject } = it.statement
  return {
    step: predicate.step.name,
    attempt: predicate.step.attempt,
    matrix: predicate.step.matrix,
    link: it.link,
    chain: predicate.chain.id,
    pipeline: predicate.chain.pipeline,
    contract: predicate.chain.contract,
    previous: predicate.previous,
    materials: predicate.materials.length,
    subject: subject.map(({ name, digest }) => ({ name, sha256: digest.sha256 })),
    dirty: [...predicate.materials, ...subject].some(({ annotations }) => annotations?.dirty === true),
    exitCode: predicate.invocation.exitCode,
    signal: predicate.invocation.signal,
    error: predicate.invocation.error,
    edges: it.edges,
    receipt: it.appended === null ? null : { index: it.appended.index, late: it.appended.late, asSent: it.asSent },
    refused: it.refused,
    spooled: it.spooled,
    chainFiles: it.chainFiles,
    sealed: sealedFields(predicate),
    disclosures: it.disclosures,
    token: it.token,
    warnings: it.warnings,
    signer:
      it.certified === null
        ? null
        : {
            ...it.certified.certified,
            certificateExpiresAt: new Date(it.certified.expiresAt).toISOString(),
            unconfirmed: it.certified.unconfirmed,
            sessionNotKept: it.certified.unkept,
          },
  }
}
