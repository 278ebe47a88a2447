import { CodedError, equal, hex } from '@countersign/core'
import { type SignedLogStatement, verifyCheckpoint, verifyLogStatement } from '@countersign/formats'
import { type Difference, fsck, type LogHashes } from '@countersign/log'
import { TILE_WIDTH } from '@countersign/merkle'
import type { Client } from '@countersign/client'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { believeLog } from '../log-trust.ts'
import { paintFor, plain } from '../output.ts'

/** Differences that are shown one by one; a log that lost its disk has millions. */
const MAX_SHOWN = 100

export interface FsckOptions {
  readonly trust?: readonly string[]
  readonly format: string
}

/**
 * Rebuilds both trees of a log from its raw entries, all of them fetched from its server, and holds every hash that it
 * serves against them, the SHA-256 root against its signed checkpoint, and both roots against its newest statement.
 */
export async function logFsck(context: Context, options: FsckOptions): Promise<ExitCode> {
  const client = await clientFor(context)
  const crypto = await nativeCrypto()
  const { trust, from } = await believeLog(context, options.trust ?? [], client, crypto)
  const signed = verifyCheckpoint(await client.log.checkpoint(), { ...trust, witnesses: [] }, crypto).checkpoint
  const stated = await newestStatement(client)
  if (stated !== null) verifyLogStatement(stated, trust, crypto)
  // One that was made since the checkpoint was fetched is for the next time.
  const statement = stated !== null && stated.size <= signed.size ? stated : null
  const hashes: LogHashes = {
    sha256: { size: 32, hash: (bytes) => crypto.sha256(bytes) },
    sha3_256: { size: 32, hash: (bytes) => crypto.sha3_256(bytes) },
  }
  const progress = progressOf(context, signed.size)
  const rebuilding = fsck({
    size: signed.size,
    locked: statement?.size ?? null,
    readEntries: async (begin, end) => (await client.log.entries(begin / TILE_WIDTH, end - begin)) ?? [],
    read: (tree, tile) => client.log.tile(tree, tile),
    hashes,
    progress: progress.update,
  })
  const shown: Difference[] = []
  let step = await rebuilding.next()
  for (; step.done !== true; step = await rebuilding.next()) if (shown.length < MAX_SHOWN) shown.push(step.value)
  progress.clear()
  const { roots, locked, differences } = step.value
  const faults: CodedError[] = []
  if (roots === null) faults.push(new CodedError('log-corrupt', 'entries are missing, so its root cannot be told'))
  else if (!equal(roots.sha256, signed.root)) {
    const what = `its ${signed.size} entries give the root ${hex(roots.sha256)}, and ${hex(signed.root)} was signed`
    faults.push(new CodedError('log-forked', what))
  }
  if (statement !== null && roots !== null) {
    const same = locked !== null && equal(locked.sha256, statement.sha256) && equal(locked.sha3_256, statement.sha3_256)
    if (!same) {
      const what = `its first ${statement.size} entries do not give the roots of statement ${statement.number}`
      faults.push(new CodedError('log-forked', what))
    }
  }
  const pass = differences === 0 && faults.length === 0
  if (options.format === 'json') {
    const facts = {
      verdict: pass ? 'pass' : 'fail',
      origin: trust.origin,
      believing: from,
      size: signed.size,
      root: hex(signed.root),
      statement: statement?.number ?? null,
      differences,
      shown,
      findings: faults.map((fault) => fault.report()),
    }
    context.stdout(`${JSON.stringify(facts)}\n`)
    return pass ? 0 : 1
  }
  const paint = paintFor(context)
  for (const { what } of shown) context.stdout(`${paint.red('✗')} ${what}\n`)
  if (differences > shown.length) context.stdout(`  and ${differences - shown.length} more\n`)
  for (const { code, what } of faults) context.stdout(`${paint.red(`✗ ${code}`)} ${what}\n`)
  if (pass) {
    const entries = `${signed.size.toLocaleString('en-US')} ${signed.size === 1 ? 'entry gives' : 'entries give'}`
    const also = statement === null ? '' : `, and both roots of statement ${statement.number}`
    context.stdout(`${paint.green('✓')} ${entries} the signed root ${hex(signed.root)}${also}\n`)
  } else context.stdout(`  ${paint.dim('fix')}  countersign log recover ${faults[0]?.code ?? 'log-corrupt'}\n`)
  context.stdout(`${paint.dim(`  of ${plain(trust.origin)}, believing ${plain(from)}`)}\n`)
  return pass ? 0 : 1
}

async function newestStatement(client: Client): Promise<SignedLogStatement | null> {
  try {
    return await client.statement('latest')
  } catch (error) {
    if (error instanceof CodedError && error.code === 'not-found') return null
    throw error
  }
}

function progressOf(context: Context, size: number) {
  let drawn = false
  return {
    update(done: number) {
      if (!context.interactive || size < 10_000) return
      drawn = true
      const of = `${done.toLocaleString('en-US')} of ${size.toLocaleString('en-US')} entries`
      context.stderr(`\r\u001b[KRebuilding: ${of}, ${Math.floor((100 * done) / size)} %`)
    },
    clear() {
      if (drawn) context.stderr('\r\u001b[K')
    },
  }
}
