import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError, type ErrorReport } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { MANIFEST, type Manifest, MAX_MANIFEST_BYTES, REPORT, SIGNATURE } from '@countersign/evidence/pack'
import { MAX_BUNDLE_BYTES } from '@countersign/formats'
import { NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import { namedKeys, type Trust, withRevocations } from '@countersign/verify'
import { readAnchorRootsFrom } from '../anchoring.ts'
import { ArchiveReader } from '../audit/archive.ts'
import { type Caller, type Examined, examinePack, nextFile } from '../audit/examine.ts'
import { figuresText } from '../audit/told.ts'
import type { Context, ExitCode } from '../context.ts'
import { believe, nativeCrypto, readContract } from '../evidence.ts'
import { NotThere } from '../files.ts'
import { errorText, paintFor, plain, short } from '../output.ts'
import { stepsBar } from '../progress.ts'
import { readRevocations } from '../revoking.ts'
import { EXIT } from '../verdict.ts'

export interface AuditVerifyOptions {
  readonly trust?: readonly string[]
  readonly contract?: readonly string[]
  readonly anchorTrust?: readonly string[]
  readonly revoked?: string
  readonly report?: string
  readonly format: string
}

/** What was asked in a way that leaves nothing to say of the pack. */
const NO_VERDICT: ReadonlySet<string> = new Set(['usage', 'trust-missing', 'trust-root-expired', 'file-unreadable'])
/** How far the clock of whoever made a pack may be before ours; milliseconds. */
const TOLERANCE = 300_000

/** Verifies an audit pack by nothing but itself and whom the caller believes; writes nothing unless it is asked to. */
export async function auditVerify(context: Context, pack: string, options: AuditVerifyOptions): Promise<ExitCode> {
  const directory = options.report === undefined ? null : resolve(context.cwd, options.report)
  if (directory !== null && existsSync(directory)) {
    throw new CodedError('usage', `${plain(options.report!)} is there already`, {
      fix: 'Name a directory that is not.',
    })
  }
  const crypto = await nativeCrypto()
  const caller = await callerOf(context, options)
  const archive = await ArchiveReader.open(resolve(context.cwd, pack))
  try {
    const bar = stepsBar(context, 'verifying', archive.progress.total)
    let examined: Examined
    try {
      examined = await examinePack(archive, caller, crypto, () => bar.update(archive.progress.bytes))
      checkTime(examined.manifest, context.now())
    } catch (error) {
      if (!(error instanceof CodedError) || error instanceof NotThere || NO_VERDICT.has(error.code)) throw error
      return tellRefused(context, pack, options, error.report())
    } finally {
      bar.clear()
    }
    const findings = findingsOf(examined)
    const verdict = findings.length > 0 ? 'fail' : examined.figures.runs.held === 0 ? 'unknown' : 'pass'
    if (verdict === 'pass' && directory !== null) await extract(archive.path, examined.manifest, directory)
    tell(context, pack, options, { ...examined, verdict, findings, written: verdict === 'pass' ? directory : null })
    return EXIT[verdict]
  } finally {
    await archive.close()
  }
}

/** Whom the caller names; null where nobody, and the pack vouches for itself. */
async function callerOf(context: Context, options: AuditVerifyOptions): Promise<Caller | null> {
  const { trust: trustFiles = [], contract: contractFiles = [] } = options
  if (trustFiles.length + contractFiles.length === 0) {
    if (options.revoked === undefined && options.anchorTrust === undefined) return null
    throw new CodedError('usage', '--revoked and --anchor-trust go with --trust or --contract')
  }
  const crypto = await nativeCrypto()
  const contracts = contractFiles.map((file) => readContract(context, file))
  const files = options.revoked === undefined ? {} : { revoked: options.revoked }
  const revoked = readRevocations(context, options.revoked)
  const named: Trust | null =
    trustFiles.length === 0 ? null : (await believe(context, null, { trust: trustFiles, ...files }, null)).trust
  const maintainers = contracts.flatMap(({ maintainers: own }) =>
    [...(own?.of ?? [])].flatMap(([name, rule]) => (rule.kind === 'key' ? [[name, rule.key] as const] : [])),
  )
  const base = named ?? { signers: [], countersigners: [] }
  const trust = withRevocations({ ...base, signers: [...base.signers, ...namedKeys(new Map(maintainers))] }, revoked)
  if (trust.signers.length + trust.countersigners.length === 0) {
    throw new CodedError('trust-missing', 'nobody is named who may sign a pack', {
      fix: 'Name their keys: --trust FILE, of a pack that a server made the verifier key of its log; or a contract with maintainers.',
    })
  }
  const anchors = (await readAnchorRootsFrom(context, options.anchorTrust, crypto)) ?? NO_ANCHOR_ROOTS
  return {
    trust,
    logs: contracts.flatMap(({ countersigners }) => countersigners),
    async basisOf(evidence, pipeline) {
      const contract = contracts.find((one) => one.pipeline === pipeline)
      if (contract !== undefined) {
        const sigstores = evidence.trust.authorities.filter((one) => one.kind === 'sigstore')
        const trustedRoots = sigstores.map(({ trustedRoot }) => new TextEncoder().encode(trustedRoot))
        const believed = await believe(context, contract, { ...files, trustedRoots }, null)
        return { trust: believed.trust, anchors, contracts: [contract] }
      }
      if (named === null) return null
      // Which contract a run is bound to, its signers have signed: whoever believes them believes that.
      const own = evidence.contracts.map(({ bytes }) => parseContract(bytes))
      const maintained = own.filter(({ maintainers: of }) => of !== null)
      return { trust: { ...named, maintained }, anchors, contracts: own }
    },
  }
}

/** Who dates a pack ahead could have it judged by what is not yet. */
function checkTime({ createdAt }: Manifest, now: string): void {
  if (Date.parse(createdAt) <= Date.parse(now) + TOLERANCE) return
  throw new CodedError('time-future', `the pack is of ${createdAt}, which is to come`)
}

function findingsOf({ believed, figures }: Examined): ErrorReport[] {
  if (believed === null || believed.unbelieved.length === 0) return []
  const { proven, deviating } = figures.runs
  const [first] = believed.unbelieved
  const what = `the report calls ${proven + deviating} runs proven, and under whom you believe ${believed.proven} are: ${first!.chain} of ${first!.pipeline} is ${first!.code}: ${first!.what}`
  return [new CodedError('pack-untrusted', what).report()]
}

/** Writes the files of a pack that was verified into a directory of its own, all of them or none. */
async function extract(path: string, manifest: Manifest, directory: string): Promise<void> {
  const crypto = await nativeCrypto()
  const archive = await ArchiveReader.open(path)
  const temporary = `${directory}.${randomUUID()}.tmp`
  try {
    const write = async (name: string, bytes: Uint8Array) => {
      const file = join(temporary, name)
      makeDirectory(dirname(file))
      await writeFile(file, bytes, { flag: 'wx' })
    }
    await write(MANIFEST, await archive.next(MANIFEST, null, MAX_MANIFEST_BYTES))
    await write(SIGNATURE, await archive.next(SIGNATURE, null, MAX_BUNDLE_BYTES))
    // Verified a second time: the archive may be another by now.
    for (const file of manifest.files) await write(file.path, await nextFile(archive, file, crypto))
    await archive.end()
    await rename(temporary, directory)
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true })
    if (cause instanceof CodedError) throw cause
    const name = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
    throw new CodedError('file-write-failed', `${directory}: ${name}`, { cause })
  } finally {
    await archive.close()
  }
}

function tellRefused(context: Context, pack: string, { format }: AuditVerifyOptions, report: ErrorReport): ExitCode {
  if (format === 'json') {
    const told = { command: 'audit verify', verdict: 'fail', findings: [report], pack: null, figures: null }
    context.stdout(`${JSON.stringify(told)}\n`)
  } else {
    const paint = paintFor(context)
    context.stdout(`${errorText(report, paint)}\n${paint.red('✗ NOT VERIFIED')}  ${plain(pack)}\n`)
  }
  return EXIT.fail
}

interface Told extends Examined {
  readonly verdict: 'pass' | 'fail' | 'unknown'
  readonly findings: readonly ErrorReport[]
  readonly written: string | null
}

function tell(context: Context, pack: string, { format, report }: AuditVerifyOptions, told: Told): void {
  const { manifest, digest, signer, figures, believed, verdict, findings, written } = told
  const { period, pipelines, environments, exporter, createdAt, server, missing, files } = manifest
  if (format === 'json') {
    context.stdout(
      `${JSON.stringify({
        command: 'audit verify',
        verdict,
        trust: believed === null ? 'pack' : 'caller',
        pack: {
          manifest: `sha256:${digest}`,
          createdAt,
          period,
          pipelines,
          environments,
          version: exporter.version,
          by: exporter.by,
          signer: { name: signer.name, keyId: signer.keyId },
          server: { origin: server.origin, size: server.checkpoint.size, counts: server.counts },
          files: files.length,
          missing,
        },
        believed:
          believed === null ? null : { proven: believed.proven, unbelieved: believed.unbelieved, log: believed.log },
        written,
        figures,
        findings,
      })}\n`,
    )
    return
  }
  const paint = paintFor(context)
  const mark = (good: boolean) => (good ? paint.green('✓') : paint.red('✗'))
  const { by } = exporter
  const named = believed === null ? 'by the key that it names itself' : `by ${plain(signer.name)}`
  const asked = by === null ? '' : `, the server’s own, for ${plain(by.name ?? `${by.kind} ${by.id}`, 80)}`
  const who = `${named}, ${short(signer.keyId)}${asked}`
  const acts = server.counts.acts === null ? '' : ', and what administrators did'
  const lines = [
    `${mark(true)} whole     ${files.length} files, each as the signed manifest names it, and nothing else`,
    `${mark(true)} signed    ${who}, at ${createdAt}`,
    `${mark(true)} report    says what the evidence in the pack proves, and nothing else`,
    ...(believed === null
      ? []
      : [
          `${mark(believed.unbelieved.length === 0)} believed  ${believed.proven} of ${figures.runs.proven + figures.runs.deviating} runs that it calls proven are, under whom you named`,
          believed.log
            ? `${mark(true)} log       ${plain(server.origin)}, which you named, says how long it was${acts}`
            : `${paint.yellow('?')} log       how long it was${acts}, is by keys that came with the pack: name that of ${plain(server.origin)}, --trust log.vkey`,
        ]),
  ]
  const own = verdict === 'pass' && believed === null
  const word = {
    pass: own ? 'VERIFIED, BUT ONLY UNDER ITS OWN KEYS' : 'VERIFIED',
    fail: 'NOT VERIFIED',
    unknown: 'UNKNOWN: no evidence of any run is in it',
  }[verdict]
  const tint = verdict === 'pass' ? (own ? paint.yellow : paint.green) : verdict === 'fail' ? paint.red : paint.yellow
  context.stdout(
    `${figuresText(context, manifest, figures)}\n${lines.join('\n')}\n${findings.map((one) => `\n${errorText(one, paint)}`).join('')}\n${tint(`${verdict === 'pass' ? '✓' : verdict === 'fail' ? '✗' : '?'} ${word}`)}  ${plain(pack)}  ${paint.dim(`sha256:${short(digest)}…`)}\n`,
  )
  if (own) {
    context.stdout(
      `${paint.yellow('!')} Whoever made the pack chose whom it asks you to believe. Name whom you do: --trust FILE, --contract FILE\n`,
    )
  }
  if (written !== null) context.stdout(`${paint.bold(plain(join(report!, REPORT)))}\n`)
}
