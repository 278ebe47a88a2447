import { Command } from '../../parts/command.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'
import { hrefOf, query, setQuery } from '../../router.ts'
import { me } from '../../session.ts'
import { packCommands } from './pack-commands.ts'
import { PacksMade } from './packs-made.tsx'

/** `GET /v1/packs/preview`. */
interface Preview {
  readonly runs: number
  readonly steps: number
  readonly contracts: number
  readonly decisions: number
  readonly refusals: number
  readonly acts: number
  readonly behind: number
}

/** A period as one archive: what it will hold, made here with the key of the log, or elsewhere with a key of one's own. `made`: one is. */
export function Pack({ made }: { readonly made: () => void }) {
  const asked = (name: string) => query.value.get(name)
  const given = {
    since: asked('since'),
    until: asked('until'),
    pipeline: asked('pipeline'),
    environment: asked('environment'),
  }
  const { since, until, pipeline, environment, commands } = packCommands(given, new Date().toISOString())
  const scope = {
    since: `${since}T00:00:00.000Z`,
    until: new Date(Date.parse(`${until}T00:00:00.000Z`) + 86_400_000).toISOString(),
    pipelines: pipeline === null ? [] : [pipeline],
    environments: environment === null ? [] : [environment],
  }
  const inOrder = since <= until
  const path = hrefOf('/v1/packs/preview', { since: scope.since, until: scope.until, pipeline, environment })
  const may = me.value?.scopes.some((one) => one === 'audit' || one === 'admin') === true
  const preview = useAnswer<Preview>(may && inOrder ? path : null)
  const day = (name: 'since' | 'until', label: string, value: string) => (
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
  const name = (of: 'pipeline' | 'environment', label: string, value: string | null) => (
    <label>
      {label}
      <input
        value={value ?? ''}
        placeholder="all"
        autocomplete="off"
        spellcheck={false}
        onChange={(event) => setQuery({ [of]: event.currentTarget.value.trim() || null })}
      />
    </label>
  )
  return (
    <Section id="pack" title="A period, as one archive" aside={may && inOrder ? <JsonLink path={path} /> : null}>
      <p>
        Evidence of every run, contracts, what gates decided, what was refused, coverage, and a report that the
        auditor’s own program draws again from the evidence.
      </p>
      <div class="filters">
        {day('since', 'From', since)}
        {day('until', 'To, that day too', until)}
        {name('pipeline', 'Pipeline', pipeline)}
        {name('environment', 'Gates of the environment', environment)}
      </div>
      {inOrder ? null : <p role="alert">The last day is before the first.</p>}
      {may && inOrder ? (
        <Loaded answer={preview}>{(held) => <Holds held={held} />}</Loaded>
      ) : may ? null : (
        <p class="quiet">To have the server make it takes the role auditor.</p>
      )}
      {may ? <PacksMade scope={inOrder ? scope : null} nothing={preview.value?.runs === 0} made={made} /> : null}
      <details class="own-key">
        <summary>With a key of your own</summary>
        <div class="fixes">
          {commands.map(({ says, command }) => (
            <div key={says}>
              <p class="quiet">{says}</p>
              <Command text={command} />
            </div>
          ))}
        </div>
      </details>
    </Section>
  )
}

function Holds({ held }: { readonly held: Preview }) {
  const { runs, steps, contracts, decisions, refusals, acts, behind } = held
  const rows = [
    [runs, 'run', 'runs'],
    [steps, 'step', 'steps'],
    [decisions, 'decision of gates', 'decisions of gates'],
    [refusals, 'refusal', 'refusals'],
    [contracts, 'contract published', 'contracts published'],
    [acts, 'act of administrators', 'acts of administrators'],
  ] as const
  return (
    <div class="pack-holds">
      <p class="quiet">It will hold, with all that proves them:</p>
      <ul aria-label="What the pack will hold">
        {rows.map(([count, one, word]) => (
          <li key={word}>
            <strong>{count.toLocaleString('en-US')}</strong> {count === 1 ? one : word}
          </li>
        ))}
      </ul>
      {behind === 0 ? null : (
        <p class="quiet">{behind.toLocaleString('en-US')} steps came in and are not counted yet.</p>
      )}
    </div>
  )
}
