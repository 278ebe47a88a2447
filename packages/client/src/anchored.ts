import { CodedError, utf8 } from '@countersign/core'
import { type Coverage, MAX_CHAIN_LINES, parseLogStatement, type SignedLogStatement } from '@countersign/formats'
import { type AnchorProof, MAX_ANCHOR_BYTES, parseAnchor } from '@countersign/formats/anchor'
import { readAnswer, type Reading } from './answers.ts'
import type { Transport } from './transport.ts'

/** Entries of a chain under statements of the log. */
export interface Covered {
  readonly statements: readonly SignedLogStatement[]
  readonly coverage: readonly Coverage[]
}

/** What outside evidence the server has for a statement. */
export interface StatementAnchors {
  readonly proofs: readonly AnchorProof[]
  /** Names of anchors that the statement is on its way into, or failed in. */
  readonly waiting: readonly string[]
}

type Get = (path: string) => Promise<Reading>

/** Entries that one request for coverage asks for. */
const PAGE = 200
/** Most anchors of one statement that are fetched. */
const MAX_ANCHORS = 50

export async function fetchCoverage(get: Get, chain: string, statement: number | undefined): Promise<Covered> {
  const statements = new Map<string, SignedLogStatement>()
  const coverage: Coverage[] = []
  const query = new URLSearchParams({ limit: String(PAGE) })
  if (statement !== undefined) query.set('statement', String(statement))
  for (let pages = 0; pages * PAGE < MAX_CHAIN_LINES; pages++) {
    const it = await get(`/v1/chains/${encodeURIComponent(chain)}/coverage?${query.toString()}`)
    for (const note of it.texts('statements')) {
      statements.set(note, readAnswer(utf8(note), parseLogStatement, 'a statement'))
    }
    coverage.push(...it.coverage('items'))
    const next = it.textOrNull('next')
    if (next === null) return { statements: [...statements.values()], coverage }
    query.set('cursor', next)
  }
  throw new CodedError('server-answer', 'the coverage has no end')
}

export async function fetchAnchors(
  get: Get,
  transport: Pick<Transport, 'send'>,
  number: number,
): Promise<StatementAnchors> {
  const path = `/statements/${number}/anchors`
  const listed = (await get(path)).list('items', (it) => ({ anchor: it.text('anchor'), phase: it.text('phase') }))
  const final = listed.filter(({ phase }) => phase === 'final').slice(0, MAX_ANCHORS)
  const proofs = final.map(async ({ anchor }) => {
    const one = `${path}/${encodeURIComponent(anchor)}`
    const { bytes } = await transport.send({ method: 'GET', path: one, maxBytes: MAX_ANCHOR_BYTES })
    return readAnswer(bytes, parseAnchor, 'the proof of an anchor')
  })
  const waiting = listed.filter(({ phase }) => phase !== 'final').map(({ anchor }) => anchor)
  return { proofs: await Promise.all(proofs), waiting }
}
