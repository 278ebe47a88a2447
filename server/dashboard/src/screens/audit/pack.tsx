import { Command } from '../../parts/command.tsx'
import { Section } from '../../parts/section.tsx'
import { query, setQuery } from '../../router.ts'
import { packCommands } from './pack-commands.ts'

/** A period as one archive: what to type for it. It is signed with a key that the server does not have. */
export function Pack() {
  const given = {
    since: query.value.get('since'),
    until: query.value.get('until'),
    pipeline: query.value.get('pipeline'),
  }
  const { since, until, pipeline, commands } = packCommands(given, new Date().toISOString())
  const field = (name: 'since' | 'until', label: string, value: string) => (
    <label>
      {label}
      <input
        type="date"
        value={value}
        onChange={(event) => {
          setQuery({ [name]: event.currentTarget.value || null })
        }}
      />
    </label>
  )
  return (
    <Section id="pack" title="A period, as one archive">
      <p>
        Evidence of every run, contracts, what gates decided, what was refused, coverage, and a report that the
        auditor’s own program draws again from the evidence. It is signed with your key, not with the server’s, so it is
        made where that key is.
      </p>
      <div class="filters">
        {field('since', 'From', since)}
        {field('until', 'To, that day too', until)}
        <label>
          Pipeline
          <input
            value={pipeline ?? ''}
            placeholder="all"
            autocomplete="off"
            spellcheck={false}
            onChange={(event) => setQuery({ pipeline: event.currentTarget.value.trim() || null })}
          />
        </label>
      </div>
      <div class="fixes">
        {commands.map(({ says, command }) => (
          <div key={says}>
            <p class="quiet">{says}</p>
            <Command text={command} />
          </div>
        ))}
      </div>
    </Section>
  )
}
