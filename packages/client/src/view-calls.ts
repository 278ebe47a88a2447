import { CodedError } from '@countersign/core'
import { Reading } from './answers.ts'
import type { Transport } from './transport.ts'
import type { Deploy, DeploysAt, Run, Runs, Search, SearchHit, ViewPage } from './views.ts'

export interface RunsQuery {
  readonly pipeline?: string
  readonly system?: string
  readonly signer?: string
  /** A day or a time, UTC. */
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly cursor?: string
}

export interface DeploysQuery {
  readonly environment?: string
  readonly pipeline?: string
  readonly decision?: Deploy['decision']
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly cursor?: string
}

export interface DeploysAtQuery {
  readonly environment: string
  /** Left out: now. */
  readonly time?: string
  readonly pipeline?: string
  readonly limit?: number
  readonly cursor?: string
}

/** What screens are drawn from: the server's word. */
export interface ViewCalls {
  /** What a text may mean. */
  find(text: string): Promise<Search>
  listRuns(query: RunsQuery): Promise<Runs>
  listDeploys(query: DeploysQuery): Promise<ViewPage<Deploy>>
  /** What was let into an environment last, of each pipeline. */
  deploysAt(query: DeploysAtQuery): Promise<DeploysAt>
}

const KINDS = [
  'artifact',
  'attestation',
  'commit',
  'tag',
  'run',
  'pipeline',
  'contract',
  'deploy',
  'identity',
  'statement',
] as const
const DECISIONS = ['allow', 'deny', 'unknown'] as const

export function viewCalls(transport: Transport): ViewCalls {
  const get = async (path: string, query: object) => {
    const named = Object.entries(query).map(([name, value]) => [name, String(value)] as [string, string])
    const { body } = await transport.json({ method: 'GET', path: `${path}?${new URLSearchParams(named).toString()}` })
    return new Reading(body)
  }
  return {
    async find(text) {
      const it = await get('/v1/search', { q: text })
      return { items: it.list('items', hitOf), note: it.textOrNull('note') }
    },
    async listRuns(query) {
      const it = await get('/v1/runs', query)
      const counted = { upTo: it.integer('upTo'), behind: it.integer('behind') }
      return { items: it.list('items', runOf), next: it.textOrNull('next'), ...counted }
    },
    async listDeploys(query) {
      const it = await get('/v1/deploys', query)
      return { items: it.list('items', deployOf), next: it.textOrNull('next') }
    },
    async deploysAt(query) {
      const it = await get('/v1/deploys/at', query)
      const page = { items: it.list('items', deployOf), next: it.textOrNull('next') }
      return { environment: it.text('environment'), time: it.text('time'), ...page }
    },
  }
}

function hitOf(it: Reading): SearchHit {
  const kind = oneOf(KINDS, it.text('kind'))
  return { kind, title: it.text('title'), detail: it.text('detail'), href: it.text('href') }
}

function runOf(it: Reading): Run {
  return {
    chain: it.hex('chain', 32),
    pipeline: it.text('pipeline'),
    contract: it.isMissing('contract') ? null : it.hex('contract', 64),
    steps: it.integer('steps'),
    erased: it.integer('erased'),
    failed: it.integer('failed'),
    late: it.integer('late'),
    systems: it.texts('systems'),
    firstAt: it.text('firstAt'),
    lastAt: it.text('lastAt'),
    lastIndex: it.integer('lastIndex'),
    refused: it.integer('refused'),
  }
}

function deployOf(it: Reading): Deploy {
  return {
    id: it.integer('id'),
    at: it.text('at'),
    decision: oneOf(DECISIONS, it.text('decision')),
    deviated: it.boolean('deviated'),
    code: it.textOrNull('code'),
    what: it.textOrNull('what'),
    artifact: it.isMissing('artifact') ? null : it.hex('artifact', 64),
    pipeline: it.textOrNull('pipeline'),
    contract: it.isMissing('contract') ? null : it.hex('contract', 64),
    environment: it.text('environment'),
    by: it.text('by'),
    requester: it.textOrNull('requester'),
    ms: it.number('ms'),
  }
}

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const one = known.find((name) => name === text)
  if (one === undefined) throw new CodedError('server-answer', 'the server answered with a kind that is not known')
  return one
}
