import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Client } from '@countersign/client'
import { CodedError } from '@countersign/core'
import {
  type ChainLine,
  isBundle,
  MAX_CHAIN_BYTES,
  parseChainFile,
  parseStep,
  type StepPredicate,
} from '@countersign/formats'
import type { Chain } from '@countersign/verify'
import { clientFor } from './connection.ts'
import type { Context } from './context.ts'
import { readBounded } from './files.ts'
import { plain } from './output.ts'

/** Where runs of the past are taken from. */
export interface HistoryOptions {
  /** Chain files, or directories with such. */
  readonly chain?: readonly string[]
  readonly pipeline?: string
  /** How many runs, the newest first; all where it is left out. */
  readonly last?: string
}

/** One run of the past, with the verified part of what it was found in. */
export interface Past {
  /** Chain id, as its steps say, verified or not. */
  readonly run: string
  readonly chain: Chain
}

/**
 * Runs of the past, one after another: of the files that are named, else those of a pipeline at the server, newest first.
 * Nothing is held of one once the next is asked for but its id. Throws `usage` where neither is named.
 */
export async function* runsOf(
  context: Context,
  options: HistoryOptions,
  read: (lines: readonly ChainLine[]) => Promise<Chain>,
): AsyncGenerator<Past> {
  const { chain, pipeline } = options
  let left = options.last === undefined ? Number.POSITIVE_INFINITY : countOf(options.last)
  if (chain !== undefined) {
    for (const file of chain.flatMap((name) => filesIn(resolve(context.cwd, name)))) {
      if (left <= 0) return
      const lines = parseChainFile(readBounded(file, MAX_CHAIN_BYTES))
      const found = await read(lines)
      const runs = runsIn(lines, found, pipeline ?? null).slice(0, left)
      left -= runs.length
      for (const run of runs) yield { run, chain: found }
    }
    return
  }
  if (pipeline === undefined) {
    throw new CodedError('usage', 'neither chain files nor a pipeline are named', {
      fix: 'Name them: --chain FILE, or --pipeline NAME at the server.',
    })
  }
  const client = await clientFor(context)
  for await (const id of chainsOf(client, pipeline)) {
    if (left-- <= 0) return
    yield { run: id, chain: await read(await client.chain(id)) }
  }
}

async function* chainsOf(client: Client, pipeline: string): AsyncGenerator<string> {
  const seen = new Set<string>()
  for (let cursor: string | null = null; ; ) {
    const { items, next } = await client.search({ pipeline, limit: 200, ...(cursor === null ? {} : { cursor }) })
    for (const { chain } of items) {
      if (seen.has(chain)) continue
      seen.add(chain)
      yield chain
    }
    if (next === null) return
    cursor = next
  }
}

function filesIn(path: string): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.chain.jsonl'))
    .toSorted()
    .map((name) => join(path, name))
}

/** Ids of the runs, also of steps that did not verify: a run of strangers is one that would be blocked. */
function runsIn(lines: readonly ChainLine[], chain: Chain, pipeline: string | null): readonly string[] {
  const ids = new Set<string>()
  const add = ({ chain: { id, pipeline: own } }: StepPredicate) => {
    if (pipeline === null || own === pipeline) ids.add(id)
  }
  for (const { statement } of chain.steps.values()) add(statement.predicate)
  for (const { index } of chain.refused) {
    const line = lines[index]
    if (line === undefined || !isBundle(line)) continue
    try {
      add(parseStep(line.envelope.payload).predicate)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
  }
  return [...ids]
}

function countOf(text: string): number {
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text)
  throw new CodedError('usage', `--last ${plain(text)} is no count`)
}
