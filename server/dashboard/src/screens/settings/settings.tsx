import { send } from '../../api.ts'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Facts, PageHead, Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { me } from '../../session.ts'
import { meet } from '../../sign-in.ts'
import { Act } from './act.tsx'
import { Passkeys } from './passkeys.tsx'
import { People } from './people.tsx'
import { Tokens } from './tokens.tsx'

/** Who the reader is to this server, and who else may do what. */
export default function Settings() {
  const known = me.value
  if (known === null || known === undefined) return null
  const { person, token, tenant, role, scopes } = known
  const may = (scope: string) => scopes.includes(scope) || scopes.includes('admin')
  return (
    <>
      <PageHead title="Settings" />
      <Section id="you" title="You">
        <Facts
          rows={[
            ['signed in as', person?.name ?? `API token ${token ?? ''}`],
            person === null || person.email === null ? null : ['e-mail', person.email],
            role === null ? null : ['role', role],
            ['tenant', tenant],
            ['may', scopes.join(', ')],
          ]}
        />
      </Section>
      {person === null ? null : <Passkeys person={person} may={['append', 'audit', 'note'].some(may)} />}
      {person === null ? null : <Sessions />}
      {may('audit') ? <People may={may('admin')} /> : null}
      {may('audit') ? <Tokens may={may('admin')} /> : null}
    </>
  )
}

interface Session {
  readonly id: string
  readonly by: string
  readonly createdAt: string
  readonly seenAt: string
  readonly endsAt: string
  readonly current: boolean
}

function Sessions() {
  const sessions = useAnswer<{ readonly items: readonly Session[] }>('/v1/me/sessions')
  const end = async (id: string, current: boolean) => {
    await send('DELETE', `/v1/me/sessions/${encodeURIComponent(id)}`)
    if (current) await meet()
    else sessions.again()
  }
  return (
    <Section id="sessions" title="Where you are signed in">
      <Loaded answer={sessions}>
        {({ items }) => (
          <Table
            caption="Your sessions"
            rows={items}
            keyOf={({ id }) => id}
            columns={[
              { name: 'Since', head: true, cell: ({ createdAt }) => <Moment time={createdAt} whole /> },
              { name: 'By', cell: ({ by }) => by },
              { name: 'Last seen', cell: ({ seenAt, current }) => (current ? 'here, now' : <Moment time={seenAt} />) },
              { name: 'Ends', cell: ({ endsAt }) => <Moment time={endsAt} /> },
              {
                name: 'End',
                cell: ({ id, current }) => <Act word="End it" sure="End this session" act={() => end(id, current)} />,
              },
            ]}
          />
        )}
      </Loaded>
    </Section>
  )
}
