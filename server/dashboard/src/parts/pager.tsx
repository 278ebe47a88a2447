import { query, setQuery } from '../router.ts'

/** The way through a list that the server pages: its cursor stands in the address. */
export function Pager({ next, count }: { readonly next: string | null; readonly count: number }) {
  const first = query.value.get('cursor') === null
  if (first && next === null) return null
  return (
    <nav class="pager" aria-label="Pages of the list">
      <button type="button" class="button" disabled={first} onClick={() => setQuery({ cursor: null })}>
        To the newest
      </button>
      <span class="quiet">{count} on this page</span>
      <button type="button" class="button" disabled={next === null} onClick={() => setQuery({ cursor: next })}>
        Older
      </button>
    </nav>
  )
}
