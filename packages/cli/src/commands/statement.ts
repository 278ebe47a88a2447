import { resolve } from 'node:path'
import type { Client } from '@countersign/client'
import { base64, CodedError, fromUtf8 } from '@countersign/core'
import {
  checkStatementsAgree,
  type LogStatement,
  MAX_NOTE_BYTES,
  parseLogStatement,
  type SignedLogStatement,
  verifyLogStatement,
  writeNote,
} from '@countersign/formats'
import { clientFor, clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { readBounded } from '../files.ts'
import { believeLog } from '../log-trust.ts'
import { paintFor, plain, plainLines, table } from '../output.ts'

interface Format {
  readonly format: string
}

/** The newest statements of the log, as the server tells of them. */
export async function statementList(context: Context, options: Format): Promise<ExitCode> {
  const client = await clientFor(context)
  const { items } = await client.statements()
  if (options.format === 'json') context.stdout(`${JSON.stringify(items)}\n`)
  else if (items.length === 0) context.stdout('The log has made no statement yet.\n')
  else
    context.stdout(
      table(
        items.map((item) => rowOf(item.number, item, item.chains)),
        '',
      ),
    )
  return 0
}

/** One statement, as it was signed: its text can be kept, and verified later. */
export async function statementShow(context: Context, number: string | undefined, options: Format): Promise<ExitCode> {
  if (number !== undefined && !/^(?:0|[1-9][0-9]{0,14}|latest)$/.test(number)) {
    throw new CodedError('usage', `${plain(number, 40)} is not the number of a statement`)
  }
  const client = await clientFor(context)
  const which = number === undefined || number === 'latest' ? 'latest' : Number(number)
  return show(context, await client.statement(which), options)
}

/** Has the server state its log as it is now. */
export async function statementNow(context: Context, options: Format): Promise<ExitCode> {
  const { statement, made } = await (await clientFor(context)).makeStatement()
  if (options.format !== 'json' && !made) context.stderr('Nothing was logged since this one:\n')
  return show(context, statement, options)
}

/**
 * Verifies kept statements, and that one history makes them all; what a server shows for the same numbers, and as its
 * newest, among them.
 */
export async function statementVerify(
  context: Context,
  files: readonly string[],
  options: Format & { trust?: readonly string[]; offline?: boolean },
): Promise<ExitCode> {
  const client = options.offline === true ? null : await clientOrNull(context)
  const crypto = await nativeCrypto()
  const kept = files.map((file) => parseLogStatement(readBounded(resolve(context.cwd, file), MAX_NOTE_BYTES)))
  const { trust, from } = await believeLog(context, options.trust ?? [], client, crypto)
  const shown = client === null ? [] : await shownBy(client, kept)
  const verified = [...kept, ...shown]
    .map((statement) => verifyLogStatement(statement, trust, crypto))
    .toSorted((a, b) => a.statement.number - b.statement.number)
  for (const [i, one] of verified.entries()) if (i > 0) checkStatementsAgree(verified[i - 1]!, one, crypto)
  const statements = [...new Map(verified.map(({ statement }) => [statement.number, statement])).values()]
  if (options.format === 'json') {
    const facts = { verdict: 'pass', believing: from, statements: statements.map(jsonOf) }
    context.stdout(`${JSON.stringify(facts)}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(
    table(
      statements.map((it) => [paint.green('✓'), ...rowOf(it.number, it, it.heads.count)]),
      '',
    ),
  )
  context.stdout(`${paint.dim(`  of one history, believing ${plain(from)}`)}\n`)
  return 0
}

/** What the server shows today in the place of kept statements. */
async function shownBy(client: Client, kept: readonly SignedLogStatement[]): Promise<SignedLogStatement[]> {
  const numbers = [...new Set(kept.map(({ number }) => number))]
  return Promise.all([...numbers, 'latest' as const].map((number) => client.statement(number)))
}

function show(context: Context, statement: SignedLogStatement, { format }: Format): ExitCode {
  if (format === 'json') context.stdout(`${JSON.stringify(jsonOf(statement))}\n`)
  else context.stdout(plainLines(fromUtf8(writeNote(statement.note))))
  return 0
}

function jsonOf(statement: SignedLogStatement): object {
  const { sha256, sha3_256, heads, previous, note, ...facts } = statement
  return {
    ...facts,
    sha256: base64(sha256),
    sha3_256: base64(sha3_256),
    heads: { count: heads.count, root: base64(heads.root) },
    previous: previous === null ? null : { sha256: base64(previous.sha256), sha3_256: base64(previous.sha3_256) },
    note: fromUtf8(writeNote(note)),
  }
}

function rowOf(
  number: number,
  { start, end, covers, size }: Pick<LogStatement, 'start' | 'end' | 'covers' | 'size'>,
  chains: number,
): string[] {
  const missed = covers > 1 ? `, for ${covers} periods` : ''
  const [entries, of] = [size === 1 ? 'entry' : 'entries', chains === 1 ? 'chain' : 'chains']
  return [`${number}`, `${start} to ${end}${missed}`, `${size} ${entries} of ${chains} ${of}`]
}
