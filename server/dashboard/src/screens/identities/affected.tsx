import { Digest } from '../../parts/digest.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Table } from '../../parts/table.tsx'
import { query, setQuery } from '../../router.ts'

/** `GET /v1/keys/{keyId}/affected` and `GET /v1/affected`. */
interface Affected {
  readonly since: string | null
  readonly items: readonly AffectedStep[]
  readonly next: string | null
}

interface AffectedStep {
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly attempt: number
  readonly acceptedAt: string
  readonly subjects: number
  readonly artifacts: readonly { readonly name: string; readonly sha256: string }[]
  /** Null for one of the signer's own; else of whose it goes on. */
  readonly after: string | null
}

/** What is in doubt without a signer, or would be: what he signed, and all that went on from it. */
export function AffectedList({ path, revoked = false }: { readonly path: string; readonly revoked?: boolean }) {
  const cursor = query.value.get('affected')
  const whole = cursor === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`
  const answer = useAnswer<Affected>(whole)
  const verb = (count: number) => (revoked ? (count === 1 ? 'is' : 'are') : 'would be')
  return (
    <Loaded answer={answer}>
      {({ since, items, next }) => (
        <>
          <p>
            {items.length === 0
              ? `Nothing ${verb(1)} in doubt`
              : `${items.length}${next === null ? '' : ' or more'} step${items.length === 1 ? '' : 's'} ${verb(items.length)} in doubt`}
            {since === null ? ', of all that it ever signed.' : ', of what it signed since '}
            {since === null ? null : <Moment time={since} whole />} <JsonLink path={whole} />
          </p>
          {items.length === 0 ? null : (
            <Table
              caption={`Steps that ${verb(2)} in doubt`}
              rows={items}
              keyOf={({ link, after }) => `${link} ${after}`}
              columns={[
                { name: 'When', cell: ({ acceptedAt }) => <Moment time={acceptedAt} /> },
                { name: 'Pipeline', cell: ({ pipeline }) => pipeline },
                {
                  name: 'Step',
                  head: true,
                  cell: ({ step, attempt }) => `${step}${attempt === 1 ? '' : ` #${attempt}`}`,
                },
                {
                  name: 'Because',
                  cell: ({ after }) => (after === null ? 'signed by it' : 'goes on from such a step'),
                },
                { name: 'Run', cell: ({ chain }) => <Digest value={chain} href={`/run/${chain}`} /> },
                {
                  name: 'Made',
                  cell: ({ artifacts, subjects }) => {
                    const [first] = artifacts
                    if (first === undefined) return <span class="quiet">erased</span>
                    const more = subjects > 1 ? ` and ${subjects - 1} more` : ''
                    return (
                      <>
                        <a href={`/artifact/sha256:${first.sha256}`}>{first.name}</a>
                        {more}
                      </>
                    )
                  },
                },
              ]}
            />
          )}
          {next === null ? null : (
            <button type="button" class="button" onClick={() => setQuery({ affected: next })}>
              More
            </button>
          )}
        </>
      )}
    </Loaded>
  )
}
