import { get } from '../../api.ts'
import type { Anchored, AnchorsAnswer, Standing, StatementsAnswer } from './answers.ts'

/** What the page is drawn from. */
export interface Fetched {
  readonly standings: readonly Standing[]
  /** Newest first. */
  readonly statements: readonly Anchored[]
  /** Whether there are older ones than could be fetched. */
  readonly more: boolean
}

const PAGES = 4
const LIMIT = 200

/** The statements of the days since `from` (an ISO date), each with its way into the anchors: at most 800, the newest. */
export async function fetchStatements(from: string, signal: AbortSignal): Promise<Fetched> {
  const [listed, anchored] = await Promise.all([
    paged<StatementsAnswer>('/statements', ({ items }) => (items.at(-1)?.end ?? from) >= from, signal),
    paged<AnchorsAnswer>('/v1/anchors', () => true, signal),
  ])
  const progress = new Map(anchored.flatMap(({ items }) => items.map(({ number, anchors }) => [number, anchors])))
  const all = listed.flatMap(({ items }) => items.map((one) => ({ ...one, anchors: progress.get(one.number) ?? [] })))
  return {
    standings: anchored[0]?.anchors ?? [],
    statements: all.filter(({ end }) => end >= from),
    more: (listed.at(-1)?.next ?? null) !== null && (all.at(-1)?.end ?? '') >= from,
  }
}

/** One statement by its number; null where there is none. */
export async function fetchStatement(
  number: string,
  signal: AbortSignal,
): Promise<{ readonly found: Anchored | null }> {
  if (!/^(?:0|[1-9][0-9]{0,13})$/.test(number)) return { found: null }
  const { items } = await get<StatementsAnswer>(`/statements?limit=1&cursor=${Number(number) + 1}`, signal)
  const stated = items.find((one) => one.number === Number(number))
  if (stated === undefined) return { found: null }
  const { anchors } = await get<Pick<Anchored, 'anchors'>>(`/v1/anchors/${number}`, signal)
  return { found: { ...stated, anchors } }
}

async function paged<T extends { readonly next: string | null }>(
  path: string,
  goOn: (page: T) => boolean,
  signal: AbortSignal,
): Promise<T[]> {
  const pages: T[] = []
  let cursor = ''
  while (pages.length < PAGES) {
    const page = await get<T>(`${path}?limit=${LIMIT}${cursor}`, signal)
    pages.push(page)
    if (page.next === null || !goOn(page)) break
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
  return pages
}
