import { resolve } from 'node:path'
import { CodedError, hex, isHex } from '@countersign/core'
import {
  MAX_HEAD_PROOF_BYTES,
  MAX_TLOG_PROOF_BYTES,
  parseHeadProof,
  parseTlogProof,
  writeHeadProof,
} from '@countersign/formats'
import { checkHead, type VerifiedHead, verifyChainEntry, verifyHead } from '@countersign/verify'
import { clientFor, clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { readBounded, writeWhole } from '../files.ts'
import { believeLog } from '../log-trust.ts'
import { paintFor, plain, table } from '../output.ts'

/** Fetches the proof of what a statement says of a chain, and keeps it in a file. */
export async function headProve(
  context: Context,
  chain: string,
  options: { statement?: string; out?: string; format: string },
): Promise<ExitCode> {
  const { statement } = options
  if (!isHex(chain, 32)) throw new CodedError('usage', `${plain(chain, 60)} is not a chain id`)
  if (statement !== undefined && !/^(?:0|[1-9][0-9]{0,14})$/.test(statement)) {
    throw new CodedError('usage', `--statement ${plain(statement, 40)} is not the number of a statement`)
  }
  const client = await clientFor(context)
  const proof = await client.head(chain, statement === undefined ? undefined : Number(statement))
  const file = options.out ?? `${chain}.head.json`
  await writeWhole(resolve(context.cwd, file), writeHeadProof(proof))
  const { number } = proof.statement
  if (options.format === 'json') context.stdout(`${JSON.stringify({ file, chain, statement: number })}\n`)
  else {
    context.stdout(
      `${paintFor(context).green('✓')} ${plain(file)} says what statement ${number} has of the chain; to check it: countersign head verify ${plain(file)}\n`,
    )
  }
  return 0
}

/** Checks such a file with no server, and holds what else was proven of the chain against it. */
export async function headVerify(
  context: Context,
  file: string,
  options: { trust?: readonly string[]; entry?: readonly string[]; offline?: boolean; format: string },
): Promise<ExitCode> {
  const proof = parseHeadProof(readBounded(resolve(context.cwd, file), MAX_HEAD_PROOF_BYTES))
  const entries = (options.entry ?? []).map((name) =>
    parseTlogProof(readBounded(resolve(context.cwd, name), MAX_TLOG_PROOF_BYTES)),
  )
  const client = options.trust !== undefined || options.offline === true ? null : await clientOrNull(context)
  const crypto = await nativeCrypto()
  const { trust, from } = await believeLog(context, options.trust ?? [], client, crypto)
  const verified = verifyHead(proof, trust, crypto)
  for (const entry of entries) checkHead(verified, verifyChainEntry(proof.chain, entry, trust, crypto))
  if (options.format === 'json') context.stdout(`${JSON.stringify(jsonOf(verified, entries.length, from))}\n`)
  else context.stdout(textOf(context, verified, entries.length, from))
  return 0
}

function jsonOf({ chain, head, statement }: VerifiedHead, entries: number, believing: string): object {
  const { origin, number, start, end, size, time } = statement.statement
  return {
    verdict: 'pass',
    chain,
    head: head === null ? null : { ...head, leafHash: hex(head.leafHash) },
    statement: { origin, number, start, end, size, time },
    entries,
    believing,
  }
}

function textOf(context: Context, { chain, head, statement }: VerifiedHead, entries: number, from: string): string {
  const paint = paintFor(context)
  const { origin, number, end, size, time } = statement.statement
  const said =
    head === null
      ? 'had no entry'
      : `had ${head.length} ${head.length === 1 ? 'entry' : 'entries'}, the last of them entry ${head.index} of the log`
  const rows = [
    ['statement', `${number} of ${plain(origin)}, up to ${end}, made ${time}, of ${size} entries`],
    ...(head === null ? [] : [['leaf', hex(head.leafHash)]]),
    ['held against', `${entries} more ${entries === 1 ? 'proof' : 'proofs'} of its entries`],
    ['believing', plain(from)],
  ]
  return `${paint.green('✓')} chain ${chain} ${said}\n${table(rows.map(([k, v]) => [paint.dim(k!), v!]))}`
}
