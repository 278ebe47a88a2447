import { query, setQuery } from '../router.ts'

interface ChoiceProps {
  readonly label: string
  /** The label is only heard: the options say it all. */
  readonly unlabelled?: boolean
  /** Which filter of the address it is. */
  readonly name: string
  /** The first is the one that is meant where the address says nothing. */
  readonly options: readonly (readonly [value: string, says: string])[]
}

/** One of a few, kept in the address. What it narrows begins anew. */
export function Choice({ label, unlabelled = false, name, options }: ChoiceProps) {
  const [usual] = options[0]!
  const given = query.value.get(name) ?? usual
  return (
    <label>
      <span class={unlabelled ? 'sr' : ''}>{label}</span>
      <select
        value={given}
        onChange={(event) => {
          const { value } = event.currentTarget
          setQuery({ [name]: value === usual ? null : value, cursor: null })
        }}
      >
        {options.map(([value, says]) => (
          <option key={value} value={value} selected={value === given}>
            {says}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Text to narrow by, kept in the address once it is entered. */
export function Narrow({ label, name, placeholder }: { label: string; name: string; placeholder: string }) {
  const given = query.value.get(name) ?? ''
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const value = new FormData(event.currentTarget).get(name)
        setQuery({ [name]: typeof value === 'string' && value.trim() !== '' ? value.trim() : null, cursor: null })
      }}
    >
      <label>
        {label}
        <input
          key={given}
          name={name}
          defaultValue={given}
          placeholder={placeholder}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
    </form>
  )
}

/** What the view is narrowed to, each with the way out of it. */
export function Chosen({
  filters,
}: {
  readonly filters: readonly (readonly [names: readonly string[], says: string])[]
}) {
  if (filters.length === 0) return null
  return (
    <ul class="chosen" aria-label="Narrowed to">
      {filters.map(([names, says]) => (
        <li key={says}>
          <button
            type="button"
            class="button"
            onClick={() => setQuery({ ...Object.fromEntries(names.map((name) => [name, null])), cursor: null })}
          >
            {says} <span aria-hidden="true">×</span>
            <span class="sr">, remove</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
