import { resolve } from 'node:path'
import type { Client, ServerFacts } from '@countersign/client'
import { CodedError, type Crypto } from '@countersign/core'
import { type LogTrust, type NoteKey, parseVkey } from '@countersign/formats'
import type { Context } from './context.ts'
import { readText } from './files.ts'

/** Whose statements to believe, and where that belief comes from, for the reader. */
export interface BelievedLog {
  readonly trust: Pick<LogTrust, 'origin' | 'keys'>
  readonly from: string
}

/**
 * The log's keys: verifier keys in files named with `--trust`, else the one that the server names. Throws
 * `trust-missing` where there is neither, `usage` for keys of two logs.
 */
export async function believeLog(
  context: Context,
  trustFiles: readonly string[],
  client: Client | null,
  crypto: Pick<Crypto, 'sha256'>,
): Promise<BelievedLog> {
  if (trustFiles.length > 0) {
    const keys = trustFiles.map((file) => parseVkey(readText(resolve(context.cwd, file), 8192).trim(), crypto))
    return { trust: trustOf(keys), from: 'the keys given with --trust' }
  }
  if (client === null) {
    throw new CodedError('trust-missing', 'neither --trust nor a server is given', {
      fix: "Name a file with the log's verifier key: --trust FILE",
    })
  }
  return { trust: trustOf(keysOf(await client.server())), from: `the key that ${context.settings.url} names` }
}

function trustOf(keys: readonly NoteKey[]): BelievedLog['trust'] {
  const origin = keys[0]!.name
  if (keys.some(({ name }) => name !== origin)) throw new CodedError('usage', 'the keys given are of several logs')
  return { origin, keys }
}

/** All that the log has signed with: what it said before it changed its key, it said. */
function keysOf({ key, next, retired }: ServerFacts): NoteKey[] {
  return [key, ...(next === null ? [] : [next]), ...retired.map((one) => one.key)]
}
