import type { Search } from '@countersign/client/views'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { query, setQuery } from '../../router.ts'

/** What was deployed where, and when: `prod`, `prod@{2 days ago}`, `prod~3`, `prod#42`. */
export function Address() {
  const given = query.value.get('at') ?? ''
  const answer = useAnswer<Search>(given === '' ? null : `/v1/search?q=${encodeURIComponent(given)}`)
  return (
    <div class="address">
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault()
          const value = new FormData(event.currentTarget).get('at')
          setQuery({ at: typeof value === 'string' ? value.trim() : null })
        }}
      >
        <label>
          What was there
          <input
            key={given}
            name="at"
            defaultValue={given}
            placeholder="prod@{2 days ago}"
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <button type="submit" class="button">
          Look
        </button>
        <p class="quiet small">
          <code>prod</code> now, <code>prod@{'{2 days ago}'}</code> then, <code>prod~3</code> three before,{' '}
          <code>prod#42</code> by number
        </p>
      </form>
      {given === '' ? null : (
        <Loaded answer={answer}>
          {({ items, note }) => {
            // Where it leads is a page of ours, whatever the answer says.
            const own = items.filter(({ href }) => /^\/(?!\/)/.test(href))
            const hits = own.filter(({ kind }) => kind === 'deploy' || kind === 'artifact')
            return (
              <>
                {hits.length === 0 ? <p role="status">Nothing is known of {given}.</p> : null}
                <ul class="hits">
                  {hits.map(({ href, title, detail }) => (
                    <li key={href + title}>
                      <a href={href}>{title}</a> <span class="quiet">{detail}</span>
                    </li>
                  ))}
                </ul>
                {note === null ? null : <p class="quiet">{note}</p>}
              </>
            )
          }}
        </Loaded>
      )}
    </div>
  )
}
