import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Client, ListedRemark } from '@countersign/client'
import { CodedError, isHex } from '@countersign/core'
import {
  type ChainLine,
  type Endorsed,
  isRemark,
  MAX_CHAIN_BYTES,
  parseChainFile,
  parseRemark,
  PAYLOAD_TYPE,
  type Remark,
  remarkId,
  type RemarkKind,
  type RemarkSubject,
  sortedSubjects,
  writeChainFile,
  writeRemark,
  writeRemarkLine,
} from '@countersign/formats'
import {
  type Chain,
  openDisputes,
  readChainConcurrently,
  type StandingRemark,
  standingRemarks,
  type Trust,
  verifyRemark,
} from '@countersign/verify'
import { readArtifact } from '../artifact.ts'
import { clientFor, clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { endorse } from '../endorsing.ts'
import { believe, nativeCrypto, readChainFiles, readContract } from '../evidence.ts'
import { readBounded, writeWhole } from '../files.ts'
import { paintFor, plain, short, table } from '../output.ts'
import { aboutText, wordOf } from '../remarks-shown.ts'
import type { SigningOptions } from '../signing.ts'

export interface NoteOptions extends SigningOptions {
  readonly text?: string
  readonly dispute?: boolean
  readonly correct?: string
  readonly withdraw?: string
  readonly resolve?: string
  readonly to?: readonly string[]
  readonly offline?: boolean
  readonly format: string
}

/** Signs a note about steps, artifacts or what was refused, and brings it to the server, and into chain files. */
export async function note(context: Context, what: readonly string[], options: NoteOptions): Promise<ExitCode> {
  const { text } = options
  if (text === undefined) throw new CodedError('usage', 'the note says nothing', { fix: 'Say it: --text TEXT' })
  const files = options.to ?? []
  const client = options.offline === true ? null : await clientOrNull(context)
  if (client === null && files.length === 0) {
    await clientFor(context)
    throw new CodedError('usage', 'neither a server nor a chain file is named', { fix: 'Name a file: --to FILE' })
  }
  const earlier = await earlierOf(context, options, client, files)
  const named = await Promise.all(what.map((one) => subjectOf(context, one)))
  const about = sortedSubjects(named.length > 0 ? named : (earlier?.remark.about ?? []))
  if (about.length === 0) {
    throw new CodedError('usage', 'the note is about nothing', {
      fix: 'Name a link digest, an artifact (file or sha256:DIGEST), or refusal:SHA256 of what was refused.',
    })
  }
  const remark: Remark = {
    about,
    kind: earlier?.kind ?? (options.dispute === true ? 'dispute' : 'note'),
    text: text.trim(),
    at: context.now(),
    supersedes: earlier?.id ?? null,
    place: client === null ? null : (await client.notes({ limit: 1 })).place,
    nonce: randomBytes(16).toString('hex'),
  }
  const document = { payload: writeRemark(remark), payloadType: PAYLOAD_TYPE }
  let signed = await endorse(context, document, options)
  let index: number | null = null
  if (client !== null) {
    const held = await client.addNote(writeRemarkLine(signed))
    signed = held.line ?? signed
    index = held.index
  }
  for (const name of files) {
    const path = resolve(context.cwd, name)
    const lines = existsSync(path) ? parseChainFile(readBounded(path, MAX_CHAIN_BYTES)) : []
    await writeWhole(path, writeChainFile([...lines.filter((one) => !isSame(one, signed)), signed]))
  }
  const id = remarkId(signed, await nativeCrypto())
  if (options.format === 'json') context.stdout(`${JSON.stringify({ id, ...remark, index, files })}\n`)
  else {
    const where = [...(index === null ? [] : [`logged as leaf ${index}`]), ...files].map((one) => plain(one))
    const line = `${remark.kind} ${short(id)} about ${aboutText(remark)}: ${where.join(', ')}`
    context.stdout(`${paintFor(context).green('✓')} ${line}\n`)
  }
  return 0
}

function isSame(line: ChainLine, { payload }: Endorsed): boolean {
  return isRemark(line) && Buffer.from(line.payload).equals(payload)
}

/** `refusal:SHA256`, a link digest, a file, or `sha256:DIGEST` of an artifact. */
async function subjectOf(context: Context, text: string): Promise<RemarkSubject> {
  const refusal = /^refusal:([0-9a-f]{64})$/.exec(text)?.[1]
  if (refusal !== undefined) return { kind: 'refusal', digest: refusal }
  if (isHex(text, 64) && !existsSync(resolve(context.cwd, text))) return { kind: 'step', digest: text }
  return { kind: 'artifact', digest: (await readArtifact(context, text)).sha256 }
}

interface Earlier {
  readonly id: string
  readonly remark: Remark
  /** Of what stands in its place. */
  readonly kind: RemarkKind
}

/** What the note stands in the place of; from the server, or the files. */
async function earlierOf(
  context: Context,
  { correct, withdraw, resolve: resolved, dispute }: NoteOptions,
  client: Client | null,
  files: readonly string[],
): Promise<Earlier | null> {
  const ways = [correct, withdraw, resolved].filter((one) => one !== undefined)
  const [id] = ways
  if (ways.length > 1 || (id !== undefined && dispute === true)) {
    throw new CodedError('usage', 'one of --dispute, --correct, --withdraw and --resolve is meant')
  }
  if (id === undefined) return null
  if (!isHex(id, 64)) throw new CodedError('usage', `${plain(id, 80)} is no id of a note`)
  const line = client === null ? await inFiles(context, id, files) : (await client.note(id)).line
  if (line === null) throw new CodedError('erased', `note ${short(id)} was erased`)
  const remark = parseRemark(line.payload)
  const kind = correct !== undefined ? remark.kind : withdraw !== undefined ? 'withdrawal' : 'resolution'
  return { id, remark, kind }
}

async function inFiles(context: Context, id: string, files: readonly string[]): Promise<Endorsed> {
  const crypto = await nativeCrypto()
  const present = files.filter((file) => existsSync(resolve(context.cwd, file)))
  const lines = readChainFiles(context, present, []).filter(isRemark)
  const found = lines.find((line) => remarkId(line, crypto) === id)
  if (found !== undefined) return found
  throw new CodedError('not-found', `there is no note ${short(id)} in ${files.map((one) => plain(one)).join(', ')}`)
}

export interface NotesOptions {
  readonly chain?: readonly string[]
  readonly contract?: string
  readonly trust?: readonly string[]
  readonly open?: boolean
  readonly offline?: boolean
  readonly format: string
}

/** One note as it is listed: what it says where it verifies, else why it does not. */
type Row =
  | { readonly kind: 'verified'; readonly one: StandingRemark }
  | { readonly kind: 'unknown'; readonly id: string; readonly code: string; readonly what: string }
  | { readonly kind: 'erased'; readonly listed: ListedRemark }

/** Lists signed notes about something, or all of a server; each is verified here. */
export async function notes(context: Context, what: string | undefined, options: NotesOptions): Promise<ExitCode> {
  const crypto = await nativeCrypto()
  // Who may sign what is built is not who may speak of it: a contract counts where it is named, else who is enrolled.
  const contract = options.contract === undefined ? null : readContract(context, options.contract)
  const subject = what === undefined ? null : isHex(what, 32) ? what : await subjectOf(context, what)
  const artifact = typeof subject === 'object' && subject?.kind === 'artifact' && what !== undefined ? [what] : []
  const local = readChainFiles(context, options.chain ?? [], artifact)
  const client = options.offline === true ? null : await clientOrNull(context)
  if (client === null && local.length === 0) {
    await clientFor(context)
    throw new CodedError('usage', 'neither a server nor a chain file is named', { fix: 'Name a file: --chain FILE' })
  }
  const { trust } = await believe(
    context,
    contract,
    options.trust === undefined ? {} : { trust: options.trust },
    client,
  )
  const listed = client === null ? [] : await listedBy(client, subject, options.open === true)
  const chain = await readChainConcurrently(local, trust, crypto, context.now())
  const rows = rowsOf(listed, local, { chain, trust, subject, crypto })
  const shown = options.open === true ? onlyOpen(rows) : rows
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(shown.map(jsonOf))}\n`)
    return 0
  }
  const paint = paintFor(context)
  if (shown.length === 0) {
    context.stdout(`${options.open === true ? 'Nothing is disputed.' : 'There are no notes.'}\n`)
    return 0
  }
  for (const row of shown) {
    if (row.kind === 'verified') {
      const { remark, signer, id, logged } = row.one.remark
      const open = remark.kind === 'dispute' && row.one.supersededBy === null
      const since = logged === null ? `${remark.at}, as it says` : logged.at
      context.stdout(`\n${open ? paint.red('✗') : paint.green('✓')} ${paint.bold(wordOf(row.one))}  ${short(id)}\n`)
      const named = remark.about.map((one): [string, string] => [paint.dim('about'), `${one.kind} ${one.digest}`])
      context.stdout(
        table([
          [paint.dim('says'), plain(remark.text, 5000)],
          ...named,
          [paint.dim('by'), `${plain(signer.name)}, grade ${signer.grade}`],
          [paint.dim('at'), since],
          [paint.dim('id'), id],
        ]),
      )
    } else if (row.kind === 'erased') {
      const { id, kind, erased } = row.listed
      context.stdout(
        `\n${paint.dim('–')} ${kind}, erased  ${short(id)}\n${table([['ground', plain(erased?.ground ?? '')]])}`,
      )
    } else {
      context.stdout(
        `\n${paint.yellow('?')} does not verify here  ${short(row.id)}\n  ${row.code}: ${plain(row.what, 400)}\n`,
      )
    }
  }
  return 0
}

/** Most pages of notes that are asked for. */
const MAX_PAGES = 10

async function listedBy(
  client: Client,
  subject: RemarkSubject | string | null,
  open: boolean,
): Promise<ListedRemark[]> {
  const about =
    subject === null
      ? undefined
      : typeof subject === 'string'
        ? `chain/${subject}`
        : `${subject.kind}/${subject.digest}`
  const all: ListedRemark[] = []
  let cursor: string | null = null
  for (let page = 0; page < MAX_PAGES; page += 1) {
    // What stands in the place of what is open is asked for as well: which is open is found here.
    const asked = { ...(about === undefined ? {} : { about }), ...(open && about === undefined ? { open: true } : {}) }
    const { items, next } = await client.notes({ ...asked, limit: 200, ...(cursor === null ? {} : { cursor }) })
    all.push(...items)
    if (next === null) break
    cursor = next
  }
  return all
}

interface Reading {
  readonly chain: Chain
  readonly trust: Trust
  readonly subject: RemarkSubject | string | null
  readonly crypto: Awaited<ReturnType<typeof nativeCrypto>>
}

function rowsOf(listed: readonly ListedRemark[], local: readonly ChainLine[], reading: Reading): readonly Row[] {
  const { chain, trust, subject, crypto } = reading
  const rows: Row[] = []
  const verified = chain.remarks.filter(({ remark }) => isAbout(remark, subject))
  for (const { index, report } of chain.unknownRemarks) {
    const line = local[index]
    if (line === undefined || !isRemark(line)) continue
    rows.push({ kind: 'unknown', id: remarkId(line, crypto), code: report.code, what: report.what })
  }
  for (const one of listed) {
    if (one.line === null) {
      rows.push({ kind: 'erased', listed: one })
      continue
    }
    try {
      verified.push(verifyRemark(one.line, { trust, at: null }, crypto))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      rows.push({ kind: 'unknown', id: one.id, code: error.code, what: error.what })
    }
  }
  const signersOf = (link: string) => {
    const step = chain.steps.get(link)
    return step === undefined ? [] : [step.signer, ...step.cosigners]
  }
  return [...standingRemarks(verified, signersOf).map((one): Row => ({ kind: 'verified', one })), ...rows]
}

function isAbout({ about }: Remark, subject: RemarkSubject | string | null): boolean {
  if (subject === null || typeof subject === 'string') return true
  return about.some(({ kind, digest }) => kind === subject.kind && digest === subject.digest)
}

function onlyOpen(rows: readonly Row[]): readonly Row[] {
  const open = new Set(openDisputes(rows.flatMap((row) => (row.kind === 'verified' ? [row.one] : []))))
  return rows.filter((row) => row.kind === 'verified' && open.has(row.one.remark))
}

function jsonOf(row: Row): object {
  if (row.kind === 'erased') {
    const { id, kind, at, supersedes, supersededBy, erased } = row.listed
    return { id, kind, acceptedAt: at, supersedes, supersededBy, erased, verified: false }
  }
  if (row.kind === 'unknown') return { id: row.id, verified: false, code: row.code, what: row.what }
  const { remark, supersededBy, fault } = row.one
  const { id, signer, logged } = remark
  return { id, ...remark.remark, signer, loggedAt: logged?.at ?? null, supersededBy, fault, verified: true }
}
