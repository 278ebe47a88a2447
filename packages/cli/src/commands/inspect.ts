import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { CodedError, type Crypto, hex, isHex } from '@countersign/core'
import {
  type Attachment,
  type Bundle,
  type ChainLine,
  type Disclosure,
  type Endorsed,
  isAttachment,
  isBundle,
  isDeviation,
  isDisclosure,
  isReceipt,
  isRemark,
  isWithheld,
  isSealed,
  linkDigest,
  opens,
  parseBundle,
  parseDeviation,
  parseRemark,
  parseStatement,
  parseStep,
  type Receipt,
  remarkId,
  STEP_PREDICATE,
  type Withheld,
  type Resource,
} from '@countersign/formats'
import { parseReport } from '@countersign/formats/report'
import { deviationId } from '@countersign/verify'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { chainLines, nativeCrypto } from '../evidence.ts'
import { readBounded } from '../files.ts'
import { certificateOf, certificateRows, type CertificateShown } from '../identity-shown.ts'
import { paintFor, plain, short, table } from '../output.ts'
import { reportRows } from '../reports.ts'
import { type SealedJson, sealedJson, sealedRows, valueText } from '../sealed.ts'

/** Shows what bundles say, without believing it: no signature is checked here. */
export async function inspect(context: Context, what: string, options: { format: string }): Promise<ExitCode> {
  const lines = await load(context, what)
  const crypto = await nativeCrypto()
  const seen = lines.map((line) => {
    if (isBundle(line)) return describe(line, lines.filter(isDisclosure), crypto)
    if (isReceipt(line)) return describeReceipt(line)
    if (isWithheld(line)) return describeWithheld(line)
    if (isDeviation(line)) return describeDeviation(line, crypto)
    if (isRemark(line)) return describeRemark(line, crypto)
    return isAttachment(line) ? describeAttachment(line, crypto) : describeDisclosure(line)
  })
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

async function load(context: Context, what: string): Promise<ChainLine[]> {
  const path = resolve(context.cwd, what)
  if (isHex(what, 64) && !existsSync(path)) return [(await (await clientFor(context)).attestation(what)).bundle]
  const bytes = readBounded(path, 256 * 1024 * 1024)
  try {
    return [parseBundle(bytes)]
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return chainLines(bytes, what)
  }
}

type Row = readonly [string, string]

interface Described {
  readonly title: string
  /** Link digest of the attestation that it is, or is about. */
  readonly link: string
  readonly rows: readonly Row[]
  readonly statement: unknown
  /** Of a step: its sealed fields. */
  readonly sealed?: readonly SealedJson[]
  /** Of what is signed under one: what it says. */
  readonly certificate?: CertificateShown | null
}

function describeReceipt({ opening, proof }: Receipt): Described {
  const { link, leaf } = opening
  const { index, checkpoint } = proof
  const { origin, size } = checkpoint
  return {
    title: `receipt of ${origin}`,
    link,
    rows: [
      ['about', link],
      ['log', `${origin}: entry ${index} of ${size}`],
      ['accepted', `${leaf.acceptedAt}${leaf.late ? ' (uploaded late)' : ''}`],
      ['signed by', checkpoint.note.signatures.map(({ name, keyId }) => `${name}+${keyId}`).join(', ')],
    ],
    statement: { origin, index, size, ...leaf },
  }
}

function describeWithheld({ unopened, proof, tombstone }: Withheld): Described {
  const { link, chain, leaf } = unopened
  const { index, checkpoint } = proof
  const { origin, size } = checkpoint
  return {
    title: tombstone === null ? 'step that is withheld' : 'step that was erased',
    link,
    rows: [
      ['link', link],
      ['chain', chain],
      ['log', `${origin}: entry ${index} of ${size}`],
      ['accepted', `${leaf.acceptedAt}${leaf.late ? ' (uploaded late)' : ''}`],
      ...(tombstone === null
        ? []
        : [
            ['erased', `${tombstone.leaf.at} (entry ${tombstone.proof.index})`] as const,
            ['ground', tombstone.leaf.ground] as const,
          ]),
    ],
    statement: { origin, index, size, ...leaf, tombstone: tombstone?.leaf ?? null },
  }
}

function describeDisclosure(disclosure: Disclosure): Described {
  const { link, field, value } = disclosure
  return {
    title: `what is said to be sealed as ${field}`,
    link,
    rows: [
      ['about', link],
      [field, valueText(disclosure)],
    ],
    statement: { field, value },
  }
}

/** What lies beside a step, as it reads: whether it is what was signed is for verifying. */
function describeAttachment({ link, content }: Attachment, crypto: Crypto): Described {
  const head: Row[] = [
    ['about', link],
    ['sha256', hex(crypto.sha256(content))],
    ['size', `${content.length} bytes`],
  ]
  try {
    const { type, mediaType, facts } = parseReport(content)
    const rows = Object.entries(facts).map(([name, fact]): Row => [name, String(fact)])
    return {
      title: `report: ${type}`,
      link,
      rows: [...head, ['media type', mediaType], ...rows],
      statement: { type, mediaType, facts },
    }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { title: 'report that cannot be read', link, rows: [...head, [error.code, error.what]], statement: null }
  }
}

/** What was let through, as it reads: who may let it through the contract says. */
function describeDeviation(line: Endorsed, crypto: Crypto): Described {
  const deviation = parseDeviation(line.payload)
  const { contract, pipeline, chain, artifact, excuses, reason, issuedAt, expiresAt } = deviation
  return {
    title: 'deviation',
    link: deviationId(line.payload, crypto),
    rows: [
      ['contract', `${short(contract)} of ${pipeline}`],
      ['run', chain ?? 'any'],
      ['artifact', artifact ?? 'any'],
      ...excuses.map(({ code, step }): Row => ['excuses', `${code} at ${step}`]),
      ['reason', reason],
      ['from, to', `${issuedAt}  ${expiresAt}`],
      ...signedWith(line),
    ],
    statement: deviation,
  }
}

function signedWith({ endorsements }: Endorsed): Row[] {
  return endorsements.map(({ certificate, keyid }) => [
    'signed with',
    certificate === null ? (keyid === null ? 'a key that is not named' : `key ${short(keyid)}…`) : 'certificate',
  ])
}

function describeRemark(line: Endorsed, crypto: Crypto): Described {
  const remark = parseRemark(line.payload)
  const { about, kind, text, at, supersedes } = remark
  return {
    title: kind,
    link: remarkId(line, crypto),
    rows: [
      ...about.map((one): Row => ['about', `${one.kind} ${one.digest}`]),
      ['says', text],
      ['at', at],
      ...(supersedes === null ? [] : [['supersedes', supersedes] as Row]),
      ...signedWith(line),
    ],
    statement: remark,
  }
}

function describe(bundle: Bundle, disclosures: readonly Disclosure[], crypto: Crypto): Described {
  const link = linkDigest(bundle.envelope, crypto)
  const statement = parseStatement(bundle.envelope.payload)
  const key = bundle.key.kind === 'publicKey' ? (bundle.key.hint ?? 'unnamed') : 'certificate'
  const certificate = certificateOf(bundle)
  const signed: Row[] = [
    ['signed with', key.length === 64 ? `key ${short(key)}…` : key],
    ...certificateRows(certificate),
  ]
  if (statement.predicateType !== STEP_PREDICATE) {
    return { title: statement.predicateType, link, rows: [['link', link], ...signed], statement, certificate }
  }
  const step = parseStep(bundle.envelope.payload)
  const { chain, step: ref, previous, materials, invocation, runner } = step.predicate
  const opening = disclosures.filter((one) => one.link === link && opens(one, step.predicate, crypto))
  const rows: Row[] = [
    ['link', link],
    ['chain', `${chain.id} of ${chain.pipeline}`],
    ['contract', chain.contract ?? 'none'],
    ...previous.map((p): Row => ['after', `${p.step} (${short(p.link)})`]),
    ...materials.map((m): Row => ['received', resourceText(m)]),
    ...step.subject.map((s): Row => ['vouches for', resourceText(s)]),
    ...(isSealed(invocation.argv)
      ? []
      : [['ran', invocation.argv?.join(' ') ?? 'recorded without a command'] as const]),
    ...sealedRows(step.predicate, opening),
    ...reportRows(step.predicate, []).map(([name, type, told]): Row => ['report', `${name}  ${type}: ${told}`]),
    ['ended', endText(invocation)],
    ['from, to', `${invocation.startedAt}  ${invocation.finishedAt}`],
    ['runner', `${runner.system}, ${runner.os}/${runner.arch}`],
    ...signed,
  ]
  return {
    title: `step ${ref.name}${ref.matrix === null ? '' : ` (${ref.matrix})`}, attempt ${ref.attempt}`,
    link,
    rows,
    statement: step,
    sealed: sealedJson(step.predicate, opening),
    certificate,
  }
}

function resourceText({ name, digest, annotations }: Resource): string {
  return `${name}  sha256:${short(digest.sha256)}…${annotations?.dirty === true ? '  not as its commit' : ''}`
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
