import type { Search, SearchHit } from '@countersign/client/views'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { get, Problem } from '../api.ts'
import { navigate, path } from '../router.ts'
import { Icon } from './icon.tsx'

/** How long the reader may pause between two letters. */
const PAUSE = 180

/**
 * The one search box: any digest, commit, run, pipeline, tag or `prod@{2 days ago}`. `/` goes to it, arrows through what it
 * found, Enter there. A combobox with a list (WAI-ARIA APG).
 */
export function SearchBox() {
  const text = useSignal('')
  const found = useSignal<readonly SearchHit[] | null>(null)
  const problem = useSignal<string | null>(null)
  const note = useSignal<string | null>(null)
  const chosen = useSignal(-1)
  const open = useSignal(false)
  const input = useRef<HTMLInputElement>(null)
  const asked = useRef<{ timer: number; leave: AbortController } | null>(null)

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const { target } = event
      const typing =
        target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
  useEffect(() => {
    open.value = false
  }, [path.value])

  const search = (wanted: string, wait: number, then?: (items: readonly SearchHit[]) => void) => {
    if (asked.current !== null) {
      clearTimeout(asked.current.timer)
      asked.current.leave.abort()
    }
    chosen.value = -1
    problem.value = null
    if (wanted.trim() === '') {
      found.value = null
      open.value = false
      return
    }
    const leave = new AbortController()
    const timer = window.setTimeout(() => {
      get<Search>(`/v1/search?q=${encodeURIComponent(wanted.trim())}`, leave.signal).then(
        ({ items, note: left }) => {
          found.value = items
          note.value = left
          open.value = true
          then?.(items)
        },
        (error: unknown) => {
          if (leave.signal.aborted) return
          found.value = null
          problem.value = error instanceof Problem ? error.what : 'the search failed'
          open.value = true
        },
      )
    }, wait)
    asked.current = { timer, leave }
  }
  const go = (item: SearchHit) => {
    // Where it leads is a page of ours, whatever the answer says.
    if (!item.href.startsWith('/') || item.href.startsWith('//')) return
    open.value = false
    text.value = ''
    found.value = null
    navigate(item.href)
  }
  const onKey = (event: KeyboardEvent) => {
    const items = found.value ?? []
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (items.length === 0) return
      event.preventDefault()
      open.value = true
      const step = event.key === 'ArrowDown' ? 1 : -1
      chosen.value = (chosen.value + step + items.length + (chosen.value < 0 && step < 0 ? 1 : 0)) % items.length
    } else if (event.key === 'Enter') {
      event.preventDefault()
      const item = items[Math.max(0, chosen.value)]
      if (item !== undefined && open.value) go(item)
      else search(text.value, 0, (fresh) => fresh.length === 1 && go(fresh[0]!))
    } else if (event.key === 'Escape') {
      if (open.value) open.value = false
      else {
        text.value = ''
        found.value = null
      }
    }
  }
  const items = found.value
  const shown = open.value && (items !== null || problem.value !== null)
  return (
    <search class="search">
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Search for a digest, commit, run, tag, pipeline or environment"
        aria-expanded={shown}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={chosen.value >= 0 ? `found-${chosen.value}` : undefined}
        aria-keyshortcuts="/"
        placeholder="Digest, commit, run, tag or prod@{2 days ago}"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value
          search(text.value, PAUSE)
        }}
        onKeyDown={onKey}
        onFocus={() => {
          if (found.value !== null) open.value = true
        }}
        onBlur={() => {
          open.value = false
        }}
      />
      <kbd aria-hidden="true">/</kbd>
      <div class="found" hidden={!shown}>
        <ul id="found" role="listbox" aria-label="Found">
          {(items ?? []).map((item, i) => (
            <li
              key={item.href + item.title}
              id={`found-${i}`}
              role="option"
              aria-selected={i === chosen.value}
              // The box keeps the focus, or the list would go before the click comes.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => go(item)}
            >
              <span class="kind">{item.kind}</span>
              <span class="found-title">{item.title}</span>
              <span class="found-detail">{item.detail}</span>
            </li>
          ))}
        </ul>
        <p class="found-none quiet" role="status">
          {problem.value ?? noteOf(items, note.value)}
        </p>
      </div>
    </search>
  )
}

/** What is said under the list; nothing where it says everything. */
function noteOf(items: readonly SearchHit[] | null, note: string | null): string {
  if (items === null) return ''
  return [items.length === 0 ? 'Nothing is known of that.' : '', note ?? ''].filter((text) => text !== '').join(' ')
}
