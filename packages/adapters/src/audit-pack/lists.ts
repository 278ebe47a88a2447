import { setTimeout } from 'node:timers/promises'
import type { Client, ListedContract, ListedRuns, Page } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { MAX_RECORDS, type Period, type Records } from '@countersign/evidence/pack'
import { isTime } from '@countersign/formats'

/** What an auditor asks a server for. */
export interface Wanted {
  readonly period: Period
  /** None: all pipelines. */
  readonly pipelines: readonly string[]
  /** Of decisions: into these; none: into all. */
  readonly environments: readonly string[]
}

/** Milliseconds for which runs that are accepted and not counted yet are waited for, and how often it is looked. */
const PATIENCE = 10_000
const LOOK = 200

/**
 * All that the server lists of a period and scope. Throws `evidence-unavailable` where it has runs that it does not list
 * yet, or more than a pack holds; and what `goOn` throws, which is called while it waits.
 */
export async function fetchLists(
  client: Client,
  wanted: Wanted,
  goOn: () => void,
): Promise<Records & { readonly everyContract: readonly ListedContract[] }> {
  const { period, pipelines, environments } = wanted
  const named: readonly (string | null)[] = pipelines.length === 0 ? [null] : pipelines
  const within = (at: string) => at >= period.since && at < period.until
  const meant = (pipeline: string | null) =>
    pipelines.length === 0 || (pipeline !== null && pipelines.includes(pipeline))
  const runs = (await each(named, (pipeline) => fetchRuns(client, period, pipeline, goOn)))
    .filter((one) => meant(one.pipeline) && within(timed(one.firstAt)))
    .map(({ chain, pipeline, contract, steps, erased, late, firstAt, lastAt }) => {
      return { chain, pipeline, contract, steps, erased, late, firstAt, lastAt: timed(lastAt) }
    })
  const known = new Set(runs.map(({ chain }) => chain))
  // Both are listed by when they were, newest first.
  const newest = <T extends { readonly at: string }>(one: T) => timed(one.at) >= period.since
  const decisions = (await allOf((cursor) => client.decisions(cursor), newest)).filter(
    ({ at, pipeline, environment }) =>
      within(at) &&
      meant(pipeline) &&
      (environments.length === 0 || (environment !== null && environments.includes(environment))),
  )
  const refusals = (await allOf((cursor) => client.refusals(cursor), newest)).flatMap((one) => {
    const { id, at, count, code, what, claimed } = one
    const { chain, step } = one.chain === null && claimed !== null ? claimed : one
    if (!within(at) || (pipelines.length > 0 && (chain === null || !known.has(chain)))) return []
    return [{ id, at, count, code, what, chain, step, verified: one.chain !== null }]
  })
  const everyContract = await each(named, (pipeline) => allOf((cursor) => client.contracts(pipeline, cursor)))
  const contracts = everyContract.filter(({ publishedAt }) => within(timed(publishedAt)))
  const coverage = (await allOf((cursor) => client.pipelines(cursor))).filter(({ pipeline }) => meant(pipeline))
  const keys = (await client.keys())
    .map(({ keyId, name, enrolledAt, revokedAt, reason }) => ({ keyId, name, enrolledAt, revokedAt, reason }))
    .filter(({ enrolledAt }) => enrolledAt < period.until)
  return { runs, decisions, refusals, contracts, everyContract, coverage, keys }
}

/** What is counted behind the log is waited for: else the newest runs would be left out in silence. */
async function fetchRuns(
  client: Client,
  period: Period,
  pipeline: string | null,
  goOn: () => void,
): Promise<ListedRuns['items']> {
  const query = { ...period, ...(pipeline === null ? {} : { pipeline }) }
  for (let waited = 0; ; waited += LOOK) {
    goOn()
    const { behind } = await client.runs(query)
    if (behind === 0) break
    if (waited >= PATIENCE) {
      throw new CodedError('evidence-unavailable', `the server has ${behind} attestations that it does not list yet`, {
        fix: 'Export again in a minute.',
      })
    }
    await setTimeout(LOOK)
  }
  return allOf((cursor) => client.runs(query, cursor))
}

async function each<T, U>(items: readonly T[], fetch: (item: T) => Promise<readonly U[]>): Promise<U[]> {
  const all: U[] = []
  for (const item of items) all.push(...(await fetch(item)))
  return all
}

/** All pages, up to the first item that is not `wanted`. */
async function allOf<T>(
  page: (cursor: string | null) => Promise<Page<T>>,
  wanted: (item: T) => boolean = () => true,
): Promise<T[]> {
  const all: T[] = []
  let cursor: string | null = null
  do {
    const { items, next }: Page<T> = await page(cursor)
    all.push(...items)
    if (all.length > MAX_RECORDS) {
      throw new CodedError('input-too-large', `the server lists more than ${MAX_RECORDS} items`, {
        fix: 'Ask for a shorter period, or for some pipelines.',
      })
    }
    if (items.some((item) => !wanted(item))) return all.filter(wanted)
    cursor = next
  } while (cursor !== null)
  return all
}

/** A server that tells times in other ways cannot be held to a period. */
function timed(text: string): string {
  if (isTime(text)) return text
  throw new CodedError('server-answer', 'the server tells a time that is none')
}
