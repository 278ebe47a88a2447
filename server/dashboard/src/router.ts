import { computed, signal } from '@preact/signals'

/** Where the reader is: the page's path, and what narrows it. */
const place = signal(here())

function here(): { path: string; query: string } {
  return { path: location.pathname, query: location.search }
}

/** The path of the page. */
export const path = computed(() => place.value.path)
/** What stands behind the `?`: filters and cursors, so that each view has an address. */
export const query = computed(() => new URLSearchParams(place.value.query))

/** Goes to a page of the dashboard. `replace`: the way back skips the one before. */
export function navigate(href: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, '', href)
  else history.pushState(null, '', href)
  const { path: before } = place.value
  place.value = here()
  if (before !== place.value.path) scrollTo(0, 0)
}

/** Changes filters in the address; null takes one out. The way back is not filled with each letter typed. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const next = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(name)
    else next.set(name, value)
  }
  const text = next.toString()
  navigate(text === '' ? location.pathname : `${location.pathname}?${text}`, { replace: true })
}

/** The address of a page with these filters. */
export function hrefOf(page: string, filters: Readonly<Record<string, string | null>> = {}): string {
  const kept = Object.entries(filters).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [[name, value]],
  )
  return kept.length === 0 ? page : `${page}?${new URLSearchParams(kept)}`
}

/**
 * What a pattern like `/run/:chain` says of a path; null where it does not fit. A part that is no text is no path of ours.
 */
export function matched(pattern: string, given: string): Readonly<Record<string, string>> | null {
  const [wanted, parts] = [pattern, given].map((text) => text.split('/').filter((part) => part !== ''))
  if (wanted!.length !== parts!.length) return null
  const params: Record<string, string> = {}
  for (const [i, part] of wanted!.entries()) {
    const text = parts![i]!
    if (!part.startsWith(':')) {
      if (part !== text) return null
      continue
    }
    try {
      params[part.slice(1)] = decodeURIComponent(text)
    } catch {
      return null
    }
  }
  return params
}

/** Follows links to pages without loading anything anew. `isPage` tells them from files and the API's own pages. */
export function listen(isPage: (path: string) => boolean): void {
  addEventListener('popstate', () => {
    place.value = here()
  })
  document.addEventListener('click', (event) => {
    const plainClick = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null
    const href = link?.getAttribute('href') ?? ''
    if (!plainClick || event.defaultPrevented || link === null || link.hasAttribute('download')) return
    // `//host` is another's address.
    if (!href.startsWith('/') || href.startsWith('//') || !isPage(new URL(href, location.href).pathname)) return
    event.preventDefault()
    navigate(href)
  })
}
