import { isHex } from '@countersign/core'
import { Reading } from './answers.ts'
import type { Page } from './client.ts'
import type { Transport } from './transport.ts'

/** A run, as the server counts it. Times are ISO times. */
export interface ListedRun {
  readonly chain: string
  readonly pipeline: string
  readonly contract: string | null
  /** Attestations that were accepted, erased ones too. */
  readonly steps: number
  readonly erased: number
  readonly late: number
  /** When the log had the first and the last. */
  readonly firstAt: string
  readonly lastAt: string
}

export interface ListedRuns extends Page<ListedRun> {
  /** Attestations that are accepted and not counted yet. */
  readonly behind: number
}

/** A decision of a gate, as the server keeps it. */
export interface ListedDecision {
  readonly id: number
  readonly at: string
  readonly decision: 'allow' | 'deny' | 'unknown'
  readonly code: string | null
  readonly what: string | null
  readonly artifact: string | null
  readonly pipeline: string | null
  readonly contract: string | null
  readonly environment: string | null
  readonly by: string
  readonly requester: string | null
}

/** Something refused. */
export interface ListedRefusal {
  readonly id: number
  readonly at: string
  readonly lastAt: string
  readonly count: number
  readonly code: string
  readonly what: string
  readonly chain: string | null
  readonly step: string | null
  /** What the refused body says of itself, where nothing of it was verified; null where it says nothing. */
  readonly claimed: { readonly chain: string; readonly step: string } | null
}

export interface ListedCoverage {
  readonly pipeline: string
  readonly contract: string | null
  readonly systems: readonly { readonly system: string; readonly steps: number; readonly weakestGrade: string | null }[]
  readonly runs: number
  readonly lastAt: string | null
  readonly findings: readonly string[]
}

/** What an auditor asks for: all of it the server's word. */
export interface AuditCalls {
  /** Newest first, by when the log had the first step of each; `since` included, `until` not: ISO times. */
  runs(
    query: { readonly since: string; readonly until: string; readonly pipeline?: string },
    cursor?: string | null,
  ): Promise<ListedRuns>
  /** Newest first. */
  decisions(cursor?: string | null): Promise<Page<ListedDecision>>
  /** Newest first, as the inbox has them. */
  refusals(cursor?: string | null): Promise<Page<ListedRefusal>>
  /** Pipelines by name. */
  pipelines(cursor?: string | null): Promise<Page<ListedCoverage>>
}

const PAGE = '200'
const MAX_ANSWER = 64 * 1024 * 1024

export function auditCalls(transport: Transport): AuditCalls {
  const page = async (path: string, query: Readonly<Record<string, string | null | undefined>>): Promise<Reading> => {
    const asked = Object.entries(query).filter((one): one is [string, string] => one[1] != null)
    const all = new URLSearchParams(asked).toString()
    const { body } = await transport.json({ method: 'GET', path: `${path}?${all}`, maxBytes: MAX_ANSWER })
    return new Reading(body)
  }
  const pageOf = <T>(it: Reading, items: T[]): Page<T> => ({ items, next: it.textOrNull('next') })

  return {
    async runs({ since, until, pipeline }, cursor) {
      const it = await page('/v1/runs', { since, until, pipeline, cursor, limit: PAGE })
      return { ...pageOf(it, it.list('items', runOf)), behind: it.integer('behind') }
    },
    async decisions(cursor) {
      const it = await page('/v1/decisions', { cursor, limit: PAGE })
      return pageOf(it, it.list('items', decisionOf))
    },
    async refusals(cursor) {
      const it = await page('/v1/inbox', { cursor })
      return pageOf(it, it.list('items', refusalOf))
    },
    async pipelines(cursor) {
      const it = await page('/v1/coverage', { cursor, limit: PAGE })
      return pageOf(it, it.list('pipelines', coverageOf))
    },
  }
}

function runOf(it: Reading): ListedRun {
  return {
    chain: it.hex('chain', 32),
    pipeline: it.text('pipeline'),
    contract: hexOrNull(it, 'contract', 64),
    steps: it.integer('steps'),
    erased: it.integer('erased'),
    late: it.integer('late'),
    firstAt: it.text('firstAt'),
    lastAt: it.text('lastAt'),
  }
}

function decisionOf(it: Reading): ListedDecision {
  const decision = it.text('decision')
  return {
    id: it.integer('id'),
    at: it.text('at'),
    decision: decision === 'allow' || decision === 'deny' ? decision : 'unknown',
    code: it.textOrNull('code'),
    what: it.textOrNull('what'),
    artifact: hexOrNull(it, 'artifact', 64),
    pipeline: it.textOrNull('pipeline'),
    contract: hexOrNull(it, 'contract', 64),
    environment: it.textOrNull('environment'),
    by: it.text('by'),
    requester: it.textOrNull('requester'),
  }
}

function refusalOf(it: Reading): ListedRefusal {
  const claimed = it.isMissing('claimed') ? null : it.object('claimed')
  const chain = claimed?.text('chain') ?? ''
  return {
    id: it.integer('id'),
    at: it.text('at'),
    lastAt: it.text('lastAt'),
    count: it.integer('count'),
    code: it.text('code'),
    what: it.text('what'),
    chain: hexOrNull(it, 'chain', 32),
    step: it.textOrNull('step'),
    claimed: claimed !== null && isHex(chain, 32) ? { chain, step: claimed.text('step') } : null,
  }
}

function coverageOf(it: Reading): ListedCoverage {
  return {
    pipeline: it.text('pipeline'),
    contract: it.objectOrNull('contract')?.hex('digest', 64) ?? null,
    systems: it.list('systems', (one) => ({
      system: one.text('system'),
      steps: one.integer('steps'),
      weakestGrade: one.textOrNull('weakestGrade'),
    })),
    runs: it.integer('runs'),
    lastAt: it.textOrNull('lastAt'),
    findings: it.texts('findings'),
  }
}

function hexOrNull(it: Reading, key: string, length: number): string | null {
  return it.isMissing(key) ? null : it.hex(key, length)
}
